package dev.flowlane.cli;

import dev.flowlane.avro.RunSpec;
import dev.flowlane.avro.TrafficKind;

/** What the kinds of traffic have in common, for whoever shows them. */
final class Kinds {
    private Kinds() {}

    /** Whether the source counts transactions and times them. */
    static boolean roundTrips(TrafficKind kind) {
        return switch (kind) {
            case REQUEST_RESPONSE, DATAGRAM_REQUEST_RESPONSE -> true;
            case STREAM, DATAGRAM_STREAM, UNKNOWN -> false;
        };
    }

    /** As a spec spells it. */
    static String word(TrafficKind kind) {
        return switch (kind) {
            case REQUEST_RESPONSE -> "request-response";
            case DATAGRAM_STREAM -> "datagram-stream";
            case DATAGRAM_REQUEST_RESPONSE -> "datagram-request-response";
            case STREAM, UNKNOWN -> "stream";
        };
    }

    /** The kind and the sizes of its messages. */
    static String words(RunSpec spec) {
        String sizes =
                switch (spec.getTrafficKind()) {
                    case REQUEST_RESPONSE, DATAGRAM_REQUEST_RESPONSE ->
                        " " + Scaled.bytes(spec.getRequestBytes()) + " / " + Scaled.bytes(spec.getResponseBytes());
                    case DATAGRAM_STREAM -> " of " + Scaled.bytes(spec.getMessageBytes());
                    case STREAM, UNKNOWN -> "";
                };
        return word(spec.getTrafficKind()) + sizes;
    }
}
