package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.flowlane.coordinator.TestFolders;
import dev.flowlane.localfleet.Ports;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialAlteration;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Uuid;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A real Kafka that asks everybody who they are and allows nothing by itself: SASL_SSL with a certificate of its own,
 * SCRAM for everybody but its administrator, StandardAuthorizer. Passwords are in files of their users only.
 */
final class SecureBroker implements AutoCloseable {
    static final String ADMIN = "admin";

    private static final Path LIBRARIES = Path.of("broker", "target", "lib").toAbsolutePath();
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Path folder;
    private final String bootstrap;
    private final Process process;
    private final Map<String, String> passwords;

    private SecureBroker(Path folder, String bootstrap, Process process, Map<String, String> passwords) {
        this.folder = folder;
        this.bootstrap = bootstrap;
        this.process = process;
        this.passwords = passwords;
    }

    /** Starts it and makes these users known. */
    static SecureBroker start(Path folder, List<String> users) throws Exception {
        Map<String, String> passwords = new LinkedHashMap<>();
        String adminPassword = secret();
        passwords.put(ADMIN, adminPassword);
        users.forEach(user -> passwords.put(user, secret()));
        String storePassword = secret();
        certificate(folder, storePassword);
        Ports ports = Ports.pick();
        String bootstrap = "127.0.0.1:" + ports.broker();
        Path properties = Files.writeString(
                folder.resolve("server.properties"),
                serverProperties(folder, ports.broker(), ports.controller(), adminPassword, storePassword));
        run(folder, java("kafka.tools.StorageTool", "format", "--cluster-id", Uuid.randomUuid().toString(), "--config",
                properties.toString()));
        Process process = new ProcessBuilder(
                        TestFolders.endingWithTheTest(java("kafka.Kafka", properties.toString())))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("broker.txt").toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        var broker = new SecureBroker(folder, bootstrap, process, passwords);
        passwords.forEach(broker::writeClientFile);
        broker.makeKnown(users);
        return broker;
    }

    String bootstrap() {
        return bootstrap;
    }

    /** Properties of a client, as Kafka's own tools take them. */
    Path clientFile(String user) {
        return folder.resolve(user + ".properties");
    }

    Properties client(String user) throws IOException {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(clientFile(user))) {
            properties.load(reader);
        }
        properties.setProperty("bootstrap.servers", bootstrap);
        return properties;
    }

    /** Of everybody. */
    List<String> passwords() {
        return List.copyOf(passwords.values());
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    private void makeKnown(List<String> users) throws Exception {
        List<UserScramCredentialAlteration> alterations = new ArrayList<>();
        for (String user : users) {
            alterations.add(new UserScramCredentialUpsertion(
                    user,
                    new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4_096),
                    String.valueOf(passwords.get(user))));
        }
        Properties admin = client(ADMIN);
        // An administrator is closed when what it was asked has an end, a minute later if nobody tells it when.
        admin.setProperty("default.api.timeout.ms", "10000");
        admin.setProperty("request.timeout.ms", "10000");
        await("the broker").atMost(Duration.ofMinutes(3)).ignoreException(KafkaException.class).until(() -> {
            assertThat(process.isAlive()).as(Files.readString(folder.resolve("broker.txt"))).isTrue();
            try (Admin client = Admin.create(admin)) {
                client.alterUserScramCredentials(alterations).all().get(10, TimeUnit.SECONDS);
                return true;
            } catch (ExecutionException | TimeoutException e) {
                // It is not there yet, or too busy with its own start to answer in time.
                return false;
            }
        });
    }

    private void writeClientFile(String user, String password) {
        String module = user.equals(ADMIN) ? "plain.Plain" : "scram.Scram";
        try {
            Path file = clientFile(user);
            Files.createFile(
                    file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, """
                    security.protocol=SASL_SSL
                    sasl.mechanism=%s
                    sasl.jaas.config=org.apache.kafka.common.security.%sLoginModule required \
                    username="%s" password="%s";
                    ssl.truststore.type=PEM
                    ssl.truststore.location=%s
                    """.formatted(user.equals(ADMIN) ? "PLAIN" : "SCRAM-SHA-512", module, user, password,
                    folder.resolve("broker.pem")));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String serverProperties(
            Path folder, int port, int controllerPort, String adminPassword, String storePassword) {
        return """
                process.roles=broker,controller
                node.id=1
                listeners=SASL_SSL://127.0.0.1:%1$d,CONTROLLER://127.0.0.1:%2$d
                advertised.listeners=SASL_SSL://127.0.0.1:%1$d
                listener.security.protocol.map=SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT
                controller.listener.names=CONTROLLER
                inter.broker.listener.name=SASL_SSL
                controller.quorum.voters=1@127.0.0.1:%2$d
                log.dirs=%3$s/data
                sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512
                sasl.mechanism.inter.broker.protocol=PLAIN
                listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule \
                required username="admin" password="%4$s" user_admin="%4$s";
                listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=\
                org.apache.kafka.common.security.scram.ScramLoginModule required;
                ssl.keystore.type=PKCS12
                ssl.keystore.location=%3$s/broker.p12
                ssl.keystore.password=%5$s
                ssl.truststore.type=PEM
                ssl.truststore.location=%3$s/broker.pem
                authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
                super.users=User:admin;User:ANONYMOUS
                auto.create.topics.enable=false
                default.replication.factor=1
                min.insync.replicas=1
                offsets.topic.replication.factor=1
                offsets.topic.num.partitions=1
                transaction.state.log.replication.factor=1
                transaction.state.log.min.isr=1
                transaction.state.log.num.partitions=1
                share.coordinator.state.topic.replication.factor=1
                share.coordinator.state.topic.min.isr=1
                log.cleaner.dedupe.buffer.size=2097152
                group.initial.rebalance.delay.ms=0
                """.formatted(port, controllerPort, folder, adminPassword, storePassword);
    }

    private static void certificate(Path folder, String storePassword) throws Exception {
        Path password = Files.writeString(folder.resolve("store-password"), storePassword);
        String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        run(folder, List.of(keytool, "-genkeypair", "-alias", "broker", "-keyalg", "EC", "-groupname", "secp256r1",
                "-dname", "CN=localhost", "-ext", "san=ip:127.0.0.1,dns:localhost", "-validity", "2", "-storetype",
                "PKCS12", "-keystore", "broker.p12", "-storepass:file", password.toString()));
        run(folder, List.of(keytool, "-exportcert", "-rfc", "-alias", "broker", "-keystore", "broker.p12",
                "-storepass:file", password.toString(), "-file", "broker.pem"));
    }

    private static List<String> java(String main, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", LIBRARIES + "/*", main));
        command.addAll(List.of(arguments));
        return command;
    }

    private static void run(Path folder, List<String> command) throws IOException, InterruptedException {
        Path output = folder.resolve("tool.txt");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor()).as(Files.readString(output)).isZero();
    }

    private static String secret() {
        byte[] bytes = new byte[16];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
