package dev.flowlane.core.check;

/** What has to be true, and how much of it the topics alone can tell. */
public enum Invariant {
    EXCLUSIVE_CPUS(
            1,
            "no CPU of a machine is in two live claims that the policies make exclusive",
            "claims as they were written; that traffic really kept to them is in cpu-placement, see 6"),
    ONE_END(
            2,
            "every accepted run reaches exactly one terminal state, within a bound",
            "runs that still go on within their bounds are not judged"),
    BOUNDED_WORKERS(
            3,
            "no worker is alive after its deadline plus grace",
            "by how long the intervals of each flow end are together; processes are not on the topics"),
    EPOCHS(
            4,
            "a command of a lower epoch has no effect",
            "by the order of epochs in runs, host-commands and in what each daemon says; what a daemon ignored"
                    + " leaves no record"),
    EVERY_INTERVAL(
            5,
            "every interval is published or declared missing, and a duplicate carries the same content",
            "intervals of flows that have a result"),
    HONEST_VERDICT(
            6,
            "COMPLETED only if every interval is there and every lane held; else there are reasons",
            "intervals that are older than their topics keep them are not judged"),
    BYTES(
            7,
            "received bytes never exceed sent bytes, and a summary is the sum of its parts",
            "sums over intervals only where all of them are still on the topics"),
    BAD_RECORDS(
            8,
            "every bad record is one dead letter or one rejection, and holds nothing up",
            "records of commands, host-events, hosts and runs; a daemon reads host-commands only from its own start"),
    SAME_COMMAND(
            9,
            "the same command twice has the same outcome and no second worker",
            "workers by what READY and cpu-placement say of them"),
    CLAIMS_RETURNED(
            10,
            "claims are given back within the lease of any death; nothing is claimed when nothing runs",
            "claims of runs that have ended");

    private final int number;
    private final String text;
    private final String scope;

    Invariant(int number, String text, String scope) {
        this.number = number;
        this.text = text;
        this.scope = scope;
    }

    /** 1 to 10, as the documentation counts them. */
    public int number() {
        return number;
    }

    /** What has to be true. */
    public String text() {
        return text;
    }

    /** What of it is judged from topics alone, and what is not. */
    public String scope() {
        return scope;
    }
}
