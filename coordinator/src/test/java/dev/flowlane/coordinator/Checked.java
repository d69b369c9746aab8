package dev.flowlane.coordinator;

import dev.flowlane.bus.Bus;
import dev.flowlane.cli.TopicCheck;
import dev.flowlane.core.check.CheckReport;
import org.awaitility.Awaitility;

import java.time.Duration;

/** How every test with real processes ends: with the invariants held against what the real topics hold. */
public final class Checked {
    private Checked() {}

    /** Dead letters are written beside the work, so what is on its way is waited for. */
    public static CheckReport invariantsHold(Bus bus) {
        CheckReport[] last = new CheckReport[1];
        try {
            Awaitility.await().atMost(Duration.ofSeconds(60)).ignoreExceptions().until(() -> {
                last[0] = TopicCheck.of(bus, null);
                return last[0].clean();
            });
        } catch (org.awaitility.core.ConditionTimeoutException e) {
            throw new AssertionError("the topics contradict the invariants: "
                    + (last[0] == null ? "they could not be read" : last[0].findings()), e);
        }
        return last[0];
    }
}
