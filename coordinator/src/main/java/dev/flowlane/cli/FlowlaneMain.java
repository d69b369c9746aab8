package dev.flowlane.cli;

import dev.flowlane.config.Setting;
import dev.flowlane.config.Settings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The command line's main: builds the command that was asked for, runs it, turns failures into one message and an exit
 * code.
 */
public final class FlowlaneMain {
    /** Of help, unless the terminal has fewer. */
    private static final int HELP_COLUMNS = 110;

    /** Below this no column of options and one of their descriptions fit side by side. */
    private static final int HELP_COLUMNS_MIN = 60;

    /** In the order of the help text. */
    private static final Map<String, Function<CliContext, CommandLine>> VERBS = new LinkedHashMap<>();

    static {
        VERBS.put("run", context -> withSpec(new RunVerb(context)));
        VERBS.put("up", context -> new CommandLine(new FleetVerbs.Up(context)));
        VERBS.put("down", context -> new CommandLine(new FleetVerbs.Down(context)));
        VERBS.put("status", context -> new CommandLine(new FleetVerbs.Status(context)));
        VERBS.put("submit", context -> withSpec(new SubmitVerb(context)));
        VERBS.put("list", context -> new CommandLine(new ListVerb(context)));
        VERBS.put("get", context -> new CommandLine(new GetVerb(context)));
        VERBS.put("watch", context -> new CommandLine(new WaitVerb.Watch(context)));
        VERBS.put("wait", context -> new CommandLine(new WaitVerb.Wait(context)));
        VERBS.put("cancel", context -> new CommandLine(new CancelVerb(context)));
        VERBS.put("plan", context -> withSpec(new PlanVerb(context)));
        VERBS.put("export", context -> new CommandLine(new ExportVerb(context)));
        VERBS.put("compare", context -> new CommandLine(new CompareVerb(context)));
        VERBS.put("baselines", context -> new CommandLine(new BaselinesVerb())
                .addSubcommand("list", new BaselinesVerb.BaselineList(context))
                .addSubcommand("set", new BaselinesVerb.Set(context))
                .addSubcommand("remove", new BaselinesVerb.Remove(context)));
        VERBS.put("report", context -> new CommandLine(new ReportVerb(context)));
        VERBS.put("doctor", context -> new CommandLine(new DoctorVerb(context)));
        VERBS.put("hosts", context -> new CommandLine(HostsVerb.group())
                .addSubcommand("list", new HostsVerb.HostList(context))
                .addSubcommand("describe", new HostsVerb.HostDescribe(context)));
        VERBS.put("topics", context -> new CommandLine(new TopicsVerb())
                .addSubcommand("create", new TopicsVerb.Create(context))
                .addSubcommand("verify", new TopicsVerb.Verify(context))
                .addSubcommand("acls", new TopicsVerb.Acls(context)));
        VERBS.put("verify", context -> new CommandLine(new VerifyVerb(context)));
        VERBS.put("dead-letters", context -> new CommandLine(new DeadLettersVerb())
                .addSubcommand("list", new DeadLettersVerb.LetterList(context))
                .addSubcommand("show", new DeadLettersVerb.Show(context))
                .addSubcommand("retry", new DeadLettersVerb.Retry(context)));
        VERBS.put("config", context -> new CommandLine(new ConfigVerb())
                .addSubcommand("view", new ConfigVerb.View(context)));
        VERBS.put("completion", context -> new CommandLine(new CompletionVerb(context)));
    }

    private FlowlaneMain() {}

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        configureLogging(arguments);
        CliContext context = CliContext.ofProcess();
        int exitCode = run(context, arguments);
        context.out().flush();
        context.err().flush();
        System.exit(exitCode);
    }

    /** Runs one command; its exit code. */
    static int run(CliContext ofProcess, String... arguments) {
        String config = Settings.flag(arguments);
        CliContext context = config == null ? ofProcess : ofProcess.withConfig(config);
        boolean verbose = Arrays.asList(arguments).contains("-v") || Arrays.asList(arguments).contains("--verbose");
        boolean plain = Arrays.asList(arguments).contains("--no-color")
                || context.variable("NO_COLOR") != null
                || !context.outIsTerminal();
        CommandLine root = root(context, arguments);
        root.setColorScheme(CommandLine.Help.defaultColorScheme(plain ? Ansi.OFF : Ansi.ON));
        root.setOut(new PrintWriter(context.out(), true, StandardCharsets.UTF_8));
        root.setErr(new PrintWriter(context.err(), true, StandardCharsets.UTF_8));
        root.setUsageHelpWidth(context.outIsTerminal()
                ? Math.clamp(context.columns(), HELP_COLUMNS_MIN, HELP_COLUMNS)
                : HELP_COLUMNS);
        root.setUsageHelpLongOptionsMaxWidth(30);
        root.setParameterExceptionHandler((e, _) -> wrongUsage(context, e));
        root.setExecutionExceptionHandler((e, _, _) -> failed(context, e, verbose));
        boolean help = Stream.of(arguments).anyMatch(Set.of("-h", "--help", "-V", "--version")::contains);
        if (!help) {
            try {
                Settings settings = context.settings();
                root.setDefaultValueProvider(argument -> defaultOf(settings, argument));
            } catch (CliException e) {
                return failed(context, e, verbose);
            }
        }
        return root.execute(arguments);
    }

    private static @Nullable String defaultOf(Settings settings, CommandLine.Model.ArgSpec argument) {
        // Some commands have an --output that means something else.
        return argument instanceof CommandLine.Model.OptionSpec option && option.type() == OutputFormat.class
                ? settings.defaultOf(Setting.Program.CLIENT, option.longestName())
                : null;
    }

    /** Only the command that was asked for is built: making all of them would take most of a short command's time. */
    private static CommandLine root(CliContext context, String[] arguments) {
        CommandLine root = new CommandLine(new Root());
        String verb = arguments.length == 0 ? "" : arguments[0];
        boolean single = VERBS.containsKey(verb) && !verb.equals("completion");
        VERBS.forEach((name, builder) -> {
            if (!single || name.equals(verb)) {
                root.addSubcommand(name, builder.apply(context));
            }
        });
        return root;
    }

    private static CommandLine withSpec(Object verb) {
        CommandSpec spec = CommandSpec.forAnnotatedObject(verb);
        SpecFlags.addTo(spec);
        return new CommandLine(spec);
    }

    private static int wrongUsage(CliContext context, ParameterException e) {
        List<String> mend = new ArrayList<>();
        if (e instanceof UnmatchedArgumentException unmatched && !unmatched.getSuggestions().isEmpty()) {
            mend.add("did you mean: " + String.join(", ", unmatched.getSuggestions()));
        }
        mend.add("help: " + e.getCommandLine().getCommandSpec().qualifiedName() + " --help");
        new Messages(context.err(), false, false).error(String.valueOf(e.getMessage()), mend);
        return ExitCode.USAGE;
    }

    private static int failed(CliContext context, Throwable failure, boolean verbose) {
        CliException told = Failures.translate(failure);
        new Messages(context.err(), false, context.errIsTerminal() && context.variable("NO_COLOR") == null)
                .error(String.valueOf(told.getMessage()), told.mend());
        if (verbose) {
            failure.printStackTrace(context.err());
        }
        boolean interrupted = context.interrupts().requested() && told.exitCode() == ExitCode.PREFLIGHT;
        return interrupted ? ExitCode.INTERRUPTED : told.exitCode();
    }

    /**
     * Kafka's clients log what a user of the command line cannot use, and a logging framework takes a tenth of a second
     * to start: it is there with {@code -v} only.
     */
    private static void configureLogging(String[] arguments) {
        boolean verbose = Arrays.asList(arguments).contains("-v") || Arrays.asList(arguments).contains("--verbose");
        if (verbose) {
            System.setProperty("logback.configurationFile", "dev/flowlane/cli/logback-cli.xml");
        } else {
            System.setProperty("slf4j.provider", "org.slf4j.helpers.NOP_FallbackServiceProvider");
            // SLF4J says on standard error that it was told which provider to use.
            System.setProperty("slf4j.internal.verbosity", "ERROR");
        }
    }

    /** {@code flowlane} without a command. */
    @Command(
            name = "flowlane",
            sortOptions = false,
            versionProvider = Version.class,
            header = {
                "Measures networks lane by lane: every flow has its own receive CPU and application CPU at both ends.",
                "",
                "Examples:",
                "  flowlane run                        one TCP stream on this machine, nothing else needed",
                "  flowlane run --request-size 1       round trips instead of throughput",
                "  flowlane run spec.yaml --bootstrap kafka-1:9092",
                ""
            },
            synopsisSubcommandLabel = "COMMAND",
            footer = {
                "",
                "Services, in the foreground (each has its own --help):",
                "  coordinator  Decides about the runs of an installation.",
                "  host-daemon  Measures on this host."
            })
    static final class Root implements Runnable {
        @Mixin CommonOptions common = new CommonOptions();

        @Option(names = {"-V", "--version"}, versionHelp = true, description = "Version of flowlane and of its Java.")
        boolean version;

        @CommandLine.Spec CommandSpec spec = CommandSpec.create();

        @Override
        public void run() {
            throw new ParameterException(spec.commandLine(), "a command is missing");
        }
    }

    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            Properties properties = new Properties();
            try (@Nullable InputStream in = FlowlaneMain.class.getResourceAsStream(
                    "/META-INF/maven/dev.flowlane/flowlane-coordinator/pom.properties")) {
                if (in != null) {
                    properties.load(in);
                }
            } catch (IOException e) {
                // Classes without their jar: the version is not known.
            }
            return new String[] {
                "flowlane " + properties.getProperty("version", "dev") + " (Java " + Runtime.version() + ")"
            };
        }
    }
}
