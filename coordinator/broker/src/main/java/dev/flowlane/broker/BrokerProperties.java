package dev.flowlane.broker;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;

/** The configuration of the one-node broker: small, on loopback, quick to start, quiet when idle. */
final class BrokerProperties {
    static final int NODE_ID = 1;
    static final String CONTROLLER_LISTENER = "CONTROLLER";

    private BrokerProperties() {}

    /**
     * The properties by Kafka's names.
     *
     * @param data folder of logs and metadata
     * @param address that clients connect to
     */
    static Properties of(Path data, InetAddress address, int port, int controllerPort) {
        Map<String, String> all = new TreeMap<>();
        all.put("process.roles", "broker,controller");
        all.put("node.id", Integer.toString(NODE_ID));
        all.put("listeners", "PLAINTEXT://" + hostAndPort(address, port) + ",CONTROLLER://127.0.0.1:" + controllerPort);
        all.put("advertised.listeners", "PLAINTEXT://" + hostAndPort(address, port));
        all.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        all.put("controller.listener.names", CONTROLLER_LISTENER);
        // A static quorum of one: the controller may have another port at every start.
        all.put("controller.quorum.voters", NODE_ID + "@127.0.0.1:" + controllerPort);
        all.put("log.dirs", data.toString());
        all.put("auto.create.topics.enable", "false");

        // One node: everything has one replica.
        all.put("default.replication.factor", "1");
        all.put("min.insync.replicas", "1");
        all.put("offsets.topic.replication.factor", "1");
        all.put("offsets.topic.num.partitions", "1");
        all.put("transaction.state.log.replication.factor", "1");
        all.put("transaction.state.log.min.isr", "1");
        all.put("transaction.state.log.num.partitions", "1");
        all.put("share.coordinator.state.topic.replication.factor", "1");
        all.put("share.coordinator.state.topic.min.isr", "1");
        all.put("share.coordinator.state.topic.num.partitions", "1");

        // Memory: the cleaner alone takes 128 MiB by default, and every partition 10 MiB of address space per index.
        all.put("log.cleaner.dedupe.buffer.size", "2097152");
        all.put("log.cleaner.io.buffer.size", "262144");
        all.put("log.index.size.max.bytes", "1048576");
        all.put("num.network.threads", "1");
        all.put("num.io.threads", "2");
        all.put("background.threads", "2");
        all.put("num.recovery.threads.per.data.dir", "2");
        all.put("group.coordinator.threads", "1");
        all.put("share.coordinator.threads", "1");
        all.put("metric.reporters", "");

        // Time. A broker that did not say goodbye is let in again only when its old session has run out.
        all.put("broker.session.timeout.ms", "5000");
        all.put("broker.heartbeat.interval.ms", "300");
        all.put("group.initial.rebalance.delay.ms", "0");
        all.put("server.max.startup.time.ms", "60000");
        all.put("controller.quorum.election.timeout.ms", "100");
        all.put("controller.quorum.election.backoff.max.ms", "100");

        // Quiet on the machine that measures: by default the controller writes a record every half second.
        all.put("metadata.max.idle.interval.ms", "10000");

        // Every start writes some records about the broker, and every start reads all of them since the last snapshot.
        all.put("metadata.log.max.record.bytes.between.snapshots", "131072");

        Properties properties = new Properties();
        properties.putAll(all);
        return properties;
    }

    /** As Kafka writes it: an IPv6 address stands in brackets. */
    static String hostAndPort(InetAddress address, int port) {
        String host = address.getHostAddress();
        return (address instanceof Inet6Address ? "[" + host + "]" : host) + ":" + port;
    }

    /** As a {@code server.properties} file, in the order of the names. */
    static String text(Properties properties) {
        StringBuilder text = new StringBuilder("# Written at every start of the embedded broker; changes are lost.\n");
        for (String name : new TreeSet<>(properties.stringPropertyNames())) {
            text.append(name).append('=').append(properties.getProperty(name)).append('\n');
        }
        return text.toString();
    }
}
