package dev.flowlane.cli;

import dev.flowlane.avro.Host;
import dev.flowlane.avro.HostEvent;
import dev.flowlane.bus.BusRecord;
import dev.flowlane.bus.Topic;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/** {@code hosts}: the daemons and the machines under them. */
@Command(
        name = "hosts",
        header = {
            "Shows the hosts that can be measured.",
            "",
            "Examples:",
            "  flowlane hosts list",
            "  flowlane hosts describe host-a",
            ""
        },
        subcommands = {})
final class HostsVerb {
    @Mixin CommonOptions common = new CommonOptions();

    /** Hosts that were silent for longer are shown without a heartbeat, whatever their lease. */
    private static final Duration LOOK_BACK = Duration.ofMinutes(5);

    private HostsVerb() {}

    static HostsVerb group() {
        return new HostsVerb();
    }

    /** {@code hosts list}. */
    @Command(name = "list", sortOptions = false, header = "Lists the hosts.")
    static final class HostList implements Callable<Integer> {
        private final CliContext context;

        @Mixin OutputOptions output = new OutputOptions();
        @Mixin BusOptions bus = new BusOptions();
        @Mixin CommonOptions common = new CommonOptions();

        HostList(CliContext context) {
            this.context = context;
        }

        @Override
        public Integer call() {
            Messages messages = Messages.of(context, common);
            try (Cluster cluster = Cluster.existing(context, bus, messages)) {
                TopicView view = new TopicView(cluster);
                List<Host> hosts = view.latest(Topic.HOSTS).values().stream()
                        .sorted(Comparator.comparing(Host::getHostId))
                        .toList();
                Output.of(context, output, common).records(Host.getClassSchema(), hosts,
                        () -> HostTable.list(hosts, view.lastHeartbeats(LOOK_BACK), Instant.now()));
                if (hosts.isEmpty()) {
                    messages.info("no hosts; on each host to be measured: flowlane host-daemon --host-id NAME"
                            + " --data-address ADDRESS --bootstrap " + cluster.settings().bootstrapServers());
                }
                return ExitCode.OK;
            }
        }
    }

    /** {@code hosts describe}. */
    @Command(name = "describe", sortOptions = false, header = "Draws a host: CPUs, interfaces, claims.")
    static final class HostDescribe implements Callable<Integer> {
        private final CliContext context;

        @Parameters(paramLabel = "HOST", description = "Id of the host.")
        String hostId = "";

        @Mixin OutputOptions output = new OutputOptions();
        @Mixin BusOptions bus = new BusOptions();
        @Mixin CommonOptions common = new CommonOptions();

        HostDescribe(CliContext context) {
            this.context = context;
        }

        @Override
        public Integer call() {
            Messages messages = Messages.of(context, common);
            try (Cluster cluster = Cluster.existing(context, bus, messages)) {
                TopicView view = new TopicView(cluster);
                Map<String, Host> hosts = view.latest(Topic.HOSTS);
                Host host = hosts.get(hostId);
                if (host == null) {
                    throw CliException.rejected("there is no host " + hostId,
                            hosts.isEmpty()
                                    ? "no host has announced itself"
                                    : "hosts: " + String.join(", ", hosts.keySet()));
                }
                Output.of(context, output, common).record(host, () -> {
                    @Nullable BusRecord<HostEvent> last = view.lastHeartbeats(LOOK_BACK).get(hostId);
                    ClaimsTable claims = ClaimsTable.of(host.getMachineId(), view.runs(), hosts);
                    return HostTable.describe(host, last, Instant.now(), claims, context.columns());
                });
                return ExitCode.OK;
            }
        }
    }
}
