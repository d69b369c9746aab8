package dev.flowlane.page;

/** What somebody may do; a later one may do all that an earlier one may. */
public enum Role {
    /** Look at everything. */
    VIEWER,
    /** Submit and cancel runs as well. */
    OPERATOR;

    /** Whether this role may do what {@code needed} may. */
    public boolean includes(Role needed) {
        return compareTo(needed) >= 0;
    }
}
