package dev.flowlane.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flowlane.localfleet.FleetRecord;
import dev.flowlane.localfleet.LocalFleets;
import dev.flowlane.localfleet.Memory;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/** {@code up}, {@code down}, {@code status}: the local fleet in the background. */
final class FleetVerbs {
    private FleetVerbs() {}

    /** {@code up}. */
    @Command(
            name = "up",
            sortOptions = false,
            header = {
                "Starts the local fleet in the background: broker, coordinator, host-a and host-b.",
                "",
                "Examples:",
                "  flowlane up && flowlane run --duration 3s && flowlane run --request-size 1 && flowlane down",
                ""
            },
            footer = {"", "Its data and logs are in ${FLOWLANE_STATE_DIR:-~/.local/state/flowlane}."})
    static final class Up implements Callable<Integer> {
        private final CliContext context;

        @Option(names = "--topic-prefix", paramLabel = "PREFIX",
                description = "Prefix of the topics. Default: flowlane.")
        @Nullable String prefix;

        @Mixin CommonOptions common = new CommonOptions();

        Up(CliContext context) {
            this.context = context;
        }

        @Override
        public Integer call() {
            Messages messages = Messages.of(context, common);
            BusOptions bus = new BusOptions();
            bus.prefix = prefix;
            context.interrupts().await();
            LocalFleets.Up up = Cluster.fleets(context, messages).up(bus.localPrefix(context));
            messages.info((up.started() ? "the local fleet is up" : "the local fleet was up already")
                    + ": Kafka at " + up.fleet().bootstrap());
            up.fleet().coordinatorHttp().ifPresent(http -> messages.info("its page: http://" + http + "/"));
            messages.info("measure: flowlane run; see: flowlane status; stop: flowlane down");
            return ExitCode.OK;
        }
    }

    /** {@code down}. */
    @Command(name = "down", sortOptions = false, header = "Stops the local fleet; its data stays.")
    static final class Down implements Callable<Integer> {
        private final CliContext context;

        @Mixin CommonOptions common = new CommonOptions();

        Down(CliContext context) {
            this.context = context;
        }

        @Override
        public Integer call() {
            Messages messages = Messages.of(context, common);
            switch (Cluster.fleets(context, messages).down()) {
                case LocalFleets.Down.Nothing() -> messages.info("no local fleet is up");
                case LocalFleets.Down.Stopped(List<String> killed) -> {
                    messages.info("the local fleet is stopped");
                    if (!killed.isEmpty()) {
                        messages.warn("did not stop in time and had to be killed: " + String.join(", ", killed));
                    }
                }
            }
            return ExitCode.OK;
        }
    }

    /** {@code status}. */
    @Command(
            name = "status",
            sortOptions = false,
            header = "Shows the local fleet: exit code 0 when it is up, 1 when it is not.",
            footer = {
                "",
                "MEMORY is the resident set of the process and its children, the workers. HTTP is where a service",
                "answers /livez, /readyz?verbose and /metrics, and the coordinator /runs, /hosts and the schemas."
            })
    static final class Status implements Callable<Integer> {
        private final CliContext context;

        @Mixin OutputOptions output = new OutputOptions();
        @Mixin CommonOptions common = new CommonOptions();

        Status(CliContext context) {
            this.context = context;
        }

        @Override
        public Integer call() {
            Messages messages = Messages.of(context, common);
            Optional<FleetRecord> found = Cluster.fleets(context, messages).find();
            Output data = Output.of(context, output, common);
            boolean up = found.filter(FleetRecord::isWhole).isPresent();
            if (found.isEmpty() || !found.get().isAnyAlive()) {
                if (data.format() == OutputFormat.TABLE) {
                    messages.info("no local fleet is up; start one: flowlane up");
                } else {
                    data.object(JsonNodeFactory.instance.objectNode().put("up", false), () -> "");
                }
                return ExitCode.RUN_FAILED;
            }
            data.object(json(found.get(), up), () -> table(found.get()));
            if (!up) {
                messages.warn("the local fleet is damaged; to start it anew: flowlane down && flowlane up");
            }
            return up ? ExitCode.OK : ExitCode.RUN_FAILED;
        }

        private static ObjectNode json(FleetRecord fleet, boolean up) {
            ObjectNode root = JsonNodeFactory.instance.objectNode();
            root.put("up", up);
            root.put("bootstrap", fleet.bootstrap());
            root.put("topic_prefix", fleet.topicPrefix());
            root.put("page", fleet.coordinatorHttp().map(http -> "http://" + http + "/").orElse(null));
            root.put("started_time", fleet.startedTime().toString());
            root.put("owner_pid", fleet.isOwned() ? fleet.ownerPid() : null);
            for (FleetRecord.Member member : fleet.members()) {
                root.withArrayProperty("processes")
                        .addObject()
                        .put("name", member.name())
                        .put("pid", member.pid())
                        .put("alive", member.isAlive())
                        .put("resident_bytes", member.isAlive() ? Memory.residentBytesOfTree(member.pid()) : 0)
                        .put("http_address", member.httpAddress().orElse(null))
                        .put("log", member.log().toString());
            }
            return root;
        }

        private static String table(FleetRecord fleet) {
            TextTable table = new TextTable()
                    .left("SERVICE")
                    .left("STATE")
                    .right("PID")
                    .right("MEMORY")
                    .left("HTTP")
                    .left("LOG");
            long total = 0;
            for (FleetRecord.Member member : fleet.members()) {
                long bytes = member.isAlive() ? Memory.residentBytesOfTree(member.pid()) : 0;
                total += bytes;
                table.row(
                        member.name(),
                        member.isAlive() ? "up" : "ended",
                        Long.toString(member.pid()),
                        Scaled.bytes(bytes),
                        member.httpAddress().map(address -> "http://" + address).orElse(""),
                        member.log().toString());
            }
            table.row("total", "", "", Scaled.bytes(total), "", "");
            return "Kafka at " + fleet.bootstrap() + ", topics " + Plain.text(fleet.topicPrefix()) + ".*, since "
                    + ListVerb.seconds(fleet.startedTime())
                    + (fleet.isOwned() ? ", belongs to the run of process " + fleet.ownerPid() : "") + "\n\n"
                            + table.render()
                    + fleet.coordinatorHttp().map(http -> "\nIts page: http://" + http + "/\n").orElse("");
        }
    }
}
