package dev.flowlane.daemon.inventory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.flowlane.daemon.machine.Steering;
import dev.flowlane.posix.CpuSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The kernel's own loopback, and a veth that this test makes; that needs root. */
class InventoryIT {
    private static final InetAddress HERE = InetAddress.ofLiteral("10.99.7.1");
    private static final InetAddress THERE = InetAddress.ofLiteral("10.99.7.2");

    private final String name = "flit" + ProcessHandle.current().pid() % 100_000_000;
    private final String peer = name + "p";
    private boolean made;

    @BeforeEach
    void makeVeth() throws IOException, InterruptedException {
        Run added = ip("link", "add", name, "numtxqueues", "2", "numrxqueues", "2", "type", "veth",
                "peer", "name", peer, "numtxqueues", "2", "numrxqueues", "2");
        made = added.exitCode() == 0;
        assumeTrue(made, () -> "interfaces can be made by root alone: " + added.output());
        assumeTrue(Files.isWritable(mask(0)), "/sys cannot be written, so packet steering cannot be changed");
    }

    @AfterEach
    void removeVeth() throws IOException, InterruptedException {
        if (made) {
            assertThat(ip("link", "delete", name).exitCode()).isZero();
        }
    }

    @Test
    void loopbackIsReadAsItIs() {
        Nic lo = read("lo");

        assertThat(lo.kind()).isEqualTo(Link.Kind.LOOPBACK);
        assertThat(lo.rxQueues()).isEqualTo(1);
        assertThat(lo.mtuBytes()).isEqualTo(65_536);
        assertThat(lo.rss()).isNull();
    }

    @Test
    void aVethIsReadAsItWasMade() throws IOException {
        Files.writeString(mask(1), "3");

        Nic veth = read(name);

        assertThat(veth.kind()).isEqualTo(Link.Kind.VETH);
        assertThat(veth.driver()).isEqualTo("veth");
        assertThat(veth.busAddress()).isEmpty();
        assertThat(veth.rxQueues()).isEqualTo(2);
        assertThat(veth.txQueues()).isEqualTo(2);
        assertThat(veth.mtuBytes()).isEqualTo(1500);
        assertThat(veth.speedBitsPerSecond()).isEqualTo(10_000_000_000L);
        assertThat(veth.queues().get(0).rpsCpus().isEmpty()).isTrue();
        assertThat(veth.queues().get(1).rpsCpus()).isEqualTo(online().and(CpuSet.parse("0-1")));
        assertThat(veth.queues()).allMatch(queue -> queue.rxIrq() == -1 && queue.txIrq() == -1);
    }

    @Test
    void packetSteeringMakesAVethHashAndAFlowTableAloneDoesNot() throws IOException {
        assertThat(steering()).isEqualTo(Steering.FOLLOWS_SENDER);

        Files.writeString(mask(0), "1");
        assertThat(steering()).isEqualTo(Steering.HASHED);

        Files.writeString(queue(0).resolve("rps_flow_cnt"), "256");
        boolean kernelTable = !text(Path.of("/proc/sys/net/core/rps_sock_flow_entries")).equals("0");
        assertThat(steering()).isEqualTo(kernelTable ? Steering.FOLLOWS_RECEIVER : Steering.HASHED);
    }

    private Nic read(String interfaceName) {
        return NicReader.ofSystem().read(List.of(interfaceName)).getFirst();
    }

    private Steering steering() {
        List<Link> links = Link.readAll(new Pseudo(Path.of("/")));
        return new SteeringDetector(links, Map.of(HERE, name)).ofConnection(HERE, THERE);
    }

    /** The kernel keeps only CPUs that are running in a mask. */
    private static CpuSet online() {
        return Machine.read(Path.of("/")).online();
    }

    private Path queue(int number) {
        return Path.of("/sys/class/net", name, "queues", "rx-" + number);
    }

    private Path mask(int queue) {
        return queue(queue).resolve("rps_cpus");
    }

    /** What a network namespace hides counts as on. */
    private static String text(Path file) throws IOException {
        return Files.exists(file) ? Files.readString(file).strip() : "hidden";
    }

    private record Run(int exitCode, String output) {}

    private static Run ip(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(arguments));
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            return new Run(-1, "there is no ip(8)");
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Run(process.waitFor(), output.strip());
    }
}
