package dev.flowlane.core.spec;

/** What every flow of a run does. */
public sealed interface Traffic {
    /** The source sends as fast as the connection takes it. */
    record Stream() implements Traffic {}

    /**
     * The source waits for each response before the next request.
     *
     * @param requestBytes 1 to 16 MiB
     * @param responseBytes 1 to 16 MiB
     */
    record RequestResponse(int requestBytes, int responseBytes) implements Traffic {}
}
