package dev.flowlane.config;

import dev.flowlane.bus.BusSettings;

import java.util.Locale;

/**
 * What can be set once for all commands of a user or a host. The Kafka clients' properties are beside these, below
 * {@code kafka.}, under Kafka's own names.
 */
public enum Setting {
    BOOTSTRAP(Program.EVERY, "bootstrap", BusSettings.BOOTSTRAP_VARIABLE, ""),
    TOPIC_PREFIX(Program.EVERY, "topic-prefix", BusSettings.PREFIX_VARIABLE, "flowlane"),
    OUTPUT(Program.CLIENT, "output", "", "table"),
    COORDINATOR_HTTP_ADDRESS(Program.COORDINATOR, "http-address", "", "127.0.0.1:9470"),
    COORDINATOR_METRICS_MAX_SERIES(Program.COORDINATOR, "metrics-max-series", "", "20000"),
    HTTP_VIEWER_TOKEN_FILE(Program.COORDINATOR, "http-viewer-token-file", "FLOWLANE_HTTP_VIEWER_TOKEN_FILE", ""),
    HTTP_OPERATOR_TOKEN_FILE(Program.COORDINATOR, "http-operator-token-file", "FLOWLANE_HTTP_OPERATOR_TOKEN_FILE", ""),
    HTTP_TLS_CERTIFICATE(Program.COORDINATOR, "http-tls-certificate", "FLOWLANE_HTTP_TLS_CERTIFICATE", ""),
    HTTP_TLS_KEY(Program.COORDINATOR, "http-tls-key", "FLOWLANE_HTTP_TLS_KEY", ""),
    HTTP_TLS_CLIENT_CA(Program.COORDINATOR, "http-tls-client-ca", "FLOWLANE_HTTP_TLS_CLIENT_CA", ""),
    HTTP_OPERATOR_SUBJECT(Program.COORDINATOR, "http-operator-subject", "FLOWLANE_HTTP_OPERATOR_SUBJECTS", ""),
    COORDINATOR_LIMITS(Program.COORDINATOR, "limits", "", ""),
    COORDINATOR_STATE_DIR(Program.COORDINATOR, "state-dir", "FLOWLANE_STATE_DIR", ""),
    HOST_ID(Program.HOST_DAEMON, "host-id", "", ""),
    DATA_ADDRESS(Program.HOST_DAEMON, "data-address", "", ""),
    MACHINE_ID(Program.HOST_DAEMON, "machine-id", "", ""),
    WARM_WORKERS(Program.HOST_DAEMON, "warm-workers", "", "2"),
    MAX_WORKERS(Program.HOST_DAEMON, "max-workers", "", "256"),
    DAEMON_HTTP_ADDRESS(Program.HOST_DAEMON, "http-address", "", "127.0.0.1:0"),
    DAEMON_METRICS_MAX_SERIES(Program.HOST_DAEMON, "metrics-max-series", "", "20000"),
    DAEMON_METRICS_KEEP(Program.HOST_DAEMON, "metrics-keep", "", "300"),
    DAEMON_STATE_DIR(Program.HOST_DAEMON, "state-dir", "FLOWLANE_STATE_DIR", "");

    /** Whose option it is. */
    public enum Program {
        /** Of all three: at the top of a file. */
        EVERY(""),
        /** Of the commands: likewise. */
        CLIENT(""),
        COORDINATOR("coordinator."),
        HOST_DAEMON("host-daemon.");

        private final String section;

        Program(String section) {
            this.section = section;
        }
    }

    private static final String FILE_SUFFIX = "_FILE";

    private final Program program;
    private final String option;
    private final String variable;
    private final String defaultText;

    Setting(Program program, String option, String variable, String defaultText) {
        this.program = program;
        this.option = option;
        this.variable = variable;
        this.defaultText = defaultText;
    }

    /** As a file spells it, sections separated by dots: {@code host-daemon.max-workers}. */
    public String key() {
        return program.section + option;
    }

    /** The flag that wins over it, of the programs that have it: {@code --max-workers}. */
    public String flag() {
        return "--" + option;
    }

    public Program program() {
        return program;
    }

    /** The environment's name for it: {@code FLOWLANE_HOST_DAEMON_MAX_WORKERS}. */
    public String variable() {
        return variable.isEmpty()
                ? "FLOWLANE_" + key().toUpperCase(Locale.ROOT).replace('-', '_').replace('.', '_')
                : variable;
    }

    /** What goes where nothing is set; empty where that depends on the host, or nothing does. */
    public String defaultText() {
        return defaultText;
    }

    /** Whether a file may give a list. */
    boolean isList() {
        return this == DATA_ADDRESS || this == HTTP_OPERATOR_SUBJECT;
    }

    /** A value as one text, the way its flag and its variable take a list; names of certificates have commas. */
    public String text(Value value) {
        return String.join(this == HTTP_OPERATOR_SUBJECT ? ";" : ",", value.texts());
    }

    /** Variable that holds what the file that is set would hold; empty: there is none. */
    String contentVariable() {
        boolean token = this == HTTP_VIEWER_TOKEN_FILE || this == HTTP_OPERATOR_TOKEN_FILE;
        return token ? variable().substring(0, variable().length() - FILE_SUFFIX.length()) : "";
    }
}
