package dev.flowlane.worker;

import dev.flowlane.posix.Affinity;
import dev.flowlane.posix.CpuSet;
import dev.flowlane.posix.EventFd;
import dev.flowlane.posix.PosixException;
import dev.flowlane.posix.Processes;
import dev.flowlane.posix.Sockets;
import dev.flowlane.posix.TcpOptions;
import dev.flowlane.posix.UnixSeqpacket;
import dev.flowlane.worker.protocol.AppliedOption;
import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.FlowSecret;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.Outcome;
import dev.flowlane.worker.protocol.SocketOptions;
import dev.flowlane.worker.protocol.TlsSettings;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * The thread that is pinned and drives flow ends, one after the other. It starts no thread: a thread inherits the mask
 * of its creator.
 */
final class IoThread {
    /** Longer than from the start of a fleet to the first flow of a run that waited for it. */
    private static final long IDLE_NS = 700_000_000;

    /** A fleet that has done nothing for so long is one that stays up. */
    private static final long LONG_IDLE_NS = 3_000_000_000L;

    private final AtomicReference<Flow> next = new AtomicReference<>();
    private final CountDownLatch warm = new CountDownLatch(1);
    private final CountDownLatch allWarm = new CountDownLatch(1);
    private final EventFd wake;
    private final DescriptorPass sockets = new DescriptorPass();
    private final FlowRunner runner;
    private final Set<LoopKind> warmLoops = LoopKind.first();
    private final Set<LoopKind> warmZerocopy = EnumSet.noneOf(LoopKind.class);
    private final Set<LoopKind> warmMapping = EnumSet.noneOf(LoopKind.class);
    private final Map<RingModes, Set<LoopKind>> warmRings = new HashMap<>();
    private final Prompter prompter;
    private final Thread thread;
    /** False while books of a flow that ended may still be read. */
    private volatile boolean reported = true;

    private volatile int threadId;
    private volatile CpuSet everywhere = CpuSet.empty();

    /** @param wake signalled whenever a flow has something for the control thread */
    IoThread(EventFd wake) {
        this.wake = wake;
        runner = new FlowRunner(wake);
        prompter = new Prompter(runner);
        thread = Thread.ofPlatform()
                .name("flow-io")
                .daemon()
                .uncaughtExceptionHandler(IoThread::die)
                .unstarted(this::run);
    }

    /** Without this thread the worker is of no use: the daemon notices the end of the process at once. */
    @SuppressWarnings("CatchAndPrintStackTrace")
    static void die(Thread thread, Throwable fault) {
        System.err.println("worker: thread " + thread.getName() + " failed");
        fault.printStackTrace();
        Runtime.getRuntime().halt(WorkerMain.EXIT_ERROR);
    }

    /** Starts the thread and returns when it can take a flow. */
    void startAndWarmUp() throws InterruptedException {
        thread.start();
        warm.await();
    }

    /** Waits until an idle thread has warmed up what flows usually need. */
    void awaitAllWarm() throws InterruptedException {
        allWarm.await();
    }

    /** As the kernel counts threads. */
    int threadId() {
        return threadId;
    }

    /** As the JVM counts them. */
    long javaThreadId() {
        return thread.threadId();
    }

    /** Books of the flow that runs, or ran last. */
    Meter meter() {
        return runner.meter();
    }

    /** Takes a flow end and its socket over; the flow before must have ended. */
    void take(Flow flow) {
        reported = false;
        sockets.pass(flow.fd(), flow.datagramFd());
        if (!next.compareAndSet(null, flow)) {
            throw new IllegalStateException("flow-io has a flow already");
        }
        LockSupport.unpark(thread);
    }

    /** To be called when the {@link #meter} of a flow that ended is not needed any more. */
    void reported() {
        reported = true;
        LockSupport.unpark(thread);
    }

    /** To be called after Start and Stop. */
    void nudge() {
        LockSupport.unpark(thread);
    }

    /** As {@link Prompter#prompt}. */
    long prompt(Flow flow) {
        return prompter.prompt(flow, threadId);
    }

    private void run() {
        threadId = Affinity.threadId();
        // Waits end when they should, not up to 50 us later.
        Processes.setTimerSlackNs(1);
        everywhere = Affinity.get(0);
        WarmUp.run(runner);
        Processes.trimNativeHeap();
        keepDescriptorsApart();
        warm.countDown();
        while (true) {
            Flow flow = next.get();
            if (flow == null) {
                idle();
                continue;
            }
            UnixSeqpacket.Received own = sockets.take();
            flow.renumber(own.passedFd(), own.secondFd());
            Flow.End end = drive(flow);
            next.set(null);
            flow.ended(end);
            wake.signal();
            // What a compiler thread has needed meanwhile.
            Processes.trimNativeHeap();
        }
    }

    /**
     * Nothing to do. Once that has lasted, the rest of what flows usually need is compiled: a fleet that starts for one
     * run is sooner there when its workers leave that for later, and in one that stays up it is done before it counts.
     */
    private void idle() {
        boolean usualWarm = warmLoops.containsAll(LoopKind.usual());
        if ((usualWarm && warmLoops.containsAll(LoopKind.slow())) || !reported) {
            LockSupport.park(this);
            return;
        }
        if (!idleFor(usualWarm ? LONG_IDLE_NS : IDLE_NS)) {
            return;
        }
        for (LoopKind kind : usualWarm ? LoopKind.slow() : LoopKind.usual()) {
            WarmUp.ensure(runner, kind, warmLoops, () -> next.get() == null);
        }
        Processes.trimNativeHeap();
        if (warmLoops.containsAll(LoopKind.usual())) {
            allWarm.countDown();
        }
    }

    /** False when a flow came meanwhile. */
    private boolean idleFor(long longestNs) {
        long waitedNs = 0;
        for (long sinceNs = System.nanoTime(); waitedNs < longestNs; waitedNs = System.nanoTime() - sinceNs) {
            LockSupport.parkNanos(this, longestNs - waitedNs);
            if (next.get() != null) {
                return false;
            }
        }
        return true;
    }

    /**
     * In a process of several threads the kernel counts references to the socket in every call, two atomic operations
     * each: 0.15 of 14 microseconds per round trip, measured. With a table of its own this thread does not pay for the
     * others.
     */
    private static void keepDescriptorsApart() {
        try {
            Processes.unshareDescriptors();
        } catch (PosixException _) {
            // A sandbox forbids it: a little slower, and nothing else is different.
        }
    }

    private Set<LoopKind> warmLoops(FlowSettings settings) {
        if (settings.engine() == Engine.IO_URING) {
            return warmRings.computeIfAbsent(RingModes.of(settings), _ -> EnumSet.noneOf(LoopKind.class));
        }
        if (settings.zerocopyReceive()) {
            return warmMapping;
        }
        return settings.zerocopySend() ? warmZerocopy : warmLoops;
    }

    private Flow.End drive(Flow flow) {
        Flow.End end;
        try {
            // Before this thread is pinned: compiling is no business of the CPU that will be measured.
            WarmUp.ensure(runner, flow.settings(), warmLoops(flow.settings()));
            if (flow.datagramFd() >= 0) {
                SocketSetup.apply(flow.fd(), flow.role(), SocketOptions.DEFAULT);
                DatagramSetup.apply(flow.datagramFd(), flow.role(), flow.settings());
            } else {
                SocketSetup.apply(flow.fd(), flow.role(), flow.settings().socket());
            }
            if (flow.settings().zerocopySend()) {
                TcpOptions.setZerocopy(flow.fd(), true);
            }
            encrypt(flow);
            pin(flow);
            end = runner.drive(flow);
            flow.applied(
                    flow.datagramFd() >= 0
                            ? withRing(DatagramSetup.readBack(flow.datagramFd(), flow.role(), flow.settings()), flow)
                            : withRing(readBack(flow), flow));
        } catch (RuntimeException | Error e) {
            end = new Flow.End(Outcome.ERROR, e instanceof PosixException ? e.getMessage() : e.toString(), null);
        }
        try {
            if (flow.datagramFd() >= 0) {
                Sockets.close(flow.datagramFd());
            }
            if (end.outcome() == Outcome.TIMED_OUT) {
                // What is still in the send queue would go on without us.
                Sockets.reset(flow.fd());
            } else {
                Sockets.close(flow.fd());
            }
        } catch (PosixException e) {
            return new Flow.End(Outcome.ERROR, e.getMessage(), end.firstPayloadErrorOffset());
        }
        return end;
    }

    private static void encrypt(Flow flow) {
        TlsSettings tls = flow.settings().tls();
        FlowSecret secret = flow.secret();
        if (tls != null && secret != null) {
            TlsSetup.apply(flow.fd(), flow.role(), tls, secret);
        }
    }

    private List<AppliedOption> readBack(Flow flow) {
        List<AppliedOption> options = new ArrayList<>(
                SocketSetup.readBack(flow.fd(), flow.role(), flow.settings().socket()));
        options.addAll(TlsSetup.readBack(flow.fd(), flow.role(), flow.settings().tls()));
        if (flow.settings().hugePages()) {
            options.add(new AppliedOption("MAP_HUGETLB", "true", Long.toString(runner.hugePageBytes())));
        }
        return options;
    }

    /** Together with how the flow's ring worked, when it had one. */
    private static List<AppliedOption> withRing(List<AppliedOption> options, Flow flow) {
        if (flow.settings().engine() != Engine.IO_URING) {
            return options;
        }
        List<AppliedOption> all = new ArrayList<>(options);
        all.addAll(RingModes.of(flow.settings()).options(flow.settings()));
        return all;
    }

    /** All other threads first, this one last: nothing that comes later may put it elsewhere. */
    private void pin(Flow flow) {
        String housekeeping = flow.housekeepingCpus();
        if (housekeeping != null) {
            OtherThreads.moveTo(CpuSet.parse(housekeeping), threadId);
        }
        int cpu = flow.applicationCpu();
        if (cpu >= 0) {
            CpuSet wanted = CpuSet.of(cpu);
            Affinity.set(0, wanted);
            CpuSet got = Affinity.get(0);
            if (!got.equals(wanted)) {
                throw new IllegalStateException("asked for CPU " + cpu + ", the kernel gave " + got);
            }
        }
    }

    /**
     * Takes the pin off. For the control thread, once it has read the mask for the last interval: had the I/O thread
     * done it itself, that interval would seem to have drifted.
     */
    void unpin() {
        try {
            Affinity.set(threadId, everywhere);
        } catch (PosixException _) {
            // The cpuset has shrunk meanwhile; the next flow's pinning will tell.
        }
    }
}
