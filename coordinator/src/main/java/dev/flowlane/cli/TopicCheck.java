package dev.flowlane.cli;

import dev.flowlane.bus.Bus;
import dev.flowlane.bus.BusException;
import dev.flowlane.bus.BusReader;
import dev.flowlane.bus.BusRecord;
import dev.flowlane.bus.DeadLetter;
import dev.flowlane.bus.OnMalformed;
import dev.flowlane.bus.PassedOver;
import dev.flowlane.bus.ReadFrom;
import dev.flowlane.bus.Topic;
import dev.flowlane.bus.TopicLayout;
import dev.flowlane.coordinator.wire.FactsAvro;
import dev.flowlane.core.check.CheckReport;
import dev.flowlane.core.check.Checker;
import dev.flowlane.core.check.Fact;
import dev.flowlane.core.check.Position;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

/** The invariants, judged by everything that is on the topics of an installation now. */
public final class TopicCheck {
    private static final Duration POLL = Duration.ofMillis(200);

    /** As long as the broker may deliver nothing, though it says that there is more. */
    private static final Duration SILENCE = Duration.ofSeconds(15);

    /**
     * Each step is read to an end that was there before the next step's: what a record leads to is in its own step or
     * in a later one, so that an effect is never missed only because a fleet goes on while it is judged.
     */
    private static final List<List<Topic<?>>> STEPS = List.of(
            List.of(Topic.COMMANDS, Topic.RUNS, Topic.HOSTS),
            List.of(Topic.HOST_COMMANDS, Topic.HOST_EVENTS, Topic.RUN_EVENTS, Topic.RUN_RESULTS, Topic.FLOW_RESULTS),
            List.of(Topic.FLOW_STATS, Topic.CPU_PLACEMENT));

    private TopicCheck() {}

    /**
     * Reads the topics from their beginnings to their ends and judges.
     *
     * @param onlyRunId judges this run beside all others; null: all runs
     * @throws BusException if a topic is missing
     * @throws CliException if Kafka delivers nothing for 15 s
     */
    public static CheckReport of(Bus bus, @Nullable String onlyRunId) {
        Checker checker = new Checker(onlyRunId);
        for (List<Topic<?>> step : STEPS) {
            try (BusReader reader = bus.reader("flowlane-check", OnMalformed.COUNT)) {
                for (Topic<?> topic : step) {
                    reader.assign(topic, ReadFrom.BEGINNING);
                }
                read(reader, checker, onlyRunId);
            }
        }
        String letters = TopicLayout.deadLetters().suffix();
        for (DeadLetter letter : bus.deadLetters().letters()) {
            checker.take(new Fact.DeadLettered(
                    new Position(letters, 0, letter.offset()),
                    new Position(
                            bus.suffixOf(letter.originTopic()), letter.originPartition(), letter.originOffset()),
                    31L * Objects.hashCode(letter.key()) + Objects.hashCode(letter.value())));
        }
        return checker.report();
    }

    private static void read(BusReader reader, Checker checker, @Nullable String onlyRunId) {
        long newsNs = System.nanoTime();
        while (!reader.caughtUp()) {
            List<BusRecord<?>> some = reader.poll(POLL);
            for (BusRecord<?> record : some) {
                Position at = new Position(record.topic().suffix(), record.partition(), record.offset());
                Fact fact = FactsAvro.fact(at, record.key(), record.recordTime(), record.value());
                if (fact != null && wanted(fact, onlyRunId)) {
                    checker.take(fact);
                }
            }
            List<PassedOver> bad = reader.takePassedOver();
            for (PassedOver record : bad) {
                Position at = new Position(record.topic().suffix(), record.partition(), record.offset());
                checker.take(new Fact.Unreadable(at, record.recordTime(), record.why()));
            }
            if (!some.isEmpty() || !bad.isEmpty()) {
                newsNs = System.nanoTime();
            } else if (System.nanoTime() - newsNs > SILENCE.toNanos()) {
                throw CliException.preflight(
                        "Kafka delivers nothing for " + SILENCE.toSeconds() + " s, though there is more to read",
                        "is the cluster well? see the broker's log");
            }
        }
    }

    /** Of other runs' telemetry, which is most of everything, nothing is kept. */
    private static boolean wanted(Fact fact, @Nullable String onlyRunId) {
        return onlyRunId == null
                || switch (fact) {
                    case Fact.IntervalPublished interval -> interval.runId().equals(onlyRunId);
                    case Fact.LanePublished lane -> lane.runId().equals(onlyRunId);
                    case Fact.FlowResultWritten flow -> flow.runId().equals(onlyRunId);
                    case Fact.RunWritten _, Fact.RunForgotten _, Fact.EpochTaken _, Fact.HostAnnounced _,
                            Fact.Asked _, Fact.Ordered _, Fact.Heard _, Fact.Told _, Fact.ResultWritten _,
                            Fact.Unreadable _, Fact.NotUnderstood _, Fact.DeadLettered _ ->
                        true;
                };
    }
}
