package dev.flowlane.cli;

import java.io.PrintStream;
import java.util.List;

/** Messages to a person, on standard error. Whatever is told is made harmless here. */
final class Messages {
    private final PrintStream err;
    private final boolean quiet;
    private final boolean colour;

    Messages(PrintStream err, boolean quiet, boolean colour) {
        this.err = err;
        this.quiet = quiet;
        this.colour = colour;
    }

    /** For a command, as its options and its process have it. */
    static Messages of(CliContext context, CommonOptions options) {
        boolean colour = context.errIsTerminal() && !options.noColor && context.variable("NO_COLOR") == null;
        return new Messages(context.err(), options.quiet, colour);
    }

    /** What goes on; not with {@code --quiet}. */
    void info(String text) {
        if (!quiet) {
            err.println(Plain.lines(text));
            err.flush();
        }
    }

    /** What should not have been; not with {@code --quiet}. */
    void warn(String text) {
        if (!quiet) {
            err.println(coloured("33", "warning: ") + Plain.lines(text));
            err.flush();
        }
    }

    /** Why the command ends; always. */
    void error(String text, List<String> mend) {
        err.println(coloured("31", "error: ") + Plain.lines(text));
        mend.forEach(line -> err.println("  " + Plain.lines(line)));
        err.flush();
    }

    private String coloured(String code, String text) {
        return colour ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
    }
}
