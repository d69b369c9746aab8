package dev.flowlane.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.flowlane.avro.Host;
import dev.flowlane.bus.Topic;
import dev.flowlane.core.Counted;
import dev.flowlane.core.doctor.Diagnosis;
import dev.flowlane.core.doctor.Diagnosis.Level;
import dev.flowlane.core.doctor.Doctor;
import dev.flowlane.core.doctor.HostSnapshot;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;

/** {@code doctor}: what on a host would spoil a measurement, each with the command that mends it. */
@Command(
        name = "doctor",
        sortOptions = false,
        header = {
            "Says what on a host would spoil a measurement, each with the command that mends it.",
            "",
            "Examples:",
            "  flowlane doctor                                      this host by itself",
            "  flowlane doctor --bootstrap kafka-1:9092             and Kafka and its topics",
            "  flowlane doctor --host rack7-a --bootstrap kafka-1:9092   another host, by what its daemon announced",
            ""
        },
        footer = {"", "Exit code: 0; 3 when something fails. Nothing is changed."})
final class DoctorVerb implements Callable<Integer> {
    private static final Duration HEARD_WITHIN = Duration.ofSeconds(30);

    private final CliContext context;

    @Option(names = "--host", paramLabel = "ID", description = "A host of the fleet instead of this one.")
    @Nullable String hostId;

    @Option(
            names = "--interface",
            paramLabel = "NAME",
            description = "Look at this interface of this host only; may be repeated. Default: all that are up.")
    List<String> interfaces = new ArrayList<>();

    @Option(names = "--all", description = "Also what is well; in tables only warnings and failures are shown else.")
    boolean all;

    @Mixin OutputOptions output = new OutputOptions();
    @Mixin BusOptions bus = new BusOptions();
    @Mixin CommonOptions common = new CommonOptions();

    DoctorVerb(CliContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        Messages messages = Messages.of(context, common);
        Output data = Output.of(context, output, common);
        if (hostId != null && !interfaces.isEmpty()) {
            throw CliException.usage("--interface is for this host; of others the announced interfaces are looked at");
        }
        List<Diagnosis> found = new ArrayList<>();
        if (hostId != null) {
            try (Cluster cluster = Cluster.existing(context, bus, messages)) {
                Host host = new TopicView(cluster).latest(Topic.HOSTS).get(hostId);
                if (host == null) {
                    throw CliException.rejected("there is no host " + Plain.text(hostId),
                            "those that there are: flowlane hosts list");
                }
                kafka(cluster, found);
                found.addAll(KafkaChecks.daemon(hostId, new TopicView(cluster).lastHeartbeats(HEARD_WITHIN)));
                found.addAll(Doctor.examine(HostSnapshots.of(host)));
            }
        } else {
            Host host = HostSnapshots.local(context.launcher(), interfaces);
            if (bus.isNamed(context)) {
                ownKafka(host.getMachineId(), messages, found);
            }
            HostSnapshot snapshot = HostSnapshots.of(host);
            // An interface that is down matters only to who means to use it.
            found.addAll(Doctor.examine(interfaces.isEmpty() ? snapshot.withoutIdleLinks() : snapshot));
        }
        data.object(json(found), () -> table(found, data.colour()));
        return found.stream().anyMatch(diagnosis -> diagnosis.level() == Level.FAIL) ? ExitCode.PREFLIGHT : ExitCode.OK;
    }

    /** A broker that cannot be reached is a finding among others. */
    private void ownKafka(String machineId, Messages messages, List<Diagnosis> found) {
        try (Cluster cluster = Cluster.existing(context, bus, messages)) {
            kafka(cluster, found);
            TopicView topics = new TopicView(cluster);
            found.addAll(KafkaChecks.ownDaemons(
                    machineId, topics.latest(Topic.HOSTS).values(), topics.lastHeartbeats(HEARD_WITHIN)));
        } catch (CliException e) {
            if (e.exitCode() == ExitCode.USAGE) {
                throw e;
            }
            found.add(KafkaChecks.unreachable(e));
        }
    }

    private static void kafka(Cluster cluster, List<Diagnosis> found) {
        found.addAll(KafkaChecks.topics(
                cluster.settings().bootstrapServers(), cluster.bus().admin().verify()));
    }

    private String table(List<Diagnosis> found, boolean colour) {
        StringBuilder text = new StringBuilder();
        for (Diagnosis diagnosis : found) {
            if (all || diagnosis.level() != Level.OK) {
                text.append(painted(diagnosis.level(), colour)).append("  ").append(Plain.text(diagnosis.check()))
                        .append(": ").append(Plain.text(diagnosis.found())).append('\n');
                if (!diagnosis.mend().isEmpty()) {
                    text.append("      ").append(Plain.text(diagnosis.mend())).append('\n');
                }
            }
        }
        long warnings = found.stream().filter(diagnosis -> diagnosis.level() == Level.WARN).count();
        long failures = found.stream().filter(diagnosis -> diagnosis.level() == Level.FAIL).count();
        return text.append(String.format(Locale.ROOT, "%s: %d ok, %d to warn of, %d failed%s%n",
                Counted.of(found.size(), "check"), found.size() - warnings - failures, warnings, failures,
                all || warnings + failures == found.size() ? "" : " (--all shows every one)")).toString();
    }

    private static String painted(Level level, boolean colour) {
        String word = switch (level) {
            case OK -> "ok  ";
            case WARN -> "warn";
            case FAIL -> "FAIL";
        };
        String code = switch (level) {
            case OK -> "32";
            case WARN -> "33";
            case FAIL -> "31";
        };
        return colour ? "\u001b[" + code + "m" + word + "\u001b[0m" : word;
    }

    private static ArrayNode json(List<Diagnosis> found) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        found.forEach(diagnosis -> array.addObject()
                .put("check", diagnosis.check())
                .put("level", diagnosis.level().name().toLowerCase(Locale.ROOT))
                .put("found", diagnosis.found())
                .put("mend", diagnosis.mend()));
        return array;
    }
}
