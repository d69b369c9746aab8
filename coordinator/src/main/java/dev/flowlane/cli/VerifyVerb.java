package dev.flowlane.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flowlane.core.Counted;
import dev.flowlane.core.check.CheckReport;
import dev.flowlane.core.check.Finding;
import dev.flowlane.core.check.Invariant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;

/** {@code verify}: what is on the topics, held against the invariants. */
@Command(
        name = "verify",
        sortOptions = false,
        header = {
            "Checks what is on the topics against the invariants that Flowlane holds to.",
            "",
            "Examples:",
            "  flowlane verify nightly-1",
            "  flowlane verify --all -o json | jq '.findings[]'",
            ""
        },
        footer = {
            "",
            "It reads the topics alone, from their beginnings, and changes nothing. An invariant is clean only when",
            "there was something to judge it by; CHECKED counts that, and 'not judged' is not clean. What the topics",
            "cannot show (processes, what a daemon ignored) is said beside each invariant. What is about no run, such",
            "as the epochs of daemons and bad records on the topics (4 and 8), is judged with --all only.",
            "Exit codes: 0 nothing was found, 1 an invariant is violated, 5 there is no such run."
        })
final class VerifyVerb implements Callable<Integer> {
    /** Findings printed as a table; one fault can contradict everything after it. */
    private static final int SHOWN = 20;

    private final CliContext context;

    @Parameters(paramLabel = "RUN", arity = "0..1", description = "Id of the run; it is judged beside all others.")
    @Nullable String runId;

    @Option(names = "--all", description = "Judge every run that is on the topics.")
    boolean all;

    @Option(names = "--all-findings",
            description = "Print every finding that is kept (1,000 at most); without it the first " + SHOWN + ".")
    boolean allFindings;

    @Mixin OutputOptions output = new OutputOptions();
    @Mixin BusOptions bus = new BusOptions();
    @Mixin CommonOptions common = new CommonOptions();

    VerifyVerb(CliContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        String only = runId;
        if ((only == null) == !all) {
            throw CliException.usage(
                    all ? "RUN and --all exclude each other" : "which run? RUN is missing",
                    "one run: flowlane verify RUN",
                    "all of them: flowlane verify --all");
        }
        Messages messages = Messages.of(context, common);
        try (Cluster cluster = Cluster.existing(context, bus, messages)) {
            if (only != null) {
                // Fails if there is none.
                new TopicView(cluster).run(only);
            }
            CheckReport report = TopicCheck.of(cluster.bus(), only);
            Output.of(context, output, common).object(json(report), () -> table(report, allFindings));
            return report.clean() ? ExitCode.OK : ExitCode.RUN_FAILED;
        }
    }

    static String table(CheckReport report, boolean allFindings) {
        StringBuilder text = new StringBuilder();
        int records = report.records().values().stream().mapToInt(Integer::intValue).sum();
        text.append("Read ").append(Counted.of(records, "record")).append(": ")
                .append(Counted.of(report.runs(), "run")).append(" (").append(report.runsGoingOn())
                .append(" going on), ").append(Counted.of(report.results(), "result")).append(", ")
                .append(Counted.of(report.claims(), "claim")).append(", ")
                .append(Counted.of(report.flowEnds(), "flow end")).append(", ")
                .append(Counted.of(report.intervals(), "interval")).append(", ")
                .append(Counted.of(report.deadLetters(), "dead letter"));
        if (report.notUnderstood() > 0) {
            text.append(", ").append(report.notUnderstood()).append(" of another version, which are not judged");
        }
        text.append(".\n\n");
        TextTable table = new TextTable().right("NO").left("JUDGEMENT").right("CHECKED").left("INVARIANT");
        for (Invariant invariant : Invariant.values()) {
            table.row(
                    Integer.toString(invariant.number()),
                    word(report.judgement(invariant)),
                    Integer.toString(report.judged(invariant)),
                    invariant.text());
            table.row("", "", "", "  (" + invariant.scope() + ")");
        }
        text.append(table.render());
        if (!report.findings().isEmpty()) {
            text.append("\nFound:\n");
            List<Finding> shown = report.findings()
                    .subList(0, allFindings ? report.findings().size() : Math.min(SHOWN, report.findings().size()));
            shown.forEach(finding ->
                    text.append("  ").append(Plain.text(finding.toString())).append('\n'));
            int kept = report.findings().size() - shown.size();
            if (kept > 0) {
                text.append("  and ").append(kept + report.findingsBeyond()).append(" more (--all-findings)\n");
            } else if (report.findingsBeyond() > 0) {
                text.append("  and ").append(report.findingsBeyond()).append(" more, which are not kept\n");
            }
        }
        return text.toString();
    }

    private static String word(CheckReport.Judgement judgement) {
        return judgement.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    static ObjectNode json(CheckReport report) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("clean", report.clean());
        ObjectNode records = root.putObject("records");
        report.records().forEach(records::put);
        root.put("records_not_understood", report.notUnderstood())
                .put("runs", report.runs())
                .put("runs_going_on", report.runsGoingOn())
                .put("results", report.results())
                .put("claims", report.claims())
                .put("flow_ends", report.flowEnds())
                .put("intervals", report.intervals())
                .put("dead_letters", report.deadLetters());
        for (Invariant invariant : Invariant.values()) {
            root.withArrayProperty("invariants")
                    .addObject()
                    .put("invariant", invariant.number())
                    .put("text", invariant.text())
                    .put("scope", invariant.scope())
                    .put("judgement", report.judgement(invariant).name())
                    .put("checked", report.judged(invariant))
                    .put("violations", report.violations(invariant));
        }
        root.putArray("findings");
        for (Finding finding : report.findings()) {
            root.withArrayProperty("findings")
                    .addObject()
                    .put("invariant", finding.invariant().number())
                    .put("run_id", finding.runId())
                    .put("flow_end", finding.flowEnd())
                    .put("topic", finding.at().topic())
                    .put("partition", finding.at().partition())
                    .put("offset", finding.at().offset())
                    .put("message", finding.message());
        }
        return root.put("findings_beyond", report.findingsBeyond());
    }
}
