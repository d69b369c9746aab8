package dev.flowlane.core.spec;

/** Whether flows may share a core by its SMT siblings; matters where {@link Exclusive} makes CPUs exclusive. */
public enum Smt {
    /** What a flow takes for itself is a core: the siblings of its CPUs are claimed with them. */
    AVOID,
    /** What a flow takes for itself is a CPU. Siblings count as different CPUs. */
    ALLOW
}
