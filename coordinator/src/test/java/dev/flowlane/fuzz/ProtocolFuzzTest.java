package dev.flowlane.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.bus.BusSettings;
import dev.flowlane.core.steering.IpAddress;
import dev.flowlane.posix.CpuSet;
import dev.flowlane.posix.TcpInfo;
import dev.flowlane.worker.protocol.FromWorker;
import dev.flowlane.worker.protocol.MalformedMessageException;
import dev.flowlane.worker.protocol.Messages;
import dev.flowlane.worker.protocol.ToWorker;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** What other processes, the kernel and the environment say. */
class ProtocolFuzzTest {
    private static final String SECRET = "nobody-guesses-this-4b1d9e72";

    @Test
    void workerProtocol() {
        Fuzz.target("worker-protocol")
                .from(
                        Messages.encode(new FromWorker.Warm(1, 2)),
                        Messages.encode(new FromWorker.Ready(1, 2, "0-3", 4)),
                        Messages.encode(new ToWorker.Start()),
                        Messages.encode(new ToWorker.Stop("enough")))
                .run(input -> {
                    try {
                        assertThat(Messages.toWorker(ByteBuffer.wrap(input))).isNotNull();
                    } catch (MalformedMessageException e) {
                        assertThat(e.getMessage()).isNotEmpty();
                    }
                    try {
                        assertThat(Messages.fromWorker(ByteBuffer.wrap(input))).isNotNull();
                    } catch (MalformedMessageException e) {
                        assertThat(e.getMessage()).isNotEmpty();
                    }
                });
    }

    /** Kernels have it shorter and longer; what is not there is not known. */
    @Test
    void tcpInfo() {
        Fuzz.target("tcp-info").from(new byte[104], new byte[248], new byte[512]).run(input -> {
            TcpInfo info = TcpInfo.of(input);
            for (TcpInfo.Field field : TcpInfo.Field.values()) {
                info.get(field);
            }
        });
    }

    @Test
    void cpuLists() {
        Fuzz.target("cpu-list").from("0-3,8", "0", "0-1023\n", "").runText(text -> {
            try {
                CpuSet cpus = CpuSet.parse(text);
                assertThat(CpuSet.parse(cpus.toString())).isEqualTo(cpus);
            } catch (IllegalArgumentException e) {
                assertThat(e.getMessage()).isNotEmpty();
            }
        });
    }

    @Test
    void addresses() {
        Fuzz.target("address").from("10.0.0.1", "fe80::1%eth0", "::ffff:1.2.3.4", "2001:db8::1").runText(text -> {
            IpAddress address = IpAddress.parse(text);
            if (address != null) {
                assertThat(address.sizeBytes()).isIn(4, 16);
            }
        });
    }

    @Test
    void settings() {
        Fuzz.target("settings")
                .from(
                        "FLOWLANE_KAFKA_BOOTSTRAP_SERVERS=a:9092\nkafka.security.protocol=SSL",
                        "FLOWLANE_TOPIC_PREFIX=x\nkafka.producer.linger.ms=5\n"
                                + "FLOWLANE_KAFKA_SASL_JAAS_CONFIG=secret-7f3")
                .runText(text -> {
                    Map<String, String> environment = new HashMap<>();
                    Map<String, String> overrides = new HashMap<>();
                    for (String line : text.split("\n", -1)) {
                        int equals = line.indexOf('=');
                        String key = equals < 0 ? line : line.substring(0, equals);
                        (key.startsWith("FLOWLANE_") ? environment : overrides)
                                .put(key, equals < 0 ? "" : line.substring(equals + 1));
                    }
                    environment.keySet().removeIf(name -> name.endsWith("_FILE"));
                    // Not out of the input, which may have it elsewhere too, as the name of a broker.
                    environment.put("FLOWLANE_KAFKA_SASL_JAAS_CONFIG", SECRET);
                    environment.put("FLOWLANE_KAFKA_SSL_KEY_PASSWORD", SECRET);
                    try {
                        assertThat(BusSettings.fromEnvironment(environment, overrides).toString())
                                .doesNotContain(SECRET);
                    } catch (IllegalArgumentException e) {
                        assertThat(e.getMessage()).isNotEmpty().doesNotContain(SECRET);
                    }
                });
    }

    @Test
    void everyInputFollowsFromItsSeed() {
        StringBuilder first = new StringBuilder();
        StringBuilder second = new StringBuilder();
        Fuzz fuzz = Fuzz.target("itself").from("abc".getBytes(StandardCharsets.UTF_8));
        if (Long.getLong("fuzz") == null) {
            fuzz.run(input -> first.append(input.length).append(','));
            fuzz.run(input -> second.append(input.length).append(','));
        }

        assertThat(second).hasToString(first.toString());
    }
}
