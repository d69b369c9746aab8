/**
 * The bus: everything public about the Kafka topics of Flowlane. {@link dev.flowlane.bus.Topic} is the one list of
 * topics, {@link dev.flowlane.bus.Codec} the one encoding, {@link dev.flowlane.bus.Bus} hands out readers, writers and
 * the topic administration.
 *
 * <p>Coordinator, host daemon and command line call it, and nobody talks to Kafka past it. A new topic is a constant
 * in {@code Topic} and a schema under {@code src/main/avro}; a schema that was published is changed by publishing a
 * new version, never by an edit (see this module's README).
 */
@NullMarked
package dev.flowlane.bus;

import org.jspecify.annotations.NullMarked;
