package dev.flowlane.core.check;

import dev.flowlane.core.run.RunEvent.AnswerCode;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** What users asked and were answered, and what nobody could read (8, 9). */
final class AnswersCheck {
    /** Topics whose every record the coordinator reads. */
    private static final Set<String> READ_BY_THE_COORDINATOR = Set.of("commands", "host-events", "hosts", "runs");

    /** A dead letter is written beside the work, and a coordinator that was away reads what piled up. */
    private static final Duration LETTER_SLACK = Duration.ofSeconds(30);

    private record Question(String runId, Position at) {}

    private record Answer(AnswerCode code, Position at) {}

    private record Letter(long contentHash, Position at) {}

    private final Findings findings;
    private final Map<String, Question> asked = new LinkedHashMap<>();
    private final Set<String> ambiguous = new HashSet<>();
    private final Map<String, Answer> answered = new HashMap<>();
    private final Map<Position, Fact.Unreadable> unreadable = new LinkedHashMap<>();
    private final Map<Position, Letter> letters = new HashMap<>();

    AnswersCheck(Findings findings) {
        this.findings = findings;
    }

    void asked(Fact.Asked fact) {
        Question before = asked.putIfAbsent(fact.commandId(), new Question(fact.runId(), fact.at()));
        if (before != null && !before.runId().equals(fact.runId())) {
            // One id for two things: what is answered to which cannot be told.
            ambiguous.add(fact.commandId());
        }
    }

    void told(Fact.Told fact) {
        String commandId = fact.commandId();
        AnswerCode code = fact.code();
        if (commandId == null || code == null) {
            return;
        }
        Answer first = answered.putIfAbsent(commandId, new Answer(code, fact.at()));
        if (first != null && !ambiguous.contains(commandId)) {
            findings.judge(
                    agree(first.code(), code),
                    Invariant.SAME_COMMAND,
                    fact.runId(),
                    null,
                    fact.at(),
                    () -> "command " + commandId + " was answered " + first.code() + " at " + first.at() + " and then "
                            + code);
        }
    }

    /** Whether a command that comes a second time may be answered so. */
    private static boolean agree(AnswerCode first, AnswerCode second) {
        return first == second
                || second == AnswerCode.UNCHANGED
                || second == AnswerCode.EXPIRED
                // A run that did not exist when the first copy came, and a cancel that counts from then on.
                || first == AnswerCode.NOT_FOUND
                || first == AnswerCode.UNCHANGED;
    }

    void unreadable(Fact.Unreadable fact) {
        unreadable.put(fact.at(), fact);
    }

    void letter(Fact.DeadLettered fact) {
        Letter first = letters.putIfAbsent(fact.origin(), new Letter(fact.contentHash(), fact.at()));
        findings.judge(
                first == null || first.contentHash() == fact.contentHash(),
                Invariant.BAD_RECORDS,
                null,
                null,
                fact.at(),
                () -> "a dead letter from " + fact.origin() + " has another content than the one at "
                        + (first == null ? fact.at() : first.at()));
    }

    /** What shows only when everything was fed. */
    void atTheEnd(Instant coordinatorSpokeAt) {
        long answeredUpTo = asked.entrySet().stream()
                .filter(question -> answered.containsKey(question.getKey()))
                .mapToLong(question -> question.getValue().at().offset())
                .max()
                .orElse(-1);
        asked.forEach((commandId, question) -> {
            if (question.at().offset() <= answeredUpTo) {
                findings.judge(
                        answered.containsKey(commandId),
                        Invariant.BAD_RECORDS,
                        question.runId(),
                        null,
                        question.at(),
                        () -> "command " + commandId + " was never answered, later ones were");
            }
        });
        unreadable.values().forEach(bad -> {
            boolean longAgo = bad.time().plus(LETTER_SLACK).isBefore(coordinatorSpokeAt);
            boolean kept = letters.containsKey(bad.at());
            if (READ_BY_THE_COORDINATOR.contains(bad.at().topic()) && (kept || longAgo)) {
                findings.judge(
                        kept,
                        Invariant.BAD_RECORDS,
                        null,
                        null,
                        bad.at(),
                        () -> "cannot be read (" + bad.why() + ") and is no dead letter");
            }
        });
    }

    int letters() {
        return letters.size();
    }
}
