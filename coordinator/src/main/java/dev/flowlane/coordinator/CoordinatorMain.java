package dev.flowlane.coordinator;

import dev.flowlane.bus.BusSettings;
import dev.flowlane.config.Setting;
import dev.flowlane.config.Settings;
import dev.flowlane.core.run.Limits;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/** Starts the coordinator and ends it: options, signals, wiring from top to bottom. */
public final class CoordinatorMain {
    /** It was told to stop. */
    private static final int OK = 0;

    /** The options or settings are wrong. */
    private static final int USAGE = 2;

    /** Something it needs on this host is not to be had: its HTTP address, its state folder. */
    private static final int PREFLIGHT = 3;

    /** Longest orderly stop. */
    private static final long STOP_MS = 950;

    private CoordinatorMain() {}

    /** Runs until the process is told to stop. */
    public static void main(String[] arguments) {
        // Before the first logger: the command line shares the configuration and keeps quiet by default.
        setDefault("flowlane.log.level", "INFO");
        setDefault("flowlane.log.level.libraries", "WARN");
        // Asked by Vert.x when its classes load: the JDK resolves names as everything else here does, and says no word.
        setDefault("vertx.disableDnsResolver", "true");
        System.exit(run(arguments, System.getenv()));
    }

    private static int run(String[] arguments, Map<String, String> environment) {
        CoordinatorOptions options = new CoordinatorOptions();
        BuildInfo build = BuildInfo.read();
        CommandLine commandLine = new CommandLine(options);
        commandLine.getCommandSpec().version("flowlane coordinator " + build.version(), "Java " + build.java());
        BusSettings settings;
        Limits limits;
        Path stateDir;
        HttpSecurity security;
        try {
            if (!asksForHelp(arguments)) {
                Settings set = Settings.ofProcess(environment, Settings.flag(arguments));
                commandLine.setDefaultValueProvider(defaults(set));
            }
            commandLine.parseArgs(arguments);
            if (commandLine.isUsageHelpRequested()) {
                commandLine.usage(System.out);
                return OK;
            }
            if (commandLine.isVersionHelpRequested()) {
                commandLine.printVersionHelp(System.out);
                return OK;
            }
            options.check();
            settings = options.bus(environment);
            limits = options.limits();
            stateDir = options.stateDir(environment);
            security = options.security.security(environment, options.http.isLoopback());
        } catch (CommandLine.ParameterException | IllegalArgumentException e) {
            System.err.println("flowlane coordinator: " + e.getMessage());
            System.err.println("flowlane coordinator --help says more");
            return USAGE;
        }
        return serve(settings, limits, options, security, stateDir, build);
    }

    /** Help is to be had whatever the files of settings say. */
    private static boolean asksForHelp(String... arguments) {
        return Stream.of(arguments).anyMatch(Set.of("-h", "--help", "-V", "--version")::contains);
    }

    static CommandLine.IDefaultValueProvider defaults(Settings settings) {
        return argument -> argument instanceof CommandLine.Model.OptionSpec option
                ? settings.defaultOf(Setting.Program.COORDINATOR, option.longestName())
                : null;
    }

    private static int serve(
            BusSettings settings,
            Limits limits,
            CoordinatorOptions options,
            HttpSecurity security,
            @Nullable Path stateDir,
            BuildInfo build) {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        try {
            return switch (live(settings, limits, options, security, stateDir, build, closed)) {
                case STOPPED -> OK;
                case MISCONFIGURED -> USAGE;
            };
        } catch (IOException e) {
            LoggerFactory.getLogger(CoordinatorMain.class).error(e.getMessage());
            return PREFLIGHT;
        } finally {
            closed.complete(null);
        }
    }

    private static Coordinator.Ending live(
            BusSettings settings,
            Limits limits,
            CoordinatorOptions options,
            HttpSecurity security,
            @Nullable Path stateDir,
            BuildInfo build,
            CompletableFuture<Void> closed)
            throws IOException {
        Logger log = LoggerFactory.getLogger(CoordinatorMain.class);
        AtomicReference<Snapshot> snapshot = new AtomicReference<>(Snapshot.STARTING);
        ClientMetrics client = new ClientMetrics();
        try (Metrics metrics = new Metrics(snapshot::get, build, client, options.metricsMaxSeries);
                HttpApi http = HttpApi.start(
                        options.http, security, settings, snapshot::get, metrics, build, System::nanoTime);
                EndpointFile _ = EndpointFile.write(stateDir, http.address());
                Coordinator coordinator = new Coordinator(
                        settings,
                        limits,
                        metrics,
                        client,
                        snapshot::set,
                        ready -> announce(log, http.address(), ready))) {
            log.atInfo()
                    .addKeyValue("http", http.address())
                    .addKeyValue("bootstrap", settings.bootstrapServers())
                    .addKeyValue("prefix", settings.prefix())
                    .addKeyValue("version", build.version())
                    .log("starting");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                coordinator.stop();
                // The virtual machine ends with this hook: hold it until everything is closed, but not for ever.
                closed.completeOnTimeout(null, STOP_MS, TimeUnit.MILLISECONDS).join();
            }, "shutdown"));
            if (options.exitWithStdin) {
                Thread.ofPlatform().daemon().name("stdin").start(() -> stopAtEndOf(System.in, coordinator));
            }
            coordinator.start();
            Coordinator.Ending ending = coordinator.ending().join();
            log.info("stopped");
            return ending;
        }
    }

    /** Scripts wait for this line, and take the address from it. */
    private static void announce(Logger log, HttpAddress http, Snapshot ready) {
        log.atInfo()
                .addKeyValue("http", http)
                .addKeyValue("epoch", ready.fleet().epoch())
                .addKeyValue("runs", ready.fleet().runs().size())
                .addKeyValue("hosts", ready.fleet().hosts().size())
                .addKeyValue("uptime_ms", uptime().toMillis())
                .log("ready");
    }

    private static void stopAtEndOf(InputStream in, Coordinator coordinator) {
        try {
            while (in.read() >= 0) {
                // Whatever comes means nothing; only its end does.
            }
        } catch (IOException e) {
            LoggerFactory.getLogger(CoordinatorMain.class).debug("standard input", e);
        }
        coordinator.stop();
    }

    private static Duration uptime() {
        return Duration.between(
                ProcessHandle.current().info().startInstant().orElseGet(Instant::now), Instant.now());
    }

    private static void setDefault(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }
}
