package dev.flowlane.core.run;

import java.util.Locale;

/** Which end of a flow: the source connects and sends (or asks), the destination accepts and receives (or answers). */
public enum FlowRole {
    SOURCE,
    DESTINATION;

    /** For people. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
