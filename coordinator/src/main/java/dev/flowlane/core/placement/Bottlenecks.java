package dev.flowlane.core.placement;

import dev.flowlane.core.Counted;
import dev.flowlane.posix.CpuSet;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Puts into words which CPUs keep a component from having more flows: a Hall violator where flows choose their CPUs, a
 * vertex cover or odd set cover where hashing chooses.
 */
final class Bottlenecks {
    private final Component component;
    private final boolean strict;

    Bottlenecks(Component component, boolean strict) {
        this.component = component;
        this.strict = strict;
    }

    List<String> lines(int placed) {
        var lines = new ArrayList<String>();
        String shortage = shortage();
        if (!shortage.isEmpty()) {
            lines.add(shortage);
        }
        for (int pair = 0; pair < component.pairs().size() && lines.size() < 4; pair++) {
            String cover = cover(component.only(pair));
            if (!cover.isEmpty()) {
                lines.add(cover);
            }
        }
        if (lines.isEmpty() && component.pairs().size() > 1) {
            String cover = cover(component);
            if (!cover.isEmpty()) {
                lines.add(cover);
            }
        }
        if (lines.isEmpty() && candidates() > 0) {
            lines.add("no choice among the " + Counted.of(candidates(), "usable connection") + " " + pairs()
                    + " gives more than "
                    + Counted.of(placed, "flow") + " with CPUs of their own");
        }
        return lines;
    }

    private String pairs() {
        List<String> names = component.pairs().stream().map(rules -> rules.pair().toString()).toList();
        return names.size() <= 4 ? String.join(", ", names) : String.join(", ", names.subList(0, 4)) + ", …";
    }

    private int candidates() {
        int count = 0;
        for (int pair = 0; pair < component.pairs().size(); pair++) {
            count += component.usableCandidates(pair);
        }
        return count;
    }

    /** Ends that choose their CPU, and the too few CPUs that there are for them; empty when there are enough. */
    private String shortage() {
        var matching = new ChoiceMatching(component.nodes().count(), new BitSet());
        for (Group group : component.groups()) {
            for (int flow = 0; flow < group.uses(component.need()) && !group.joint; flow++) {
                for (int[] nodes : demands(group)) {
                    if (!matching.add(nodes)) {
                        return shortage(matching.tightNodes());
                    }
                }
            }
        }
        return "";
    }

    private static List<int[]> demands(Group group) {
        boolean fixedOnly = group.choices.isEmpty() && group.candidateIds.size() > 1 && group.fixed.length == 1;
        return fixedOnly
                ? List.of(group.fixed)
                : group.choices.stream().map(choice -> choice.nodes).toList();
    }

    private String shortage(BitSet tight) {
        var endsOf = new LinkedHashMap<String, Integer>();
        for (Group group : component.groups()) {
            PairRules pair = component.pairs().get(group.pair);
            for (Group.Choice choice : group.joint ? List.<Group.Choice>of() : group.choices) {
                boolean bound = Arrays.stream(choice.nodes).allMatch(tight::get);
                PairRules.End end = choice.forSource ? pair.source() : pair.destination();
                if (bound) {
                    endsOf.merge(end.host().hostId(), component.need(), Integer::sum);
                }
            }
        }
        if (endsOf.isEmpty()) {
            return "";
        }
        int ends = endsOf.values().stream().mapToInt(Integer::intValue).sum();
        String where = endsOf.entrySet().stream()
                .map(end -> end.getValue() + " at " + end.getKey())
                .collect(Collectors.joining(", "));
        String thing = strict ? thing() : "receive " + thing() + " of their side";
        return Counted.of(ends, "flow end") + " (" + where + (ends == 1 ? ") needs a " : ") need a ") + thing
                + " each, but may only use " + places(tight);
    }

    /** What a node is on these machines. */
    private String thing() {
        return component.nodes().threaded() ? "core" : "CPU";
    }

    private String cover(Component part) {
        if (part.groups().isEmpty() || part.groups().stream().anyMatch(group -> group.primary.length == 0)) {
            return "";
        }
        FixedMatching.Certificate certificate = new FixedMatching(part, false).certificate();
        if (certificate.atMost() >= part.flows()) {
            return "";
        }
        String pairs = new Bottlenecks(part, strict).pairs();
        var parts = new ArrayList<String>();
        if (!certificate.cover().isEmpty()) {
            parts.add("one of " + places(certificate.cover()));
        }
        for (BitSet odd : certificate.oddSets()) {
            parts.add("two of " + places(odd) + " (room for " + odd.cardinality() / 2 + ")");
        }
        int usable = new Bottlenecks(part, strict).candidates();
        String each = usable == 1 ? "the one usable connection " : "each of the " + usable + " usable connections ";
        return each + pairs + " takes " + String.join(" or ", parts) + ", so no more than "
                + Counted.of(certificate.atMost(), "fits", "fit");
    }

    /** Nodes as people call them: {@code CPUs 0-1 of host-a, host-b}. */
    private String places(BitSet nodes) {
        var cpus = new TreeMap<String, CpuSet>();
        nodes.stream().forEach(node -> cpus.merge(place(node), component.nodes().cpus(node), CpuSet::or));
        return cpus.entrySet().stream()
                .map(place -> (place.getValue().size() == 1 ? "CPU " : "CPUs ") + place.getValue() + place.getKey())
                .collect(Collectors.joining(" and ", component.nodes().threaded() ? "the cores of " : "", ""));
    }

    private String place(int node) {
        String machineId = component.nodes().machineId(node);
        return " of " + String.join(", ", hosts(machineId, component.nodes().part(node)));
    }

    private Set<String> hosts(String machineId, Claim.Part part) {
        var hosts = new LinkedHashSet<String>();
        for (PairRules pair : component.pairs()) {
            if (part != Claim.Part.DESTINATION_RECEIVE && pair.source().machineId().equals(machineId)) {
                hosts.add(pair.source().host().hostId());
            }
            if (part != Claim.Part.SOURCE_RECEIVE && pair.destination().machineId().equals(machineId)) {
                hosts.add(pair.destination().host().hostId());
            }
        }
        return new TreeSet<>(hosts);
    }
}
