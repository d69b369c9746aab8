package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.avro.Claim;
import dev.flowlane.avro.ClaimPart;
import dev.flowlane.avro.Cpu;
import dev.flowlane.avro.DataAddress;
import dev.flowlane.avro.Exclusive;
import dev.flowlane.avro.Host;
import dev.flowlane.avro.KernelFeature;
import dev.flowlane.avro.Nic;
import dev.flowlane.avro.NicKind;
import dev.flowlane.avro.NicQueue;
import dev.flowlane.avro.Rss;
import dev.flowlane.avro.RssHashFunction;
import dev.flowlane.avro.Run;
import dev.flowlane.avro.RunFlow;
import dev.flowlane.avro.RunStateName;
import dev.flowlane.avro.Steering;
import dev.flowlane.posix.CpuSet;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

class HostDrawingTest {
    @Test
    void twoHundredAndFiftySixCpusFitInFourLines() {
        Host host = machine(2, 64, 2).setIsolatedCpus("8-15,136-143").setAllowedCpus("0-127,132-255").build();

        String drawing = new MachineDrawing(host, CpuSet.parse("20,148"), 100).text();

        assertThat(drawing).isEqualTo("""
                CPUs by core, threads of a core joined by + (i isolated, x not allowed, * claimed)
                  socket 0  node 0  0-3+128-131x  4-7+132-135  8-15i+136-143i  16-19+144-147  20*+148*
                                    21-63+149-191
                  socket 1  node 1  64-127+192-255
                """);
    }

    @Test
    void aHostThatTellsNoTopologyDrawsNothing() {
        assertThat(new MachineDrawing(machine(0, 0, 1).build(), CpuSet.empty(), 80).text()).isEmpty();
    }

    @Test
    void noLineIsWiderThanTheTerminal() {
        Host host = machine(2, 64, 2).setIsolatedCpus(everyOther(256)).build();

        String drawing = new MachineDrawing(host, CpuSet.empty(), 80).text();

        assertThat(drawing.lines()).hasSizeGreaterThan(4).allMatch(line -> line.length() <= 80);
    }

    @Test
    void whatTheKernelCannotDoIsListedWithTheReason() {
        Host host = machine(1, 2, 1)
                .setKernelFeatures(List.of(
                        new KernelFeature("tls", true, ""),
                        new KernelFeature("io-uring", true, ""),
                        new KernelFeature("huge-pages", false, "mmap: ENOMEM; reserve some")))
                .build();

        String text = HostTable.describe(
                host, null, Samples.SUBMITTED, ClaimsTable.of("m", List.of(), Map.of("host-a", host)), 100);

        assertThat(text).contains("""

                kernel can     tls, io-uring
                KERNEL CANNOT  BECAUSE
                huge-pages     mmap: ENOMEM; reserve some
                """);
    }

    @Test
    void queuesInARowAreOneCell() {
        String drawing = new NicDrawing(card(), 100).text();

        assertThat(drawing).isEqualTo("""
                eth0  mlx5_core, 0000:03:00.0, 25.0 Gbit/s, MTU 9000, node 1, 8 rx and 8 tx queues
                  data address 10.0.0.1:7411, receive CPU by hash (RSS, RPS)
                  RSS          Toeplitz, TCPv4 by sdfn, key 6d5a56da… (40 bytes), 128 entries: 0-7
                  rx IRQ CPU   0-3→8-11  4-5→3  6→0-7
                  RPS CPUs     7→1-2
                  XPS CPUs     0-7→0-7
                """);
    }

    @Test
    void namesFromElsewhereCannotReachTheTerminal() {
        Host host = card();
        host.getNics().getFirst().setName("e\u001b[2J");
        host.getNics().getFirst().setDriver("x\u0007");

        assertThat(new NicDrawing(host, 80).text()).doesNotContain("\u001b", "\u0007").contains("\\u001b");
    }

    @Test
    void claimsSayWhoHoldsACpuAndWhatFor() {
        RunFlow flow = RunFlow.newBuilder()
                .setFlowId("r1.0")
                .setSourceHostId("host-a")
                .setDestinationHostId("host-b")
                .setCandidateId(0)
                .setSourceAddress("10.0.0.1")
                .setSourcePort(40_000)
                .setDestinationAddress("10.0.0.2")
                .setDestinationPort(7411)
                .setSourceApplicationCpu(3)
                .setSourceReceiveCpu(2)
                .setDestinationApplicationCpu(3)
                .setDestinationReceiveCpu(3)
                .build();
        Run run = Run.newBuilder()
                .setRunId("r1")
                .setState(RunStateName.RUNNING)
                .setCoordinatorEpoch(1)
                .setFlows(List.of(flow))
                .setClaims(List.of(claim("m-a", 2), claim("m-a", 3), claim("m-b", 3)))
                .build();
        Map<String, Host> hosts = Map.of(
                "host-a", machine(1, 4, 1).setMachineId("m-a").build(),
                "host-b", machine(1, 4, 1).setMachineId("m-b").build());

        ClaimsTable atA = ClaimsTable.of("m-a", List.of(run), hosts);

        assertThat(atA.cpus()).isEqualTo(CpuSet.parse("2-3"));
        assertThat(atA.text()).isEqualTo("""
                CLAIMED CPU  FLOW  RUN IS   AS
                          2  r1.0  RUNNING  source rx
                          3  r1.0  RUNNING  source app
                """);
        assertThat(ClaimsTable.of("m-b", List.of(run), hosts).text()).contains("3  r1.0  RUNNING  destination rx, ");
        assertThat(ClaimsTable.of("m-c", List.of(run), hosts).text()).isEmpty();
    }

    private static Claim claim(String machineId, int cpu) {
        return new Claim(machineId, cpu, "r1.0", Exclusive.STRICT, ClaimPart.WHOLE, "");
    }

    private static String everyOther(int cpus) {
        StringBuilder list = new StringBuilder();
        for (int cpu = 0; cpu < cpus; cpu += 2) {
            list.append(list.isEmpty() ? "" : ",").append(cpu);
        }
        return list.toString();
    }

    /** Threads of core n are n and n plus the number of cores, as Linux numbers them on x86-64. */
    private static Host.Builder machine(int sockets, int coresPerSocket, int threads) {
        int cores = sockets * coresPerSocket;
        List<Cpu> cpus = new ArrayList<>();
        for (int cpu = 0; cpu < cores * threads; cpu++) {
            int core = cpu % cores;
            CpuSet siblings = CpuSet.of(
                    IntStream.range(0, threads).map(thread -> core + thread * cores).toArray());
            cpus.add(new Cpu(cpu, core % coresPerSocket, core / coresPerSocket, core / coresPerSocket,
                    siblings.toString()));
        }
        String all = cores == 0 ? "" : cores * threads == 1 ? "0" : "0-" + (cores * threads - 1);
        return Host.newBuilder()
                .setHostId("host-a")
                .setMachineId("m")
                .setInstanceId("i")
                .setEventTime(Samples.SUBMITTED)
                .setDataAddresses(List.of(new DataAddress("10.0.0.1", 7411, "eth0", Steering.HASHED)))
                .setOnlineCpus(all)
                .setAllowedCpus(all)
                .setCpus(cpus);
    }

    private static Host card() {
        List<NicQueue> queues = new ArrayList<>();
        String[] irqCpus = {"8", "9", "10", "11", "3", "3", "0-7", ""};
        for (int queue = 0; queue < irqCpus.length; queue++) {
            queues.add(NicQueue.newBuilder()
                    .setQueue(queue)
                    .setRxIrqEffectiveCpus(irqCpus[queue])
                    .setRpsCpus(queue == 7 ? "1-2" : "")
                    .setXpsCpus("" + queue)
                    .build());
        }
        return machine(1, 8, 1)
                .setNics(new ArrayList<>(List.of(Nic.newBuilder()
                        .setName("eth0")
                        .setKind(NicKind.DEVICE)
                        .setDriver("mlx5_core")
                        .setBusAddress("0000:03:00.0")
                        .setNumaNode(1)
                        .setSpeedBitsPerSecond(25_000_000_000L)
                        .setMtuBytes(9000)
                        .setRxQueues(8)
                        .setTxQueues(8)
                        .setQueues(queues)
                        .setRss(Rss.newBuilder()
                                .setHashFunction(RssHashFunction.TOEPLITZ)
                                .setHashKey("6d5a56da".repeat(10))
                                .setTcp4Fields("sdfn")
                                .setTableEntries(128)
                                .setTablePattern("0-7")
                                .build())
                        .build())))
                .build();
    }
}
