package dev.flowlane.cli;

import dev.flowlane.bus.Finding;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.util.List;
import java.util.concurrent.Callable;

/** {@code topics}: what Flowlane needs on a Kafka cluster. */
@Command(
        name = "topics",
        header = {
            "Creates or checks Flowlane's topics.",
            "",
            "Examples:",
            "  flowlane topics create --bootstrap kafka-1:9092 --replication 3",
            "  flowlane topics verify --bootstrap kafka-1:9092",
            ""
        })
final class TopicsVerb {
    @Mixin CommonOptions common = new CommonOptions();

    /** {@code topics create}. */
    @Command(
            name = "create",
            sortOptions = false,
            header = "Creates the topics that are missing; those that are there stay as they are.")
    static final class Create implements Callable<Integer> {
        private final CliContext context;

        @Option(
                names = "--replication",
                paramLabel = "N",
                description = "Replicas of each partition. Default: the cluster's default.replication.factor.")
        int replication = -1;

        @Mixin BusOptions bus = new BusOptions();
        @Mixin CommonOptions common = new CommonOptions();

        Create(CliContext context) {
            this.context = context;
        }

        @Override
        public Integer call() {
            Messages messages = Messages.of(context, common);
            if (replication != -1 && (replication < 1 || replication > Short.MAX_VALUE)) {
                throw CliException.usage("--replication: " + replication + " is not within 1 and " + Short.MAX_VALUE);
            }
            try (Cluster cluster = Cluster.existing(context, bus, messages)) {
                List<String> created = cluster.bus().admin().create(replication);
                created.forEach(context.out()::println);
                context.out().flush();
                if (created.isEmpty()) {
                    messages.info("every topic is there already");
                }
                return ExitCode.OK;
            }
        }
    }

    /** {@code topics verify}. */
    @Command(name = "verify", sortOptions = false,
            header = "Checks the topics; exit code 3 if one is missing or wrong.")
    static final class Verify implements Callable<Integer> {
        private final CliContext context;

        @Mixin BusOptions bus = new BusOptions();
        @Mixin CommonOptions common = new CommonOptions();

        Verify(CliContext context) {
            this.context = context;
        }

        @Override
        public Integer call() {
            Messages messages = Messages.of(context, common);
            try (Cluster cluster = Cluster.existing(context, bus, messages)) {
                List<Finding> findings = cluster.bus().admin().verify();
                for (Finding finding : findings) {
                    context.out().println(Plain.text(finding.topic() + ": " + finding.problem()));
                    context.out().println("  " + Plain.text(finding.mend()));
                }
                context.out().flush();
                if (findings.isEmpty()) {
                    messages.info("all topics are as they should be");
                }
                return findings.isEmpty() ? ExitCode.OK : ExitCode.PREFLIGHT;
            }
        }
    }
}
