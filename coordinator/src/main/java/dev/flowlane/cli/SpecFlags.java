package dev.flowlane.cli;

import dev.flowlane.core.spec.Problem;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.spec.SpecDocument;
import dev.flowlane.core.spec.SpecKey;
import dev.flowlane.core.spec.SpecKeys;
import dev.flowlane.core.spec.SpecParser;
import dev.flowlane.core.spec.SpecResult;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParseResult;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The spec of a run as the command line gives it: a file, {@code --set} on top of it, and on top of that one option for
 * each key, made from {@link SpecKeys}: a key that is added there is an option here.
 */
final class SpecFlags {
    private static final String GROUP = "%nWhat to measure (also as a file, or with --set KEY=VALUE):%n";

    @Parameters(
            arity = "0..1",
            paramLabel = "SPEC",
            description = "File with the spec in YAML or JSON; - is standard input. Options win over the file.")
    @Nullable String file;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Sets any key of the spec, such as placement.exclusive=none.")
    List<String> assignments = new ArrayList<>();

    @Option(names = "--ipv4", description = "Same as --ip-version 4.")
    boolean ipv4;

    @Option(names = "--ipv6", description = "Same as --ip-version 6.")
    boolean ipv6;

    /** A spec and the id that was asked for. */
    record Read(@Nullable String runId, RunSpec spec) {}

    /** Gives a command an option for every key. */
    static void addTo(CommandSpec command) {
        ArgGroupSpec.Builder group = ArgGroupSpec.builder().heading(GROUP).validate(false).exclusive(false);
        for (SpecKey key : SpecKeys.all()) {
            group.addArg(option(key));
        }
        command.addArgGroup(group.build());
    }

    private static OptionSpec option(SpecKey key) {
        String standard = key.defaultText().isEmpty() ? "" : " Default: " + key.defaultText() + ".";
        OptionSpec.Builder option = OptionSpec.builder(names(key))
                .paramLabel(key.type().label())
                .completionCandidates(key.choices())
                .description(escaped(key.doc() + " Allowed: " + key.allowed() + "." + standard));
        // Lists may be given with commas or by giving the option several times.
        return switch (key.type()) {
            case NAME_LIST, THRESHOLD_LIST -> option.type(List.class).auxiliaryTypes(String.class).arity("1").build();
            case BOOLEAN -> option.type(String.class).arity("0..1").fallbackValue("true").build();
            case NAME, CHOICE, INTEGER, SIZE, RATE, MESSAGE_RATE, DURATION, START_TIME, CPU_LIST, PORT_LIST, PORT_RANGE,
                    APPLICATION_CPU, DSCP ->
                option.type(String.class).arity("1").build();
        };
    }

    /** The singular, too: {@code --source host-a}. */
    private static String[] names(SpecKey key) {
        String name = "--" + key.flag();
        return switch (key.flag()) {
            case "sources", "destinations", "thresholds" -> new String[] {name.substring(0, name.length() - 1), name};
            default -> new String[] {name};
        };
    }

    /** Picocli formats descriptions. */
    private static String escaped(String text) {
        return text.replace("%", "%%");
    }

    /**
     * Puts the spec together.
     *
     * @param given the parsed command line
     * @param localHosts sources and destinations when none are given: those of the local fleet; null when there is none
     * @throws CliException with everything that is wrong with it
     */
    Read read(ParseResult given, InputStream standardInput, @Nullable LocalHosts localHosts) {
        SpecDocument document = file == null ? SpecDocument.empty() : SpecDocument.parse(text(file, standardInput));
        assignments.forEach(document::setAssignment);
        for (SpecKey key : SpecKeys.all()) {
            OptionSpec option = given.matchedOption("--" + key.flag());
            if (option != null) {
                Object value = option.getValue();
                document.set(key.path(), value instanceof List<?> list
                        ? list.stream().map(String::valueOf).collect(Collectors.joining(","))
                        : String.valueOf(value));
            }
        }
        if (ipv4 && ipv6) {
            throw CliException.usage("--ipv4 and --ipv6 exclude each other",
                    "leave both out to take whichever the hosts have");
        }
        if (ipv4 || ipv6) {
            document.set("ip-version", ipv4 ? "4" : "6");
        }
        if (!document.isSet("traffic.kind")
                && (document.isSet("traffic.request-size") || document.isSet("traffic.response-size")
                        || document.isSet("traffic.outstanding"))) {
            document.set("traffic.kind", "request-response");
        }
        if (localHosts != null && !document.isSet("sources") && !document.isSet("destinations")) {
            document.set("sources", localHosts.source());
            document.set("destinations", localHosts.destination());
        }
        return switch (document.toSpec()) {
            case SpecResult.Parsed(@Nullable String runId, RunSpec spec) -> new Read(runId, spec);
            case SpecResult.Invalid(List<Problem> problems) -> throw invalid(problems);
        };
    }

    /** Defaults for a run on the local fleet. */
    record LocalHosts(String source, String destination) {}

    private CliException invalid(List<Problem> problems) {
        String where = file == null ? "the spec" : file.equals("-") ? "the spec on standard input" : file;
        return problems.size() == 1
                ? CliException.usage(where + ": " + problems.getFirst())
                : CliException.usage(
                        where + ": " + problems.size() + " problems",
                        problems.stream().map(Problem::toString).toArray(String[]::new));
    }

    private static String text(String file, InputStream standardInput) {
        try {
            // One byte more than is allowed, so that the parser sees that there is more and says so.
            if (file.equals("-")) {
                return new String(standardInput.readNBytes(SpecParser.MAX_TEXT_BYTES + 1), StandardCharsets.UTF_8);
            }
            try (InputStream in = Files.newInputStream(Path.of(file))) {
                return new String(in.readNBytes(SpecParser.MAX_TEXT_BYTES + 1), StandardCharsets.UTF_8);
            }
        } catch (NoSuchFileException e) {
            throw CliException.usage("there is no spec file " + file,
                    "give a file in YAML or JSON, - for standard input, or options"
                    + " such as --duration 5s");
        } catch (IOException e) {
            throw CliException.usage("cannot read the spec " + file + ": " + e.getMessage());
        }
    }
}
