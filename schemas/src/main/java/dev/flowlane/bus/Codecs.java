package dev.flowlane.bus;

import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Codecs of a reader or a writer, each made when it is asked for first: none of our processes uses all topics. */
final class Codecs {
    private final @Nullable SchemaIds external;
    private final Map<Topic<?>, Codec<?>> codecs = new ConcurrentHashMap<>();

    /** @param external ids of another registry; null: those of the release */
    Codecs(@Nullable SchemaIds external) {
        this.external = external;
    }

    @SuppressWarnings("unchecked") // A topic is mapped to a codec of its type.
    <T extends SpecificRecord> Codec<T> of(Topic<T> topic) {
        return (Codec<T>) codecs.computeIfAbsent(
                topic, wanted -> Codec.of(wanted, external == null ? SchemaHistory.bundled() : external));
    }
}
