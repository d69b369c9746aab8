package dev.flowlane.coordinator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;

/** The layering that makes the decisions testable. */
@AnalyzeClasses(packages = "dev.flowlane", importOptions = {
    ImportOption.DoNotIncludeTests.class,
    ArchitectureTest.NotTheDaemon.class
})
final class ArchitectureTest {
    /** The simulation has it on the class path of the tests; its own rules are beside it. */
    static final class NotTheDaemon implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("host-daemon");
        }
    }

    @ArchTest
    static final ArchRule THE_CORE_KNOWS_NO_BUS_AND_NO_FRAMEWORK = noClasses()
            .that().resideInAPackage("dev.flowlane.core..")
            .should().dependOnClassesThat().resideInAnyPackage(
                    "org.apache.avro..",
                    "org.apache.kafka..",
                    "dev.flowlane.avro..",
                    "dev.flowlane.bus..",
                    "dev.flowlane.coordinator..",
                    "dev.flowlane.cli..",
                    "dev.flowlane.localfleet..",
                    "io.vertx..",
                    "io.micrometer..",
                    "picocli..",
                    "org.slf4j..",
                    "ch.qos.logback..");

    @ArchTest
    static final ArchRule THE_CORE_HAS_NO_CLOCK = noClasses()
            .that().resideInAPackage("dev.flowlane.core..")
            .should().callMethod(System.class, "nanoTime")
            .orShould().callMethod(System.class, "currentTimeMillis")
            .orShould().callMethod(Instant.class, "now")
            .orShould().dependOnClassesThat().areAssignableTo(Clock.class)
            .orShould().dependOnClassesThat().areAssignableTo(InstantSource.class);

    @ArchTest
    static final ArchRule THE_CORE_HAS_NO_CHANCE_AND_NO_OUTSIDE = noClasses()
            .that().resideInAPackage("dev.flowlane.core..")
            .should().dependOnClassesThat().haveFullyQualifiedName("java.util.Random")
            .orShould().dependOnClassesThat().haveFullyQualifiedName("java.security.SecureRandom")
            .orShould().dependOnClassesThat().haveFullyQualifiedName("java.util.UUID")
            .orShould().dependOnClassesThat().haveFullyQualifiedName("java.lang.Thread")
            .orShould().dependOnClassesThat().resideInAnyPackage(
                    "java.net..", "java.nio.file..", "java.nio.channels..", "java.util.concurrent.locks..");

    @ArchTest
    static final ArchRule OF_POSIX_ONLY_VALUES_ARE_USED = classes()
            .that().resideInAPackage("dev.flowlane.posix..")
            .and().doNotHaveSimpleName("CpuSet")
            .and().doNotHaveSimpleName("KernelFeature")
            .should().onlyHaveDependentClassesThat()
            .resideInAnyPackage("dev.flowlane.posix..", "dev.flowlane.worker..");

    @ArchTest
    static final ArchRule CONVERSION_IS_PURE = noClasses()
            .that().resideInAPackage("dev.flowlane.coordinator.wire..")
            .should().dependOnClassesThat().resideInAnyPackage(
                    "org.apache.kafka..", "dev.flowlane.bus..", "io.vertx..", "io.micrometer..", "org.slf4j..")
            .orShould().callMethod(Instant.class, "now");

    @ArchTest
    static final ArchRule THE_PAGE_IS_PURE = noClasses()
            .that().resideInAPackage("dev.flowlane.page..")
            .should().dependOnClassesThat().resideInAnyPackage(
                    "org.apache.avro..",
                    "org.apache.kafka..",
                    "dev.flowlane.avro..",
                    "dev.flowlane.bus..",
                    "dev.flowlane.coordinator..",
                    "dev.flowlane.cli..",
                    "io.vertx..",
                    "org.slf4j..")
            .orShould().callMethod(System.class, "nanoTime")
            .orShould().callMethod(System.class, "currentTimeMillis")
            .orShould().callMethod(Instant.class, "now");

    @ArchTest
    static final ArchRule ONLY_THE_COORDINATOR_DECIDES_FOR_THE_FLEET = noClasses()
            .that().resideInAnyPackage("dev.flowlane.cli..", "dev.flowlane.localfleet..")
            .should().dependOnClassesThat().resideInAPackage("dev.flowlane.coordinator");

    @ArchTest
    static final ArchRule ONLY_THE_CLOCKS_OWN_PLACES_READ_IT = noClasses()
            .that().resideInAPackage("dev.flowlane.coordinator..")
            .and().doNotHaveSimpleName("Coordinator")
            .and().doNotHaveSimpleName("CoordinatorMain")
            .should().callMethod(System.class, "nanoTime")
            .orShould().callMethod(System.class, "currentTimeMillis")
            .orShould().callMethod(Instant.class, "now");
}
