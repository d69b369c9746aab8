package dev.flowlane.core.spec;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * When and how often a run is measured, and what it is held to.
 *
 * @param priority place in the line, -100 to 100: higher first
 * @param notBefore when it may begin at the earliest
 * @param onDrift what becomes of it when a flow leaves its lane
 * @param trials how often it is measured on the same lanes, 1 to 1000
 * @param like id of an earlier run whose lanes it asks for; null: any lanes
 * @param thresholds judged at its end; they change nothing about how it is measured
 */
public record Conduct(
        int priority,
        NotBefore notBefore,
        OnDrift onDrift,
        int trials,
        @Nullable String like,
        List<Threshold> thresholds) {
    /** Once, in order of arrival, as soon as it can, on any lanes. */
    public static final Conduct DEFAULT = new Conduct(0, new NotBefore.AtOnce(), OnDrift.REPORT, 1, null);

    public Conduct {
        thresholds = List.copyOf(thresholds);
    }

    /** Held to nothing. */
    public Conduct(int priority, NotBefore notBefore, OnDrift onDrift, int trials, @Nullable String like) {
        this(priority, notBefore, onDrift, trials, like, List.of());
    }
}
