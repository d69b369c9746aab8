package dev.flowlane.bus;

import org.jspecify.annotations.Nullable;

import java.util.List;

/** Which number in the framing stands for which schema, in one installation. */
interface SchemaIds {
    /**
     * Id of the schema that this release writes to a topic.
     *
     * @throws IllegalStateException if it has none
     */
    int current(Topic<?> topic);

    /**
     * The schema with this id, under the subject that it has under the default prefix; null when there is none.
     *
     * @throws BusException if whoever knows does not answer
     */
    @Nullable RegisteredSchema byId(int id);

    /**
     * The versions of a topic's schema, oldest first, where a reader knows only those of its own release; empty where
     * readers ask a registry for any id.
     */
    List<RegisteredSchema> fixedVersions(Topic<?> topic);

    /** Whose ids these are, for a person: {@code this release's ids.lock}. */
    String origin();
}
