package dev.flowlane.worker;

import dev.flowlane.posix.Epoll;
import dev.flowlane.posix.EventFd;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Drives several flow ends on the calling thread with one epoll, or one ring: what a turn costs does not depend on how
 * many there are. All of them are looked at once in a tick only, for what comes by the clock: interval cuts, phases,
 * Start and Stop.
 */
final class Multiplexer implements AutoCloseable {
    /** Intervals that the control thread may lie behind: there are many flows, and each slot has a histogram. */
    private static final int SLOTS = 3;

    private static final long NUDGED = -1;
    private static final int EVENTS = 256;

    private final EventFd wake;
    private final EventFd nudge = EventFd.create();
    private final Epoll epoll = Epoll.create(EVENTS);
    private final SharedRing ring = new SharedRing(epoll);
    private final Buffers buffers = new Buffers();
    private final RoundTripBatch batch = new RoundTripBatch();
    private final List<GroupMember> members = new ArrayList<>();

    /** Members with something to do, in a ring of at least as many places as there are members. */
    private GroupMember[] queue = new GroupMember[EVENTS];

    private int head;
    private int queued;

    /** @param wake signalled whenever the control thread has something to look at */
    Multiplexer(EventFd wake) {
        this.wake = wake;
        epoll.add(nudge.fd(), Epoll.IN, NUDGED);
    }

    /** Any thread: there is a flow end to take, or one was started or stopped. */
    void nudge() {
        nudge.signal();
    }

    /** Takes a flow end, whose thread is pinned and whose socket's options are set. */
    void take(Flow flow) {
        for (GroupMember member : members) {
            if (member.isFree()) {
                member.take(flow);
                return;
            }
        }
        GroupMember member = new GroupMember(wake, epoll, ring, members.size(), SLOTS, buffers.share(), batch);
        members.add(member);
        if (members.size() > queue.length) {
            grow();
        }
        member.take(flow);
    }

    /**
     * Drives all flow ends until the last one is over and reported.
     *
     * @param tickNs longest time in which it does not look at the clock
     * @param more what else there is to take, prepared; null for nothing now
     */
    void run(long tickNs, Supplier<@Nullable Flow> more) {
        long lookAtNs = System.nanoTime();
        while (true) {
            passes(tickNs, lookAtNs);
            // First: what comes when the last one is over and reported is another run's.
            if (!look()) {
                return;
            }
            Flow flow = more.get();
            if (flow != null) {
                for (; flow != null; flow = more.get()) {
                    take(flow);
                }
                look();
            }
            lookAtNs = System.nanoTime() + tickNs;
        }
    }

    /**
     * All that goes on between two looks. A method of its own, called over and over, so that it is compiled as such in
     * the warm-up: the loop around it is another one for every caller, and was compiled anew, with all that it calls,
     * in the first seconds of the traffic.
     */
    private void passes(long tickNs, long lookAtNs) {
        boolean nudged = false;
        while (!nudged) {
            nudged = pass(queued > 0 ? 0 : tickNs) || System.nanoTime() - lookAtNs >= 0;
        }
    }

    /** Waits for events, and lets whoever has something to do take turns; true when it was nudged. */
    boolean pass(long waitNs) {
        boolean nudged = ring.inUse() ? passOfRing(waitNs) : watch(waitNs);
        for (int left = queued; left > 0; left--) {
            GroupMember member = queue[head];
            head = head + 1 == queue.length ? 0 : head + 1;
            queued--;
            member.queued = false;
            if (member.run()) {
                enqueue(member);
            }
        }
        return nudged;
    }

    /** Waits in the ring, which tells when epoll has something to say: of what is not yet, or no longer, traffic. */
    private boolean passOfRing(long waitNs) {
        boolean nudged = ring.await(waitNs) && watch(0);
        for (int number = ring.nextWoken(); number != SharedRing.NONE; number = ring.nextWoken()) {
            GroupMember member = members.get(number);
            if (member.completed()) {
                enqueue(member);
            }
        }
        return nudged;
    }

    /** Waits in epoll; true when it was nudged. */
    private boolean watch(long waitNs) {
        boolean nudged = false;
        int events = epoll.await(waitNs);
        for (int i = 0; i < events; i++) {
            long token = epoll.token(i);
            if (token == NUDGED) {
                nudge.drain();
                nudged = true;
            } else {
                GroupMember member = members.get((int) token);
                if (member.happened(epoll.events(i))) {
                    enqueue(member);
                }
            }
        }
        return nudged;
    }

    /** Looks at every member; false when all are free. */
    boolean look() {
        boolean any = false;
        for (int i = 0; i < members.size(); i++) {
            GroupMember member = members.get(i);
            if (member.look()) {
                enqueue(member);
            }
            any |= !member.isFree();
        }
        return any;
    }

    private void enqueue(GroupMember member) {
        if (!member.queued) {
            member.queued = true;
            int tail = head + queued;
            queue[tail >= queue.length ? tail - queue.length : tail] = member;
            queued++;
        }
    }

    private void grow() {
        GroupMember[] larger = new GroupMember[2 * queue.length];
        for (int i = 0; i < queued; i++) {
            int at = head + i;
            larger[i] = queue[at >= queue.length ? at - queue.length : at];
        }
        queue = larger;
        head = 0;
    }

    @Override
    public void close() {
        members.forEach(GroupMember::close);
        ring.close();
        epoll.close();
        nudge.close();
    }
}
