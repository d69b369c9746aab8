package dev.flowlane.coordinator;

import dev.flowlane.avro.Candidate;
import dev.flowlane.avro.ConnectTarget;
import dev.flowlane.avro.Cpu;
import dev.flowlane.avro.DataAddress;
import dev.flowlane.avro.EndOutcome;
import dev.flowlane.avro.EndReport;
import dev.flowlane.avro.FlowEndAssignment;
import dev.flowlane.avro.FlowEndLane;
import dev.flowlane.avro.FlowRole;
import dev.flowlane.avro.Host;
import dev.flowlane.avro.HostCommand;
import dev.flowlane.avro.HostEvent;
import dev.flowlane.avro.HostEventType;
import dev.flowlane.avro.RunSpec;
import dev.flowlane.avro.Steering;
import dev.flowlane.bus.Bus;
import dev.flowlane.bus.BusReader;
import dev.flowlane.bus.BusRecord;
import dev.flowlane.bus.BusWriter;
import dev.flowlane.bus.OnMalformed;
import dev.flowlane.bus.ReadFrom;
import dev.flowlane.bus.Topic;
import dev.flowlane.bus.WriterProfile;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;

/**
 * A whole fleet's daemons in one thread, which speak the topics at the pace of real ones: a heartbeat each every five
 * seconds, candidates and lanes at once, an interval of every flow end each second, a report of it at its end. Each
 * host is a machine of its own; candidate n is received on CPU n modulo the number of CPUs at both ends.
 */
final class LoadFleet implements AutoCloseable {
    static final int HEARTBEAT_MS = 5_000;

    private static final long HEARTBEAT_NS = HEARTBEAT_MS * 1_000_000L;
    private static final long INTERVAL_BYTES = 1_000;

    /** What the coordinator decided, and what it decided that by. */
    enum Decision {
        CANDIDATES_TO_ASSIGN,
        READY_TO_START
    }

    private static final class LoadHost {
        final String id;
        final Set<String> runs = new LinkedHashSet<>();
        final Map<String, Work> work = new HashMap<>();
        long epoch;
        long lastEventMs;

        LoadHost(String id) {
            this.id = id;
        }
    }

    /** The flow ends of one run at one host, from START on. */
    private static final class Work {
        final LoadHost host;
        final HostCommand assign;
        final int intervals;
        int seq;
        long dueNs;
        boolean over;

        Work(LoadHost host, HostCommand assign) {
            this.host = host;
            this.assign = assign;
            RunSpec spec = assign.getAssign().getSpec();
            this.intervals = (int) Math.ceilDiv(spec.getDurationNs(), spec.getReportIntervalNs());
        }
    }

    private final int cpus;
    private final BusWriter writer;
    private final BusWriter telemetry;
    private final BusReader reader;
    private final BiConsumer<Decision, Long> decided;
    private final Map<String, LoadHost> hosts = new LinkedHashMap<>();
    private final PriorityQueue<Work> working = new PriorityQueue<>(Comparator.comparingLong(work -> work.dueNs));
    /** By run: when the coordinator got the last word that it needs for the next decision. */
    private final Map<String, Long> askedAtNs = new HashMap<>();
    private final AtomicLong intervals = new AtomicLong();
    private final AtomicLong undelivered = new AtomicLong();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final AtomicLong latestNs = new AtomicLong();
    private final Thread thread;
    private volatile boolean stopping;

    /**
     * Announces the hosts and goes on until it is closed.
     *
     * @param decided gets the nanoseconds that each decision took, on the fleet's thread
     */
    LoadFleet(Bus bus, int cpus, List<String> hostIds, BiConsumer<Decision, Long> decided) {
        this.cpus = cpus;
        this.decided = decided;
        this.writer = bus.writer("load-hosts");
        this.telemetry = bus.writer("load-telemetry", WriterProfile.TELEMETRY);
        this.reader = bus.reader("load-hosts", OnMalformed.COUNT);
        reader.assign(Topic.HOST_COMMANDS, ReadFrom.END);
        telemetry.learn(Topic.FLOW_STATS, Topic.CPU_PLACEMENT);
        for (String hostId : hostIds) {
            LoadHost host = new LoadHost(hostId);
            hosts.put(hostId, host);
            var _ = writer.send(Topic.HOSTS, hostId, record(host, hosts.size()));
            tell(event(host, HostEventType.HELLO));
        }
        writer.flush();
        this.thread = Thread.ofPlatform().name("load-fleet").start(this::run);
    }

    /** Intervals of flow ends that were published. */
    long intervals() {
        return intervals.get();
    }

    /** Those among them that the broker did not take. */
    long undelivered() {
        return undelivered.get();
    }

    /** How late the fleet's own thread was at worst: if it is, it is the generator that falls short. */
    Duration latest() {
        return Duration.ofNanos(latestNs.get());
    }

    /** What ended the fleet's thread before its time; null: nothing. */
    @Nullable Throwable failure() {
        return failure.get();
    }

    private void run() {
        try {
            List<LoadHost> all = List.copyOf(hosts.values());
            long beganNs = System.nanoTime();
            long beats = 0;
            while (!stopping) {
                for (BusRecord<?> record : reader.poll(Duration.ofMillis(5))) {
                    HostCommand command = record.as(Topic.HOST_COMMANDS);
                    LoadHost host = command == null ? null : hosts.get(command.getHostId());
                    if (command != null && host != null) {
                        obey(host, command);
                    }
                }
                long nowNs = System.nanoTime();
                // The heartbeats of all hosts are spread over the period.
                for (; beats < (double) (nowNs - beganNs) / HEARTBEAT_NS * all.size(); beats++) {
                    tell(event(all.get((int) (beats % all.size())), HostEventType.HEARTBEAT));
                }
                work(nowNs);
            }
        } catch (RuntimeException | AssertionError e) {
            failure.set(e);
        }
    }

    private void obey(LoadHost host, HostCommand command) {
        host.epoch = Math.max(host.epoch, command.getCoordinatorEpoch());
        String runId = command.getRunId();
        switch (command.getCommandType()) {
            case UNKNOWN -> {}
            case EXPECT -> host.runs.add(runId);
            case CONNECT -> {
                host.runs.add(runId);
                command.getConnect().getTargets().forEach(target -> connect(host, command, target));
                askedAtNs.put(runId, System.nanoTime());
            }
            case ASSIGN -> {
                took(Decision.CANDIDATES_TO_ASSIGN, runId);
                host.work.put(runId, new Work(host, command));
                tell(answer(host, command, HostEventType.READY)
                        .setReady(command.getAssign().getFlowEnds().stream().map(this::lane).toList()));
                askedAtNs.put(runId, System.nanoTime());
            }
            case START -> {
                took(Decision.READY_TO_START, runId);
                Work work = host.work.get(runId);
                if (work != null) {
                    work.dueNs = System.nanoTime() + intervalNs(work);
                    working.add(work);
                }
            }
            case STOP -> {
                Work work = host.work.get(runId);
                if (work != null && !work.over) {
                    end(work, EndOutcome.STOPPED);
                }
            }
            case RELEASE -> {
                host.runs.remove(runId);
                host.work.remove(runId);
            }
        }
    }

    /** The first order of a step shows when it was decided; those to the other hosts of the run come with it. */
    private void took(Decision decision, String runId) {
        Long askedNs = askedAtNs.get(runId);
        if (askedNs != null && (decision == Decision.READY_TO_START || hostsAt(runId) == 0)) {
            decided.accept(decision, System.nanoTime() - askedNs);
            askedAtNs.remove(runId);
        }
    }

    private long hostsAt(String runId) {
        return hosts.values().stream().filter(host -> host.work.containsKey(runId)).count();
    }

    private void work(long nowNs) {
        for (Work next = working.peek(); next != null && next.dueNs - nowNs <= 0; next = working.peek()) {
            working.poll();
            if (next.over) {
                continue;
            }
            latestNs.accumulateAndGet(nowNs - next.dueNs, Math::max);
            for (FlowEndAssignment end : next.assign.getAssign().getFlowEnds()) {
                publish(next, end);
            }
            next.seq++;
            next.dueNs += intervalNs(next);
            if (next.seq == next.intervals) {
                end(next, EndOutcome.DONE);
            } else {
                working.add(next);
            }
        }
    }

    private static long intervalNs(Work work) {
        return work.assign.getAssign().getSpec().getReportIntervalNs();
    }

    private void connect(LoadHost host, HostCommand command, ConnectTarget target) {
        List<Candidate> source = new ArrayList<>();
        List<Candidate> destination = new ArrayList<>();
        for (int i = 0; i < target.getCandidateCount(); i++) {
            int id = target.getFirstCandidateId() + i;
            Candidate.Builder candidate = Candidate.newBuilder()
                    .setCandidateId(id)
                    .setReceiveCpu(id % cpus)
                    .setSteering(Steering.HASHED);
            source.add(candidate
                    .setFlowRole(FlowRole.SOURCE)
                    .setLocalAddress(target.getSourceAddress())
                    .setLocalPort(20_000 + id)
                    .setRemoteAddress(target.getDestinationAddress())
                    .setRemotePort(target.getDestinationPort())
                    .build());
            destination.add(candidate
                    .setFlowRole(FlowRole.DESTINATION)
                    .setLocalAddress(target.getDestinationAddress())
                    .setLocalPort(target.getDestinationPort())
                    .setRemoteAddress(target.getSourceAddress())
                    .setRemotePort(20_000 + id)
                    .build());
        }
        tell(answer(host, command, HostEventType.CANDIDATES).setCandidates(source));
        LoadHost peer = hosts.get(target.getDestinationHostId());
        if (peer != null) {
            peer.epoch = Math.max(peer.epoch, command.getCoordinatorEpoch());
            tell(answer(peer, command, HostEventType.CANDIDATES).setCandidates(destination));
        }
    }

    private FlowEndLane lane(FlowEndAssignment end) {
        return FlowEndLane.newBuilder()
                .setFlowId(end.getFlowId())
                .setFlowRole(end.getFlowRole())
                .setApplicationCpu(end.getApplicationCpu())
                .setReceiveCpu(end.getCandidateId() % cpus)
                .setAffinityCpus(Integer.toString(end.getApplicationCpu()))
                .setSteering(Steering.HASHED)
                .setWorkerPid(1)
                .setThreadId(2)
                .build();
    }

    private void end(Work work, EndOutcome outcome) {
        work.over = true;
        RunSpec spec = work.assign.getAssign().getSpec();
        long bytes = work.seq * INTERVAL_BYTES;
        long startedNs = (System.currentTimeMillis() * 1_000_000) - work.seq * spec.getReportIntervalNs();
        for (FlowEndAssignment end : work.assign.getAssign().getFlowEnds()) {
            boolean source = end.getFlowRole() == FlowRole.SOURCE;
            tell(answer(work.host, work.assign, HostEventType.ENDED)
                    .setEnded(EndReport.newBuilder()
                            .setFlowId(end.getFlowId())
                            .setFlowRole(end.getFlowRole())
                            .setOutcome(outcome)
                            .setTrafficStartedNs(startedNs)
                            .setWindowStartedNs(startedNs)
                            .setWindowNs(spec.getDurationNs())
                            .setSentBytes(source ? bytes : 0)
                            .setReceivedBytes(source ? 0 : bytes)
                            .setIntervalsExpected(work.intervals)
                            .setIntervalsPublished(work.seq)
                            .setMeasuredIntervals(work.seq)
                            .build()));
        }
    }

    private void publish(Work work, FlowEndAssignment end) {
        Instant now = Instant.now();
        String flowId = end.getFlowId();
        LoadInterval interval =
                new LoadInterval(work.assign, end, work.host.id, work.seq, INTERVAL_BYTES, end.getCandidateId() % cpus);
        var _ = telemetry.send(Topic.FLOW_STATS, flowId, interval.stats(now), now)
                .whenComplete((_, failed) -> count(failed));
        var _ = telemetry.send(Topic.CPU_PLACEMENT, flowId, interval.placement(now), now)
                .whenComplete((_, failed) -> count(failed));
        intervals.incrementAndGet();
    }

    private void count(@Nullable Throwable failed) {
        if (failed != null) {
            undelivered.incrementAndGet();
        }
    }

    private static HostEvent.Builder answer(LoadHost host, HostCommand command, HostEventType type) {
        return event(host, type).setRunId(command.getRunId()).setAttempt(command.getAttempt());
    }

    private static HostEvent.Builder event(LoadHost host, HostEventType type) {
        // A daemon's event times go up strictly.
        host.lastEventMs = Math.max(System.currentTimeMillis(), host.lastEventMs + 1);
        return HostEvent.newBuilder()
                .setEventType(type)
                .setHostId(host.id)
                .setInstanceId(host.id + "-1")
                .setCoordinatorEpoch(host.epoch)
                .setEventTime(Instant.ofEpochMilli(host.lastEventMs))
                .setBrokerClockOffsetNs(0L)
                .setWarmWorkers(2)
                .setLiveRunIds(List.copyOf(host.runs));
    }

    private void tell(HostEvent.Builder event) {
        var _ = writer.send(Topic.HOST_EVENTS, event.getHostId(), event.build());
    }

    private Host record(LoadHost host, int number) {
        List<Cpu> all = new ArrayList<>();
        for (int cpu = 0; cpu < cpus; cpu++) {
            all.add(Cpu.newBuilder().setCpu(cpu).setCoreId(cpu).setSmtSiblings(Integer.toString(cpu)).build());
        }
        String list = "0-" + (cpus - 1);
        return Host.newBuilder()
                .setHostId(host.id)
                .setMachineId("machine-of-" + host.id)
                .setInstanceId(host.id + "-1")
                .setEventTime(Instant.now())
                .setDataAddresses(List.of(DataAddress.newBuilder()
                        .setAddress("10." + number / 65_536 + "." + number / 256 % 256 + "." + number % 256)
                        .setPort(7411)
                        .setSteering(Steering.HASHED)
                        .build()))
                .setOnlineCpus(list)
                .setAllowedCpus(list)
                .setCpus(all)
                .setHeartbeatMs(HEARTBEAT_MS)
                .setLeaseMs(3 * HEARTBEAT_MS)
                .build();
    }

    @Override
    public void close() {
        stopping = true;
        reader.wakeup();
        try {
            thread.join(Duration.ofSeconds(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        reader.close();
        telemetry.close();
        writer.close();
    }
}
