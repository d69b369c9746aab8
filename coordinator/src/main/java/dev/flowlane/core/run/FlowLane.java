package dev.flowlane.core.run;

import dev.flowlane.core.placement.Claim;
import dev.flowlane.core.placement.HostPair;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * One chosen flow of a run and what is known of its ends.
 *
 * @param flowId {@code <run id>.<n>}, n from 0
 * @param candidateId its connection in the search
 * @param claims the CPUs that it may not share; they are held until both ends are over
 */
public record FlowLane(
        String flowId, HostPair pair, int candidateId, FlowEnd source, FlowEnd destination, List<Claim> claims) {

    public FlowLane {
        claims = List.copyOf(claims);
    }

    /** Both ends, the source first. */
    public Stream<FlowEnd> ends() {
        return Stream.of(source, destination);
    }

    /** The end of that role. */
    public FlowEnd end(FlowRole role) {
        return switch (role) {
            case SOURCE -> source;
            case DESTINATION -> destination;
        };
    }

    /** Whether both ends are known to be over. */
    public boolean ended() {
        return source.ended() && destination.ended();
    }

    FlowLane with(FlowRole role, UnaryOperator<FlowEnd> change) {
        return switch (role) {
            case SOURCE -> new FlowLane(flowId, pair, candidateId, change.apply(source), destination, claims);
            case DESTINATION -> new FlowLane(flowId, pair, candidateId, source, change.apply(destination), claims);
        };
    }

    FlowLane unready() {
        return new FlowLane(flowId, pair, candidateId, source.unready(), destination.unready(), claims);
    }

    /** Without what only the result needs: many terminal runs are kept in memory. */
    FlowLane slim() {
        return new FlowLane(flowId, pair, candidateId, source.slim(), destination.slim(), claims);
    }

    FlowLane withClaims(List<Claim> newClaims) {
        return new FlowLane(flowId, pair, candidateId, source, destination, newClaims);
    }
}
