package dev.flowlane.daemon;

import dev.flowlane.config.ConfigException;
import dev.flowlane.config.Setting;
import dev.flowlane.config.Settings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Starts the daemon and ends it: options, signals, exit code. */
public final class HostDaemonMain {
    static final int EXIT_OK = 0;
    static final int EXIT_ERROR = 1;

    /** The options are wrong. */
    static final int EXIT_USAGE = 2;

    /** Something it needs on this machine is not to be had. */
    static final int EXIT_PREFLIGHT = 3;

    private static final int EXIT_INTERRUPTED = 130;
    private static final String NAME = "flowlane host-daemon";
    private static final String POM = "/META-INF/maven/dev.flowlane/flowlane-host-daemon/pom.properties";

    private HostDaemonMain() {}

    /** Runs until the process is told to stop. */
    public static void main(String[] arguments) {
        // Asked for when the classes of Vert.x load. The JDK resolves names here as everything else does.
        setDefault("vertx.disableDnsResolver", "true");
        int code = run(arguments, System.getenv());
        // Without the shutdown hooks of libraries: everything is closed that has to be.
        Runtime.getRuntime().halt(code);
    }

    private static int run(String[] arguments, Map<String, String> environment) {
        try {
            if (arguments.length > 0 && arguments[0].equals(Inventory.OPTION)) {
                Inventory.print(
                        Path.of("/"), List.of(arguments).subList(1, arguments.length), version(), System.out);
                return EXIT_OK;
            }
            DaemonOptions options = new DaemonOptions();
            CommandLine commandLine = new CommandLine(options);
            commandLine.getCommandSpec().version(NAME + " " + version());
            if (!asksForHelp(arguments)) {
                Settings settings = Settings.ofProcess(environment, Settings.flag(arguments));
                commandLine.setDefaultValueProvider(defaults(settings));
            }
            commandLine.parseArgs(arguments);
            if (commandLine.isUsageHelpRequested()) {
                commandLine.usage(System.out);
                return EXIT_OK;
            }
            if (commandLine.isVersionHelpRequested()) {
                commandLine.printVersionHelp(System.out);
                return EXIT_OK;
            }
            return serve(options, environment);
        } catch (CommandLine.ParameterException | ConfigException e) {
            System.err.println(NAME + ": " + e.getMessage() + "; `" + NAME + " --help` says more");
            return EXIT_USAGE;
        } catch (StartupException e) {
            System.err.println(NAME + ": " + e.text());
            return e.exitCode();
        } catch (IOException e) {
            System.err.println(NAME + ": " + Inventory.OPTION + ": " + e.getMessage());
            return EXIT_PREFLIGHT;
        }
    }

    /** Help is to be had whatever the files of settings say. */
    private static boolean asksForHelp(String... arguments) {
        return Stream.of(arguments).anyMatch(Set.of("-h", "--help", "-V", "--version")::contains);
    }

    static CommandLine.IDefaultValueProvider defaults(Settings settings) {
        return argument -> argument instanceof CommandLine.Model.OptionSpec option
                ? settings.defaultOf(Setting.Program.HOST_DAEMON, option.longestName())
                : null;
    }

    private static int serve(DaemonOptions options, Map<String, String> environment) {
        Logger log = LoggerFactory.getLogger(HostDaemonMain.class);
        AtomicInteger exitCode = new AtomicInteger(EXIT_OK);
        try (HostDaemon daemon = HostDaemon.start(options, environment, version())) {
            Signals.onStop(number -> {
                if (number == Signals.SIGINT) {
                    exitCode.set(EXIT_INTERRUPTED);
                }
                daemon.stop("the host daemon was stopped (" + (number == Signals.SIGINT ? "SIGINT" : "SIGTERM") + ")");
                leaveInAnyCase(daemon);
            });
            if (options.exitWithStdin) {
                Thread.ofPlatform().daemon().name("stdin").start(() -> {
                    awaitEnd(System.in);
                    daemon.stop("the host daemon was stopped (end of standard input)");
                    leaveInAnyCase(daemon);
                });
            }
            daemon.left().get();
        } catch (ExecutionException e) {
            log.atError().setCause(e).log("the daemon failed");
            exitCode.set(EXIT_ERROR);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            exitCode.set(EXIT_ERROR);
        }
        return exitCode.get();
    }

    /** The machine bounds its own goodbye; this is for the day on which it does not. */
    private static void leaveInAnyCase(HostDaemon daemon) {
        Thread.ofPlatform().daemon().name("leave-bound").start(() -> {
            try {
                daemon.left().get(MachineLoop.LEAVE_BOUND.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                daemon.left().complete(null);
            } catch (ExecutionException | InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private static void awaitEnd(InputStream in) {
        try {
            while (in.read() >= 0) {
                // Whatever comes means nothing; only its end does.
            }
        } catch (IOException e) {
            LoggerFactory.getLogger(HostDaemonMain.class).atDebug().log("standard input: {}", e.getMessage());
        }
    }

    /** Of the jar; {@code dev} when the classes come from a build's folder. */
    private static String version() {
        try (InputStream in = HostDaemonMain.class.getResourceAsStream(POM)) {
            Properties properties = new Properties();
            if (in != null) {
                properties.load(in);
            }
            return properties.getProperty("version", "dev");
        } catch (IOException e) {
            return "dev";
        }
    }

    private static void setDefault(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }
}
