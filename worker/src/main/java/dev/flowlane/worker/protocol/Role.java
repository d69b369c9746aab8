package dev.flowlane.worker.protocol;

/** Which end of a flow: the source connects, sends, and decides when the flow is over. */
public enum Role {
    SOURCE,
    DESTINATION
}
