package dev.flowlane.core.run;

import org.jspecify.annotations.Nullable;

/**
 * A flow end has left its lane, or is elsewhere outside it than before.
 *
 * @param seq first interval that shows it
 * @param warmup whether that interval lies before the measured window
 * @param expectedCpus CPUs of the lane, in the kernel's list form
 * @param observedCpus CPUs that were seen, in the kernel's list form
 */
public record LaneDrift(
        String flowId,
        FlowRole role,
        int seq,
        boolean warmup,
        Kind kind,
        String expectedCpus,
        String observedCpus) {

    /** What of the lane was left; those of one interval are told in this order. */
    public enum Kind {
        /** Affinity mask of the I/O thread. */
        AFFINITY,
        /** CPU that the I/O thread ran on. */
        APPLICATION_CPU,
        RECEIVE_CPU
    }

    /** Whether it was not told before: a flow end tells its drifts in order, and may tell them twice. */
    boolean isNews(@Nullable LaneDrift before) {
        return before == null || seq > before.seq || (seq == before.seq && kind.compareTo(before.kind) > 0);
    }

    /** For a person, without the flow. */
    String text() {
        String seen =
                switch (kind) {
                    case AFFINITY -> "affinity was ";
                    case APPLICATION_CPU -> "ran on CPU ";
                    case RECEIVE_CPU -> "receive CPU was ";
                };
        return seen + observedCpus + ", lane is {" + expectedCpus + "}, from interval " + seq
                + (warmup ? " (warm-up)" : "");
    }
}
