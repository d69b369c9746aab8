package dev.flowlane.bus;

import org.apache.kafka.clients.admin.Admin;

import java.time.Duration;

/** A connection for a few questions. Closing it does not wait for the answers that nobody wants any more. */
record AdminConnection(Admin admin) implements AutoCloseable {
    static AdminConnection open(BusSettings settings) {
        return new AdminConnection(Admin.create(ClientProperties.admin(settings)));
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }
}
