package dev.flowlane.coordinator.wire;

import dev.flowlane.core.spec.Pace;
import dev.flowlane.core.spec.PortRange;
import dev.flowlane.core.spec.Problem;
import dev.flowlane.core.spec.Traffic;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;

/** What a run sends, between the bus and the core. */
final class TrafficAvro {
    /** As the schema says. */
    private static final Duration DEFAULT_REQUEST_TIMEOUT = Duration.ofSeconds(1);

    private TrafficAvro() {}

    /** Writes kind, sizes and pace. */
    static void fill(Traffic traffic, dev.flowlane.avro.RunSpec.Builder record) {
        switch (traffic) {
            case Traffic.Stream _ -> record.setTrafficKind(dev.flowlane.avro.TrafficKind.STREAM);
            case Traffic.RequestResponse requests -> record
                    .setTrafficKind(dev.flowlane.avro.TrafficKind.REQUEST_RESPONSE)
                    .setRequestBytes(requests.requestBytes())
                    .setResponseBytes(requests.responseBytes())
                    .setOutstanding(requests.outstanding());
            case Traffic.Bidirectional() -> record.setTrafficKind(dev.flowlane.avro.TrafficKind.BIDIRECTIONAL);
            case Traffic.ConnectRequestResponse connections -> {
                PortRange ports = connections.ports();
                record.setTrafficKind(dev.flowlane.avro.TrafficKind.CONNECT_REQUEST_RESPONSE)
                        .setRequestBytes(connections.requestBytes())
                        .setResponseBytes(connections.responseBytes())
                        .setResetClose(connections.resetClose())
                        .setConnectionPortFirst(ports == null ? null : (Integer) ports.first())
                        .setConnectionPortLast(ports == null ? null : (Integer) ports.last());
            }
            case Traffic.DatagramStream stream -> record
                    .setTrafficKind(dev.flowlane.avro.TrafficKind.DATAGRAM_STREAM)
                    .setMessageBytes(stream.messageBytes());
            case Traffic.DatagramRequestResponse requests -> record
                    .setTrafficKind(dev.flowlane.avro.TrafficKind.DATAGRAM_REQUEST_RESPONSE)
                    .setRequestBytes(requests.requestBytes())
                    .setResponseBytes(requests.responseBytes())
                    .setOutstanding(requests.outstanding())
                    .setRequestTimeoutNs(requests.timeout().toNanos());
        }
        Pace pace = traffic.pace();
        if (pace != null) {
            record.setArrival(PaceAvro.arrival(pace.arrival())).setSeed(pace.seed()).setBurst(pace.burst());
            switch (pace.unit()) {
                case MESSAGES -> record.setRateMessagesPerSecond(pace.perSecond());
                case BITS -> record.setRateBitsPerSecond(pace.perSecond());
            }
        }
    }

    /** The traffic in a record; null, with a problem, when this build does not know its kind. */
    static @Nullable Traffic traffic(dev.flowlane.avro.RunSpec record, List<Problem> problems) {
        return switch (record.getTrafficKind()) {
            case STREAM -> new Traffic.Stream(PaceAvro.pace(record, problems));
            case REQUEST_RESPONSE -> new Traffic.RequestResponse(
                    record.getRequestBytes(),
                    record.getResponseBytes(),
                    record.getOutstanding(),
                    PaceAvro.pace(record, problems));
            case BIDIRECTIONAL -> {
                atNoRate(record, problems);
                yield new Traffic.Bidirectional();
            }
            case CONNECT_REQUEST_RESPONSE -> {
                atNoRate(record, problems);
                yield new Traffic.ConnectRequestResponse(
                        record.getRequestBytes(),
                        record.getResponseBytes(),
                        record.getResetClose(),
                        ports(record, problems));
            }
            case DATAGRAM_STREAM ->
                new Traffic.DatagramStream(record.getMessageBytes(), PaceAvro.pace(record, problems));
            case DATAGRAM_REQUEST_RESPONSE -> new Traffic.DatagramRequestResponse(
                    record.getRequestBytes(),
                    record.getResponseBytes(),
                    record.getOutstanding(),
                    requestTimeout(record.getRequestTimeoutNs()),
                    PaceAvro.pace(record, problems));
            case UNKNOWN -> {
                problems.add(RunSpecAvro.unknown("traffic.kind",
                        "stream, request-response, bidirectional, connect-request-response, datagram-stream,"
                                + " datagram-request-response"));
                yield null;
            }
        };
    }

    private static void atNoRate(dev.flowlane.avro.RunSpec record, List<Problem> problems) {
        if (PaceAvro.pace(record, problems) != null) {
            problems.add(new Problem("traffic.rate", "this kind of traffic goes at no rate", "", "leave it out"));
        }
    }

    private static Duration requestTimeout(@Nullable Long ns) {
        return ns == null ? DEFAULT_REQUEST_TIMEOUT : Duration.ofNanos(ns);
    }

    private static @Nullable PortRange ports(dev.flowlane.avro.RunSpec record, List<Problem> problems) {
        Integer first = record.getConnectionPortFirst();
        Integer last = record.getConnectionPortLast();
        if (first == null && last == null) {
            return null;
        }
        if (first == null || last == null) {
            problems.add(new Problem("traffic.connection-ports", "is half a range: " + first + " to " + last, "",
                    "give both ends of it, or neither"));
            return null;
        }
        return new PortRange(first, last);
    }
}
