package dev.flowlane.daemon.inventory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.flowlane.daemon.machine.Steering;
import dev.flowlane.posix.Affinity;
import dev.flowlane.posix.CpuSet;
import dev.flowlane.posix.Sockets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** Who decides the receive CPU, by the interfaces of a namespace. */
class SteeringDetectorTest {
    private static final InetAddress HERE = InetAddress.ofLiteral("10.77.0.1");
    private static final InetAddress ALSO_HERE = InetAddress.ofLiteral("10.78.0.1");
    private static final InetAddress THERE = InetAddress.ofLiteral("10.77.0.2");
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("::1");
    private static final String PLAIN = "0x1003";
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    private Path root;

    @Test
    void loopbackFollowsTheSender() {
        FakeRoot files = loopback("0");

        assertThat(detector(files, "lo").ofConnection(LOOPBACK, LOOPBACK)).isEqualTo(Steering.FOLLOWS_SENDER);
    }

    @Test
    void aPeerInTheSameNamespaceIsReachedOverLoopbackWhateverBearsTheAddresses() {
        FakeRoot files = loopback("0").link("eth0", PLAIN, 2, 2, "").file("sys/class/net/eth0/device/vendor", "x");

        assertThat(detector(files, "eth0").ofConnection(HERE, ALSO_HERE)).isEqualTo(Steering.FOLLOWS_SENDER);
    }

    @Test
    void loopbackWithPacketSteeringHashes() {
        assertThat(detector(loopback("3"), "lo").ofConnection(LOOPBACK, LOOPBACK)).isEqualTo(Steering.HASHED);
    }

    @Test
    void aVethFollowsTheSenderUntilItHasPacketSteering() {
        FakeRoot files = loopback("0").link("data0", PLAIN, 5, 9, "INTERFACE=data0");
        files.queue("data0", 0, "00000000,00000000", 0).queue("data0", 1, "0", 0);
        Steering without = detector(files, "data0").ofConnection(HERE, THERE);

        files.queue("data0", 1, "00000000,00000003", 0);
        Steering with = detector(files, "data0").ofConnection(HERE, THERE);

        assertThat(without).isEqualTo(Steering.FOLLOWS_SENDER);
        assertThat(with).isEqualTo(Steering.HASHED);
    }

    @Test
    void flowSteeringFollowsTheReceiverAndNeedsTheKernelsTable() {
        FakeRoot files = loopback("0").link("eth0", PLAIN, 2, 2, "").file("sys/class/net/eth0/device/vendor", "x");
        files.queue("eth0", 0, "ff", 4096).file("proc/sys/net/core/rps_sock_flow_entries", "0");
        Steering off = detector(files, "eth0").ofConnection(HERE, THERE);

        files.file("proc/sys/net/core/rps_sock_flow_entries", "32768");
        Steering on = detector(files, "eth0").ofConnection(HERE, THERE);

        assertThat(off).isEqualTo(Steering.HASHED);
        assertThat(on).isEqualTo(Steering.FOLLOWS_RECEIVER);
    }

    @Test
    void aCardWithSeveralQueuesHashes() {
        FakeRoot files = loopback("0").link("eth0", PLAIN, 2, 2, "").file("sys/class/net/eth0/device/vendor", "x");
        files.queue("eth0", 0, "0", 0).queue("eth0", 1, "0", 0);

        assertThat(detector(files, "eth0").ofConnection(HERE, THERE)).isEqualTo(Steering.HASHED);
    }

    @Test
    void aCardThatIsPolledByAThreadHashesOnlyWithPacketSteering() {
        FakeRoot files = loopback("0").link("eth0", PLAIN, 2, 2, "").file("sys/class/net/eth0/device/vendor", "x");
        files.queue("eth0", 0, "0", 0).file("sys/class/net/eth0/threaded", "1");
        Steering without = detector(files, "eth0").ofConnection(HERE, THERE);

        files.queue("eth0", 0, "3", 0);
        Steering with = detector(files, "eth0").ofConnection(HERE, THERE);

        assertThat(without).isEqualTo(Steering.UNKNOWN);
        assertThat(with).isEqualTo(Steering.HASHED);
    }

    @Test
    void aVlanIsAsWhatItRestsOn() {
        FakeRoot files = loopback("0")
                .link("eth0", PLAIN, 2, 2, "")
                .file("sys/class/net/eth0/device/vendor", "x")
                .link("eth0.7", PLAIN, 3, 2, "DEVTYPE=vlan")
                .file("sys/class/net/eth0.7/lower_eth0/flags", PLAIN);

        assertThat(detector(files, "eth0.7").ofConnection(HERE, THERE)).isEqualTo(Steering.HASHED);
    }

    @Test
    void aBridgeOfUnlikePortsAndAnUnknownInterfaceTellNothing() {
        FakeRoot files = loopback("0")
                .link("eth0", PLAIN, 2, 2, "")
                .file("sys/class/net/eth0/device/vendor", "x")
                .link("veth1", PLAIN, 4, 8, "")
                .link("br0", PLAIN, 5, 5, "DEVTYPE=bridge")
                .file("sys/class/net/br0/brif/eth0/x", "")
                .file("sys/class/net/br0/brif/veth1/x", "");

        assertThat(detector(files, "br0").ofConnection(HERE, THERE)).isEqualTo(Steering.UNKNOWN);
        assertThat(detector(files, "gone0").ofConnection(HERE, THERE)).isEqualTo(Steering.UNKNOWN);
    }

    @Test
    void onThisMachineLoopbackIsFound() {
        SteeringLookup lookup = new SteeringLookup(Path.of("/"), System::nanoTime);

        assertThat(lookup.ofConnection(LOOPBACK, LOOPBACK)).isNotEqualTo(Steering.UNKNOWN);
        assertThat(lookup.fresh().interfaceOf(InetAddress.ofLiteral("127.0.0.1"))).hasValue("lo");
    }

    /** Held against the kernel itself: what arrives over loopback is received where it was sent. */
    @Test
    void onThisMachineLoopbackDoesWhatIsExpectedOfIt() {
        InetAddress local = InetAddress.ofLiteral("127.0.0.1");
        assumeTrue(
                new SteeringLookup(Path.of("/"), System::nanoTime).ofConnection(local, local)
                        == Steering.FOLLOWS_SENDER,
                "somebody has set packet steering for loopback here");
        CpuSet before = Affinity.get(0);
        int listener = Sockets.listen(new InetSocketAddress(local, 0), 1);
        int sender = Sockets.connect(Sockets.localAddress(listener), new InetSocketAddress(local, 0));
        // Otherwise a byte waits for the acknowledgement of the one before, and leaves from where that is received.
        Sockets.setNoDelay(sender, true);
        int receiver = await().atMost(SOON).until(() -> Sockets.accept(listener), fd -> fd != Sockets.WOULD_BLOCK);
        try {
            for (int cpu : before.toArray()) {
                Affinity.set(0, CpuSet.of(cpu));
                Sockets.write(sender, ByteBuffer.allocateDirect(1));
                Affinity.set(0, before);
                await().atMost(SOON).until(() -> Sockets.read(receiver, ByteBuffer.allocateDirect(1)) == 1);
                assertThat(Sockets.incomingCpu(receiver)).isEqualTo(cpu);
            }
        } finally {
            Affinity.set(0, before);
            Sockets.close(sender);
            Sockets.close(receiver);
            Sockets.close(listener);
        }
    }

    private FakeRoot loopback(String cpuMask) {
        return new FakeRoot(root).link("lo", "0x9", 1, 1, "").queue("lo", 0, cpuMask, 0);
    }

    private static SteeringDetector detector(FakeRoot files, String bearer) {
        return new SteeringDetector(
                Link.readAll(new Pseudo(files.path)), Map.of(HERE, bearer, ALSO_HERE, "mgmt0", LOOPBACK, "lo"));
    }
}
