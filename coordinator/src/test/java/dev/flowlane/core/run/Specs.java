package dev.flowlane.core.run;

import dev.flowlane.core.spec.ApplicationCpu;
import dev.flowlane.core.spec.Conduct;
import dev.flowlane.core.spec.Exclusive;
import dev.flowlane.core.spec.IoEngine;
import dev.flowlane.core.spec.IoSettings;
import dev.flowlane.core.spec.NotBefore;
import dev.flowlane.core.spec.OnDrift;
import dev.flowlane.core.spec.PlacementPolicy;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.spec.Smt;
import dev.flowlane.core.spec.SocketSettings;
import dev.flowlane.core.spec.Threshold;
import dev.flowlane.core.spec.Topology;
import dev.flowlane.core.spec.Traffic;
import dev.flowlane.core.spec.WhenBusy;

import java.time.Duration;
import java.util.List;

/** Specs for tests: one stream flow of 10 s from host-a to host-b, and whatever is changed of it. */
record Specs(
        List<String> sources,
        List<String> destinations,
        Topology topology,
        int flows,
        Traffic traffic,
        Duration duration,
        Duration warmup,
        int ipVersion,
        ApplicationCpu applicationCpu,
        Exclusive exclusive,
        int maxCandidates,
        WhenBusy whenBusy,
        Conduct conduct) {

    static Specs stream() {
        return new Specs(
                List.of("host-a"),
                List.of("host-b"),
                Topology.PAIR,
                1,
                new Traffic.Stream(),
                Duration.ofSeconds(10),
                Duration.ZERO,
                RunSpec.ANY_IP_VERSION,
                new ApplicationCpu.SameCore(),
                Exclusive.STRICT,
                64,
                WhenBusy.QUEUE,
                Conduct.DEFAULT);
    }

    RunSpec build() {
        return new RunSpec(
                sources,
                destinations,
                topology,
                flows,
                traffic,
                duration,
                warmup,
                Duration.ofSeconds(1),
                ipVersion,
                new PlacementPolicy(applicationCpu, exclusive, Smt.AVOID, null, null, false, maxCandidates),
                new IoSettings(IoEngine.BLOCKING, 65_536, 65_536, true),
                new SocketSettings(true, null, null, null, null),
                whenBusy,
                conduct);
    }

    Specs between(String source, String destination) {
        return new Specs(List.of(source), List.of(destination), topology, flows, traffic, duration, warmup, ipVersion,
                applicationCpu, exclusive, maxCandidates, whenBusy, conduct);
    }

    Specs over(Topology newTopology, List<String> newSources, List<String> newDestinations) {
        return new Specs(newSources, newDestinations, newTopology, flows, traffic, duration, warmup, ipVersion,
                applicationCpu, exclusive, maxCandidates, whenBusy, conduct);
    }

    Specs flows(int count) {
        return new Specs(sources, destinations, topology, count, traffic, duration, warmup, ipVersion, applicationCpu,
                exclusive, maxCandidates, whenBusy, conduct);
    }

    Specs traffic(Traffic newTraffic) {
        return new Specs(sources, destinations, topology, flows, newTraffic, duration, warmup, ipVersion,
                applicationCpu, exclusive, maxCandidates, whenBusy, conduct);
    }

    Specs lasting(Duration newWarmup, Duration newDuration) {
        return new Specs(sources, destinations, topology, flows, traffic, newDuration, newWarmup, ipVersion,
                applicationCpu, exclusive, maxCandidates, whenBusy, conduct);
    }

    Specs ipVersion(int version) {
        return new Specs(sources, destinations, topology, flows, traffic, duration, warmup, version, applicationCpu,
                exclusive, maxCandidates, whenBusy, conduct);
    }

    Specs applicationCpu(ApplicationCpu cpu) {
        return new Specs(sources, destinations, topology, flows, traffic, duration, warmup, ipVersion, cpu, exclusive,
                maxCandidates, whenBusy, conduct);
    }

    Specs exclusive(Exclusive newExclusive) {
        return new Specs(sources, destinations, topology, flows, traffic, duration, warmup, ipVersion, applicationCpu,
                newExclusive, maxCandidates, whenBusy, conduct);
    }

    Specs maxCandidates(int max) {
        return new Specs(sources, destinations, topology, flows, traffic, duration, warmup, ipVersion, applicationCpu,
                exclusive, max, whenBusy, conduct);
    }

    Specs whenBusy(WhenBusy newWhenBusy) {
        return new Specs(sources, destinations, topology, flows, traffic, duration, warmup, ipVersion, applicationCpu,
                exclusive, maxCandidates, newWhenBusy, conduct);
    }

    Specs conduct(Conduct newConduct) {
        return new Specs(sources, destinations, topology, flows, traffic, duration, warmup, ipVersion, applicationCpu,
                exclusive, maxCandidates, whenBusy, newConduct);
    }

    Specs priority(int priority) {
        return conduct(new Conduct(priority, conduct.notBefore(), conduct.onDrift(), conduct.trials(), conduct.like()));
    }

    Specs notBefore(NotBefore notBefore) {
        return conduct(new Conduct(conduct.priority(), notBefore, conduct.onDrift(), conduct.trials(), conduct.like()));
    }

    Specs rehunting() {
        return conduct(new Conduct(
                conduct.priority(), conduct.notBefore(), OnDrift.REHUNT, conduct.trials(), conduct.like()));
    }

    Specs trials(int trials) {
        return conduct(new Conduct(conduct.priority(), conduct.notBefore(), conduct.onDrift(), trials, conduct.like()));
    }

    Specs thresholds(Threshold... thresholds) {
        return conduct(new Conduct(conduct.priority(), conduct.notBefore(), conduct.onDrift(), conduct.trials(),
                conduct.like(), List.of(thresholds)));
    }

    Specs like(String runId) {
        return conduct(
                new Conduct(conduct.priority(), conduct.notBefore(), conduct.onDrift(), conduct.trials(), runId));
    }
}
