package dev.flowlane.bus;

import java.time.Instant;

/**
 * A record that a reader could not decode and passed over.
 *
 * @param topic where it was read
 * @param recordTime Kafka's timestamp
 * @param key its bytes as UTF-8, whatever they are; empty for none
 * @param why what is wrong with it, for a person
 */
public record PassedOver(Topic<?> topic, int partition, long offset, Instant recordTime, String key, String why) {}
