package dev.flowlane.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Jazzer on one target, in a JVM of its own: it rewrites the classes that it calls, and fuzzes one test per JVM. */
final class Jazzer {
    private static final Pattern DONE = Pattern.compile("Done (\\d+) runs in (\\d+) second");

    /** Also the libraries that parse for us: what they branch on is what leads further into a text. */
    private static final String REWRITTEN = "dev.flowlane.**,org.yaml.snakeyaml.**,com.fasterxml.jackson.**";

    /** For a JVM that starts, and rewrites all classes, on a machine that is busy. */
    private static final int START_SECONDS = 120;

    /** An input that takes longer has failed. */
    private static final int INPUT_SECONDS = 20;

    private Jazzer() {}

    /**
     * Looks for input on which the target fails, and fails if there is any.
     *
     * @param target its method {@code fuzz} is called
     * @param seconds how long to look
     */
    static void fuzz(Class<? extends FuzzTarget> target, int seconds) throws IOException, InterruptedException {
        Path log = Files.createDirectories(Path.of("target/fuzz")).resolve(target.getSimpleName() + ".log");
        Process jvm = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-Xmx1g",
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:+EnableDynamicAgentLoading",
                        "-Dlogback.statusListenerClass=ch.qos.logback.core.status.NopStatusListener",
                        "-cp",
                        classPath(),
                        "com.code_intelligence.jazzer.Jazzer",
                        "--target_class=" + target.getName(),
                        "--target_method=fuzz",
                        "--instrument=" + REWRITTEN,
                        "-timeout=" + INPUT_SECONDS,
                        "-max_total_time=" + seconds)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Thread end = new Thread(jvm::destroyForcibly, "end of jazzer");
        Runtime.getRuntime().addShutdownHook(end);
        try {
            boolean ended = jvm.waitFor(seconds + START_SECONDS, TimeUnit.SECONDS);
            // Input may be anywhere in it, as bytes.
            String said = Files.readString(log, StandardCharsets.ISO_8859_1);
            assertThat(ended).as("one input takes all the time, see %s", log.toAbsolutePath()).isTrue();
            assertThat(jvm.exitValue())
                    .as("input that fails is now among that which is kept, see %s: %s", log.toAbsolutePath(), why(said))
                    .isZero();
            Matcher done = DONE.matcher(said);
            assertThat(done.find()).as("executions in %s", log.toAbsolutePath()).isTrue();
            System.out.printf("%s: %s executions in %s s%n", target.getSimpleName(), done.group(1), done.group(2));
        } finally {
            Runtime.getRuntime().removeShutdownHook(end);
            jvm.destroyForcibly();
        }
    }

    private static String classPath() {
        return Objects.requireNonNullElseGet(
                System.getProperty("surefire.test.class.path"), () -> System.getProperty("java.class.path"));
    }

    private static String why(String said) {
        int at = said.indexOf("== Java Exception");
        return at < 0 ? "" : said.substring(at, Math.min(said.length(), at + 2_000));
    }
}
