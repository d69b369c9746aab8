package dev.flowlane.core.doctor;

/**
 * What one check came to.
 *
 * @param check stable name, such as {@code governor} or {@code nic.eth0.queues}
 * @param found what there is, in words
 * @param mend the command that mends it, or what to do where no command does; empty when all is well
 */
public record Diagnosis(String check, Level level, String found, String mend) {
    /** How bad it is. */
    public enum Level {
        OK,
        /** Measurements work, but their figures suffer or vary. */
        WARN,
        /** Nothing worth having can be measured. */
        FAIL
    }

    static Diagnosis ok(String check, String found) {
        return new Diagnosis(check, Level.OK, found, "");
    }

    static Diagnosis warn(String check, String found, String mend) {
        return new Diagnosis(check, Level.WARN, found, mend);
    }

    static Diagnosis fail(String check, String found, String mend) {
        return new Diagnosis(check, Level.FAIL, found, mend);
    }
}
