package dev.flowlane.broker;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.logging.FileHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Everything Kafka logs goes to a file of bounded size; standard output and standard error stay empty. */
final class BrokerLog {
    private static final int FILE_BYTES_MAX = 4 * 1024 * 1024;
    private static final int FILES = 2;

    private static final String LEVEL_VARIABLE = "FLOWLANE_BROKER_LOG_LEVEL";

    /** Held here: the logging library itself forgets loggers that nobody holds, and their levels. */
    private static final Logger OWN = Logger.getLogger("dev.flowlane");

    private static volatile String lastError = "unknown";

    private BrokerLog() {}

    /** The last error that was logged: Kafka logs before it gives up. */
    static String lastError() {
        return lastError;
    }

    /**
     * Sends the log to a file.
     *
     * @param file the newest; older lines are in the one that ends in {@code .1}
     */
    static void open(Path file) throws IOException {
        // Kafka offers log levels over JMX with Log4j's interface; there is no Log4j behind it, and no need to say so.
        System.setProperty("log4j.provider", "org.apache.logging.log4j.simple.internal.SimpleProvider");
        Logger root = Logger.getLogger("");
        for (Handler handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        // A percent sign has a meaning in the pattern. "%g" counts the files, the newest is 0.
        String pattern = file.toString().replace("%", "%%") + "%g";
        FileHandler handler = new FileHandler(pattern, FILE_BYTES_MAX, FILES, true);
        handler.setFormatter(new OneLine());
        root.addHandler(handler);
        root.setLevel(level(System.getenv().getOrDefault(LEVEL_VARIABLE, "")));
        OWN.setLevel(Level.INFO);
    }

    /** Kafka tells a thousand lines at every start, a tenth of what the start takes; a broker that is well has none. */
    private static Level level(String name) {
        try {
            return name.isBlank() ? Level.WARNING : Level.parse(name.strip().toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            return Level.INFO;
        }
    }

    private static final class OneLine extends Formatter {
        private static final DateTimeFormatter TIME =
                DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", Locale.ROOT)
                        .withZone(ZoneId.systemDefault());

        @Override
        public String format(LogRecord record) {
            StringWriter line = new StringWriter();
            line.append(TIME.format(record.getInstant()))
                    .append(' ')
                    .append(record.getLevel().getName())
                    .append(' ')
                    .append(record.getLoggerName())
                    .append(": ")
                    .append(formatMessage(record))
                    .append('\n');
            if (record.getLevel().equals(Level.SEVERE)) {
                lastError = formatMessage(record) + (record.getThrown() == null ? "" : ": " + record.getThrown());
            }
            if (record.getThrown() != null) {
                record.getThrown().printStackTrace(new PrintWriter(line, true));
            }
            return line.toString();
        }
    }
}
