package dev.flowlane.bus;

/**
 * Something about the topics that would spoil the work.
 *
 * @param topic full topic name
 * @param problem what is wrong, with the value found and the value needed
 * @param mend command that puts it right
 */
public record Finding(String topic, String problem, String mend) {}
