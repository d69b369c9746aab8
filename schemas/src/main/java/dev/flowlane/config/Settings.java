package dev.flowlane.config;

import dev.flowlane.bus.BusSettings;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is set outside the command line. In order of precedence: environment variables, the file that {@code --config}
 * (or {@value #CONFIG_VARIABLE}) names, {@code ./flowlane.yaml}, {@code ~/.config/flowlane/config.yaml}. Every file is
 * read; the first that has a key decides on it. Kafka's properties are keys of their own, so that files and variables
 * add to each other.
 */
public final class Settings {
    /** Names a file as {@code --config} does; {@value #NONE}: no file is read at all. */
    public static final String CONFIG_VARIABLE = "FLOWLANE_CONFIG";

    /** In place of a file. */
    public static final String NONE = "none";

    private static final String FLAG = "--config";

    private final Map<String, String> environment;

    /** The first wins. */
    private final List<Map<String, Value>> files;

    private Settings(Map<String, String> environment, List<Map<String, Value>> files) {
        this.environment = environment;
        this.files = files;
    }

    /** Of a process that was given these arguments: where {@code --config} stands among them. */
    public static @Nullable String flag(String... arguments) {
        for (int i = 0; i < arguments.length && !arguments[i].equals("--"); i++) {
            if (arguments[i].startsWith(FLAG + "=")) {
                return arguments[i].substring(FLAG.length() + 1);
            }
            if (arguments[i].equals(FLAG) && i + 1 < arguments.length) {
                return arguments[i + 1];
            }
        }
        return null;
    }

    /**
     * What is set for this process.
     *
     * @param named value of {@code --config}; null when it is not given
     * @throws ConfigException if a file cannot be read or understood, or has an unknown key
     */
    public static Settings ofProcess(Map<String, String> environment, @Nullable String named) {
        String configHome = environment.getOrDefault("XDG_CONFIG_HOME", "");
        Path home = configHome.isBlank()
                ? Path.of(System.getProperty("user.home", "/"), ".config")
                : Path.of(configHome);
        return load(environment, named, Path.of("flowlane.yaml"), home.resolve("flowlane").resolve("config.yaml"));
    }

    /**
     * What is set.
     *
     * @param named value of {@code --config}; null when it is not given
     * @param here the working directory's file; whether it is there or not
     * @param home the user's file; likewise
     * @throws ConfigException if a file cannot be read or understood, or has an unknown key
     */
    public static Settings load(Map<String, String> environment, @Nullable String named, Path here, Path home) {
        String variable = environment.getOrDefault(CONFIG_VARIABLE, "").strip();
        String first = named == null && !variable.isEmpty() ? variable : named;
        List<Map<String, Value>> files = new ArrayList<>();
        if (!NONE.equals(first)) {
            if (first != null) {
                Path file = Path.of(first);
                if (!Files.isRegularFile(file)) {
                    throw new ConfigException((named == null ? CONFIG_VARIABLE : FLAG) + ": there is no file " + first
                            + "; name one, or '" + NONE + "' for none");
                }
                files.add(ConfigFile.read(file));
            }
            if (Files.isRegularFile(here)) {
                trusted(here);
                files.add(ConfigFile.read(here));
            }
            if (Files.isRegularFile(home)) {
                files.add(ConfigFile.read(home));
            }
        }
        return new Settings(environment, files);
    }

    /**
     * A file that merely lies in the working directory can be somebody else's, and Kafka's properties name classes to
     * load and files to read.
     */
    private static void trusted(Path file) {
        try {
            Object owner = Files.getAttribute(file, "unix:uid");
            Object self = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
            if (!owner.equals(self) && !owner.equals(0)) {
                throw new ConfigException(file.toAbsolutePath() + ": belongs to user id " + owner
                        + ", not to you; if you mean it, name it: " + FLAG + " " + file);
            }
        } catch (IOException e) {
            throw new ConfigException(file.toAbsolutePath() + ": cannot tell whose it is (" + e + ")");
        }
    }

    /** What a setting is set to; null where it is left at its default. */
    public @Nullable Value find(Setting setting) {
        String variable = environment.getOrDefault(setting.variable(), "");
        if (!variable.isBlank()) {
            return new Value(List.of(variable), setting.variable());
        }
        return secretVariable(setting) == null ? inFiles().get(setting.key()) : null;
    }

    /**
     * Name of the variable that holds a secret itself, where it decides in place of a file that a setting would name;
     * null where it does not.
     */
    public @Nullable String secretVariable(Setting setting) {
        String content = setting.contentVariable();
        boolean decides = !environment.getOrDefault(content, "").isBlank()
                && environment.getOrDefault(setting.variable(), "").isBlank();
        return decides ? content : null;
    }

    /**
     * Default of an option, as its program's command line takes it; null for what is not set, and for the options that
     * {@link #bus} takes care of.
     */
    public @Nullable String defaultOf(Setting.Program program, String flag) {
        for (Setting setting : Setting.values()) {
            if (setting.program() == program && setting.flag().equals(flag)) {
                Value value = find(setting);
                return value == null ? null : setting.text(value);
            }
        }
        return null;
    }

    /** Properties of the Kafka clients by their names below {@code kafka.}, without the bootstrap servers. */
    public SortedMap<String, Value> kafka() {
        SortedMap<String, Value> kafka = new TreeMap<>();
        inFiles().forEach((key, value) -> {
            if (key.startsWith("kafka.")) {
                kafka.put(key.substring("kafka.".length()), value);
            }
        });
        BusSettings.variables(environment).forEach((key, variable) -> {
            if (!key.equals(BusSettings.BOOTSTRAP_SETTING)) {
                kafka.put(
                        key.substring("kafka.".length()),
                        new Value(List.of(variable.value()), variable.name()));
            }
        });
        return kafka;
    }

    /**
     * Which Kafka.
     *
     * @param flags settings of the command line, as {@link BusSettings#fromEnvironment} takes them; they win
     * @throws IllegalArgumentException if a setting is missing, unknown or not to be set; the message names it
     */
    public BusSettings bus(Map<String, String> flags) {
        Map<String, String> settings = new TreeMap<>();
        kafka().forEach((name, value) -> settings.put("kafka." + name, value.text()));
        Value bootstrap = find(Setting.BOOTSTRAP);
        if (bootstrap != null) {
            settings.put(BusSettings.BOOTSTRAP_SETTING, bootstrap.text());
        }
        Value prefix = find(Setting.TOPIC_PREFIX);
        if (prefix != null) {
            settings.put(BusSettings.PREFIX_SETTING, prefix.text());
        }
        return BusSettings.fromSettings(settings, flags);
    }

    /** What the files come to together. */
    private SortedMap<String, Value> inFiles() {
        SortedMap<String, Value> all = new TreeMap<>();
        for (Map<String, Value> file : files.reversed()) {
            all.putAll(file);
        }
        return all;
    }
}
