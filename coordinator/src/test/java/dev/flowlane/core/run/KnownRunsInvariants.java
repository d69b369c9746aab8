package dev.flowlane.core.run;

import dev.flowlane.core.placement.Claim;
import dev.flowlane.core.placement.Ledger;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** What is kept along with the runs for looking them up, beside what a look at each of them says. */
final class KnownRunsInvariants {
    /** In larger fleets it would take longer than everything else. */
    private static final int RUNS_MAX = 32;

    private KnownRunsInvariants() {}

    static void judge(FleetState state) {
        Collection<RunRecord> all = state.runs().values();
        if (all.size() > RUNS_MAX) {
            return;
        }
        Runs known = state.known();
        same("line", known.line(), all.stream()
                .filter(run -> run.state() instanceof RunState.Queued)
                .sorted(RunRecord.LINE)
                .toList());
        same("searching", known.searching(), first(all, run -> run.state() instanceof RunState.Connecting));
        for (String hostId : state.hosts().keySet()) {
            same("concerning " + hostId, known.concerning(hostId), first(all, run ->
                    RunHosts.contains(run.spec(), hostId)
                            && (run.state().live() || !run.flows().stream().allMatch(FlowLane::ended))));
        }
        FleetInvariants.check(
                all.stream().filter(run -> !run.state().live() && run.claims().isEmpty()).count()
                        == known.over().size(),
                "over:", known.over());
        Map<String, List<Claim>> claims = new HashMap<>();
        all.forEach(run -> claims.put(run.runId(), run.claims()));
        FleetInvariants.check(known.ledger().equals(Ledger.of(claims)), "ledger", known.ledger(), "of", claims);
    }

    private static List<RunRecord> first(Collection<RunRecord> runs, Predicate<RunRecord> which) {
        return runs.stream().filter(which).sorted(RunRecord.FIFO).toList();
    }

    private static void same(String what, Collection<RunRecord> kept, List<RunRecord> seen) {
        FleetInvariants.check(List.copyOf(kept).equals(seen), what, kept, "of", seen);
    }
}
