package dev.flowlane.coordinator.wire;

import dev.flowlane.avro.Arrival;
import dev.flowlane.avro.RunSpec;
import dev.flowlane.core.spec.Pace;
import dev.flowlane.core.spec.Problem;
import org.jspecify.annotations.Nullable;

import java.util.List;

/** The open loop of a spec. */
final class PaceAvro {
    private PaceAvro() {}

    static Arrival arrival(Pace.Arrival arrival) {
        return switch (arrival) {
            case CONSTANT -> Arrival.CONSTANT;
            case POISSON -> Arrival.POISSON;
        };
    }

    /** Null for a closed loop, and where the record is not understood. */
    static @Nullable Pace pace(RunSpec record, List<Problem> problems) {
        Long messages = record.getRateMessagesPerSecond();
        Long bits = record.getRateBitsPerSecond();
        if (messages == null && bits == null) {
            return null;
        }
        if (messages != null && bits != null) {
            problems.add(new Problem("traffic.rate", "is given both in messages and in bits", "", "give one of them"));
            return null;
        }
        Pace.Arrival arrival = arrival(record.getArrival(), problems);
        if (arrival == null) {
            return null;
        }
        return messages != null
                ? new Pace(messages, Pace.Unit.MESSAGES, arrival, record.getSeed(), record.getBurst())
                : new Pace(bits, Pace.Unit.BITS, arrival, record.getSeed(), record.getBurst());
    }

    private static Pace.@Nullable Arrival arrival(Arrival symbol, List<Problem> problems) {
        return switch (symbol) {
            case CONSTANT -> Pace.Arrival.CONSTANT;
            case POISSON -> Pace.Arrival.POISSON;
            case UNKNOWN -> {
                problems.add(RunSpecAvro.unknown("traffic.arrival", "constant, poisson"));
                yield null;
            }
        };
    }
}
