package dev.flowlane.worker;

import dev.flowlane.posix.Affinity;
import dev.flowlane.posix.CpuSet;
import dev.flowlane.posix.EventFd;
import dev.flowlane.posix.PosixException;
import dev.flowlane.posix.Processes;
import dev.flowlane.posix.UnixSeqpacket;
import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.FlowSettings;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/**
 * The thread that is pinned and drives flow ends, one after the other. It starts no thread: a thread inherits the mask
 * of its creator.
 */
final class IoThread {
    /**
     * Longer than from the first sign of a worker to the first flow of a run that waited for its fleet, with all of
     * that fleet starting on two slow CPUs: 1.5 to 2.5 s, measured. A worker that compiles then takes half a second
     * from it.
     */
    private static final long IDLE_NS = 4_000_000_000L;

    private final Queue<Flow> next = new ConcurrentLinkedQueue<>();
    private final CountDownLatch warm = new CountDownLatch(1);
    private final CountDownLatch allWarm = new CountDownLatch(1);
    private final EventFd wake;
    private final DescriptorPass sockets = new DescriptorPass();
    private final FlowRunner runner;
    private final Set<LoopKind> warmLoops = LoopKind.first();
    private final Set<LoopKind> warmZerocopy = EnumSet.noneOf(LoopKind.class);
    private final Set<LoopKind> warmMapping = EnumSet.noneOf(LoopKind.class);
    private final Map<RingModes, Set<LoopKind>> warmRings = new HashMap<>();
    private final Set<LoopKind> warmStamped = EnumSet.noneOf(LoopKind.class);
    private final Multiplexer together;
    private final Map<Engine, Set<LoopKind>> warmTogether = new EnumMap<>(Engine.class);
    private final Prompter prompter;
    private final Thread thread;
    /** False while books of a flow that ended may still be read. */
    private volatile boolean reported = true;

    private volatile int threadId;
    private volatile CpuSet everywhere = CpuSet.empty();

    private volatile boolean dismissed;

    /** Until the first flow. */
    private boolean ownProcess;

    /** @param wake signalled whenever a flow has something for the control thread */
    IoThread(EventFd wake) {
        this.wake = wake;
        runner = new FlowRunner(wake);
        prompter = new Prompter(runner);
        together = new Multiplexer(wake);
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

    /** Says before the start that this process has no other purpose than this thread's flows. */
    void ownProcess() {
        ownProcess = true;
    }

    /** Starts the thread and returns when it can take a flow. */
    void startAndWarmUp() throws InterruptedException {
        thread.start();
        warm.await();
    }

    /** Waits until an idle thread has warmed up everything that it does unasked. */
    void awaitAllWarm() throws InterruptedException {
        allWarm.await();
    }

    /** Ends the thread as soon as it has no flow, for whoever is more than one worker; a worker's process just ends. */
    void dismiss() {
        dismissed = true;
        nudge();
    }

    /** As the kernel counts threads. */
    int threadId() {
        return threadId;
    }

    /** As the JVM counts them. */
    long javaThreadId() {
        return thread.threadId();
    }

    /** Takes a flow end and its socket over; the flow before must have ended, unless both share this thread. */
    void take(Flow flow) {
        reported = false;
        sockets.pass(flow.fd(), flow.datagramFd());
        next.add(flow);
        nudge();
    }

    /** To be called when the books of the flows that ended are not needed any more. */
    void reported() {
        reported = true;
        LockSupport.unpark(thread);
    }

    /** To be called after Start and Stop. */
    void nudge() {
        LockSupport.unpark(thread);
        together.nudge();
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
        while (!dismissed) {
            Flow flow = next.poll();
            if (flow == null) {
                idle();
                continue;
            }
            take(flow, sockets.take());
            if (flow.settings().flowsPerWorker() > 1) {
                driveTogether(flow);
            } else {
                flow.ended(drive(flow));
                wake.signal();
            }
            // What a compiler thread has needed meanwhile.
            Processes.trimNativeHeap();
        }
        runner.close();
    }

    /**
     * Nothing to do. Once that has lasted, the rest of what flows usually need is compiled: a fleet that starts for one
     * run is sooner there when its workers leave that for later, and in one that stays up it is done before it counts.
     */
    private void idle() {
        if (allWarm.getCount() == 0 || !reported) {
            LockSupport.park(this);
            return;
        }
        long waitedNs = 0;
        for (long sinceNs = System.nanoTime(); waitedNs < IDLE_NS; waitedNs = System.nanoTime() - sinceNs) {
            LockSupport.parkNanos(this, IDLE_NS - waitedNs);
            if (next.peek() != null || dismissed) {
                return;
            }
        }
        for (LoopKind kind : LoopKind.usual()) {
            WarmUp.ensure(runner, kind, warmLoops, () -> next.peek() == null && !dismissed);
        }
        if (warmLoops.containsAll(LoopKind.usual())) {
            Processes.trimNativeHeap();
            allWarm.countDown();
        }
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
        if (settings.receiveTimestamps()) {
            return warmStamped;
        }
        return settings.zerocopySend() ? warmZerocopy : warmLoops;
    }

    private Flow.End drive(Flow flow) {
        Flow.End end;
        try {
            // Before this thread is pinned: compiling is no business of the CPU that will be measured.
            WarmUp.ensure(runner, flow.settings(), warmLoops(flow.settings()));
            FlowSockets.prepare(flow);
            pin(flow);
            flow.meter(runner.meter());
            end = runner.drive(flow);
            flow.applied(FlowSockets.readBack(flow, runner.hugePageBytes()));
        } catch (RuntimeException | Error e) {
            end = FlowSockets.failure(e);
        }
        return FlowSockets.close(flow, end);
    }

    /** Drives flow ends that share this thread, until the last of those that come meanwhile is over. */
    private void driveTogether(Flow first) {
        int cpu = first.applicationCpu();
        Engine engine = first.settings().engine();
        GroupWarmUp.ensure(
                together,
                first.settings(),
                warmTogether.computeIfAbsent(engine, _ -> EnumSet.noneOf(LoopKind.class)));
        if (prepareMember(first, cpu)) {
            together.take(first);
        }
        together.run(FlowRunner.tickNs(first.settings()), () -> {
            for (Flow flow = next.poll(); flow != null; flow = next.poll()) {
                take(flow, sockets.take());
                if (prepareMember(flow, cpu)) {
                    return flow;
                }
            }
            return null;
        });
    }

    /** False when it could not be prepared, and has ended. */
    private boolean prepareMember(Flow flow, int cpu) {
        try {
            if (flow.settings().flowsPerWorker() == 1 || flow.applicationCpu() != cpu) {
                throw new IllegalStateException("this worker's flows share CPU " + cpu + ", this one has CPU "
                        + flow.applicationCpu() + " and shares it with " + (flow.settings().flowsPerWorker() - 1));
            }
            FlowSockets.prepare(flow);
            if (cpu < 0 || !Affinity.get(0).equals(CpuSet.of(cpu))) {
                pin(flow);
            }
            return true;
        } catch (RuntimeException e) {
            flow.ended(FlowSockets.close(flow, FlowSockets.failure(e)));
            wake.signal();
            return false;
        }
    }

    private static void take(Flow flow, UnixSeqpacket.Received own) {
        flow.renumber(own.passedFd(), own.secondFd());
    }

    /** All other threads first, this one last: nothing that comes later may put it elsewhere. */
    private void pin(Flow flow) {
        if (ownProcess) {
            // Compilers and reports too: on a CPU that both want the flow comes first.
            OtherThreads.yieldTo(threadId);
            ownProcess = false;
        }
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
