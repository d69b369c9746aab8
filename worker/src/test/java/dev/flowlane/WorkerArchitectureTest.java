package dev.flowlane;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.flowlane.posix.CpuSet;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.net.DatagramSocket;
import java.net.ServerSocket;
import java.net.Socket;

/** What the worker's process may be made of: it shares a CPU with the measurement. */
@AnalyzeClasses(packages = "dev.flowlane", importOptions = ImportOption.DoNotIncludeTests.class)
final class WorkerArchitectureTest {
    private static final String POSIX = "dev.flowlane.posix..";

    /** No Vert.x, Kafka, Avro or logging library, nor internals of the JDK, nor Unsafe. */
    @ArchTest
    static final ArchRule ONE_LIBRARY = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("dev.flowlane.posix..", "dev.flowlane.worker..", "java..",
                    "javax.crypto..", "org.HdrHistogram..",
                    "org.jspecify.annotations..")
            .because("everything else would cost start-up time, memory and threads in the measured process");

    @ArchTest
    static final ArchRule NO_LOGGING = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.util.logging..")
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(System.Logger.class)
            .because("a worker reports to its daemon, which logs");

    @ArchTest
    static final ArchRule POSIX_STANDS_ALONE = classes()
            .that()
            .resideInAPackage(POSIX)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(POSIX, "java..", "org.jspecify.annotations..");

    @ArchTest
    static final ArchRule CPU_SET_MAKES_NO_SYSTEM_CALL = classes()
            .that()
            .areAssignableTo(CpuSet.class)
            .should()
            .onlyDependOnClassesThat(
                    assignableTo(CpuSet.class).or(resideInAnyPackage("java..", "org.jspecify.annotations..")))
            .because("the coordinator uses it on machines of any kind");

    @ArchTest
    static final ArchRule NO_SOCKETS_OF_JAVA = noClasses()
            .should()
            .dependOnClassesThat()
            .areAssignableTo(Socket.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(ServerSocket.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(DatagramSocket.class)
            .orShould()
            .dependOnClassesThat()
            .resideInAnyPackage("java.nio.channels..")
            .because("they hide the descriptor, the options and the errors that are measured here");

    @ArchTest
    static final ArchRule NATIVE_CALLS_IN_ONE_PLACE = noClasses()
            .that()
            .resideOutsideOfPackage(POSIX)
            .should()
            .dependOnClassesThat()
            .belongToAnyOf(Linker.class, SymbolLookup.class, FunctionDescriptor.class);

    @ArchTest
    static final ArchRule NO_JNI = methods().should().notHaveModifier(JavaModifier.NATIVE);

    @ArchTest
    static final ArchRule HANDLES_ARE_CONSTANTS = fields()
            .that()
            .haveRawType(MethodHandle.class)
            .should()
            .beStatic()
            .andShould()
            .beFinal()
            .andShould()
            .bePrivate()
            .because("only then does the compiler see through invokeExact");
}
