package dev.flowlane.coordinator.wire;

import dev.flowlane.core.run.HostEnvironment;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The environments of hosts: from their records, and into the results of runs. */
final class EnvironmentAvro {
    /**
     * Characters of facts in one result. Everything else about a run of the largest size takes up to 15 of the 16 MiB
     * of a record; machines of one kind share an environment, so this is room for some hundred kinds.
     */
    static final int MAX_CHARACTERS = 512 * 1024;

    private EnvironmentAvro() {}

    static HostEnvironment fromAvro(dev.flowlane.avro.@Nullable Environment record) {
        return record == null
                ? HostEnvironment.UNKNOWN
                : new HostEnvironment(
                        record.getFingerprint(),
                        record.getFacts().stream()
                                .map(fact -> new HostEnvironment.Fact(fact.getName(), fact.getContent()))
                                .toList());
    }

    static List<dev.flowlane.avro.RunHost> hosts(List<HostEnvironment.Of> hosts) {
        return hosts.stream()
                .map(host -> new dev.flowlane.avro.RunHost(host.hostId(), host.environment().fingerprint()))
                .toList();
    }

    /** Each environment once, in the order of the hosts, as long as they fit. */
    static List<dev.flowlane.avro.Environment> environments(List<HostEnvironment.Of> hosts) {
        List<dev.flowlane.avro.Environment> environments = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        int characters = 0;
        for (HostEnvironment.Of host : hosts) {
            HostEnvironment environment = host.environment();
            if (environment.fingerprint().isEmpty() || !seen.add(environment.fingerprint())) {
                continue;
            }
            int more = characters(environment);
            if (characters + more <= MAX_CHARACTERS) {
                characters += more;
                environments.add(toAvro(environment));
            }
        }
        return environments;
    }

    /** A note for the result when not all environments fit. */
    static List<String> notes(List<HostEnvironment.Of> hosts) {
        long known = hosts.stream()
                .map(host -> host.environment().fingerprint())
                .filter(fingerprint -> !fingerprint.isEmpty())
                .distinct()
                .count();
        long missing = known - environments(hosts).size();
        return missing == 0
                ? List.of()
                : List.of(missing + " of " + known + " different environments did not fit into this record; only their"
                        + " fingerprints are here");
    }

    private static int characters(HostEnvironment environment) {
        return environment.facts().stream()
                .mapToInt(fact -> fact.name().length() + fact.content().length())
                .sum();
    }

    private static dev.flowlane.avro.Environment toAvro(HostEnvironment environment) {
        return new dev.flowlane.avro.Environment(
                environment.fingerprint(),
                environment.facts().stream()
                        .map(fact -> new dev.flowlane.avro.EnvironmentFact(fact.name(), fact.content()))
                        .toList());
    }
}
