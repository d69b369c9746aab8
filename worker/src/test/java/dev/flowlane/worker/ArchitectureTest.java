package dev.flowlane.worker;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
        packages = "dev.flowlane.worker",
        importOptions = DoNotIncludeTests.class)
final class ArchitectureTest {
    @ArchTest
    static final ArchRule THE_PROTOCOL_STANDS_ALONE = classes()
            .that()
            .resideInAPackage("dev.flowlane.worker.protocol..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "dev.flowlane.worker.protocol..", "org.jspecify..");
}
