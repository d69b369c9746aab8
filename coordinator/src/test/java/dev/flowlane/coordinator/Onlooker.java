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
final class Onlooker implements AutoCloseable {
    private final BusReader reader;
    private final List<BusRecord<?>> seen = new ArrayList<>();

    Onlooker(Bus bus) {
        reader = bus.reader("onlooker", OnMalformed.COUNT);
        reader.assign(Topic.RUNS, ReadFrom.BEGINNING);
        reader.assign(Topic.RUN_EVENTS, ReadFrom.BEGINNING);
        reader.assign(Topic.RUN_RESULTS, ReadFrom.BEGINNING);
        reader.assign(Topic.FLOW_RESULTS, ReadFrom.BEGINNING);
    }

    /** Records of one topic that meet a condition, as soon as there is one. */
    <T extends SpecificRecord> List<T> await(
            String what, Topic<T> topic, Predicate<T> condition) {
        List<T> found = new ArrayList<>();
        try {
            Awaitility.await(what).atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(1)).until(() -> {
                seen.addAll(reader.poll(Duration.ofMillis(50)));
                found.clear();
                for (BusRecord<?> record : seen) {
                    T value = record.as(topic);
                    if (value != null && condition.test(value)) {
                        found.add(value);
                    }
                }
                return !found.isEmpty();
            });
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(what + " did not come; users were told:\n" + story(), e);
        }
        return found;
    }

    /** Everything that was told to users, for the message of a test that failed. */
    String story() {
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
    RunEvent awaitAnswer(String commandId) {
        return await("the answer to " + commandId, Topic.RUN_EVENTS, event ->
                        event.getEventType() == RunEventType.ANSWER && commandId.equals(event.getCommandId()))
                .getFirst();
    }

    void awaitState(String runId, RunStateName state) {
        await(runId + " to be " + state, Topic.RUNS, run ->
                run.getRunId().equals(runId) && run.getState() == state);
    }

    /** How many records of a topic with that key have been seen. */
    long count(Topic<?> topic, String key) {
        return seen.stream().filter(record -> record.topic() == topic && record.key().equals(key)).count();
    }

    @Override
    public void close() {
        reader.close();
    }
}
