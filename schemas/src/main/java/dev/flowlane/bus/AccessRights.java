package dev.flowlane.bus;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;

/**
 * The access rights (ACLs) that the roles of an installation need, and no others: {@code flowlane topics acls} prints
 * and grants them. Whoever creates topics and grants rights is an administrator of the cluster, which is no role here.
 */
public final class AccessRights {
    /** As Kafka's authorizer spells one: a type and a name, which may be a certificate's distinguished name. */
    private static final Pattern PRINCIPAL = Pattern.compile("[A-Za-z]+:[^\\p{Cntrl}]+");

    /** What only the coordinator and the daemons may see: orders carry the keys that the ends of a flow prove. */
    private static final Set<Topic<?>> WITH_KEYS = Set.of(Topic.HOST_COMMANDS);

    private static final Set<Topic<?>> COORDINATOR_READS =
            Set.of(Topic.COMMANDS, Topic.HOST_EVENTS, Topic.HOSTS, Topic.RUNS);
    private static final Set<Topic<?>> COORDINATOR_WRITES =
            Set.of(Topic.RUNS, Topic.HOST_COMMANDS, Topic.RUN_EVENTS, Topic.FLOW_RESULTS, Topic.RUN_RESULTS);
    private static final Set<Topic<?>> DAEMON_READS = Set.of(Topic.HOST_COMMANDS);
    private static final Set<Topic<?>> DAEMON_WRITES = Set.of(
            Topic.HOSTS,
            Topic.HOST_EVENTS,
            Topic.CPU_PLACEMENT,
            Topic.TCP_STATS,
            Topic.LATENCY,
            Topic.FLOW_STATS,
            Topic.CPU_USE);
    private static final Set<Topic<?>> USER_WRITES = Set.of(Topic.COMMANDS, Topic.BASELINES);
    private static final Set<Topic<?>> ANALYTICS_READS = Set.of(
            Topic.RUN_EVENTS,
            Topic.CPU_PLACEMENT,
            Topic.TCP_STATS,
            Topic.LATENCY,
            Topic.FLOW_STATS,
            Topic.CPU_USE,
            Topic.FLOW_RESULTS,
            Topic.RUN_RESULTS,
            Topic.BASELINES);

    /** What one role may do with one resource. */
    private record Right(BusRole role, ResourcePattern resource, List<AclOperation> operations) {}

    private final BusSettings settings;
    private final Map<BusRole, String> principals;

    /**
     * Rights of these principals.
     *
     * @param principals by role, such as {@code User:flowlane-daemon}; roles that are left out get no rights
     * @throws IllegalArgumentException if one is not TYPE:NAME
     */
    public AccessRights(BusSettings settings, Map<BusRole, String> principals) {
        principals.forEach((role, principal) -> {
            if (!PRINCIPAL.matcher(principal).matches()) {
                throw new IllegalArgumentException("principal of " + role.text()
                        + ": not TYPE:NAME; for example User:flowlane-" + role.text());
            }
        });
        this.settings = settings;
        this.principals = Map.copyOf(principals);
    }

    /** As calls of Kafka's own {@code kafka-acls.sh}, one for each role and resource. */
    public List<String> commands() {
        List<String> commands = new ArrayList<>();
        for (Right right : rights()) {
            StringBuilder command = new StringBuilder("kafka-acls.sh --bootstrap-server ")
                    .append(settings.bootstrapServers())
                    .append(" --add --allow-principal ")
                    .append(quoted(principals.getOrDefault(right.role(), "")));
            right.operations().forEach(operation -> command.append(" --operation ").append(spelled(operation)));
            command.append(' ').append(option(right.resource().resourceType())).append(' ')
                    .append(quoted(right.resource().name()));
            if (right.resource().patternType() == PatternType.PREFIXED) {
                command.append(" --resource-pattern-type prefixed");
            }
            commands.add(command.toString());
        }
        return commands;
    }

    /**
     * Grants all of them; those that are there already stay.
     *
     * @return how many there are
     * @throws BusException if Kafka does not answer, has no authorizer, or does not allow it
     */
    public int grant() {
        List<AclBinding> bindings = new ArrayList<>();
        for (Right right : rights()) {
            for (AclOperation operation : right.operations()) {
                String principal = principals.getOrDefault(right.role(), "");
                bindings.add(new AclBinding(
                        right.resource(), new AccessControlEntry(principal, "*", operation, AclPermissionType.ALLOW)));
            }
        }
        try (AdminConnection connection = AdminConnection.open(settings)) {
            Admin admin = connection.admin();
            KafkaFuture<Void> granted = admin.createAcls(bindings).all();
            granted.get();
            return bindings.size();
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new BusException("grant access rights at " + settings.bootstrapServers() + ": "
                    + cause.getMessage(), cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BusException("interrupted while waiting for Kafka", e);
        }
    }

    private List<Right> rights() {
        List<Right> rights = new ArrayList<>();
        for (BusRole role : BusRole.values()) {
            if (principals.containsKey(role)) {
                rights.addAll(rights(role));
            }
        }
        return rights;
    }

    private List<Right> rights(BusRole role) {
        List<Right> rights = new ArrayList<>();
        for (Topic<?> topic : Topic.all()) {
            List<AclOperation> operations = operations(role, topic);
            if (!operations.isEmpty()) {
                rights.add(new Right(role, topic(topic.name(settings.prefix())), operations));
            }
        }
        String deadLetters = settings.prefix() + "." + TopicLayout.deadLetters().suffix();
        switch (role) {
            case COORDINATOR -> {
                rights.add(new Right(role, topic(deadLetters),
                        List.of(AclOperation.WRITE, AclOperation.DESCRIBE_CONFIGS)));
                // Group and transactional id of whichever coordinator is active.
                String own = settings.prefix() + "-coordinator";
                rights.add(new Right(role, literal(ResourceType.GROUP, own), List.of(AclOperation.READ)));
                // Coordinators that stand by are members of this one.
                rights.add(new Right(role, literal(ResourceType.GROUP, own + "-seat"), List.of(AclOperation.READ)));
                rights.add(new Right(
                        role,
                        literal(ResourceType.TRANSACTIONAL_ID, own),
                        List.of(AclOperation.WRITE, AclOperation.DESCRIBE)));
            }
            case DAEMON -> rights.add(new Right(role, topic(deadLetters), List.of(AclOperation.WRITE)));
            case USER -> rights.add(new Right(role, topic(deadLetters), List.of(AclOperation.READ)));
            case ANALYTICS -> rights.add(new Right(
                    role,
                    new ResourcePattern(ResourceType.GROUP, settings.prefix() + "-analytics", PatternType.PREFIXED),
                    List.of(AclOperation.READ)));
        }
        return rights;
    }

    private static List<AclOperation> operations(BusRole role, Topic<?> topic) {
        return switch (role) {
            case COORDINATOR -> {
                List<AclOperation> operations =
                        operations(COORDINATOR_READS.contains(topic), COORDINATOR_WRITES.contains(topic));
                // It checks at its start that every topic is there and laid out as it must be.
                if (operations.isEmpty()) {
                    operations.add(AclOperation.DESCRIBE);
                }
                operations.add(AclOperation.DESCRIBE_CONFIGS);
                yield operations;
            }
            case DAEMON -> operations(DAEMON_READS.contains(topic), DAEMON_WRITES.contains(topic));
            case USER -> operations(!WITH_KEYS.contains(topic), USER_WRITES.contains(topic));
            case ANALYTICS -> operations(ANALYTICS_READS.contains(topic), false);
        };
    }

    /** Either of them brings Describe with it. */
    private static List<AclOperation> operations(boolean reads, boolean writes) {
        List<AclOperation> operations = new ArrayList<>();
        if (reads) {
            operations.add(AclOperation.READ);
        }
        if (writes) {
            operations.add(AclOperation.WRITE);
        }
        return operations;
    }

    private static ResourcePattern topic(String name) {
        return literal(ResourceType.TOPIC, name);
    }

    private static ResourcePattern literal(ResourceType type, String name) {
        return new ResourcePattern(type, name, PatternType.LITERAL);
    }

    private static String option(ResourceType type) {
        return "--" + type.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** As the tool takes it: DescribeConfigs for DESCRIBE_CONFIGS. */
    private static String spelled(AclOperation operation) {
        StringBuilder text = new StringBuilder();
        for (String word : operation.name().split("_", -1)) {
            text.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
        }
        return text.toString();
    }

    /** For a shell. */
    private static String quoted(String text) {
        return text.matches("[A-Za-z0-9:._/=@-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }
}
