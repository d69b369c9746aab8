package dev.flowlane.cli;

import dev.flowlane.config.ConfigException;
import dev.flowlane.config.Settings;
import org.jspecify.annotations.Nullable;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * What a command sees of the process it runs in.
 *
 * @param environment variables
 * @param in standard input: specs
 * @param out standard output: data and nothing else, UTF-8 whatever the locale
 * @param err standard error: messages and progress
 * @param outIsTerminal whether a person looks at {@code out}
 * @param errIsTerminal whether a person looks at {@code err}
 * @param launcher the {@code flowlane} script, which starts the services of the local fleet
 * @param interrupts Ctrl-C
 */
record CliContext(
        Map<String, String> environment,
        InputStream in,
        PrintStream out,
        PrintStream err,
        boolean outIsTerminal,
        boolean errIsTerminal,
        Path launcher,
        Interrupts interrupts) {
    private static final int COLUMNS_MIN = 40;
    private static final int COLUMNS_MAX = 1000;
    private static final int COLUMNS_DEFAULT = 100;

    /**
     * The real process. The launcher tells which descriptors are terminals: Java can tell only for all of them at once.
     */
    static CliContext ofProcess() {
        String terminals = System.getProperty("flowlane.terminals", "");
        return new CliContext(
                System.getenv(),
                System.in,
                stream(FileDescriptor.out),
                stream(FileDescriptor.err),
                terminals.contains("1"),
                terminals.contains("2"),
                launcher(System.getProperty("flowlane.launcher")),
                Interrupts.ofProcess());
    }

    /** The variable's value, or null when it is not set or blank. */
    @Nullable String variable(String name) {
        String value = environment.getOrDefault(name, "").strip();
        return value.isEmpty() ? null : value;
    }

    /** What is set in the environment and in files. */
    Settings settings() {
        try {
            return Settings.ofProcess(environment, null);
        } catch (ConfigException e) {
            throw CliException.usage(String.valueOf(e.getMessage()));
        }
    }

    /** The same with the file of settings that {@code --config} names. */
    CliContext withConfig(String file) {
        Map<String, String> with = new HashMap<>(environment);
        with.put(Settings.CONFIG_VARIABLE, file);
        return new CliContext(with, in, out, err, outIsTerminal, errIsTerminal, launcher, interrupts);
    }

    /** Width for text that wraps, 40 to 1000 columns: COLUMNS, which the launcher sets on a terminal. */
    int columns() {
        String columns = variable("COLUMNS");
        // A terminal that does not know its size says 0.
        return columns != null && columns.matches("[1-9][0-9]{0,4}")
                ? Math.clamp(Integer.parseInt(columns), COLUMNS_MIN, COLUMNS_MAX)
                : COLUMNS_DEFAULT;
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(
                new BufferedOutputStream(new FileOutputStream(descriptor), 8192), true, StandardCharsets.UTF_8);
    }

    /** As the launcher says; else the script in the checkout that this class's jar lies in. */
    private static Path launcher(@Nullable String property) {
        if (property != null) {
            return Path.of(property);
        }
        String classPath = System.getProperty("java.class.path", "");
        Path jar = Path.of(classPath.split(":", 2)[0]).toAbsolutePath().normalize();
        return jar.resolveSibling("../../flowlane").normalize();
    }
}
