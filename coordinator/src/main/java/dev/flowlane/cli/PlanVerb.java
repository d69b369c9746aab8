package dev.flowlane.cli;

import dev.flowlane.avro.Host;
import dev.flowlane.avro.Run;
import dev.flowlane.bus.Topic;
import dev.flowlane.coordinator.wire.HostAvro;
import dev.flowlane.coordinator.wire.Read;
import dev.flowlane.coordinator.wire.RunAvro;
import dev.flowlane.core.run.HostAnnouncement;
import dev.flowlane.core.run.RunRecord;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;

/** {@code plan}: where the flows of a spec would go, and why not; touches nothing. */
@Command(
        name = "plan",
        sortOptions = false,
        abbreviateSynopsis = true,
        header = {
            "Shows where the flows of a run would go, or why they cannot; opens and claims nothing.",
            "",
            "Examples:",
            "  flowlane plan nightly.yaml",
            "  flowlane plan --flows 8 --smt allow -o json",
            ""
        },
        footer = {
            "",
            "Exit code 0: it fits now. 5: it would be rejected, or would wait for other runs.",
            "Where hashing (RSS, RPS) decides the receive CPU, only connections show it: the plan names those that"
                + " would do."
        })
final class PlanVerb implements Callable<Integer> {
    private final CliContext context;

    @Mixin SpecFlags flags = new SpecFlags();
    @Mixin OutputOptions output = new OutputOptions();
    @Mixin BusOptions bus = new BusOptions();
    @Mixin CommonOptions common = new CommonOptions();

    @Spec CommandSpec spec = CommandSpec.create();

    PlanVerb(CliContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        Messages messages = Messages.of(context, common);
        SpecFlags.Read read = Submission.read(context, flags, bus, spec);
        try (Cluster cluster = Cluster.existing(context, bus, messages)) {
            var view = new TopicView(cluster);
            var sight = new PlanSight(read.spec(), hosts(view, messages), runs(view, messages));
            PlanText text = sight.plan(read.runId() == null ? "" : read.runId());
            Output.of(context, output, common).object(text.json(), text::table);
            return text.fits() ? ExitCode.OK : ExitCode.REJECTED;
        }
    }

    private static Map<String, HostAnnouncement> hosts(TopicView view, Messages messages) {
        var hosts = new TreeMap<String, HostAnnouncement>();
        for (Host host : view.latest(Topic.HOSTS).values()) {
            switch (HostAvro.fromAvro(host)) {
                case Read.Value<HostAnnouncement>(HostAnnouncement known) -> hosts.put(known.hostId(), known);
                case Read.Unreadable<HostAnnouncement>(String reason) -> messages.warn(reason);
            }
        }
        return hosts;
    }

    private static List<RunRecord> runs(TopicView view, Messages messages) {
        var runs = new ArrayList<RunRecord>();
        for (Run run : view.runs()) {
            switch (RunAvro.fromAvro(run)) {
                case Read.Value<RunRecord>(RunRecord known) -> runs.add(known);
                case Read.Unreadable<RunRecord>(String reason) ->
                    messages.warn(reason + "; what it claims is not in the plan");
            }
        }
        return runs;
    }
}
