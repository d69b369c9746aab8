package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flowlane.avro.RunResult;
import dev.flowlane.avro.RunStateName;
import dev.flowlane.bus.Bus;
import dev.flowlane.bus.BusSettings;
import dev.flowlane.bus.BusWriter;
import dev.flowlane.bus.Topic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** What is on the topics of a real fleet is judged, and what nobody could read is kept and sent again. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class VerifyIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** An escape sequence in the middle, as somebody would send it who knows that a person will look at it. */
    private static final byte[] GARBAGE = "not Avro \u001b[2J at all".getBytes(StandardCharsets.UTF_8);

    private static final String KEY = "evil\u001b]0;name";

    @TempDir
    static Path state = Path.of(".");

    private static String bootstrap = "";

    @BeforeAll
    static void up() {
        run("up").expect(0);
        bootstrap = run("status", "-o", "json").expect(0).json().path("bootstrap").textValue();
    }

    @AfterAll
    static void down() {
        run("down").expect(0);
    }

    @Test
    @Order(1)
    void aRunThatWasMeasuredIsClean() {
        run("run", "--run-id", "measured-1", "--duration", "800ms",
                "--warmup", "400ms", "--interval", "200ms").expect(0);

        JsonNode report = run("verify", "measured-1", "-o", "json").expect(0).json();

        assertThat(report.path("findings")).isEmpty();
        assertThat(report.path("intervals").intValue()).isEqualTo(2 * 6);
        assertThat(report.path("flow_ends").intValue()).isEqualTo(2);
        assertThat(report.path("claims").intValue()).isPositive();
        // Nothing bad is on the topics, so the rest of it is judged by answers alone.
        assertThat(report.path("invariants")).extracting(invariant -> invariant.path("judgement").textValue())
                .containsOnly("CLEAN");
        assertThat(run("verify", "--all").expect(0).out())
                .contains("no CPU of a machine is in two live claims", "12 intervals");
        run("verify", "no-such-run").expectError(5, "there is no run no-such-run");
        run("verify").expectError(2, "which run?");
    }

    @Test
    @Order(2)
    void aDeadLetterIsShownHarmlesslyAndSentAgainAsItWas() throws Exception {
        assertThat(run("dead-letters", "list").expect(0).err()).contains("there are no dead letters");
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrap), new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(
                            "flowlane.commands", KEY.getBytes(StandardCharsets.UTF_8), GARBAGE))
                    .get();
        }
        List<JsonNode> letters = awaitLetters(1);

        FlowlaneProcess.Outcome list = run("dead-letters", "list").expect(0);
        FlowlaneProcess.Outcome show =
                run("dead-letters", "show", letters.getFirst().path("letter").asText()).expect(0);
        FlowlaneProcess.Outcome retry =
                run("dead-letters", "retry", letters.getFirst().path("letter").asText()).expect(0);

        assertThat(list.out() + show.out() + retry.err()).doesNotContain("\u001b");
        assertThat(list.out()).contains("evil\\u001b]0;name", "flowlane.commands");
        assertThat(show.out()).contains("6e 6f 74 20 41 76 72 6f", "not Avro .[2J at");
        assertThat(retry.err()).contains("to flowlane.commands, partition 0, offset", "letter 0 stays");
        JsonNode again = awaitLetters(2).getLast();
        assertThat(Base64.getDecoder().decode(again.path("value_base64").textValue())).isEqualTo(GARBAGE);
        assertThat(Base64.getDecoder().decode(again.path("key_base64").textValue()))
                .isEqualTo(KEY.getBytes(StandardCharsets.UTF_8));
        assertThat(again.path("origin_topic").textValue()).isEqualTo("flowlane.commands");
        run("dead-letters", "retry", "99").expectError(5, "there is no dead letter 99");
        assertThat(run("verify", "--all", "-o", "json").expect(0).json().path("dead_letters").intValue())
                .isEqualTo(2);
    }

    @Test
    @Order(3)
    void aSecondResultIsFound() throws Exception {
        RunResult forged = RunResult.newBuilder()
                .setRunId("measured-1")
                .setState(RunStateName.COMPLETED)
                .setEventTime(Instant.now())
                .setFlowsRequested(1)
                .setFlowsMeasured(0)
                .setSentBytes(0)
                .setReceivedBytes(0)
                .setThroughputBitsPerSecond(0)
                .setPlacementCandidates(0)
                .build();
        try (BusWriter writer = new Bus(BusSettings.of(bootstrap, "flowlane")).writer("forger")) {
            writer.send(Topic.RUN_RESULTS, "measured-1", forged, Instant.now()).get();
        }

        FlowlaneProcess.Outcome verify = run("verify", "measured-1").expect(1);

        assertThat(verify.out()).contains("violated", "run measured-1", "is COMPLETED with reasons [], 0 of 1 flow,");
    }

    private static List<JsonNode> awaitLetters(int count) {
        await().atMost(PATIENCE).until(() -> letters().size() >= count);
        return letters();
    }

    private static List<JsonNode> letters() {
        JsonNode all = run("dead-letters", "list", "-o", "json").expect(0).json();
        return List.copyOf(all.valueStream().toList());
    }

    private static FlowlaneProcess.Outcome run(String... arguments) {
        return FlowlaneProcess.run(state, arguments);
    }
}
