package dev.flowlane.core.spec;

/**
 * How a worker moves bytes.
 *
 * @param readBytes size of one receive call, 1 to 128 MiB
 * @param writeBytes size of one send call of stream traffic, 1 to 128 MiB
 * @param validatePayload whether the payload is compared with its pattern during the measured window too
 */
public record IoSettings(IoEngine engine, int readBytes, int writeBytes, boolean validatePayload) {}
