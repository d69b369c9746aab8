package dev.flowlane.cli;

import dev.flowlane.core.placement.Claim;
import dev.flowlane.core.placement.HostCpus;
import dev.flowlane.core.placement.HostPair;
import dev.flowlane.core.placement.Ledger;
import dev.flowlane.core.placement.Pairs;
import dev.flowlane.core.placement.PlacementRequest;
import dev.flowlane.core.placement.Plan;
import dev.flowlane.core.placement.Steering;
import dev.flowlane.core.run.FeatureNeeds;
import dev.flowlane.core.run.HostAnnouncement;
import dev.flowlane.core.run.Routes;
import dev.flowlane.core.run.RunRecord;
import dev.flowlane.core.run.StateName;
import dev.flowlane.core.spec.RunSpec;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What the topics tell of a fleet, as far as a plan needs it. Pure: the reading is {@link PlanVerb}'s. */
final class PlanSight {
    private final RunSpec spec;
    private final Map<String, HostAnnouncement> hosts;
    private final List<RunRecord> runs;
    private final Set<String> machines = new LinkedHashSet<>();

    PlanSight(RunSpec spec, Map<String, HostAnnouncement> hosts, List<RunRecord> runs) {
        this.spec = spec;
        this.hosts = hosts;
        this.runs = runs;
        for (HostPair pair : Pairs.of(spec)) {
            for (String hostId : List.of(pair.source(), pair.destination())) {
                HostAnnouncement host = hosts.get(hostId);
                if (host != null) {
                    machines.add(host.cpus().machineId());
                }
            }
        }
    }

    /** @param runId of the run itself, whose claims are not in its own way; empty: not submitted */
    PlanText plan(String runId) {
        var cpus = new HashMap<String, HostCpus>();
        hosts.forEach((hostId, host) -> cpus.put(hostId, host.cpus()));
        var claims = new TreeMap<String, List<Claim>>();
        runs.forEach(run -> claims.put(run.runId(), run.claims()));
        Plan plan = Plan.of(PlacementRequest.beforeConnecting(runId, spec, cpus, Ledger.of(claims)), steerings());
        List<String> ahead = ahead();
        List<String> notes = ahead.isEmpty()
                ? List.of()
                : List.of("searching or in line for the same machines: " + String.join(", ", ahead));
        return new PlanText(spec, plan, problems(), notes);
    }

    private Map<HostPair, Plan.Steerings> steerings() {
        var steerings = new HashMap<HostPair, Plan.Steerings>();
        for (HostPair pair : Pairs.of(spec)) {
            HostAnnouncement source = hosts.get(pair.source());
            HostAnnouncement destination = hosts.get(pair.destination());
            if (source != null && destination != null) {
                steerings.put(pair, Routes.between(spec, source, destination)
                        .map(PlanSight::steerings)
                        .orElse(new Plan.Steerings(Steering.HASHED, Steering.HASHED)));
            }
        }
        return steerings;
    }

    /** As the hosts announce it; they speak of what comes from elsewhere, so not within one network stack. */
    private static Plan.Steerings steerings(Routes.Route route) {
        String address = route.destination().address();
        boolean loopback = address.startsWith("127.") || address.equals("::1");
        return address.equals(route.source().address()) && !loopback
                ? new Plan.Steerings(Steering.FOLLOWS_SENDER, Steering.FOLLOWS_SENDER)
                : new Plan.Steerings(route.source().steering(), route.destination().steering());
    }

    /** What keeps the run from starting, CPUs aside. */
    private List<String> problems() {
        var problems = new LinkedHashSet<String>();
        for (HostPair pair : Pairs.of(spec)) {
            HostAnnouncement source = hosts.get(pair.source());
            HostAnnouncement destination = hosts.get(pair.destination());
            for (HostAnnouncement host : new HostAnnouncement[] {source, destination}) {
                if (host != null && !host.online()) {
                    problems.add("host " + host.hostId() + " is offline: its daemon was shut down; start it there");
                }
            }
            if (source != null && destination != null) {
                Optional<Routes.Route> route = Routes.between(spec, source, destination);
                if (route.isEmpty()) {
                    problems.add(pair + " do not share an IP version that the spec allows");
                }
            }
        }
        problems.addAll(FeatureNeeds.problems(spec, hosts::get));
        return List.copyOf(problems);
    }

    private List<String> ahead() {
        var ahead = new ArrayList<String>();
        for (RunRecord run : runs) {
            boolean undecided = run.state().name() == StateName.QUEUED || run.state().name() == StateName.CONNECTING;
            boolean shares = Pairs.of(run.spec()).stream()
                    .flatMap(pair -> Stream.of(pair.source(), pair.destination()))
                    .map(hosts::get)
                    .anyMatch(host -> host != null && machines.contains(host.cpus().machineId()));
            if (undecided && shares) {
                ahead.add(run.runId());
            }
        }
        return ahead;
    }
}
