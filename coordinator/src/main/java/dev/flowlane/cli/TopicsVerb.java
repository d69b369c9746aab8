package dev.flowlane.cli;

import dev.flowlane.bus.AccessRights;
import dev.flowlane.bus.BusRole;
import dev.flowlane.bus.BusSettings;
import dev.flowlane.bus.Finding;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/** {@code topics}: what Flowlane needs on a Kafka cluster. */
@Command(
        name = "topics",
        header = {
            "Creates or checks Flowlane's topics and the rights to them.",
            "",
            "Examples:",
            "  flowlane topics create --bootstrap kafka-1:9092 --replication 3",
            "  flowlane topics verify --bootstrap kafka-1:9092",
            "  flowlane topics acls --print --bootstrap kafka-1:9092",
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
                if (cluster.bus().registerSchemas()) {
                    messages.info("every schema is in the registry");
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

    /** {@code topics acls}. */
    @Command(
            name = "acls",
            sortOptions = false,
            header = "The least rights that each role needs on a Kafka with an authorizer: prints or grants them.",
            description = {
                "",
                "Roles: the coordinator, the daemons, users (submit, watch, compare), analytics (read results).",
                "Granting, `topics create`, `verify` and `dead-letters retry` take an administrator.",
                "",
                "Example:",
                "  flowlane topics acls --apply --daemon 'User:CN=flowlane-daemon,O=Example'",
                ""
            })
    static final class Acls implements Callable<Integer> {
        private final CliContext context;

        @ArgGroup(exclusive = true, multiplicity = "1")
        Action action = new Action();

        @Option(
                names = "--coordinator",
                paramLabel = "PRINCIPAL",
                description = "Of the coordinator. Default: ${DEFAULT-VALUE}.")
        String coordinator = "User:flowlane-coordinator";

        @Option(
                names = "--daemon",
                paramLabel = "PRINCIPAL",
                description = "Of the host daemons. Default: ${DEFAULT-VALUE}.")
        String daemon = "User:flowlane-daemon";

        @Option(
                names = "--user",
                paramLabel = "PRINCIPAL",
                description = "Of people and their scripts. Default: ${DEFAULT-VALUE}.")
        String user = "User:flowlane-user";

        @Option(
                names = "--analytics",
                paramLabel = "PRINCIPAL",
                description = "Of jobs that read results, in groups PREFIX-analytics*. Default: ${DEFAULT-VALUE}.")
        String analytics = "User:flowlane-analytics";

        @Mixin BusOptions bus = new BusOptions();
        @Mixin CommonOptions common = new CommonOptions();

        /** Exactly one of them. */
        static final class Action {
            @Option(names = "--print", description = "Prints calls of kafka-acls.sh; asks no broker.")
            boolean print;

            @Option(names = "--apply", description = "Grants them.")
            boolean apply;
        }

        Acls(CliContext context) {
            this.context = context;
        }

        @Override
        public Integer call() {
            Messages messages = Messages.of(context, common);
            if (!bus.isNamed(context)) {
                throw CliException.usage("the local fleet has no authorizer", "name a Kafka: --bootstrap HOST:PORT");
            }
            if (action.print) {
                rights(bus.named(context)).commands().forEach(context.out()::println);
                context.out().flush();
                return ExitCode.OK;
            }
            try (Cluster cluster = Cluster.existing(context, bus, messages)) {
                messages.info(rights(cluster.settings()).grant() + " rights are granted");
                return ExitCode.OK;
            }
        }

        private AccessRights rights(BusSettings settings) {
            Map<BusRole, String> principals = new EnumMap<>(BusRole.class);
            principals.put(BusRole.COORDINATOR, coordinator);
            principals.put(BusRole.DAEMON, daemon);
            principals.put(BusRole.USER, user);
            principals.put(BusRole.ANALYTICS, analytics);
            try {
                return new AccessRights(settings, principals);
            } catch (IllegalArgumentException e) {
                throw CliException.usage(String.valueOf(e.getMessage()));
            }
        }
    }
}
