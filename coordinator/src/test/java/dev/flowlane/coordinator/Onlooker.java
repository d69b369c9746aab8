package dev.flowlane.coordinator;

import dev.flowlane.avro.RunEvent;
import dev.flowlane.avro.RunEventType;
import dev.flowlane.avro.RunStateName;
import dev.flowlane.bus.Bus;
import dev.flowlane.bus.BusReader;
import dev.flowlane.bus.BusRecord;
import dev.flowlane.bus.OnMalformed;
import dev.flowlane.bus.ReadFrom;
import dev.flowlane.bus.Topic;
import org.apache.avro.specific.SpecificRecord;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** A user's view: everything on the topics that the coordinator writes for users, in the order it arrived. */
public final class Onlooker implements AutoCloseable {
    private final BusReader reader;
    private final List<BusRecord<?>> seen = new ArrayList<>();

    /**
     * Begins to look.
     *
     * @param more topics besides those that the coordinator writes for users
     */
    public Onlooker(Bus bus, Topic<?>... more) {
        reader = bus.reader("onlooker", OnMalformed.COUNT);
        reader.assign(Topic.RUNS, ReadFrom.BEGINNING);
        reader.assign(Topic.RUN_EVENTS, ReadFrom.BEGINNING);
        reader.assign(Topic.RUN_RESULTS, ReadFrom.BEGINNING);
        reader.assign(Topic.FLOW_RESULTS, ReadFrom.BEGINNING);
        for (Topic<?> topic : more) {
            reader.assign(topic, ReadFrom.BEGINNING);
        }
    }

    /** Records of one topic that meet a condition, as soon as there is one. */
    public <T extends SpecificRecord> List<T> await(
            String what, Topic<T> topic, Predicate<T> condition) {
        return await(what, Duration.ofMinutes(2), 1, topic, condition);
    }

    /** The same, as soon as there are so many. */
    public <T extends SpecificRecord> List<T> await(
            String what, Duration atMost, int count, Topic<T> topic, Predicate<T> condition) {
        List<T> found = new ArrayList<>();
        try {
            Awaitility.await(what).atMost(atMost).pollInterval(Duration.ofMillis(1)).until(() -> {
                seen.addAll(reader.poll(Duration.ofMillis(50)));
                found.clear();
                found.addAll(seen(topic, condition));
                return found.size() >= count;
            });
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(what + " did not come; users were told:\n" + story(), e);
        }
        return found;
    }

    /** Records of one topic that meet a condition, as far as they have been read. */
    public <T extends SpecificRecord> List<T> seen(Topic<T> topic, Predicate<T> condition) {
        List<T> found = new ArrayList<>();
        for (BusRecord<?> record : seen) {
            T value = record.as(topic);
            if (value != null && condition.test(value)) {
                found.add(value);
            }
        }
        return found;
    }

    /** Everything that was told to users, for the message of a test that failed. */
    public String story() {
        StringBuilder story = new StringBuilder();
        for (BusRecord<?> record : seen) {
            RunEvent event = record.as(Topic.RUN_EVENTS);
            if (event != null) {
                story.append(event).append('\n');
            }
        }
        return story.toString();
    }

    /** The answer to a command. */
    public RunEvent awaitAnswer(String commandId) {
        return await("the answer to " + commandId, Topic.RUN_EVENTS, event ->
                        event.getEventType() == RunEventType.ANSWER && commandId.equals(event.getCommandId()))
                .getFirst();
    }

    public void awaitState(String runId, RunStateName state) {
        await(runId + " to be " + state, Topic.RUNS, run ->
                run.getRunId().equals(runId) && run.getState() == state);
    }

    /** How many records of a topic with that key have been seen. */
    public long count(Topic<?> topic, String key) {
        return seen.stream().filter(record -> record.topic() == topic && record.key().equals(key)).count();
    }

    @Override
    public void close() {
        reader.close();
    }
}
