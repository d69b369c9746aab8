package dev.flowlane.bus;

import org.apache.avro.specific.SpecificRecordBase;
import org.apache.avro.util.ClassSecurityValidator;

/**
 * What every generated record class extends. Avro makes objects only of classes it was told to trust, even in their own
 * builders; telling it here, when the first of them is initialized, leaves nobody anything to call first and no system
 * property to set.
 */
public abstract class GeneratedRecord extends SpecificRecordBase {
    private static final String GENERATED_PACKAGE = "dev.flowlane.avro";

    static {
        ClassSecurityValidator.setGlobal(ClassSecurityValidator.composite(
                ClassSecurityValidator.getGlobal(), type -> type.getPackageName().equals(GENERATED_PACKAGE)));
    }

    /** For the generated classes. */
    protected GeneratedRecord() {}
}
