package dev.flowlane.core.run;

import dev.flowlane.core.placement.CandidatePair;
import dev.flowlane.core.placement.HostPair;
import dev.flowlane.core.placement.Steering;
import dev.flowlane.core.run.HostAnnouncement.DataAddress;
import dev.flowlane.core.steering.CpuUse;
import dev.flowlane.core.steering.FourTuple;
import dev.flowlane.core.steering.IpAddress;
import dev.flowlane.core.steering.PredictionTrust;
import dev.flowlane.core.steering.PredictionTrust.Direction;
import dev.flowlane.core.steering.QueuePrediction;
import dev.flowlane.core.steering.SourcePorts;
import dev.flowlane.posix.CpuSet;
import org.jspecify.annotations.Nullable;

import java.util.HashSet;
import java.util.List;

/**
 * From which source ports a search opens its candidates: from those that the spec names, in order and no others; else
 * from such as are expected to be received on CPUs that are free, as far as the hosts tell enough to say; else from
 * whichever the kernel chooses. And the comparison of what was expected with what the ends report.
 */
final class Foresight {
    private final Turn turn;
    private final RunRecord run;
    private final CandidateBook book;
    private final CpuUse use = new CpuUse();

    /** For one round of a search. */
    Foresight(Turn turn, RunRecord run, CandidateBook book) {
        this.turn = turn;
        this.run = run;
        this.book = book;
        for (CandidatePair open : book.pairs()) {
            count(open.sourceHostId(), open.source().receiveCpu());
            count(open.destinationHostId(), open.destination().receiveCpu());
        }
    }

    private void count(String hostId, int cpu) {
        HostView host = turn.host(hostId);
        if (host != null && cpu >= 0) {
            use.add(host.machineId(), cpu);
        }
    }

    /** Whether the spec names the ports, so that the kernel may choose none. */
    boolean choosesAll() {
        return !run.spec().placement().sourcePorts().isEmpty();
    }

    /** Up to {@code count} ports for candidates between the two; none: the kernel is to choose, if it may. */
    List<Integer> ports(HostView source, HostView destination, Routes.Route route, int count) {
        HostPair pair = new HostPair(source.hostId(), destination.hostId());
        List<Integer> asked = book.portsAsked(pair);
        if (choosesAll()) {
            List<Integer> named = run.spec().placement().sourcePorts();
            int from = Math.min(asked.size(), named.size());
            return named.subList(from, Math.min(named.size(), from + count));
        }
        IpAddress here = IpAddress.parse(route.source().address());
        IpAddress there = IpAddress.parse(route.destination().address());
        // Ports that are all refused may be so by a firewall that lets others through.
        boolean oneMachine = source.machineId().equals(destination.machineId());
        // The other end's UDP port is not known before the candidate is open.
        if (run.spec().traffic().isOverUdp() || oneMachine || here == null || there == null || book.allFailed(pair)) {
            return List.of();
        }
        return SourcePorts.choose(
                new FourTuple(here, 0, there, route.destination().port()),
                end(source, destination, route.source(), run.spec().placement().sourceCpus()),
                end(destination, source, route.destination(), run.spec().placement().destinationCpus()),
                count,
                new HashSet<>(asked),
                (run.runId() + "#" + run.attempt()).hashCode() + book.size(),
                use);
    }

    private SourcePorts.End end(HostView host, HostView peer, DataAddress address, @Nullable CpuSet limit) {
        boolean trusted = turn.trust().trusted(new Direction(host.hostId(), peer.hostId()));
        QueuePrediction prediction = address.steering() == Steering.HASHED && trusted
                ? QueuePrediction.at(host.announced().nics(), address.interfaceName())
                : null;
        CpuSet allowed = host.announced().cpus().allowed();
        CpuSet usable = limit == null ? allowed : allowed.and(limit);
        return new SourcePorts.End(
                host.machineId(), prediction, usable.minus(turn.ledger().without(run.runId())
                        .claimedCpus(host.machineId())));
    }

    /** Counts for and against the predictions what a host says of its ends of candidates, each end once. */
    static void compare(Turn turn, RunRecord run, CandidateBook book, Input.CandidatesReported word) {
        HostView host = turn.host(word.hostId());
        if (host == null || run.spec().traffic().isOverUdp()) {
            return; // What is expected of TCP's ports says nothing of UDP's, for which a device may hash less.
        }
        for (CandidateReport report : word.candidates()) {
            CandidateBook.Entry entry = book.opened().get(report.candidateId());
            if (entry != null && report.failure() == null && report.steering() == Steering.HASHED
                    && report.receiveCpu() >= 0) {
                boolean isSource = report.role() == FlowRole.SOURCE;
                boolean owns = (isSource ? entry.pair().source() : entry.pair().destination()).equals(host.hostId());
                boolean heard = (isSource ? entry.source() : entry.destination()) != null;
                if (owns && !heard) {
                    String peer = isSource ? entry.pair().destination() : entry.pair().source();
                    compare(turn, run, host, peer, report);
                }
            }
        }
    }

    private static void compare(Turn turn, RunRecord run, HostView host, String peer, CandidateReport report) {
        IpAddress local = IpAddress.parse(report.localAddress());
        IpAddress remote = IpAddress.parse(report.remoteAddress());
        String interfaceName = host.announced().dataAddresses().stream()
                .filter(address -> address.address().equals(report.localAddress()))
                .findFirst()
                .map(DataAddress::interfaceName)
                .orElse("");
        if (local == null || remote == null || local.sizeBytes() != remote.sizeBytes() || interfaceName.isEmpty()) {
            return;
        }
        FourTuple packet = new FourTuple(remote, report.remotePort(), local, report.localPort());
        switch (QueuePrediction.at(host.announced().nics(), interfaceName).of(packet)) {
            case QueuePrediction.Cpu(int cpu) -> observe(turn, run, host, peer, cpu, report.receiveCpu());
            case QueuePrediction.Unknown _ -> {}
        }
    }

    private static void observe(
            Turn turn, RunRecord run, HostView host, String peer, int predictedCpu, int observedCpu) {
        Direction direction = new Direction(host.hostId(), peer);
        PredictionTrust before = turn.trust();
        PredictionTrust after = before.observe(direction, predictedCpu, observedCpu);
        turn.trust(after);
        if (before.trusted(direction) && !after.trusted(direction)) {
            turn.event(run, RunEvent.Type.WARNING, host.hostId(), null,
                    "receive CPUs of " + host.hostId() + " for packets from " + peer + " are not where its interface's"
                            + " hash says (" + after.tally(direction) + " were): predictions are dropped");
        }
    }
}
