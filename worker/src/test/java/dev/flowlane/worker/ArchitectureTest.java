package dev.flowlane.worker;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
        packages = {"dev.flowlane.worker", "dev.flowlane.posix"},
        importOptions = DoNotIncludeTests.class)
final class ArchitectureTest {
    @ArchTest
    static final ArchRule THE_WORKER_NEEDS_THE_JDK_AND_HDR_HISTOGRAM_ONLY = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "java..", "dev.flowlane.worker..", "dev.flowlane.posix..", "org.HdrHistogram..", "org.jspecify..");

    @ArchTest
    static final ArchRule THE_PROTOCOL_STANDS_ALONE = classes()
            .that()
            .resideInAPackage("dev.flowlane.worker.protocol..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "dev.flowlane.worker.protocol..", "org.jspecify..");

    @ArchTest
    static final ArchRule POSIX_KNOWS_NO_WORKER =
            noClasses()
                    .that()
                    .resideInAPackage("dev.flowlane.posix..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("dev.flowlane.worker..");

    @ArchTest
    static final ArchRule ONLY_POSIX_CALLS_NATIVE_CODE = noClasses()
            .that()
            .resideOutsideOfPackage("dev.flowlane.posix..")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.lang.foreign.Linker");
}
