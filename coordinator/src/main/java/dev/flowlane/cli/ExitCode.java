package dev.flowlane.cli;

import dev.flowlane.avro.RunResult;
import dev.flowlane.avro.RunStateName;

/** Exit codes of the command line; scripts depend on the numbers. */
final class ExitCode {
    static final int OK = 0;
    static final int RUN_FAILED = 1;
    static final int USAGE = 2;
    /** Something that has to be there is not: broker, coordinator, topics, JDK. */
    static final int PREFLIGHT = 3;
    /** Kafka's authentication or authorisation said no. */
    static final int NOT_ALLOWED = 4;
    static final int REJECTED = 5;
    static final int PARTIAL_OR_DISTURBED = 6;
    /** The run is COMPLETED, but its result does not keep a threshold. */
    static final int THRESHOLD_MISSED = 99;
    /** As {@code timeout(1)}. */
    static final int TIMED_OUT = 124;
    /** As a shell reports SIGINT. */
    static final int INTERRUPTED = 130;

    private ExitCode() {}

    /** What a command that waited for a run and has its result ends with. */
    static int of(RunResult result) {
        int byState = of(result.getState());
        return byState == OK && missed(result) ? THRESHOLD_MISSED : byState;
    }

    /** Whether the result does not keep one of its thresholds. */
    static boolean missed(RunResult result) {
        return result.getThresholds().stream().anyMatch(verdict -> !verdict.getMet());
    }

    /** What a command that waited for a run ends with. */
    static int of(RunStateName state) {
        return switch (state) {
            case COMPLETED -> OK;
            case DISTURBED, PARTIAL -> PARTIAL_OR_DISTURBED;
            case CANCELLED -> INTERRUPTED;
            case REJECTED, EXPIRED -> REJECTED;
            case FAILED, UNKNOWN, QUEUED, CONNECTING, PLACED, RUNNING, FINISHING -> RUN_FAILED;
        };
    }
}
