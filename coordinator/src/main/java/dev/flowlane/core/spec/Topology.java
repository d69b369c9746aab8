package dev.flowlane.core.spec;

import java.util.HashSet;
import java.util.List;
import java.util.function.BiConsumer;

/** Which source sends to which destination. */
public enum Topology {
    /** The first source to the first destination, the second to the second, and so on. */
    PAIR,
    /** Every source to the one destination. */
    FAN_IN,
    /** The one source to every destination. */
    FAN_OUT,
    /** Every source to every destination but itself; without destinations, among the sources. */
    MESH,
    /** Each source to the next one, the last to the first; takes no destinations. */
    RING;

    /** Number of host pairs. Defined also for lists that the validator refuses; never overflows. */
    public long pairCount(List<String> sources, List<String> destinations) {
        return switch (this) {
            case PAIR -> Math.min(sources.size(), destinations.size());
            case FAN_IN -> destinations.isEmpty() ? 0 : sources.size();
            case FAN_OUT -> sources.isEmpty() ? 0 : destinations.size();
            case MESH -> meshPairCount(sources, destinations.isEmpty() ? sources : destinations);
            case RING -> sources.size() < 2 ? 0 : sources.size();
        };
    }

    /** Calls {@code pair} with (source, destination) for every pair, in the order that numbers a run's flows. */
    public void forEachPair(List<String> sources, List<String> destinations, BiConsumer<String, String> pair) {
        switch (this) {
            case PAIR -> {
                int pairs = Math.min(sources.size(), destinations.size());
                for (int i = 0; i < pairs; i++) {
                    pair.accept(sources.get(i), destinations.get(i));
                }
            }
            case FAN_IN -> {
                if (!destinations.isEmpty()) {
                    sources.forEach(source -> pair.accept(source, destinations.getFirst()));
                }
            }
            case FAN_OUT -> {
                if (!sources.isEmpty()) {
                    destinations.forEach(destination -> pair.accept(sources.getFirst(), destination));
                }
            }
            case MESH -> {
                List<String> targets = destinations.isEmpty() ? sources : destinations;
                for (String source : sources) {
                    for (String target : targets) {
                        if (!source.equals(target)) {
                            pair.accept(source, target);
                        }
                    }
                }
            }
            case RING -> {
                if (sources.size() >= 2) {
                    for (int i = 0; i < sources.size(); i++) {
                        pair.accept(sources.get(i), sources.get((i + 1) % sources.size()));
                    }
                }
            }
        }
    }

    private static long meshPairCount(List<String> sources, List<String> targets) {
        var targetSet = new HashSet<>(targets);
        long toThemselves = sources.stream().filter(targetSet::contains).count();
        return (long) sources.size() * targets.size() - toThemselves;
    }
}
