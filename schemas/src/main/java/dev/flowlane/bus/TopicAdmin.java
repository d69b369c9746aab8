package dev.flowlane.bus;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/** Creates the topics and checks them. Each call opens a connection of its own and closes it. */
public final class TopicAdmin {
    /** What spoils the work when it differs; retention and the like are the operator's business. */
    private static final List<String> CHECKED = List.of(
            TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG);

    private static final Duration USABLE_TIMEOUT = Duration.ofSeconds(15);
    private static final Duration USABLE_POLL = Duration.ofMillis(5);

    private final BusSettings settings;

    TopicAdmin(BusSettings settings) {
        this.settings = settings;
    }

    /**
     * Waits until a broker answers.
     *
     * @throws BusException if none does within {@code timeout}, or it turns the client away
     */
    public void waitUntilReachable(Duration timeout) {
        long deadlineNs = System.nanoTime() + timeout.toNanos();
        try (AdminConnection connection = AdminConnection.open(settings)) {
            while (true) {
                Duration left = Duration.ofNanos(deadlineNs - System.nanoTime());
                try {
                    // Between attempts the client waits by its own reconnect back-off.
                    if (left.isPositive() && !get(connection.admin().describeCluster().nodes(), left).isEmpty()) {
                        return;
                    }
                } catch (org.apache.kafka.common.errors.TimeoutException e) {
                    // Nobody answered within the client's own bound: ask again while there is time.
                }
                if (!left.isPositive()) {
                    throw new TimeoutException();
                }
            }
        } catch (TimeoutException e) {
            throw new BusException("no Kafka broker answered at " + settings.bootstrapServers() + " within "
                    + timeout.toMillis() + " ms: is it running, and is the address right?");
        }
    }

    /**
     * Creates the topics that are missing; those that are there stay as they are ({@link #verify} judges them). Returns
     * when the created ones can be written and read.
     *
     * @param replication replicas of each partition; -1: the cluster's default
     * @return full names of the topics that were created
     */
    public List<String> create(int replication) {
        return create(replication, Integer.MAX_VALUE);
    }

    /**
     * As {@link #create(int)}, for a broker that gains nothing by having the load spread.
     *
     * @param partitionsMax most partitions of a topic, at least 1
     */
    public List<String> create(int replication, int partitionsMax) {
        try (AdminConnection connection = AdminConnection.open(settings)) {
            Admin admin = connection.admin();
            List<NewTopic> wanted = new ArrayList<>();
            layouts().forEach((name, layout) -> {
                int partitions = Math.min(layout.partitions(), partitionsMax);
                wanted.add(new NewTopic(name, partitions, (short) replication).configs(layout.config()));
            });
            List<String> created = new ArrayList<>();
            for (Map.Entry<String, KafkaFuture<Void>> topic : admin.createTopics(wanted).values().entrySet()) {
                try {
                    topic.getValue().get();
                    created.add(topic.getKey());
                } catch (ExecutionException e) {
                    if (!(e.getCause() instanceof TopicExistsException)) {
                        throw failed("create topic " + topic.getKey(), e.getCause());
                    }
                } catch (InterruptedException e) {
                    throw interrupted(e);
                }
            }
            created.sort(null);
            waitUntilUsable(admin, created, System.nanoTime() + USABLE_TIMEOUT.toNanos());
            return created;
        }
    }

    /**
     * Waits until every topic can be written and read: for services that start while somebody else creates the topics.
     *
     * @throws BusException if one cannot within {@code timeout}; the message names it and the command that creates it
     */
    public void waitUntilUsable(Duration timeout) {
        long deadlineNs = System.nanoTime() + timeout.toNanos();
        waitUntilReachable(timeout);
        try (AdminConnection connection = AdminConnection.open(settings)) {
            waitUntilUsable(connection.admin(), layouts().keySet(), deadlineNs);
        }
    }

    /** A broker knows of a topic, and of the leaders of its partitions, a moment after the controller made it. */
    private void waitUntilUsable(Admin admin, Collection<String> topics, long deadlineNs) {
        for (String topic : topics) {
            while (!isUsable(admin, topic)) {
                if (System.nanoTime() - deadlineNs > 0) {
                    throw new BusException("topic " + topic + " does not exist or has no leader at "
                            + settings.bootstrapServers() + "; missing topics are created with: "
                            + createCommand(settings));
                }
                if (Thread.interrupted()) {
                    throw interrupted(new InterruptedException());
                }
                LockSupport.parkNanos(USABLE_POLL.toNanos());
            }
        }
    }

    private boolean isUsable(Admin admin, String topic) {
        TopicDescription description = topic(
                "describe topic " + topic,
                admin.describeTopics(List.of(topic)).topicNameValues().get(topic));
        return description != null
                && description.partitions().stream()
                        .allMatch(partition -> partition.leader() != null && !partition.leader().isEmpty());
    }

    /**
     * Looks for topics that are missing or not laid out as Flowlane needs them.
     *
     * @return empty when all is well
     * @throws BusException if Kafka does not answer
     */
    public List<Finding> verify() {
        List<Finding> findings = new ArrayList<>();
        try (AdminConnection connection = AdminConnection.open(settings)) {
            Admin admin = connection.admin();
            Map<String, TopicLayout> layouts = layouts();
            Map<String, KafkaFuture<TopicDescription>> descriptions =
                    admin.describeTopics(layouts.keySet()).topicNameValues();
            Map<ConfigResource, KafkaFuture<Config>> configs = admin.describeConfigs(
                            layouts.keySet().stream().map(TopicAdmin::resource).toList())
                    .values();
            layouts.forEach((name, layout) -> {
                TopicDescription description = topic("describe topic " + name, descriptions.get(name));
                Config config = topic("configuration of topic " + name, configs.get(resource(name)));
                if (description == null || config == null) {
                    findings.add(new Finding(name, "does not exist", createCommand(settings)));
                } else {
                    check(name, layout, description, config, findings);
                }
            });
        }
        return findings;
    }

    static String createCommand(BusSettings settings) {
        String prefix = settings.prefix().equals(Topic.DEFAULT_PREFIX) ? "" : " --topic-prefix " + settings.prefix();
        return "flowlane topics create --bootstrap " + settings.bootstrapServers() + prefix;
    }

    private void check(
            String name, TopicLayout layout, TopicDescription description, Config config, List<Finding> findings) {
        int partitions = description.partitions().size();
        if (layout.partitions() == 1 && partitions != 1) {
            findings.add(new Finding(
                    name,
                    partitions + " partitions; its order needs exactly 1",
                    tool("kafka-topics.sh") + " --delete --topic " + name + " && " + createCommand(settings)));
        }
        for (String key : CHECKED) {
            String wanted = Objects.requireNonNull(layout.config().get(key));
            String found = value(config, key);
            if (!found.equals(wanted)) {
                findings.add(wrong(name, key, found, wanted));
            }
        }
        String maxBytes = value(config, TopicConfig.MAX_MESSAGE_BYTES_CONFIG);
        if (!maxBytes.isEmpty() && Long.parseLong(maxBytes) < layout.maxMessageBytes()) {
            String wanted = Integer.toString(layout.maxMessageBytes());
            findings.add(wrong(name, TopicConfig.MAX_MESSAGE_BYTES_CONFIG, maxBytes, wanted));
        }
    }

    private Finding wrong(String topic, String key, String found, String wanted) {
        return new Finding(
                topic,
                key + ": " + found + " instead of " + wanted,
                tool("kafka-configs.sh") + " --alter --entity-type topics --entity-name " + topic
                        + " --add-config " + key + "=" + wanted);
    }

    private String tool(String name) {
        return name + " --bootstrap-server " + settings.bootstrapServers();
    }

    private static String value(Config config, String key) {
        ConfigEntry entry = config.get(key);
        String value = entry == null ? null : entry.value();
        return value == null ? "" : value;
    }

    private Map<String, TopicLayout> layouts() {
        Map<String, TopicLayout> layouts = new LinkedHashMap<>();
        for (Topic<?> topic : Topic.all()) {
            layouts.put(topic.name(settings.prefix()), topic.layout());
        }
        TopicLayout deadLetters = TopicLayout.deadLetters();
        layouts.put(settings.prefix() + "." + deadLetters.suffix(), deadLetters);
        return layouts;
    }

    private static ConfigResource resource(String topic) {
        return new ConfigResource(ConfigResource.Type.TOPIC, topic);
    }

    /** The answer about one topic; null when there is no such topic. */
    private <T> @Nullable T topic(String what, @Nullable KafkaFuture<T> answer) {
        if (answer == null) {
            return null;
        }
        try {
            return answer.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return null;
            }
            throw failed(what, e.getCause());
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private <T> T get(KafkaFuture<T> answer, Duration timeout) throws TimeoutException {
        try {
            return answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof org.apache.kafka.common.errors.TimeoutException timedOut) {
                throw timedOut;
            }
            throw failed("describe cluster", e.getCause());
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private BusException failed(String what, @Nullable Throwable cause) {
        String reason = cause == null ? "unknown" : cause.getMessage();
        BusException failure = new BusException(what + " at " + settings.bootstrapServers() + ": " + reason);
        if (cause != null) {
            failure.initCause(cause);
        }
        return failure;
    }

    private static BusException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new BusException("interrupted while waiting for Kafka", e);
    }
}
