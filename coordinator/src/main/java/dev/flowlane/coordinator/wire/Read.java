package dev.flowlane.coordinator.wire;

/**
 * What came of turning a record into a core type.
 *
 * @param <T> the core type
 */
public sealed interface Read<T> {
    /** It makes sense. */
    record Value<T>(T value) implements Read<T> {}

    /** It decoded, but says something that no version of this program means; {@code why} is for a person. */
    record Unreadable<T>(String why) implements Read<T> {}
}
