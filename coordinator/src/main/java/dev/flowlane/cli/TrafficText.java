package dev.flowlane.cli;

import dev.flowlane.avro.RunSpec;
import dev.flowlane.avro.TrafficKind;

/** Kinds of traffic, for people and for the tables that differ by them. */
final class TrafficText {
    private TrafficText() {}

    /** Whether there are transactions and their times. */
    static boolean timed(TrafficKind kind) {
        return switch (kind) {
            case REQUEST_RESPONSE, CONNECT_REQUEST_RESPONSE -> true;
            case STREAM, BIDIRECTIONAL, UNKNOWN -> false;
        };
    }

    /** As a spec spells it; a kind that this build does not know is shown as what every flow is, a stream. */
    static String kind(TrafficKind kind) {
        return switch (kind) {
            case STREAM, UNKNOWN -> "stream";
            case BIDIRECTIONAL -> "bidirectional";
            case REQUEST_RESPONSE -> "request-response";
            case CONNECT_REQUEST_RESPONSE -> "connect-request-response";
        };
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
            text.append(bytes == null ? ", at most " : " or ").append(messages).append(" messages");
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
