package dev.flowlane.core.spec;

import dev.flowlane.posix.CpuSet;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;

/** Sound specs of every shape, from a seed. */
public final class RandomSpecs {
    private static final long MAX_NS = Duration.ofDays(30).toNanos();

    /** Calls of datagrams have the size of a datagram, and the settings for calls stay as they are. */
    private static final int USUAL_CALL_BYTES = 64 << 10;

    private final Random random;

    public RandomSpecs(long seed) {
        this.random = new Random(seed);
    }

    public RunSpec next() {
        Topology topology = any(Topology.values());
        List<String> sources = switch (topology) {
            case PAIR, FAN_IN, RING, MESH -> List.of("a", "true", "7");
            case FAN_OUT -> List.of("0-1");
        };
        List<String> destinations = switch (topology) {
            case PAIR -> List.of("null", "y.z", "1e3");
            case FAN_IN -> List.of("host_b");
            case FAN_OUT -> List.of("b", "c-1");
            case MESH -> random.nextBoolean() ? List.of() : List.of("a", "q");
            case RING -> List.of();
        };
        long intervalMs = random.nextLong(10, 3_600_001);
        boolean validate = random.nextBoolean();
        Traffic traffic = traffic();
        boolean udp = traffic.isOverUdp();
        boolean stream = traffic instanceof Traffic.Stream;
        boolean connections = traffic instanceof Traffic.ConnectRequestResponse;
        boolean shared = isShareable(traffic) && random.nextInt(4) == 0;
        IoEngine engine = shared ? IoEngine.EPOLL : any(IoEngine.values());
        Tls tls = udp || connections || traffic instanceof Traffic.Bidirectional ? null : tls();
        boolean plain = udp || connections || tls != null;
        boolean truncate = !plain && !validate && random.nextBoolean();
        RingSettings ring = ring(engine == IoEngine.IO_URING && !udp && !connections && !truncate);
        boolean many = Boolean.TRUE.equals(ring.multishotReceive());
        boolean mapped = stream && !truncate && !shared && tls == null && engine != IoEngine.IO_URING
                && random.nextBoolean();
        boolean stamped = !connections && !mapped && tls == null && engine != IoEngine.IO_URING;
        int ipVersion = any(new Integer[] {0, 4, 6});
        return new RunSpec(
                sources,
                destinations,
                topology,
                2 * random.nextInt(1, 10),
                traffic,
                Duration.ofNanos(
                        random.nextLong(10_000_000, Math.min(MAX_NS, 10_000_000 + intervalMs * 1_000_000_000L))),
                Duration.ofMillis(random.nextInt(0, 1000)),
                Duration.ofMillis(intervalMs),
                ipVersion,
                placement(shared),
                new IoSettings(
                        engine,
                        ring,
                        udp ? USUAL_CALL_BYTES : random.nextInt(1, many ? 1 << 20 : 1 << 27),
                        udp ? USUAL_CALL_BYTES : 1 << random.nextInt(27),
                        validate,
                        truncate,
                        !plain && !shared && random.nextBoolean(),
                        mapped,
                        !udp && !shared && random.nextBoolean(),
                        udp ? ReceiveMemory.HOST : any(ReceiveMemory.values()),
                        traffic instanceof Traffic.DatagramStream
                                ? any(new @Nullable Boolean[] {null, true, false})
                                : udp ? any(new @Nullable Boolean[] {null, false}) : null,
                        stamped ? any(Timestamps.values()) : Timestamps.NONE,
                        shared ? random.nextInt(2, IoSettings.FLOWS_PER_WORKER_MAX + 1) : 1),
                connections ? new SocketSettings(random.nextBoolean(), null, null, null, null) : new SocketSettings(
                        random.nextBoolean(),
                        udp || random.nextBoolean() ? null : any(new String[] {"bbr", "cubic", "reno", "on"}),
                        random.nextBoolean() ? null : (Integer) random.nextInt(1, 1 << 27),
                        random.nextBoolean() ? null : (Integer) random.nextInt(1, 1 << 27),
                        random.nextBoolean() ? null : (Long) random.nextLong(1000, 10_000_000_000_000L),
                        udp || random.nextBoolean() ? null : (Integer) random.nextInt(88, 32_768),
                        random.nextBoolean() ? null : (Integer) random.nextInt(0, 64),
                        !udp && ipVersion == 6 ? (Integer) random.nextInt(1, 1 << 20) : null,
                        udp ? null : any(new @Nullable Boolean[] {null, true, false}),
                        udp || random.nextBoolean() ? null : (Integer) random.nextInt(1, 86_400_001),
                        udp || random.nextBoolean() ? null : (Integer) random.nextInt(1, 1 << 27),
                        any(new @Nullable String[] {null, "eth0", "1e3", "no"}),
                        any(new @Nullable String[] {null, "bond0.17"}), tls,
                        !udp && random.nextBoolean()),
                any(WhenBusy.values()),
                new Conduct(random.nextInt(-100, 101), notBefore(), any(OnDrift.values()), random.nextInt(1, 30),
                        random.nextBoolean() ? null : any(new String[] {"nightly-1", "7", "true"}),
                        thresholds(udp)),
                new Course(
                        !udp && !connections && !(traffic instanceof Traffic.Bidirectional) && random.nextBoolean(),
                        udp || random.nextBoolean() ? null : (Long) random.nextLong(1, 1L << 50),
                        udp || random.nextBoolean() ? null : (Long) random.nextLong(1, 1_000_000_000_000_000L)));
    }

    private Traffic traffic() {
        int outstanding = random.nextInt(1, Traffic.OUTSTANDING_MAX + 1);
        return switch (random.nextInt(6)) {
            case 0 -> new Traffic.Stream(pace(Pace.BURST_MAX));
            case 1 -> new Traffic.Bidirectional();
            case 2 -> new Traffic.DatagramStream(datagramBytes(), pace(Pace.BURST_MAX));
            case 3 -> new Traffic.DatagramRequestResponse(datagramBytes(), datagramBytes(), outstanding,
                    Duration.ofMillis(random.nextLong(1, 4_001)), pace(outstanding));
            case 4 -> new Traffic.ConnectRequestResponse(
                    random.nextInt(1, 1 << 24), random.nextInt(1, 1 << 24), random.nextBoolean(), connectionPorts());
            default -> new Traffic.RequestResponse(
                    random.nextInt(1, 1 << 24), random.nextInt(1, 1 << 24), outstanding, pace(outstanding));
        };
    }

    private @Nullable PortRange connectionPorts() {
        if (random.nextBoolean()) {
            return null;
        }
        int first = random.nextInt(PortRange.PORT_MIN, 60_000);
        return new PortRange(first, random.nextInt(first, 65_536));
    }

    /** Whether flows of it can share a worker. */
    private static boolean isShareable(Traffic traffic) {
        boolean overTcp = traffic instanceof Traffic.Stream || traffic instanceof Traffic.RequestResponse;
        return overTcp && traffic.pace() == null;
    }

    /** So that two of them go into one send, as UDP_SEGMENT has it. */
    private int datagramBytes() {
        return random.nextInt(Traffic.DATAGRAM_MIN_BYTES, Traffic.DATAGRAM_MAX_BYTES / 2 + 1);
    }

    private RingSettings ring(boolean any) {
        @Nullable Boolean[] words = any ? new @Nullable Boolean[] {null, true, false} : new @Nullable Boolean[] {null};
        return new RingSettings(any(words), any(words));
    }

    private @Nullable Tls tls() {
        Tls.Version version = any(Tls.Version.values());
        return random.nextBoolean()
                ? null
                : new Tls(any(Tls.Directions.values()), version, any(Tls.Cipher.values()),
                        version == Tls.Version.TLS_1_3 && random.nextBoolean());
    }

    private List<Threshold> thresholds(boolean udp) {
        return random.ints(random.nextInt(3), 0, 1 << 30)
                .mapToObj(limit -> new Threshold(
                        any(new Threshold.Metric[] {
                            Threshold.Metric.THROUGHPUT,
                            udp ? Threshold.Metric.THROUGHPUT : Threshold.Metric.RETRANSMITTED_SEGMENTS,
                            Threshold.Metric.DRIFTED_INTERVALS
                        }),
                        any(Threshold.Comparison.values()),
                        limit))
                .toList();
    }

    private NotBefore notBefore() {
        return switch (random.nextInt(3)) {
            case 0 -> new NotBefore.AtOnce();
            case 1 -> new NotBefore.At(Instant.ofEpochMilli(random.nextLong(250_000_000_000_000L)));
            default -> new NotBefore.Delay(Duration.ofNanos(random.nextLong(Duration.ofDays(366).toNanos())));
        };
    }

    private PlacementPolicy placement(boolean sharedWorkers) {
        ApplicationCpu applicationCpu = sharedWorkers ? new ApplicationCpu.SameCore() : applicationCpu();
        return new PlacementPolicy(
                applicationCpu,
                sharedWorkers ? Exclusive.NONE : any(Exclusive.values()),
                applicationCpu instanceof ApplicationCpu.NumaLocal ? Smt.AVOID : any(Smt.values()),
                random.nextBoolean() ? null : cpus(),
                random.nextBoolean() ? null : cpus(),
                random.nextBoolean(),
                random.nextInt(120, 16_385),
                random.nextBoolean() ? List.of() : random.ints(1024, 65_536).distinct().limit(40).boxed().toList());
    }

    private @Nullable Pace pace(int burstMax) {
        int burst = random.nextBoolean() ? 1 : random.nextInt(1, burstMax + 1);
        return switch (random.nextInt(3)) {
            case 0 -> null;
            case 1 -> new Pace(random.nextLong(1, 10_000_001), Pace.Unit.MESSAGES, any(Pace.Arrival.values()),
                    random.nextLong(1L << 50), burst);
            default ->
                new Pace(random.nextLong(1000, 80_000_000L), Pace.Unit.BITS, any(Pace.Arrival.values()), 1, burst);
        };
    }

    private ApplicationCpu applicationCpu() {
        return switch (random.nextInt(6)) {
            case 0 -> new ApplicationCpu.SameCore();
            case 1 -> new ApplicationCpu.Offset(random.nextBoolean() ? random.nextInt(1, 99) : -random.nextInt(1, 99));
            case 2 -> new ApplicationCpu.Explicit(cpus());
            case 3 -> new ApplicationCpu.Cross();
            case 4 -> new ApplicationCpu.NumaLocal();
            default -> new ApplicationCpu.Unpinned();
        };
    }

    private CpuSet cpus() {
        return CpuSet.of(random.ints(random.nextInt(1, 6), 0, 64).toArray());
    }

    private <T extends @Nullable Object> T any(T[] values) {
        return values[random.nextInt(values.length)];
    }
}
