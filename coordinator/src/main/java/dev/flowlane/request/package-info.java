/**
 * Asking the coordinator for something over the bus: command records and the answers to them. The command line and the
 * coordinator's page both ask this way, so that a run is the same whoever submitted it.
 */
@NullMarked
package dev.flowlane.request;

import org.jspecify.annotations.NullMarked;
