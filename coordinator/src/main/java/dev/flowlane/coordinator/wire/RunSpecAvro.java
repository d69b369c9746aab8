package dev.flowlane.coordinator.wire;

import dev.flowlane.core.spec.ApplicationCpu;
import dev.flowlane.core.spec.Conduct;
import dev.flowlane.core.spec.Course;
import dev.flowlane.core.spec.Exclusive;
import dev.flowlane.core.spec.IoEngine;
import dev.flowlane.core.spec.IoSettings;
import dev.flowlane.core.spec.NotBefore;
import dev.flowlane.core.spec.OnDrift;
import dev.flowlane.core.spec.PlacementPolicy;
import dev.flowlane.core.spec.Problem;
import dev.flowlane.core.spec.ReceiveMemory;
import dev.flowlane.core.spec.RingSettings;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.spec.Smt;
import dev.flowlane.core.spec.SocketSettings;
import dev.flowlane.core.spec.SpecResult;
import dev.flowlane.core.spec.Threshold;
import dev.flowlane.core.spec.Timestamps;
import dev.flowlane.core.spec.Tls;
import dev.flowlane.core.spec.Topology;
import dev.flowlane.core.spec.Traffic;
import dev.flowlane.core.spec.WhenBusy;
import dev.flowlane.posix.CpuSet;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The spec of a run between the bus and the core. */
public final class RunSpecAvro {
    private static final String SAME_CORE = "same-core";
    private static final String CROSS = "cross";
    private static final String NUMA_LOCAL = "numa-local";
    private static final String UNPINNED = "unpinned";

    private RunSpecAvro() {}

    /**
     * The record of a spec.
     *
     * @throws ArithmeticException if a duration is longer than 292 years; no spec that was validated has one
     */
    public static dev.flowlane.avro.RunSpec toAvro(RunSpec spec) {
        dev.flowlane.avro.RunSpec.Builder record = dev.flowlane.avro.RunSpec.newBuilder()
                .setSources(spec.sources())
                .setDestinations(spec.destinations())
                .setTopology(topology(spec.topology()))
                .setFlowsPerPair(spec.flowsPerPair())
                .setDurationNs(spec.duration().toNanos())
                .setWarmupNs(spec.warmup().toNanos())
                .setReportIntervalNs(spec.interval().toNanos())
                .setIpVersion(spec.ipVersion())
                .setApplicationCpu(applicationCpu(spec.placement().applicationCpu()))
                .setExclusive(ClaimAvro.exclusive(spec.placement().exclusive()))
                .setSmt(smt(spec.placement().smt()))
                .setSourceCpus(text(spec.placement().sourceCpus()))
                .setDestinationCpus(text(spec.placement().destinationCpus()))
                .setIsolatedOnly(spec.placement().isolatedOnly())
                .setMaxCandidates(spec.placement().maxCandidates())
                .setSourcePorts(spec.placement().sourcePorts())
                .setIoEngine(engine(spec.io().engine()))
                .setMultishotReceive(spec.io().ring().multishotReceive())
                .setRegisteredBuffers(spec.io().ring().registeredBuffers())
                .setReadBytes(spec.io().readBytes())
                .setWriteBytes(spec.io().writeBytes())
                .setValidatePayload(spec.io().validatePayload())
                .setTruncateReceive(spec.io().truncateReceive())
                .setZerocopySend(spec.io().zerocopySend())
                .setSegmentationOffload(spec.io().segmentationOffload())
                .setReceiveTimestamps(spec.io().timestamps() == Timestamps.RECEIVE)
                .setFlowsPerWorker(spec.io().flowsPerWorker())
                .setTcpNodelay(spec.socket().noDelay())
                .setCongestionControl(spec.socket().congestionControl())
                .setSendBufferBytes(spec.socket().sendBufferBytes())
                .setReceiveBufferBytes(spec.socket().receiveBufferBytes())
                .setMaxPacingBitsPerSecond(spec.socket().maxPacingBitsPerSecond())
                .setMaxSegmentBytes(spec.socket().maxSegmentBytes())
                .setDscp(spec.socket().dscp())
                .setFlowLabel(spec.socket().flowLabel())
                .setQuickAck(spec.socket().quickAck())
                .setUserTimeoutMs(spec.socket().userTimeoutMs())
                .setNotSentLowWaterBytes(spec.socket().notSentLowWaterBytes())
                .setSourceDevice(spec.socket().sourceDevice())
                .setDestinationDevice(spec.socket().destinationDevice())
                .setZerocopyReceive(spec.io().zerocopyReceive())
                .setHugePages(spec.io().hugePages())
                .setReceiveMemory(TlsAvro.memory(spec.io().receiveMemory()))
                .setTls(TlsAvro.toAvro(spec.socket().tls()))
                .setPsp(spec.socket().psp())
                .setWhenBusy(whenBusy(spec.whenBusy()))
                .setOnDrift(onDrift(spec.conduct().onDrift()))
                .setPriority(spec.conduct().priority())
                .setTrials(spec.conduct().trials())
                .setLikeRunId(spec.conduct().like())
                .setThresholds(spec.conduct().thresholds().stream().map(Threshold::toString).toList());
        switch (spec.conduct().notBefore()) {
            case NotBefore.AtOnce() -> {}
            case NotBefore.At(Instant time) -> record.setNotBeforeTime(time);
            case NotBefore.Delay(Duration afterSubmission) -> record.setNotBeforeDelayNs(afterSubmission.toNanos());
        }
        TrafficAvro.fill(spec.traffic(), record);
        record.setReverse(spec.course().reverse())
                .setMostBytes(spec.course().mostBytes())
                .setMostMessages(spec.course().mostMessages());
        return record.build();
    }

    /**
     * The spec in a record. Only its form is judged here, not whether its values make sense: a symbol that this build
     * does not know, or a CPU list that is none.
     */
    public static SpecResult fromAvro(dev.flowlane.avro.RunSpec record) {
        List<Problem> problems = new ArrayList<>();
        @Nullable Topology topology = topology(record.getTopology(), problems);
        @Nullable Traffic traffic = TrafficAvro.traffic(record, problems);
        @Nullable ApplicationCpu applicationCpu = applicationCpu(record.getApplicationCpu(), problems);
        @Nullable Exclusive exclusive = exclusive(record.getExclusive(), problems);
        @Nullable Smt smt = smt(record.getSmt(), problems);
        @Nullable CpuSet sourceCpus = cpus("placement.source-cpus", record.getSourceCpus(), problems);
        @Nullable CpuSet destinationCpus = cpus("placement.destination-cpus", record.getDestinationCpus(), problems);
        @Nullable IoEngine engine = engine(record.getIoEngine(), problems);
        @Nullable ReceiveMemory receiveMemory = TlsAvro.memory(record.getReceiveMemory(), problems);
        @Nullable Tls tls = TlsAvro.fromAvro(record.getTls(), problems);
        @Nullable WhenBusy whenBusy = whenBusy(record.getWhenBusy(), problems);
        @Nullable OnDrift onDrift = onDrift(record.getOnDrift(), problems);
        List<Threshold> thresholds = Threshold.parseAll(record.getThresholds(), problems);
        if (topology == null || traffic == null || applicationCpu == null || exclusive == null || smt == null
                || engine == null || receiveMemory == null || whenBusy == null || onDrift == null
                || !problems.isEmpty()) {
            return new SpecResult.Invalid(problems);
        }
        return new SpecResult.Parsed(null, new RunSpec(
                record.getSources(),
                record.getDestinations(),
                topology,
                record.getFlowsPerPair(),
                traffic,
                Duration.ofNanos(record.getDurationNs()),
                Duration.ofNanos(record.getWarmupNs()),
                Duration.ofNanos(record.getReportIntervalNs()),
                record.getIpVersion(),
                new PlacementPolicy(
                        applicationCpu,
                        exclusive,
                        smt,
                        sourceCpus,
                        destinationCpus,
                        record.getIsolatedOnly(),
                        record.getMaxCandidates(),
                        record.getSourcePorts()),
                new IoSettings(
                        engine,
                        new RingSettings(record.getMultishotReceive(), record.getRegisteredBuffers()),
                        record.getReadBytes(),
                        record.getWriteBytes(),
                        record.getValidatePayload(),
                        record.getTruncateReceive(),
                        record.getZerocopySend(),
                        record.getZerocopyReceive(),
                        record.getHugePages(),
                        receiveMemory,
                        record.getSegmentationOffload(),
                        record.getReceiveTimestamps() ? Timestamps.RECEIVE : Timestamps.NONE,
                        record.getFlowsPerWorker()),
                new SocketSettings(
                        record.getTcpNodelay(),
                        record.getCongestionControl(),
                        record.getSendBufferBytes(),
                        record.getReceiveBufferBytes(),
                        record.getMaxPacingBitsPerSecond(),
                        record.getMaxSegmentBytes(),
                        record.getDscp(),
                        record.getFlowLabel(),
                        record.getQuickAck(),
                        record.getUserTimeoutMs(),
                        record.getNotSentLowWaterBytes(),
                        record.getSourceDevice(),
                        record.getDestinationDevice(),
                        tls,
                        record.getPsp()),
                whenBusy,
                new Conduct(
                        record.getPriority(),
                        notBefore(record),
                        onDrift,
                        record.getTrials(),
                        record.getLikeRunId(),
                        thresholds),
                new Course(record.getReverse(), record.getMostBytes(), record.getMostMessages())));
    }

    /** A time wins over a delay: whoever wrote both has worked it out. */
    private static NotBefore notBefore(dev.flowlane.avro.RunSpec record) {
        @Nullable Instant time = record.getNotBeforeTime();
        @Nullable Long delayNs = record.getNotBeforeDelayNs();
        if (time != null) {
            return new NotBefore.At(time);
        }
        return delayNs == null ? new NotBefore.AtOnce() : new NotBefore.Delay(Duration.ofNanos(delayNs));
    }

    private static dev.flowlane.avro.OnDrift onDrift(OnDrift onDrift) {
        return switch (onDrift) {
            case REPORT -> dev.flowlane.avro.OnDrift.REPORT;
            case REHUNT -> dev.flowlane.avro.OnDrift.REHUNT;
        };
    }

    private static @Nullable OnDrift onDrift(dev.flowlane.avro.OnDrift symbol, List<Problem> problems) {
        return switch (symbol) {
            case REPORT -> OnDrift.REPORT;
            case REHUNT -> OnDrift.REHUNT;
            case UNKNOWN -> {
                problems.add(unknown("placement.on-drift", "report, rehunt"));
                yield null;
            }
        };
    }

    private static String applicationCpu(ApplicationCpu cpu) {
        return switch (cpu) {
            case ApplicationCpu.SameCore() -> SAME_CORE;
            case ApplicationCpu.Offset(int offset) -> (offset < 0 ? "" : "+") + offset;
            case ApplicationCpu.Cross() -> CROSS;
            case ApplicationCpu.Explicit(CpuSet cpus) -> cpus.toString();
            case ApplicationCpu.NumaLocal() -> NUMA_LOCAL;
            case ApplicationCpu.Unpinned() -> UNPINNED;
        };
    }

    private static @Nullable ApplicationCpu applicationCpu(String text, List<Problem> problems) {
        try {
            return switch (text) {
                case SAME_CORE -> new ApplicationCpu.SameCore();
                case CROSS -> new ApplicationCpu.Cross();
                case NUMA_LOCAL -> new ApplicationCpu.NumaLocal();
                case UNPINNED -> new ApplicationCpu.Unpinned();
                default -> text.startsWith("+") || text.startsWith("-")
                        ? new ApplicationCpu.Offset(Integer.parseInt(text))
                        : new ApplicationCpu.Explicit(CpuSet.parse(text));
            };
        } catch (IllegalArgumentException e) {
            problems.add(new Problem("placement.application-cpu", "not understood: " + Quoted.text(text),
                    "same-core, +N, -N, cross, a CPU list, numa-local, or unpinned", ""));
            return null;
        }
    }

    private static @Nullable String text(@Nullable CpuSet cpus) {
        return cpus == null ? null : cpus.toString();
    }

    private static @Nullable CpuSet cpus(String path, @Nullable String list, List<Problem> problems) {
        if (list == null) {
            return null;
        }
        try {
            return CpuSet.parse(list);
        } catch (IllegalArgumentException e) {
            problems.add(new Problem(path, "not understood: " + Quoted.text(list),
                    "a CPU list in the kernel's form, such as 0-3,8", ""));
            return null;
        }
    }

    private static dev.flowlane.avro.Topology topology(Topology topology) {
        return switch (topology) {
            case PAIR -> dev.flowlane.avro.Topology.PAIR;
            case FAN_IN -> dev.flowlane.avro.Topology.FAN_IN;
            case FAN_OUT -> dev.flowlane.avro.Topology.FAN_OUT;
            case MESH -> dev.flowlane.avro.Topology.MESH;
            case RING -> dev.flowlane.avro.Topology.RING;
        };
    }

    private static @Nullable Topology topology(dev.flowlane.avro.Topology symbol, List<Problem> problems) {
        return switch (symbol) {
            case PAIR -> Topology.PAIR;
            case FAN_IN -> Topology.FAN_IN;
            case FAN_OUT -> Topology.FAN_OUT;
            case MESH -> Topology.MESH;
            case RING -> Topology.RING;
            case UNKNOWN -> {
                problems.add(unknown("topology", "pair, fan-in, fan-out, mesh, ring"));
                yield null;
            }
        };
    }

    private static @Nullable Exclusive exclusive(dev.flowlane.avro.Exclusive symbol, List<Problem> problems) {
        return switch (symbol) {
            case STRICT -> Exclusive.STRICT;
            case PER_SIDE -> Exclusive.PER_SIDE;
            case NONE -> Exclusive.NONE;
            case UNKNOWN -> {
                problems.add(unknown("placement.exclusive", "strict, per-side, none"));
                yield null;
            }
        };
    }

    private static dev.flowlane.avro.Smt smt(Smt smt) {
        return switch (smt) {
            case AVOID -> dev.flowlane.avro.Smt.AVOID;
            case ALLOW -> dev.flowlane.avro.Smt.ALLOW;
        };
    }

    private static @Nullable Smt smt(dev.flowlane.avro.Smt symbol, List<Problem> problems) {
        return switch (symbol) {
            case AVOID -> Smt.AVOID;
            case ALLOW -> Smt.ALLOW;
            case UNKNOWN -> {
                problems.add(unknown("placement.smt", "avoid, allow"));
                yield null;
            }
        };
    }

    private static dev.flowlane.avro.IoEngine engine(IoEngine engine) {
        return switch (engine) {
            case BLOCKING -> dev.flowlane.avro.IoEngine.BLOCKING;
            case EPOLL -> dev.flowlane.avro.IoEngine.EPOLL;
            case BUSY_POLL -> dev.flowlane.avro.IoEngine.BUSY_POLL;
            case IO_URING -> dev.flowlane.avro.IoEngine.IO_URING;
        };
    }

    private static @Nullable IoEngine engine(dev.flowlane.avro.IoEngine symbol, List<Problem> problems) {
        return switch (symbol) {
            case BLOCKING -> IoEngine.BLOCKING;
            case EPOLL -> IoEngine.EPOLL;
            case BUSY_POLL -> IoEngine.BUSY_POLL;
            case IO_URING -> IoEngine.IO_URING;
            case UNKNOWN -> {
                problems.add(unknown("io.engine", "blocking, epoll, busy-poll, io-uring"));
                yield null;
            }
        };
    }

    private static dev.flowlane.avro.WhenBusy whenBusy(WhenBusy whenBusy) {
        return switch (whenBusy) {
            case QUEUE -> dev.flowlane.avro.WhenBusy.QUEUE;
            case REJECT -> dev.flowlane.avro.WhenBusy.REJECT;
        };
    }

    private static @Nullable WhenBusy whenBusy(dev.flowlane.avro.WhenBusy symbol, List<Problem> problems) {
        return switch (symbol) {
            case QUEUE -> WhenBusy.QUEUE;
            case REJECT -> WhenBusy.REJECT;
            case UNKNOWN -> {
                problems.add(unknown("when-busy", "queue, reject"));
                yield null;
            }
        };
    }

    static Problem unknown(String path, String allowed) {
        return new Problem(path, "left out, or of a newer version than this coordinator", allowed, "");
    }
}
