package dev.flowlane.core.spec;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** What a spec says of its traffic: which of the keys its kind takes, and what those left out are. */
final class TrafficValues {
    private final Predicate<SpecKey> given;
    private final List<Problem> problems;

    /**
     * For one spec.
     *
     * @param given whether a key is there
     * @param problems keys that the kind does not take are added here
     */
    TrafficValues(Predicate<SpecKey> given, List<Problem> problems) {
        this.given = given;
        this.problems = problems;
    }

    /**
     * The values of all keys, whichever of them the kind takes.
     *
     * @param outstanding 0: one, or all of them with a pace
     */
    record Values(
            String kind,
            int messageBytes,
            int requestBytes,
            int responseBytes,
            int outstanding,
            Duration timeout,
            @Nullable Pace pace) {}

    Traffic of(Values values) {
        int outstanding = values.outstanding() != 0
                ? values.outstanding()
                : values.pace() == null ? 1 : Traffic.OUTSTANDING_MAX;
        return switch (values.kind()) {
            case "request-response" -> {
                refuse("requests over TCP need no", List.of(SpecKeys.MESSAGE_SIZE, SpecKeys.REQUEST_TIMEOUT));
                yield new Traffic.RequestResponse(
                        values.requestBytes(), values.responseBytes(), outstanding, values.pace());
            }
            case "datagram-stream" -> {
                refuse("a stream has no", List.of(
                        SpecKeys.REQUEST_SIZE,
                        SpecKeys.RESPONSE_SIZE,
                        SpecKeys.OUTSTANDING,
                        SpecKeys.REQUEST_TIMEOUT));
                yield new Traffic.DatagramStream(values.messageBytes(), values.pace());
            }
            case "datagram-request-response" -> {
                refuse("requests and responses have sizes of their own, not one", List.of(SpecKeys.MESSAGE_SIZE));
                yield new Traffic.DatagramRequestResponse(
                        given.test(SpecKeys.REQUEST_SIZE) ? values.requestBytes() : Traffic.DATAGRAM_MIN_BYTES,
                        given.test(SpecKeys.RESPONSE_SIZE) ? values.responseBytes() : Traffic.DATAGRAM_MIN_BYTES,
                        outstanding,
                        values.timeout(),
                        values.pace());
            }
            default -> stream(values);
        };
    }

    private Traffic stream(Values values) {
        for (SpecKey key : List.of(SpecKeys.REQUEST_SIZE, SpecKeys.RESPONSE_SIZE, SpecKeys.OUTSTANDING)) {
            if (given.test(key)) {
                problems.add(new Problem(key.path(), "stream traffic has no requests", "",
                        "set traffic.kind to request-response, or leave it out"));
            }
        }
        refuse("a stream over TCP has no", List.of(SpecKeys.MESSAGE_SIZE, SpecKeys.REQUEST_TIMEOUT));
        return new Traffic.Stream(values.pace());
    }

    private void refuse(String fault, List<SpecKey> keys) {
        List<Problem> found = new ArrayList<>();
        for (SpecKey key : keys) {
            if (given.test(key)) {
                found.add(new Problem(key.path(), fault + " " + key.name(), "",
                        "leave it out, or set traffic.kind to another"));
            }
        }
        problems.addAll(found);
    }
}
