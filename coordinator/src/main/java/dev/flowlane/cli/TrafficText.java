package dev.flowlane.cli;

import dev.flowlane.avro.RunSpec;
import dev.flowlane.avro.TrafficKind;
import dev.flowlane.core.Counted;

/** Kinds of traffic, for people and for the tables that differ by them. */
final class TrafficText {
    private TrafficText() {}

    /** Whether there are transactions and their times. */
    static boolean timed(TrafficKind kind) {
        return switch (kind) {
            case REQUEST_RESPONSE, CONNECT_REQUEST_RESPONSE, DATAGRAM_REQUEST_RESPONSE -> true;
            case STREAM, BIDIRECTIONAL, DATAGRAM_STREAM, UNKNOWN -> false;
        };
    }

    /** As a spec spells it; a kind that this build does not know is shown as what every flow is, a stream. */
    static String kind(TrafficKind kind) {
        return switch (kind) {
            case STREAM, UNKNOWN -> "stream";
            case BIDIRECTIONAL -> "bidirectional";
            case REQUEST_RESPONSE -> "request-response";
            case CONNECT_REQUEST_RESPONSE -> "connect-request-response";
            case DATAGRAM_STREAM -> "datagram-stream";
            case DATAGRAM_REQUEST_RESPONSE -> "datagram-request-response";
        };
    }

    /** The kind and the sizes of its messages. */
    static String words(RunSpec spec) {
        String sizes =
                switch (spec.getTrafficKind()) {
                    case REQUEST_RESPONSE, CONNECT_REQUEST_RESPONSE, DATAGRAM_REQUEST_RESPONSE ->
                        " " + Scaled.bytes(spec.getRequestBytes()) + " / " + Scaled.bytes(spec.getResponseBytes());
                    case DATAGRAM_STREAM -> " of " + Scaled.bytes(spec.getMessageBytes());
                    case STREAM, BIDIRECTIONAL, UNKNOWN -> "";
                };
        return kind(spec.getTrafficKind()) + sizes;
    }

    /** {@code , at most 1.00 GB, 1000 messages, reverse}: what of the course is not the usual; may be empty. */
    static String course(RunSpec spec) {
        StringBuilder text = new StringBuilder();
        Long bytes = spec.getMostBytes();
        Long messages = spec.getMostMessages();
        if (bytes != null) {
            text.append(", at most ").append(Scaled.bytes(bytes));
        }
        if (messages != null) {
            text.append(bytes == null ? ", at most " : " or ")
                    .append(Counted.of(messages, "message"));
        }
        if (spec.getReverse()) {
            text.append(", reverse");
        }
        if (spec.getResetClose()) {
            text.append(", closed by reset");
        }
        return text.toString();
    }
}
