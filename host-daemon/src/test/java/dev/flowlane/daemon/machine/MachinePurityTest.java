package dev.flowlane.daemon.machine;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

import java.time.Instant;
import java.time.InstantSource;

/** The machine decides; it touches nothing. */
@AnalyzeClasses(packages = "dev.flowlane.daemon", importOptions = ImportOption.DoNotIncludeTests.class)
class MachinePurityTest {
    private static final String MACHINE = "..daemon.machine..";

    @ArchTest
    static final ArchRule OTHER_PACKAGES = noClasses()
            .that()
            .resideInAPackage(MACHINE)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.vertx..",
                    "org.apache..",
                    "dev.flowlane.avro..",
                    "dev.flowlane.bus..",
                    "dev.flowlane.daemon",
                    "dev.flowlane.daemon.plane..",
                    "dev.flowlane.daemon.workers..",
                    "dev.flowlane.daemon.telemetry..",
                    "dev.flowlane.daemon.inventory..",
                    "org.slf4j..",
                    "java.io..",
                    "java.nio..",
                    "java.net..",
                    "java.lang.foreign..",
                    "java.util.concurrent..");

    @ArchTest
    static final ArchRule SYSTEM_CALLS = noClasses()
            .that()
            .resideInAPackage(MACHINE)
            .should()
            .dependOnClassesThat(DescribedPredicate.describe(
                    "system calls",
                    type -> type.getPackageName().equals("dev.flowlane.posix")
                            && !type.getSimpleName().equals("CpuSet")));

    @ArchTest
    static final ArchRule CLOCKS = noClasses()
            .that()
            .resideInAPackage(MACHINE)
            .should()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(Instant.class, "now")
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(InstantSource.class);
}
