package dev.flowlane.cli;

import dev.flowlane.bus.Bus;
import dev.flowlane.bus.BusException;
import dev.flowlane.bus.BusReader;
import dev.flowlane.bus.BusSettings;
import dev.flowlane.bus.BusWriter;
import dev.flowlane.bus.OnMalformed;
import dev.flowlane.bus.ReadFrom;
import dev.flowlane.bus.Topic;
import dev.flowlane.localfleet.FleetRecord;
import dev.flowlane.localfleet.FleetUse;
import dev.flowlane.localfleet.LocalFleets;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The installation that a command talks to: a cluster that was named, or the local fleet. */
final class Cluster implements AutoCloseable {
    private static final int CONNECT_MS = 3_000;

    private final BusSettings settings;
    private final Bus bus;
    private final @Nullable FleetUse fleet;
    private final boolean local;

    private Cluster(BusSettings settings, @Nullable FleetUse fleet, boolean local) {
        this.settings = settings;
        this.bus = new Bus(settings);
        this.fleet = fleet;
        this.local = local;
    }

    /** The named cluster, or the local fleet, which is started for the caller if it is not up. */
    static Cluster orStarted(CliContext context, BusOptions options, Messages messages) {
        if (options.isNamed(context)) {
            return named(context, options);
        }
        LocalFleets fleets = fleets(context, messages);
        context.interrupts().await();
        FleetUse use = fleets.use(
                options.localPrefix(context), fleet -> prepareClients(options.local(context, fleet.bootstrap())));
        return new Cluster(options.local(context, use.fleet().bootstrap()), use, true);
    }

    /**
     * Kafka's clients take a third of a second to load and to find their way when they are first used. While a fleet is
     * starting nobody waits for that. What goes wrong here goes wrong again where it matters, and is told there.
     */
    private static void prepareClients(BusSettings settings) {
        Thread.ofPlatform().daemon().name("prepare-clients").start(() -> {
            Bus bus = new Bus(settings);
            try (BusReader reader = bus.reader("flowlane-cli-first", OnMalformed.COUNT);
                    BusWriter writer = bus.writer("flowlane-cli-first")) {
                writer.learn(Topic.COMMANDS);
                reader.assign(Topic.RUN_EVENTS, ReadFrom.END);
                reader.poll(Duration.ZERO);
            } catch (BusException | KafkaException e) {
                // See above.
            }
        });
    }

    /** The named cluster, or the local fleet, which has to be up. */
    static Cluster existing(CliContext context, BusOptions options, Messages messages) {
        if (options.isNamed(context)) {
            return named(context, options);
        }
        Optional<FleetRecord> found = fleets(context, messages).find().filter(FleetRecord::isAnyAlive);
        if (found.isEmpty()) {
            throw CliException.preflight(
                    "no local fleet is up, and no other Kafka is named",
                    "start one: flowlane up",
                    "or name one: --bootstrap HOST:PORT, or FLOWLANE_KAFKA_BOOTSTRAP_SERVERS");
        }
        BusSettings settings = options.local(context, found.get().bootstrap());
        reach(settings.bootstrapServers(), "see what is left of it: flowlane status");
        return new Cluster(settings, null, true);
    }

    /** The local fleets of the process's environment. */
    static LocalFleets fleets(CliContext context, Messages messages) {
        return new LocalFleets(
                context.environment(), context.launcher(), messages::info, () -> context.interrupts().requested());
    }

    BusSettings settings() {
        return settings;
    }

    Bus bus() {
        return bus;
    }

    /** Whether runs without hosts of their own mean host-a and host-b. */
    boolean isLocal() {
        return local;
    }

    /**
     * Fails if the local fleet that this command uses has lost a process; a run on it would wait in vain.
     *
     * @throws CliException naming the process and its log
     */
    void check() {
        FleetRecord.Member dead = fleet == null ? null : fleet.dead();
        if (dead != null) {
            throw CliException.preflight(
                    "the local fleet has lost its " + dead.name() + " during the run",
                    "why: " + dead.log(),
                    "to start it anew: flowlane down && flowlane up");
        }
    }

    /** What starts a coordinator for this cluster. */
    String coordinatorCommand() {
        String prefix = settings.prefix().equals("flowlane") ? "" : " --topic-prefix " + settings.prefix();
        return "flowlane coordinator --bootstrap " + settings.bootstrapServers() + prefix;
    }

    @Override
    public void close() {
        if (fleet != null) {
            fleet.close();
        }
    }

    private static Cluster named(CliContext context, BusOptions options) {
        BusSettings settings = options.named(context);
        reach(settings.bootstrapServers(),
                "check the address, or start Kafka there",
                "without --bootstrap and FLOWLANE_KAFKA_BOOTSTRAP_SERVERS, run starts a local fleet of its own");
        return new Cluster(settings, null, false);
    }

    /** A Kafka client would try a dead address for a minute and then speak of topics; a plain connect knows at once. */
    private static void reach(String bootstrapServers, String... mend) {
        List<String> reasons = new ArrayList<>();
        for (String server : bootstrapServers.split(",", -1)) {
            String address = server.strip();
            // A listener's name before the address: SASL_SSL://host:9093.
            int scheme = address.indexOf("://");
            String reason = connect(scheme < 0 ? address : address.substring(scheme + 3));
            if (reason == null) {
                return;
            }
            reasons.add(address + ": " + reason);
        }
        throw CliException.preflight("no Kafka broker answers at " + String.join("; ", reasons), mend);
    }

    /** Why it cannot be connected to; null when it can. */
    private static @Nullable String connect(String address) {
        int colon = address.lastIndexOf(':');
        if (colon <= 0) {
            throw CliException.usage("--bootstrap: '" + Plain.text(address) + "' is not HOST:PORT",
                    "for example: kafka-1:9092");
        }
        String host = address.substring(0, colon).replaceAll("^\\[(.*)]$", "$1");
        try (Socket socket = new Socket()) {
            int port = Integer.parseInt(address.substring(colon + 1));
            if (port < 1 || port > 65_535) {
                throw new NumberFormatException(address.substring(colon + 1));
            }
            InetSocketAddress remote = new InetSocketAddress(host, port);
            if (remote.isUnresolved()) {
                throw new UnknownHostException(host);
            }
            socket.connect(remote, CONNECT_MS);
            return null;
        } catch (NumberFormatException e) {
            throw CliException.usage("--bootstrap: '" + Plain.text(address.substring(colon + 1))
                    + "' is not a port from 1 to 65535");
        } catch (UnknownHostException e) {
            return "unknown host";
        } catch (SocketTimeoutException e) {
            return "no answer within " + CONNECT_MS / 1000 + " s";
        } catch (IOException e) {
            String message = e.getMessage();
            return message == null ? e.toString() : message.toLowerCase(java.util.Locale.ROOT);
        }
    }
}
