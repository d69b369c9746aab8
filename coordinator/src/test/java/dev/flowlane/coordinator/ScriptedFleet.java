package dev.flowlane.coordinator;

import dev.flowlane.avro.Candidate;
import dev.flowlane.avro.ConnectTarget;
import dev.flowlane.avro.Cpu;
import dev.flowlane.avro.CpuPlacement;
import dev.flowlane.avro.DataAddress;
import dev.flowlane.avro.EndOutcome;
import dev.flowlane.avro.EndReport;
import dev.flowlane.avro.FlowEndAssignment;
import dev.flowlane.avro.FlowEndLane;
import dev.flowlane.avro.FlowRole;
import dev.flowlane.avro.FlowStats;
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

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Host daemons that speak the topics as real ones do, on machines that are made of numbers: each host is a machine of
 * its own, and candidate n is received on CPU n modulo the number of CPUs at both ends. A run ends as soon as it
 * starts, unless it is held; at each host once, however often its START comes and whoever lets it go.
 */
final class ScriptedFleet implements AutoCloseable {
    static final long SENT_BYTES = 1_000_000;

    private static final String INSTANCE = "instance-1";
    private static final Duration HEARTBEAT = Duration.ofMillis(500);

    /** What one host does of one run. */
    private record Part(String runId, int attempt, String hostId) {
        static Part of(HostCommand command) {
            return new Part(command.getRunId(), command.getAttempt(), command.getHostId());
        }
    }

    private final BusWriter writer;
    private final BusReader reader;
    private final List<String> hostIds;
    private final int cpus;
    private final Thread thread;
    private final Map<String, Map<String, HostCommand>> assigned = new ConcurrentHashMap<>();
    private final Map<String, Set<String>> liveRuns = new ConcurrentHashMap<>();
    private final Set<String> held = ConcurrentHashMap.newKeySet();
    private final Map<String, Long> startedAtNs = new ConcurrentHashMap<>();
    private final Map<Part, Integer> starts = new ConcurrentHashMap<>();
    private final Set<Part> ended = ConcurrentHashMap.newKeySet();
    private final AtomicInteger heartbeats = new AtomicInteger();
    private final Map<String, Long> epochs = new ConcurrentHashMap<>();
    private final Map<String, Instant> lastEventTime = new HashMap<>();
    private volatile boolean stopping;

    ScriptedFleet(Bus bus, int cpus, String... hostIds) {
        this.hostIds = List.of(hostIds);
        this.cpus = cpus;
        this.writer = bus.writer("scripted-fleet");
        this.reader = bus.reader("scripted-fleet", OnMalformed.COUNT);
        reader.assign(Topic.HOST_COMMANDS, ReadFrom.END);
        for (String hostId : hostIds) {
            writer.send(Topic.HOSTS, hostId, host(hostId)).join();
            tell(event(hostId, HostEventType.HELLO));
        }
        this.thread = Thread.ofPlatform().daemon().name("scripted-fleet").start(this::run);
    }

    /** The run, once started, goes on until it is let go. */
    void hold(String runId) {
        held.add(runId);
    }

    void letGo(String runId) {
        held.remove(runId);
        for (HostCommand assign : assigned.getOrDefault(runId, Map.of()).values()) {
            // A host that has not read its START yet ends when it does.
            if (starts.containsKey(Part.of(assign))) {
                end(assign, EndOutcome.DONE);
            }
        }
    }

    /** How often hosts have read a START of the run, all hosts together. */
    int starts(String runId) {
        return starts.entrySet().stream()
                .filter(entry -> entry.getKey().runId().equals(runId))
                .mapToInt(Map.Entry::getValue)
                .sum();
    }

    /** How often every host has said what it holds. */
    int heartbeats() {
        return heartbeats.get();
    }

    boolean started(String runId) {
        return startedAtNs.containsKey(runId);
    }

    /** {@link System#nanoTime} at which the last host of the run read its START. */
    long startedAtNs(String runId) {
        return startedAtNs.getOrDefault(runId, 0L);
    }

    /** Highest epoch that came with a command. */
    long epoch() {
        return epochs.values().stream().mapToLong(Long::longValue).max().orElse(0);
    }

    private void run() {
        long heartbeatAtNs = System.nanoTime();
        while (!stopping) {
            for (BusRecord<?> record : reader.poll(Duration.ofMillis(50))) {
                HostCommand command = record.as(Topic.HOST_COMMANDS);
                if (command != null && hostIds.contains(command.getHostId())) {
                    obey(command);
                }
            }
            if (System.nanoTime() - heartbeatAtNs >= 0) {
                heartbeatAtNs += HEARTBEAT.toNanos();
                hostIds.forEach(hostId -> tell(event(hostId, HostEventType.HEARTBEAT)));
                heartbeats.incrementAndGet();
            }
        }
    }

    private void obey(HostCommand command) {
        epochs.merge(command.getHostId(), command.getCoordinatorEpoch(), Math::max);
        String runId = command.getRunId();
        Set<String> live = liveRuns.computeIfAbsent(command.getHostId(), _ -> ConcurrentHashMap.newKeySet());
        switch (command.getCommandType()) {
            case UNKNOWN -> {}
            case EXPECT -> live.add(runId);
            case CONNECT -> {
                live.add(runId);
                command.getConnect().getTargets().forEach(target -> connect(command, target));
            }
            case ASSIGN -> {
                assigned.computeIfAbsent(runId, _ -> new ConcurrentHashMap<>()).put(command.getHostId(), command);
                tell(answer(command, HostEventType.READY)
                        .setReady(command.getAssign().getFlowEnds().stream().map(this::lane).toList()));
            }
            case START -> {
                startedAtNs.put(runId, System.nanoTime());
                starts.merge(Part.of(command), 1, Integer::sum);
                // A copy may come when the host has been told to forget the run.
                if (!held.contains(runId) && !ended.contains(Part.of(command))) {
                    end(assigned(command), EndOutcome.DONE);
                }
            }
            case STOP -> {
                HostCommand assign = assigned.getOrDefault(runId, Map.of()).get(command.getHostId());
                if (assign != null) {
                    end(assign, EndOutcome.STOPPED);
                }
            }
            case RELEASE -> {
                live.remove(runId);
                assigned.getOrDefault(runId, new ConcurrentHashMap<>()).remove(command.getHostId());
            }
        }
    }

    private HostCommand assigned(HostCommand command) {
        HostCommand assign = assigned.getOrDefault(command.getRunId(), Map.of()).get(command.getHostId());
        if (assign == null) {
            throw new AssertionError(command.getCommandType() + " of " + command.getRunId() + " before its ASSIGN");
        }
        return assign;
    }

    private void connect(HostCommand command, ConnectTarget target) {
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
        tell(answer(command, HostEventType.CANDIDATES).setCandidates(source));
        tell(answer(command, HostEventType.CANDIDATES)
                .setHostId(target.getDestinationHostId())
                .setCandidates(destination));
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

    private void end(HostCommand assign, EndOutcome outcome) {
        if (!ended.add(Part.of(assign))) {
            return;
        }
        RunSpec spec = assign.getAssign().getSpec();
        int warmup = intervals(spec.getWarmupNs(), spec.getReportIntervalNs());
        int measured = intervals(spec.getDurationNs(), spec.getReportIntervalNs());
        boolean done = outcome == EndOutcome.DONE;
        for (FlowEndAssignment flowEnd : assign.getAssign().getFlowEnds()) {
            boolean source = flowEnd.getFlowRole() == FlowRole.SOURCE;
            for (int seq = 0; done && seq < warmup + measured; seq++) {
                publish(assign, flowEnd, seq, seq < warmup, seq == warmup ? SENT_BYTES : 0);
            }
            tell(answer(assign, HostEventType.ENDED)
                    .setEnded(EndReport.newBuilder()
                            .setFlowId(flowEnd.getFlowId())
                            .setFlowRole(flowEnd.getFlowRole())
                            .setOutcome(outcome)
                            .setTrafficStartedNs(System.currentTimeMillis() * 1_000_000)
                            .setWindowStartedNs(System.currentTimeMillis() * 1_000_000)
                            .setWindowNs(spec.getDurationNs())
                            .setSentBytes(source ? SENT_BYTES : 0)
                            .setReceivedBytes(source ? 0 : SENT_BYTES)
                            .setIntervalsExpected(warmup + measured)
                            .setIntervalsPublished(done ? warmup + measured : 0)
                            .setMeasuredIntervals(done ? measured : 0)
                            .build()));
        }
    }

    /** The first measured interval has all the bytes. */
    private void publish(HostCommand assign, FlowEndAssignment end, int seq, boolean warmup, long bytes) {
        boolean source = end.getFlowRole() == FlowRole.SOURCE;
        Instant now = Instant.now();
        long intervalNs = assign.getAssign().getSpec().getReportIntervalNs();
        FlowEndLane lane = lane(end);
        writer.send(Topic.FLOW_STATS, end.getFlowId(), FlowStats.newBuilder()
                .setRunId(assign.getRunId())
                .setFlowId(end.getFlowId())
                .setHostId(assign.getHostId())
                .setFlowRole(end.getFlowRole())
                .setSeq(seq)
                .setEventTime(now)
                .setWarmup(warmup)
                .setIntervalStartedNs(now.toEpochMilli() * 1_000_000)
                .setIntervalNs(intervalNs)
                .setSentBytes(source ? bytes : 0)
                .setReceivedBytes(source ? 0 : bytes)
                .setSentBytesTotal(source ? bytes : 0)
                .setReceivedBytesTotal(source ? 0 : bytes)
                .build(), now)
                .join();
        writer.send(Topic.CPU_PLACEMENT, end.getFlowId(), CpuPlacement.newBuilder()
                .setRunId(assign.getRunId())
                .setFlowId(end.getFlowId())
                .setHostId(assign.getHostId())
                .setFlowRole(end.getFlowRole())
                .setSeq(seq)
                .setEventTime(now)
                .setWarmup(warmup)
                .setIntervalStartedNs(now.toEpochMilli() * 1_000_000)
                .setIntervalNs(intervalNs)
                .setPlannedApplicationCpu(end.getApplicationCpu())
                .setApplicationCpu(lane.getApplicationCpu())
                .setApplicationCpus(lane.getAffinityCpus())
                .setLaneReceiveCpu(lane.getReceiveCpu())
                .setReceiveCpu(lane.getReceiveCpu())
                .setAffinityCpus(lane.getAffinityCpus())
                .setSteering(lane.getSteering())
                .setDrifted(false)
                .setWorkerPid(lane.getWorkerPid())
                .setThreadId(lane.getThreadId())
                .build(), now)
                .join();
    }

    private static int intervals(long lengthNs, long intervalNs) {
        return (int) ((lengthNs + intervalNs - 1) / intervalNs);
    }

    private HostEvent.Builder answer(HostCommand command, HostEventType type) {
        return event(command.getHostId(), type).setRunId(command.getRunId()).setAttempt(command.getAttempt());
    }

    private HostEvent.Builder event(String hostId, HostEventType type) {
        return HostEvent.newBuilder()
                .setEventType(type)
                .setHostId(hostId)
                .setInstanceId(INSTANCE)
                .setCoordinatorEpoch(epochs.getOrDefault(hostId, 0L))
                .setBrokerClockOffsetNs(0L)
                .setWarmWorkers(2)
                .setLiveRunIds(List.copyOf(liveRuns.getOrDefault(hostId, Set.of())));
    }

    private synchronized Instant nextEventTime(String hostId) {
        return lastEventTime.merge(hostId, Instant.now(), (last, now) ->
                now.toEpochMilli() > last.toEpochMilli() ? now : last.plusMillis(1));
    }

    /** A daemon's event times go up strictly from record to record, whoever lets it say something. */
    private synchronized void tell(HostEvent.Builder event) {
        String hostId = event.getHostId();
        var _ = writer.send(Topic.HOST_EVENTS, hostId, event.setEventTime(nextEventTime(hostId)).build());
    }

    private Host host(String hostId) {
        List<Cpu> all = new ArrayList<>();
        for (int cpu = 0; cpu < cpus; cpu++) {
            all.add(Cpu.newBuilder().setCpu(cpu).setCoreId(cpu).setSmtSiblings(Integer.toString(cpu)).build());
        }
        String list = "0-" + (cpus - 1);
        return Host.newBuilder()
                .setHostId(hostId)
                .setMachineId("machine-of-" + hostId)
                .setInstanceId(INSTANCE)
                .setEventTime(nextEventTime(hostId))
                .setDataAddresses(List.of(DataAddress.newBuilder()
                        .setAddress("10.0.0." + (1 + hostIds.indexOf(hostId)))
                        .setPort(7411)
                        .setSteering(Steering.HASHED)
                        .build()))
                .setOnlineCpus(list)
                .setAllowedCpus(list)
                .setCpus(all)
                .setLeaseMs(15_000)
                .build();
    }

    @Override
    public void close() {
        stopping = true;
        reader.wakeup();
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        reader.close();
        writer.close();
    }
}
