package dev.flowlane.bus;

/** What a reader does with a record that cannot be decoded; it is never returned and holds nothing up. */
public enum OnMalformed {
    /** Services: copied to the dead-letter topic, counted, logged with a rate limit. */
    DEAD_LETTER,
    /** Command line and other onlookers, which may not even write to the bus: counted. */
    COUNT
}
