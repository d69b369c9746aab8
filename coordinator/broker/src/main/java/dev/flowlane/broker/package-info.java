/**
 * The embedded Kafka broker: one KRaft node in a JVM of its own, on the loopback interface. {@link
 * dev.flowlane.broker.BrokerMain} is the program; the local fleet spawns it and tests do. Nothing here knows the topics
 * of Flowlane, and nothing of Flowlane is on its class path: Kafka's server brings its own versions of everything.
 */
@NullMarked
package dev.flowlane.broker;

import org.jspecify.annotations.NullMarked;
