package dev.flowlane.posix;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

final class EpollTest {
    @Test
    void everyReadyDescriptorComesWithItsToken() {
        try (Epoll epoll = Epoll.create(8);
                EventFd first = EventFd.create();
                EventFd second = EventFd.create();
                EventFd silent = EventFd.create()) {
            epoll.add(first.fd(), Epoll.IN, 0x1122334455667788L);
            epoll.add(second.fd(), Epoll.IN | Epoll.OUT, -1L);
            epoll.add(silent.fd(), Epoll.IN, 3);
            first.signal();

            Map<Long, Integer> seen = new HashMap<>();
            int count = epoll.await(-1);
            for (int i = 0; i < count; i++) {
                seen.put(epoll.token(i), epoll.events(i));
            }

            assertThat(seen).containsOnly(Map.entry(0x1122334455667788L, Epoll.IN), Map.entry(-1L, Epoll.OUT));
        }
    }

    @Test
    void noMoreThanTheMostComesAtOnce() {
        try (Epoll epoll = Epoll.create(1);
                EventFd first = EventFd.create();
                EventFd second = EventFd.create()) {
            epoll.add(first.fd(), Epoll.OUT, 1);
            epoll.add(second.fd(), Epoll.OUT, 2);
            assertThat(epoll.await(0)).isEqualTo(1);
            assertThatThrownBy(() -> epoll.token(1)).isInstanceOf(IndexOutOfBoundsException.class);
        }
        assertThatThrownBy(() -> Epoll.create(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void modifyAndRemoveTakeEffect() {
        try (Epoll epoll = Epoll.create(4);
                EventFd event = EventFd.create()) {
            epoll.add(event.fd(), Epoll.OUT, 1);
            assertThat(epoll.await(0)).isEqualTo(1);
            epoll.modify(event.fd(), Epoll.IN, 2);
            assertThat(epoll.await(0)).isZero();
            event.signal();
            assertThat(epoll.await(-1)).isEqualTo(1);
            assertThat(epoll.token(0)).isEqualTo(2);
            epoll.remove(event.fd());
            assertThat(epoll.await(0)).isZero();
            assertThatThrownBy(() -> epoll.token(0)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void mistakesNameTheOperationAndTheDescriptor() {
        try (Epoll epoll = Epoll.create(4);
                EventFd event = EventFd.create()) {
            epoll.add(event.fd(), Epoll.IN, 1);
            assertThatThrownBy(() -> epoll.add(event.fd(), Epoll.IN, 1))
                    .hasMessage("epoll_ctl(ADD): EEXIST fd " + event.fd());
            epoll.remove(event.fd());
            assertThatThrownBy(() -> epoll.remove(event.fd())).hasMessage("epoll_ctl(DEL): ENOENT fd " + event.fd());
            assertThatThrownBy(() -> epoll.modify(event.fd(), 0, 0)).isInstanceOf(PosixException.class);
        }
    }

    @Test
    void edgeTriggeredReportsAChangeOnce() {
        try (Epoll epoll = Epoll.create(4);
                EventFd event = EventFd.create()) {
            epoll.add(event.fd(), Epoll.IN | Epoll.EDGE_TRIGGERED, 1);
            event.signal();
            assertThat(epoll.await(-1)).isEqualTo(1);
            assertThat(epoll.await(0)).isZero();
            event.signal();
            assertThat(epoll.await(-1)).isEqualTo(1);
        }
    }

    @Test
    void waitsLessThanAMillisecondWhenAsked() {
        try (Epoll epoll = Epoll.create(4)) {
            // The quickest of many: the machine may have other things to do.
            long quickestNs = Long.MAX_VALUE;
            for (int i = 0; i < 10_000 && quickestNs > 1_000_000; i++) {
                long startNs = System.nanoTime();
                assertThat(epoll.await(100_000)).isZero();
                quickestNs = Math.min(quickestNs, System.nanoTime() - startNs);
            }
            assertThat(quickestNs).isBetween(100_000L, 1_000_000L);
        }
    }

    @Test
    void theOlderCallGivesTheSameEvents() {
        int epoll = PollCalls.epollCreate();
        try (EventFd event = EventFd.create()) {
            MemorySegment place = Arena.ofAuto().allocate(16, 8);
            place.set(JAVA_INT, 0, Epoll.IN);
            assertThat(PollCalls.epollCtl(epoll, PollCalls.EPOLL_CTL_ADD, event.fd(), place.address())).isZero();
            assertThat(PollCalls.epollWait(epoll, place.address(), 1, 0)).isZero();
            assertThat(PollCalls.epollWait(epoll, place.address(), 1, 1)).isZero();
            event.signal();
            assertThat(PollCalls.epollWait(epoll, place.address(), 1, -1)).isEqualTo(1);
            assertThat(PollCalls.epollPwait2(epoll, place.address(), 1, -1)).isEqualTo(1);
        }
        Sockets.close(epoll);
    }

    @Test
    void millisecondsAreRoundedUp() {
        assertThat(PollCalls.millis(-1)).isEqualTo(-1);
        assertThat(PollCalls.millis(0)).isZero();
        assertThat(PollCalls.millis(1)).isEqualTo(1);
        assertThat(PollCalls.millis(1_000_000)).isEqualTo(1);
        assertThat(PollCalls.millis(1_000_001)).isEqualTo(2);
        assertThat(PollCalls.millis(Long.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void aDescriptorThatIsNotOpenIsAnError() {
        try (Epoll epoll = Epoll.create(4)) {
            assertThatThrownBy(() -> epoll.add(-1, Epoll.IN, 1)).hasMessage("epoll_ctl(ADD): EBADF fd -1");
        }
    }
}
