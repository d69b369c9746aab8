package dev.flowlane.core.spec;

import java.util.HashSet;
import java.util.List;

/** Which hosts may be named, and how the topology pairs them. */
final class HostRules {
    private final RunSpec spec;
    private final List<Problem> problems;

    HostRules(RunSpec spec, List<Problem> problems) {
        this.spec = spec;
        this.problems = problems;
    }

    void check() {
        names(SpecKeys.SOURCES, spec.sources());
        names(SpecKeys.DESTINATIONS, spec.destinations());
        if (!problems.isEmpty()) {
            return;
        }
        List<String> sources = spec.sources();
        List<String> destinations = spec.destinations();
        if (sources.isEmpty()) {
            add(SpecKeys.SOURCES, "nothing is given", "name at least one host; flowlane hosts list shows them");
            return;
        }
        switch (spec.topology()) {
            case PAIR -> {
                if (needDestinations(destinations) && sources.size() != destinations.size()) {
                    add(SpecKeys.DESTINATIONS, counts(sources, destinations)
                            + ", but pair takes the first with the first and so on",
                            "give as many of each, or set topology to fan-in, fan-out or mesh");
                }
            }
            case FAN_IN -> {
                if (needDestinations(destinations) && destinations.size() != 1) {
                    add(SpecKeys.DESTINATIONS, destinations.size() + " hosts, but fan-in has one destination",
                            "name one, or set topology to mesh");
                }
            }
            case FAN_OUT -> {
                if (sources.size() != 1) {
                    add(SpecKeys.SOURCES, sources.size() + " hosts, but fan-out has one source",
                            "name one, or set topology to mesh");
                }
                needDestinations(destinations);
            }
            case MESH -> {
                if (spec.topology().pairCount(sources, destinations) == 0) {
                    add(SpecKeys.SOURCES, "no two different hosts to pair", "name at least two hosts");
                }
            }
            case RING -> {
                if (sources.size() < 2) {
                    add(SpecKeys.SOURCES, "one host makes no ring", "name at least two hosts");
                }
                if (!destinations.isEmpty()) {
                    add(SpecKeys.DESTINATIONS, "a ring goes from source to source", "leave destinations out");
                }
            }
        }
        if (problems.isEmpty()) {
            pairs();
        }
    }

    private boolean needDestinations(List<String> destinations) {
        if (destinations.isEmpty()) {
            add(SpecKeys.DESTINATIONS, "nothing is given", "name at least one host; flowlane hosts list shows them");
        }
        return !destinations.isEmpty();
    }

    private void pairs() {
        if (spec.flowCount() > SpecKeys.FLOWS_MAX) {
            return; // Too many to look at one by one, and refused for their number.
        }
        record Pair(String source, String destination) {}
        var seen = new HashSet<Pair>();
        spec.topology().forEachPair(spec.sources(), spec.destinations(), (source, destination) -> {
            if (source.equals(destination)) {
                add(SpecKeys.DESTINATIONS, Problem.quote(source) + " would send to itself",
                        "a flow needs two hosts; start a second daemon with another --host-id for this machine");
            } else if (!seen.add(new Pair(source, destination))) {
                add(SpecKeys.SOURCES, "the pair " + source + " to " + destination + " is there twice",
                        "name it once and raise flows");
            }
        });
    }

    private void names(SpecKey key, List<String> hostIds) {
        if (hostIds.size() > key.maximum()) {
            add(key, hostIds.size() + " hosts", "at most " + key.maximum());
            return;
        }
        for (String hostId : hostIds) {
            Problem problem = SpecValidator.hostIdProblem(key.path(), hostId);
            if (problem != null) {
                problems.add(problem);
            }
        }
    }

    private static String counts(List<String> sources, List<String> destinations) {
        return sources.size() + " sources and " + destinations.size() + " destinations";
    }

    private void add(SpecKey key, String fault, String mend) {
        problems.add(new Problem(key.path(), fault, "", mend));
    }
}
