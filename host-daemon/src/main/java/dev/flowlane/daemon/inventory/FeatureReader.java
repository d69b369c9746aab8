package dev.flowlane.daemon.inventory;

import dev.flowlane.posix.KernelFeature;
import dev.flowlane.posix.KernelProbe;
import dev.flowlane.posix.KernelTls;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Finds out what this host's kernel and devices can do: by trying it where that is possible, else by their names. */
public final class FeatureReader {
    private static final String INTERFACES = "sys/class/net";
    private static final String RDMA_DEVICES = "sys/class/infiniband";

    /** Drivers of Linux 6.18 that lend memory to receive queues (queue_mgmt_ops with page pool memory providers). */
    private static final Set<String> LEND_QUEUES = Set.of("bnxt_en", "fbnic", "gve", "mlx5_core");

    /** Drivers of Linux 6.18 with psp_dev_ops. */
    private static final Set<String> ENCRYPT = Set.of("mlx5_core");

    private final Pseudo files;
    private final Function<KernelFeature, String> attempts;

    private FeatureReader(Path root, Function<KernelFeature, String> attempts) {
        this.files = new Pseudo(root);
        this.attempts = attempts;
    }

    /** Of this machine. */
    public static FeatureReader ofSystem() {
        return below(Path.of("/"), FeatureReader::attempt);
    }

    /**
     * Of something that looks like a machine.
     *
     * @param attempts why something does not work that can be tried, empty when it does
     */
    public static FeatureReader below(Path root, Function<KernelFeature, String> attempts) {
        return new FeatureReader(root, attempts);
    }

    /** Every feature there is a name for, as it is now. Takes a few milliseconds, and memory for a moment. */
    public List<Feature> read() {
        return Arrays.stream(KernelFeature.values()).map(this::read).toList();
    }

    private Feature read(KernelFeature feature) {
        return switch (feature) {
            case RDMA -> {
                List<String> devices = files.names(RDMA_DEVICES);
                yield devices.isEmpty()
                        ? new Feature(feature, false, "there is no RDMA device (/" + RDMA_DEVICES + ")")
                        : new Feature(feature, true, String.join(", ", devices));
            }
            case TCP_DEVMEM -> device(feature, "lends a device's memory to its receive queues", LEND_QUEUES);
            case IO_URING_ZEROCOPY_RECEIVE -> {
                String why = attempts.apply(feature);
                yield why.isEmpty()
                        ? device(feature, "lends a worker's memory to its receive queues", LEND_QUEUES)
                        : new Feature(feature, false, why);
            }
            case PSP -> device(feature, "encrypts by PSP", ENCRYPT);
            case TLS,
                    TLS_1_2_AES_GCM_128,
                    TLS_1_2_AES_GCM_256,
                    TLS_1_2_CHACHA20_POLY1305,
                    TLS_1_3_AES_GCM_128,
                    TLS_1_3_AES_GCM_256,
                    TLS_1_3_CHACHA20_POLY1305,
                    TLS_NO_PAD,
                    IO_URING,
                    IO_URING_MULTISHOT_RECEIVE,
                    IO_URING_ZEROCOPY_SEND,
                    ZEROCOPY_SEND,
                    ZEROCOPY_RECEIVE,
                    BUSY_POLL,
                    UDP_SEGMENT,
                    UDP_GRO,
                    TIMESTAMPING,
                    HUGE_PAGES,
                    SCTP,
                    RDS -> {
                String why = attempts.apply(feature);
                yield new Feature(feature, why.isEmpty(), why);
            }
        };
    }

    /** No data path of this version goes through such a device: which one is missing is told all the same. */
    private Feature device(KernelFeature feature, String does, Set<String> drivers) {
        List<String> interfaces = files.names(INTERFACES).stream()
                .filter(name -> !name.equals("lo"))
                .toList();
        List<String> able = interfaces.stream()
                .filter(name -> drivers.contains(driver(name)))
                .toList();
        if (!able.isEmpty()) {
            return new Feature(
                    feature,
                    false,
                    named(able) + " may be a device that " + does + ", but this version does not use it");
        }
        String there = interfaces.isEmpty() ? "none but loopback" : named(interfaces);
        return new Feature(feature, false, "no interface " + does + "; there is " + there);
    }

    private String driver(String name) {
        return files.target(INTERFACES + "/" + name + "/device/driver");
    }

    private String named(List<String> interfaces) {
        return interfaces.stream()
                .map(name -> driver(name).isEmpty() ? name : name + " (" + driver(name) + ")")
                .collect(Collectors.joining(", "));
    }

    private static String attempt(KernelFeature feature) {
        return switch (feature) {
            case TLS -> KernelProbe.tls();
            case TLS_1_2_AES_GCM_128 -> KernelProbe.tls(KernelTls.Version.TLS_1_2, KernelTls.Cipher.AES_GCM_128);
            case TLS_1_2_AES_GCM_256 -> KernelProbe.tls(KernelTls.Version.TLS_1_2, KernelTls.Cipher.AES_GCM_256);
            case TLS_1_2_CHACHA20_POLY1305 ->
                KernelProbe.tls(KernelTls.Version.TLS_1_2, KernelTls.Cipher.CHACHA20_POLY1305);
            case TLS_1_3_AES_GCM_128 -> KernelProbe.tls(KernelTls.Version.TLS_1_3, KernelTls.Cipher.AES_GCM_128);
            case TLS_1_3_AES_GCM_256 -> KernelProbe.tls(KernelTls.Version.TLS_1_3, KernelTls.Cipher.AES_GCM_256);
            case TLS_1_3_CHACHA20_POLY1305 ->
                KernelProbe.tls(KernelTls.Version.TLS_1_3, KernelTls.Cipher.CHACHA20_POLY1305);
            case TLS_NO_PAD -> KernelProbe.tlsNoPad();
            case IO_URING -> KernelProbe.ioUring();
            case IO_URING_MULTISHOT_RECEIVE -> KernelProbe.ioUringMultishotReceive();
            case IO_URING_ZEROCOPY_SEND -> KernelProbe.ioUringZerocopySend();
            case IO_URING_ZEROCOPY_RECEIVE -> KernelProbe.ioUringZerocopyReceive();
            case ZEROCOPY_SEND -> KernelProbe.zerocopySend();
            case ZEROCOPY_RECEIVE -> KernelProbe.zerocopyReceive();
            case BUSY_POLL -> helped(KernelProbe.busyPoll(), "the daemon needs CAP_NET_ADMIN");
            case UDP_SEGMENT -> KernelProbe.udpSegment();
            case UDP_GRO -> KernelProbe.udpGro();
            case TIMESTAMPING -> KernelProbe.timestamping();
            case HUGE_PAGES -> helped(KernelProbe.hugePages(), "reserve some: sysctl vm.nr_hugepages=64");
            case SCTP -> helped(KernelProbe.sctp(), "modprobe sctp");
            case RDS -> helped(KernelProbe.rds(), "modprobe rds_tcp");
            case RDMA, TCP_DEVMEM, PSP -> throw new IllegalArgumentException(feature + " is a matter of devices");
        };
    }

    private static String helped(String why, String help) {
        return why.isEmpty() ? "" : why + "; " + help;
    }
}
