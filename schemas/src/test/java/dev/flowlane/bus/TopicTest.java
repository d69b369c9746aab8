package dev.flowlane.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.flowlane.avro.Run;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Random;

final class TopicTest {
    @Test
    void everyTopicIsListedOnce() {
        assertThat(Topic.all())
                .extracting(Topic::suffix)
                .containsExactly(
                        "commands",
                        "host-commands",
                        "runs",
                        "hosts",
                        "host-events",
                        "run-events",
                        "cpu-placement",
                        "tcp-stats",
                        "latency",
                        "flow-stats",
                        "cpu-use",
                        "flow-results",
                        "run-results",
                        "baselines");
    }

    @Test
    void commandsExpireByTheBrokersClock() {
        assertThat(Topic.COMMANDS.layout().config())
                .containsOnly(
                        entry("cleanup.policy", "delete"),
                        entry("message.timestamp.type", "LogAppendTime"),
                        entry("retention.ms", "604800000"));
    }

    @Test
    void runsAreCompactedAndLarge() {
        assertThat(Topic.RUNS.layout().config())
                .contains(entry("cleanup.policy", "compact"), entry("max.message.bytes", "16777216"))
                .doesNotContainKey("retention.ms");
    }

    @Test
    void nameHasThePrefixAndTheSubjectTheDefaultOne() {
        assertThat(Topic.FLOW_STATS.name("lab")).isEqualTo("lab.flow-stats");
        assertThat(Topic.FLOW_STATS.subject()).isEqualTo("flowlane.flow-stats-value");
    }

    @Test
    void partitionIsTheOneOfKafkasDefaultPartitioner() {
        Random random = new Random(1);
        for (int i = 0; i < 1000; i++) {
            String key = "hôst-" + random.nextInt();
            int partitions = 1 + random.nextInt(64);

            assertThat(Partitioner.partitionFor(key, partitions))
                    .isEqualTo(BuiltInPartitioner.partitionForKey(
                            key.getBytes(StandardCharsets.UTF_8), partitions));
        }
    }

    @Test
    void recordIsSeenOnlyAsOneOfItsTopic() {
        Run run = Run.newBuilder().setRunId("run-1").setCoordinatorEpoch(1).build();
        BusRecord<Run> record = new BusRecord<>(Topic.RUNS, 0, 0, Instant.EPOCH, "run-1", run);

        assertThat(record.as(Topic.RUNS)).isSameAs(run);
        assertThat(record.as(Topic.HOSTS)).isNull();
    }
}
