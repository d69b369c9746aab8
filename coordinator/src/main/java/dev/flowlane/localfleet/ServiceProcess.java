package dev.flowlane.localfleet;

import dev.flowlane.config.Setting;
import org.jspecify.annotations.Nullable;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A service that this process started.
 *
 * <p>It runs in a session of its own (setsid), so that Ctrl-C in the terminal reaches the command line alone, which
 * then stops its services in order. A service that must not outlive this process reads a pipe whose other end is held
 * here: the kernel closes it however this process dies, and end of file is the service's sign to stop.
 */
final class ServiceProcess {
    /** What a terminal's user set for a real Kafka must not reach a service that talks to the local broker. */
    private static final String KAFKA_VARIABLES = "FLOWLANE_KAFKA_";

    /** Nor tokens of a real coordinator: this one is asked over loopback, without any. */
    private static final String HTTP_VARIABLES = "FLOWLANE_HTTP_";

    /** Nor what others may ask of a real one. */
    private static final String LIMITS_VARIABLE = Setting.COORDINATOR_LIMITS.variable();

    private final Service service;
    private final Process process;
    private final ProcessIdentity identity;
    private final ServiceLog log;

    private ServiceProcess(Service service, Process process, ProcessIdentity identity, ServiceLog log) {
        this.service = service;
        this.process = process;
        this.identity = identity;
        this.log = log;
    }

    /**
     * Starts a service.
     *
     * @param detached whether it goes on when this process ends
     * @param environment variables on top of this process's own
     */
    static ServiceProcess start(
            Service service, Path launcher, Path logFile, boolean detached, Map<String, String> environment) {
        ServiceLog log = new ServiceLog(logFile);
        log.rotate();
        List<String> command = new ArrayList<>(List.of("setsid", launcher.toString(), service.launcherWord()));
        command.addAll(service.arguments());
        if (!detached) {
            command.add("--exit-with-stdin");
        }
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(logFile.toFile())
                .directory(new File("/"));
        if (detached) {
            builder.redirectInput(new File("/dev/null"));
        }
        builder.environment().keySet().removeIf(name -> name.startsWith(KAFKA_VARIABLES)
                || name.startsWith(HTTP_VARIABLES)
                || name.equals(LIMITS_VARIABLE));
        builder.environment().putAll(environment);
        try {
            Process process = builder.start();
            // setsid and the launcher both become what they start, so the number stays.
            ProcessIdentity identity = ProcessIdentity.of(process.pid())
                    .orElseThrow(() -> died(service, log, process));
            return new ServiceProcess(service, process, identity, log);
        } catch (IOException e) {
            throw new FleetException("cannot start " + service.name() + ": " + FleetException.reason(e), e,
                    "the command was: " + String.join(" ", command));
        }
    }

    String name() {
        return service.name();
    }

    ServiceLog log() {
        return log;
    }

    FleetRecord.Member member() {
        return new FleetRecord.Member(service.name(), identity, log.path());
    }

    /**
     * Fails if the service has ended.
     *
     * @throws FleetException with its last words
     */
    void check() {
        if (!process.isAlive()) {
            throw died(service, log, process);
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Asks it to stop, by the end of file it waits for. */
    void closeInput() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // It has gone already.
        }
    }

    private static FleetException died(Service service, ServiceLog log, Process process) {
        List<String> words = log.lastWords(5);
        @Nullable String code = process.isAlive() ? null : Integer.toString(process.exitValue());
        String message = service.name() + " ended while the local fleet was starting"
                + (code == null ? "" : " (exit code " + code + ")")
                + (words.isEmpty() ? "" : ": " + String.join("\n", words));
        return new FleetException(message, null, "its log: " + log.path());
    }
}
