package dev.flowlane.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * {@link KernelTlsTest} under a kernel that has TLS: pairs of workers' threads in one JVM, because the guest has one
 * slow processor, on which a fleet would take minutes.
 */
@Tag("guest")
final class KernelTlsIT {
    private static final Path SCRIPT = Path.of("..", ".ci", "lab", "guest").toAbsolutePath().normalize();
    private static final int LIMIT_SECONDS = 600;

    /** Of the guest script: the kernel did not come up, or was too slow. */
    private static final int NO_GUEST = 125;

    /** Of the guest script: on this CPU it needs a C compiler. */
    private static final int NO_COMPILER = 124;

    @TempDir
    private Path folder;

    private static boolean onPath(String tool) {
        return Stream.concat(
                        Arrays.stream(System.getenv("PATH").split(":", -1)),
                        Stream.of("/usr/sbin", "/sbin"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
    }

    @Test
    void tlsWorksUnderAKernelThatHasIt() throws Exception {
        assumeThat(List.of("linux.uml", "modprobe", "ip", "perl"))
                .as("no guest kernel here (Debian: apt-get install user-mode-linux kmod iproute2)")
                .allMatch(KernelTlsIT::onPath);
        Path output = folder.resolve("output");
        List<String> command = new ArrayList<>(List.of(
                SCRIPT.toString(),
                "-t",
                Integer.toString(LIMIT_SECONDS),
                WorkerProcess.JAVA_HOME.resolve("bin/java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "-XX:-UsePerfData",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                WorkerProcess.testClassPath(),
                GuestMain.class.getName(),
                KernelTlsTest.class.getName()));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor(LIMIT_SECONDS + 60, TimeUnit.SECONDS)).isTrue();
        String text = Files.readString(output);
        assumeThat(process.exitValue()).as(text).isNotEqualTo(NO_COMPILER);
        assertThat(process.exitValue()).as(text).isNotEqualTo(NO_GUEST).isZero();
        List<String> lines = text.lines().toList();
        assertThat(lines).as(text).noneMatch(line -> line.startsWith("FAILED") || line.startsWith("SKIPPED"));
        long suites = lines.stream()
                .filter(line -> line.startsWith("PASSED") && line.contains("payloadArrivesAsItWasSent"))
                .count();
        assertThat(suites).as(text).isEqualTo(KernelTlsTest.suites().count());
    }
}
