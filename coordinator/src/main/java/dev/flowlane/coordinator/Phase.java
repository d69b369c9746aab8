package dev.flowlane.coordinator;

/** How far the coordinator has come on its way to deciding; every step needs the ones before it. */
enum Phase {
    /** No broker has answered yet. */
    REACHING_KAFKA("kafka"),
    /** The broker answers; the topics are checked. */
    CHECKING_TOPICS("topics"),
    /** Another coordinator decides; this one waits for it to end. */
    STANDING_BY("seat"),
    /** Whoever coordinated before is being fenced. */
    FENCING("fencing"),
    /** The topics {@code runs} and {@code hosts} are read to their end. */
    REPLAYING("replay"),
    /** The epoch is being written. */
    TAKING_OVER("epoch"),
    /** Decides. */
    READY("ready");

    private final String check;

    Phase(String check) {
        this.check = check;
    }

    /** Name of the readiness check that this phase has not passed yet. */
    String check() {
        return check;
    }
}
