package dev.flowlane.coordinator.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.flowlane.avro.FlowResult;
import dev.flowlane.avro.Host;
import dev.flowlane.avro.HostCommand;
import dev.flowlane.avro.HostEvent;
import dev.flowlane.avro.Run;
import dev.flowlane.avro.RunCommand;
import dev.flowlane.avro.RunEvent;
import dev.flowlane.avro.RunResult;
import dev.flowlane.bus.Topic;
import dev.flowlane.core.run.Effect;
import dev.flowlane.core.run.RunOutcome;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.specific.SpecificData;
import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongFunction;

/** Nothing that the schemas allow makes a converter throw, and no column that is written here stays at its default. */
final class AnyRecordTest {
    private static final int SEEDS = 500;

    @Test
    void whateverIsReadIsEitherUnderstoodOrRefusedWithAValue() {
        for (long seed = 0; seed < SEEDS; seed++) {
            RandomAvro records = new RandomAvro(seed);
            RunCommand command = records.of(RunCommand.class);
            assertThatCode(() -> {
                RunAvro.fromAvro(records.of(Run.class));
                HostAvro.fromAvro(records.of(Host.class));
                HostEventAvro.fromAvro(records.of(HostEvent.class));
                RunCommandAvro.fromAvro(command, command.getRunId(), Instant.EPOCH);
            })
                    .as("seed %d", seed)
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void everyColumnOfAnEventReachesTheBus() {
        Set<String> untouched = untouchedColumns(RunEvent.getClassSchema(), seed -> RoundTripTest.overTheBus(
                Topic.RUN_EVENTS,
                RunEventAvro.toAvro(new RandomValues(seed).of(dev.flowlane.core.run.RunEvent.class))));

        assertThat(untouched).isEmpty();
    }

    @Test
    void everyColumnOfAHostCommandReachesTheBus() {
        Set<String> untouched = untouchedColumns(HostCommand.getClassSchema(), seed -> RoundTripTest.overTheBus(
                Topic.HOST_COMMANDS,
                HostCommandAvro.toAvro(new RandomValues(seed).of(Effect.SendHostCommand.class))));

        assertThat(untouched).isEmpty();
    }

    @Test
    void everyColumnOfARunResultReachesTheBus() {
        Set<String> untouched = untouchedColumns(RunResult.getClassSchema(), seed -> RoundTripTest.overTheBus(
                Topic.RUN_RESULTS, ResultAvro.run(new RandomValues(seed).of(RunOutcome.class))));

        assertThat(untouched).isEmpty();
    }

    @Test
    void everyColumnOfAFlowResultReachesTheBus() {
        Set<String> untouched = untouchedColumns(FlowResult.getClassSchema(), seed -> ResultAvro.flows(
                        new RandomValues(seed).of(RunOutcome.class)).stream()
                .findFirst()
                .<IndexedRecord>map(flow -> RoundTripTest.overTheBus(Topic.FLOW_RESULTS, flow))
                .orElseGet(FlowResult::new));

        assertThat(untouched).isEmpty();
    }

    /** Columns, those of inner records included, that had the same value in every record. */
    private static Set<String> untouchedColumns(Schema schema, LongFunction<IndexedRecord> make) {
        Set<String> all = new TreeSet<>();
        Set<String> touched = new TreeSet<>();
        columns("", schema, all);
        for (long seed = 0; seed < SEEDS; seed++) {
            touched("", make.apply(seed), touched);
        }
        all.removeAll(touched);
        return all;
    }

    private static void columns(String prefix, Schema schema, Set<String> names) {
        switch (schema.getType()) {
            case RECORD -> schema.getFields().forEach(field -> {
                names.add(prefix + field.name());
                columns(prefix + field.name() + ".", field.schema(), names);
            });
            case UNION -> schema.getTypes().forEach(branch -> columns(prefix, branch, names));
            case ARRAY -> columns(prefix, schema.getElementType(), names);
            default -> {}
        }
    }

    private static void touched(String prefix, IndexedRecord record, Set<String> names) {
        for (Schema.Field field : record.getSchema().getFields()) {
            String name = prefix + field.name();
            Object value = record.get(field.pos());
            Object unset = field.hasDefaultValue() ? SpecificData.get().getDefaultValue(field) : null;
            if (value != null && !value.equals(unset)) {
                names.add(name);
            }
            if (value instanceof IndexedRecord inner) {
                touched(name + ".", inner, names);
            } else if (value instanceof Iterable<?> list) {
                list.forEach(element -> {
                    if (element instanceof IndexedRecord inner) {
                        touched(name + ".", inner, names);
                    }
                });
            }
        }
    }
}
