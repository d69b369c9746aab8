package dev.flowlane.posix;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class EventFdTest {
    @Test
    void signalsAddUpUntilDrained() {
        try (EventFd event = EventFd.create()) {
            assertThat(event.drain()).isZero();
            event.signal();
            event.signal();
            assertThat(FlowSocket.poll(event.fd(), FlowSocket.POLLIN, 0)).isEqualTo(FlowSocket.POLLIN);
            assertThat(event.drain()).isEqualTo(2);
            assertThat(event.drain()).isZero();
            assertThat(FlowSocket.poll(event.fd(), FlowSocket.POLLIN, 0)).isZero();
        }
    }

    @Test
    void wakesAnotherThread() throws InterruptedException {
        try (Epoll epoll = Epoll.create(1);
                EventFd event = EventFd.create()) {
            epoll.add(event.fd(), Epoll.IN, 1);
            Thread other = Thread.ofPlatform().start(event::signal);
            assertThat(epoll.await(-1)).isEqualTo(1);
            other.join();
        }
    }
}
