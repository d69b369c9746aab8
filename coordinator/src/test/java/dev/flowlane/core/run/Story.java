package dev.flowlane.core.run;

/** What has to happen in some seed, or the simulation shows nothing of it. */
enum Story {
    REHUNTED_AND_COMPLETED,
    GIVEN_UP_AS_OFTEN_AS_ALLOWED,
    REPEATED_AND_COMPLETED,
    REPEATED_IN_PART,
    WAITED_UNTIL_DUE,
    OVERTOOK_BY_PRIORITY,
    FOUND_THE_LANES_OF_ANOTHER
}
