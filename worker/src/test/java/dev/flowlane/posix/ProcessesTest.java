package dev.flowlane.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.concurrent.CompletableFuture;

final class ProcessesTest {
    @Test
    void identifiersAgreeWithJavas() {
        assertThat(Processes.processId()).isEqualTo((int) ProcessHandle.current().pid());
        assertThat(Processes.parentProcessId())
                .isEqualTo((int) ProcessHandle.current().parent().orElseThrow().pid());
    }

    @Test
    void timerSlackIsSetForTheCaller() throws InterruptedException {
        CompletableFuture<Long> own = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform().start(() -> {
            Processes.setTimerSlackNs(1);
            own.complete(Processes.timerSlackNs());
        });
        thread.join();
        assertThat(own).isCompletedWithValue(1L);
        assertThat(Processes.timerSlackNs()).isGreaterThan(1);
    }

    @Test
    void aNumberThatIsNoSignalIsAnError() {
        assertThatThrownBy(() -> Processes.setParentDeathSignal(999)).hasMessage("prctl(PR_SET_PDEATHSIG): EINVAL");
    }
}
