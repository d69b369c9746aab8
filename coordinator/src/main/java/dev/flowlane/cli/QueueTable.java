package dev.flowlane.cli;

import dev.flowlane.avro.Run;
import dev.flowlane.avro.RunStateName;
import dev.flowlane.coordinator.wire.Read;
import dev.flowlane.coordinator.wire.RunAvro;
import dev.flowlane.core.run.RunRecord;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The line of waiting runs, for people: who is where in it, behind whom and why. */
final class QueueTable {
    private QueueTable() {}

    private record Waiting(Run run, RunRecord known) {}

    /**
     * A line per waiting run in the order in which they are served, those that are not due last; empty when none waits.
     */
    static String of(List<Run> runs) {
        List<Waiting> line = line(runs);
        TextTable table = new TextTable().right("PLACE").left("WAITING").right("PRIORITY").left("NOT BEFORE")
                .left("BEHIND").left("WHY");
        Map<String, Integer> places = new HashMap<>();
        for (Waiting waiting : line) {
            Run run = waiting.run();
            // The coordinator says by the broker's clock whether a run is due; ours may be off.
            boolean due = run.getNotBeforeTime() == null;
            if (due) {
                places.put(run.getRunId(), places.size() + 1);
            }
            table.row(
                    due ? Integer.toString(places.size()) : "-",
                    run.getRunId(),
                    Integer.toString(waiting.known().spec().conduct().priority()),
                    notBefore(waiting.known()),
                    behind(run, places),
                    run.getReasons().isEmpty() ? "" : run.getReasons().getFirst());
        }
        return table.isEmpty() ? "" : table.render();
    }

    private static List<Waiting> line(List<Run> runs) {
        List<Waiting> line = new ArrayList<>();
        for (Run run : runs) {
            if (run.getState() == RunStateName.QUEUED
                    && RunAvro.fromAvro(run) instanceof Read.Value<RunRecord>(RunRecord known)) {
                line.add(new Waiting(run, known));
            }
        }
        line.sort((one, other) -> {
            boolean oneDue = one.run().getNotBeforeTime() == null;
            boolean otherDue = other.run().getNotBeforeTime() == null;
            return oneDue == otherDue
                    ? RunRecord.LINE.compare(one.known(), other.known())
                    : Boolean.compare(otherDue, oneDue);
        });
        return line;
    }

    private static String notBefore(RunRecord run) {
        Instant due = run.dueAt();
        return due.isAfter(run.submittedAt()) ? due.toString() : "";
    }

    /** Runs in the way; one that waits itself with its place. */
    private static String behind(Run run, Map<String, Integer> places) {
        return String.join(", ", run.getWaitingFor().stream()
                .map(other -> places.containsKey(other) ? other + " (place " + places.get(other) + ")" : other)
                .toList());
    }
}
