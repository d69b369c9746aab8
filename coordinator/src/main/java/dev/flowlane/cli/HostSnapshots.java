package dev.flowlane.cli;

import dev.flowlane.avro.EnvironmentFact;
import dev.flowlane.avro.Host;
import dev.flowlane.avro.Nic;
import dev.flowlane.avro.NicKind;
import dev.flowlane.avro.NicQueue;
import dev.flowlane.core.doctor.HostSnapshot;
import dev.flowlane.posix.CpuSet;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificDatumReader;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Hosts for the doctor: from their records, or this one as a daemon would announce it. */
final class HostSnapshots {
    private static final long PATIENCE_SECONDS = 60;

    private HostSnapshots() {}

    /**
     * What a daemon on this host would announce.
     *
     * @param interfaces those to look at; empty: all
     * @throws CliException if the daemon's program cannot be run
     */
    static Host local(Path launcher, List<String> interfaces) {
        List<String> command = new java.util.ArrayList<>(
                List.of(launcher.toString(), "host-daemon", "--print-inventory"));
        command.addAll(interfaces);
        try {
            Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
            process.getOutputStream().close();
            String json = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw CliException.preflight("the host daemon's program does not tell what it sees",
                        "try it: " + String.join(" ", command));
            }
            return new SpecificDatumReader<>(Host.class)
                    .read(null, DecoderFactory.get().jsonDecoder(Host.getClassSchema(), json));
        } catch (IOException e) {
            throw CliException.preflight("cannot see this host: " + e.getMessage(),
                    "try it: " + String.join(" ", command));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("nobody interrupts this thread", e);
        }
    }

    /** Interfaces in the order of the record; one that cannot carry flows to others only if there is no other. */
    static HostSnapshot of(Host host) {
        var environment = host.getEnvironment();
        Map<String, String> facts = environment == null
                ? Map.of()
                : environment.getFacts().stream().collect(Collectors.toMap(
                        EnvironmentFact::getName, EnvironmentFact::getContent, (one, _) -> one));
        return new HostSnapshot(
                CpuSet.parse(host.getOnlineCpus()),
                CpuSet.parse(host.getAllowedCpus()),
                set(host.getIsolatedCpus()),
                host.getCpus().stream()
                        .map(cpu -> new HostSnapshot.Core(
                                cpu.getCpu(),
                                cpu.getNumaNode(),
                                cpu.getSmtSiblings().isEmpty()
                                        ? CpuSet.of(cpu.getCpu())
                                        : CpuSet.parse(cpu.getSmtSiblings())))
                        .toList(),
                host.getNics().stream().map(HostSnapshots::nic).toList(),
                facts);
    }

    private static HostSnapshot.Nic nic(Nic nic) {
        return new HostSnapshot.Nic(
                nic.getName(),
                nic.getKind() == NicKind.DEVICE,
                nic.getNumaNode(),
                nic.getMtuBytes(),
                nic.getRxQueues(),
                nic.getTxQueues(),
                nic.getQueues().stream().map(HostSnapshots::queue).toList());
    }

    private static HostSnapshot.Queue queue(NicQueue queue) {
        return new HostSnapshot.Queue(
                queue.getQueue(),
                queue.getRxIrq(),
                set(queue.getRxIrqCpus()),
                set(queue.getRxIrqEffectiveCpus()),
                set(queue.getRpsCpus()),
                set(queue.getXpsCpus()));
    }

    private static CpuSet set(String cpus) {
        return cpus.isEmpty() ? CpuSet.empty() : CpuSet.parse(cpus);
    }
}
