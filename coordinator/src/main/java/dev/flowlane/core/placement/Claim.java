package dev.flowlane.core.placement;

import dev.flowlane.core.spec.Exclusive;

/**
 * The right of a flow to a CPU of a machine.
 *
 * @param sharedWithFlowId the one flow that may claim the CPU as well: the partner under {@code application-cpu:
 *     cross}; empty: none
 */
public record Claim(
        String machineId, int cpu, String flowId, Exclusive exclusive, Part part, String sharedWithFlowId) {
    /** What the flow uses the CPU for; matters where {@link Exclusive#PER_SIDE} decides. */
    public enum Part {
        /** Anything: counts as receive CPU of both sides. Strict lanes claim this, and records that do not tell. */
        WHOLE,
        /** Receive CPU of the source end. */
        SOURCE_RECEIVE,
        /** Receive CPU of the destination end. */
        DESTINATION_RECEIVE,
        /** Application CPU only. */
        APPLICATION;

        /** What two uses of one CPU by one flow come to. */
        Part and(Part other) {
            if (this == other || other == APPLICATION) {
                return this;
            }
            return this == APPLICATION ? other : WHOLE;
        }

        boolean sameReceiveSide(Part other) {
            return switch (this) {
                case WHOLE -> other != APPLICATION;
                case SOURCE_RECEIVE -> other == SOURCE_RECEIVE || other == WHOLE;
                case DESTINATION_RECEIVE -> other == DESTINATION_RECEIVE || other == WHOLE;
                case APPLICATION -> false;
            };
        }
    }

    /** A claim that is shared with no other flow. */
    public Claim(String machineId, int cpu, String flowId, Exclusive exclusive, Part part) {
        this(machineId, cpu, flowId, exclusive, part, "");
    }

    /** A claim whose part is not known, which is the most it can be. */
    public Claim(String machineId, int cpu, String flowId, Exclusive exclusive) {
        this(machineId, cpu, flowId, exclusive, Part.WHOLE);
    }

    /**
     * The same right of a flow by another name.
     *
     * @param newSharedWithFlowId what the flow it is shared with is called now; empty: none
     */
    public Claim of(String newFlowId, String newSharedWithFlowId) {
        return new Claim(machineId, cpu, newFlowId, exclusive, part, newSharedWithFlowId);
    }

    /**
     * Whether the two may not be live together. The stricter policy of the two decides; a flow never conflicts with
     * itself, nor with the partner that it shares the CPU with.
     */
    public boolean conflictsWith(Claim other) {
        return cpu == other.cpu
                && !flowId.equals(other.flowId)
                && machineId.equals(other.machineId)
                && !sharedWithFlowId.equals(other.flowId)
                && !other.sharedWithFlowId.equals(flowId)
                && excludes(other.exclusive, other.part);
    }

    /** Whether a flow of another run that uses the CPU in this way is in conflict with the claim. */
    boolean excludes(Exclusive otherExclusive, Part otherPart) {
        return switch (exclusive.stricter(otherExclusive)) {
            case STRICT -> true;
            case PER_SIDE -> part.sameReceiveSide(otherPart);
            case NONE -> false;
        };
    }
}
