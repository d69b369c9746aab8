package dev.flowlane.core.spec;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** What a spec says of its traffic: which of the keys its kind takes, and what those left out are. */
final class TrafficValues {
    private final Predicate<SpecKey> given;
    private final Predicate<SpecKey> usual;
    private final List<Problem> problems;

    /**
     * For one spec.
     *
     * @param given whether a key is there
     * @param usual whether a key has its default, or is not there
     * @param problems keys that the kind does not take are added here
     */
    TrafficValues(Predicate<SpecKey> given, Predicate<SpecKey> usual, List<Problem> problems) {
        this.given = given;
        this.usual = usual;
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
            boolean resetClose,
            @Nullable PortRange connectionPorts,
            @Nullable Pace pace) {}

    Traffic of(Values values) {
        int outstanding = values.outstanding() != 0
                ? values.outstanding()
                : values.pace() == null ? 1 : Traffic.OUTSTANDING_MAX;
        return switch (values.kind()) {
            case "request-response" -> {
                connectionStays(values.kind());
                refuse("requests over TCP need no", List.of(SpecKeys.MESSAGE_SIZE, SpecKeys.REQUEST_TIMEOUT));
                yield new Traffic.RequestResponse(
                        values.requestBytes(), values.responseBytes(), outstanding, values.pace());
            }
            case "connect-request-response" -> {
                idle("a connection that carries one request has none outstanding", "request-response",
                        SpecKeys.OUTSTANDING);
                idle("connections are opened one after the other, at no rate", "request-response",
                        SpecKeys.TRAFFIC_RATE);
                refuse("requests over TCP need no", List.of(SpecKeys.MESSAGE_SIZE, SpecKeys.REQUEST_TIMEOUT));
                yield new Traffic.ConnectRequestResponse(
                        values.requestBytes(),
                        values.responseBytes(),
                        values.resetClose(),
                        values.connectionPorts());
            }
            case "bidirectional" -> {
                withoutRequests(values.kind());
                idle("bidirectional traffic goes as fast as it may", "stream", SpecKeys.TRAFFIC_RATE);
                yield new Traffic.Bidirectional();
            }
            case "datagram-stream" -> {
                connectionStays(values.kind());
                refuse("a stream has no", List.of(
                        SpecKeys.REQUEST_SIZE,
                        SpecKeys.RESPONSE_SIZE,
                        SpecKeys.OUTSTANDING,
                        SpecKeys.REQUEST_TIMEOUT));
                yield new Traffic.DatagramStream(values.messageBytes(), values.pace());
            }
            case "datagram-request-response" -> {
                connectionStays(values.kind());
                refuse("requests and responses have sizes of their own, not one", List.of(SpecKeys.MESSAGE_SIZE));
                yield new Traffic.DatagramRequestResponse(
                        given.test(SpecKeys.REQUEST_SIZE) ? values.requestBytes() : Traffic.DATAGRAM_MIN_BYTES,
                        given.test(SpecKeys.RESPONSE_SIZE) ? values.responseBytes() : Traffic.DATAGRAM_MIN_BYTES,
                        outstanding,
                        values.timeout(),
                        values.pace());
            }
            default -> {
                withoutRequests(values.kind());
                yield new Traffic.Stream(values.pace());
            }
        };
    }

    private void withoutRequests(String kind) {
        idle(kind + " traffic has no requests", "request-response", SpecKeys.REQUEST_SIZE, SpecKeys.RESPONSE_SIZE,
                SpecKeys.OUTSTANDING);
        connectionStays(kind);
        refuse("a stream over TCP has no", List.of(SpecKeys.MESSAGE_SIZE, SpecKeys.REQUEST_TIMEOUT));
    }

    private void connectionStays(String kind) {
        idle(kind + " traffic keeps its connection", "connect-request-response", SpecKeys.RESET_CLOSE,
                SpecKeys.CONNECTION_PORTS);
    }

    /** Keys that mean nothing with the kind of traffic that was asked for. */
    private void idle(String fault, String otherKind, SpecKey... keys) {
        for (SpecKey key : keys) {
            if (!usual.test(key)) {
                problems.add(new Problem(key.path(), fault, "",
                        "set traffic.kind to " + otherKind + ", or leave it out"));
            }
        }
    }

    private void refuse(String fault, List<SpecKey> keys) {
        List<Problem> found = new ArrayList<>();
        for (SpecKey key : keys) {
            if (given.test(key) && !usual.test(key)) {
                found.add(new Problem(key.path(), fault + " " + key.name(), "",
                        "leave it out, or set traffic.kind to another"));
            }
        }
        problems.addAll(found);
    }
}
