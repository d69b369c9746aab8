package dev.flowlane.coordinator;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A Java program in a process of its own, with what it wrote. It ends with the test, however the test ends. */
public final class JavaProcess implements AutoCloseable {
    private static final Pattern READY_HTTP = Pattern.compile("\\bready\\b.*\\bhttp=(\\S+)");

    private final Process process;
    private final Path output;

    private JavaProcess(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /** Starts a program; its class path, its main class and its arguments follow the options of the virtual machine. */
    public static JavaProcess start(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(arguments);
        Path output = TestFolders.createFile();
        ProcessBuilder builder = new ProcessBuilder(TestFolders.endingWithTheTest(command))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("FLOWLANE_"));
        Process process = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        return new JavaProcess(process, output);
    }

    /** The coordinator, on any free HTTP port. */
    static JavaProcess coordinator(String bootstrap, String prefix, String... more) throws IOException {
        return coordinator(List.of("-Xmx64m"), bootstrap, prefix, more);
    }

    /** The same with options of the virtual machine, among them the size of its heap. */
    static JavaProcess coordinator(List<String> options, String bootstrap, String prefix, String... more)
            throws IOException {
        List<String> arguments = new ArrayList<>(options);
        arguments.addAll(List.of(
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath(),
                CoordinatorMain.class.getName(),
                "--bootstrap",
                bootstrap,
                "--topic-prefix",
                prefix));
        arguments.addAll(List.of(more));
        return start(arguments);
    }

    /** That of the tests, without the daemon: only the simulation has both in one process. */
    private static String classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(element -> !element.contains("host-daemon"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    public String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Where it serves HTTP, once it has said that it is ready. */
    Optional<String> http() {
        Matcher matcher = READY_HTTP.matcher(output());
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public long pid() {
        return process.pid();
    }

    /** As {@code kill -9}. */
    public void kill() {
        process.destroyForcibly().onExit().join();
    }

    /** As {@code kill -15}. */
    void terminate() {
        process.destroy();
    }

    void closeInput() throws IOException {
        process.getOutputStream().close();
    }

    /** The exit code; empty when it still runs after that time. */
    Optional<Integer> waitFor(Duration timeout) {
        try {
            return process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)
                    ? Optional.of(process.exitValue())
                    : Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    void signal(String name) throws IOException, InterruptedException {
        int code = new ProcessBuilder("kill", "-" + name, Long.toString(pid())).start().waitFor();
        if (code != 0) {
            throw new IOException("kill -" + name + " " + pid() + " ended with " + code);
        }
    }

    @Override
    public void close() throws IOException {
        kill();
        Files.deleteIfExists(output);
    }
}
