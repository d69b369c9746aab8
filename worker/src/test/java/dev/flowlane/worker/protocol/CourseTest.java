package dev.flowlane.worker.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class CourseTest {
    private static Course most(long bytes, long messages) {
        return new Course(false, bytes, messages, false, null);
    }

    @Test
    void aReverseCourseTurnsTheTrafficRoundAndNotTheConnection() {
        Course reverse = new Course(true, 0, 0, false, null);
        assertThat(reverse.traffic(Role.SOURCE)).isEqualTo(Role.DESTINATION);
        assertThat(reverse.traffic(Role.DESTINATION)).isEqualTo(Role.SOURCE);
        assertThat(Course.USUAL.traffic(Role.SOURCE)).isEqualTo(Role.SOURCE);
        assertThat(Course.USUAL.traffic(Role.DESTINATION)).isEqualTo(Role.DESTINATION);
    }

    @Test
    void withoutALimitNothingButTimeEndsIt() {
        assertThat(Course.USUAL.limited()).isFalse();
        assertThat(Course.USUAL.streamBytes(65_536)).isEqualTo(Long.MAX_VALUE);
        assertThat(Course.USUAL.requests(1)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aStreamEndsAfterItsBytesOrItsWritesWhicheverComesFirst() {
        assertThat(most(1000, 0).streamBytes(64)).isEqualTo(1000);
        assertThat(most(0, 10).streamBytes(64)).isEqualTo(640);
        assertThat(most(1000, 10).streamBytes(64)).isEqualTo(640);
        assertThat(most(1000, 10).firstLimit(64)).isEqualTo(WindowEnd.MESSAGES);
        assertThat(most(640, 10).firstLimit(64)).isEqualTo(WindowEnd.BYTES);
        assertThat(most(639, 10).streamBytes(64)).isEqualTo(639);
        assertThat(most(639, 10).firstLimit(64)).isEqualTo(WindowEnd.BYTES);
    }

    @Test
    void requestsAreWholeSoBytesAreRoundedUpToThem() {
        assertThat(most(1, 0).requests(1000)).isEqualTo(1);
        assertThat(most(1000, 0).requests(1000)).isEqualTo(1);
        assertThat(most(1001, 0).requests(1000)).isEqualTo(2);
        assertThat(most(1001, 1).requests(1000)).isEqualTo(1);
        assertThat(most(1001, 1).firstLimit(1000)).isEqualTo(WindowEnd.MESSAGES);
    }

    @Test
    void theLargestNumbersDoNotOverflow() {
        assertThat(most(0, Course.MOST).streamBytes(FlowSettings.MAX_CALL_BYTES)).isEqualTo(Long.MAX_VALUE);
        assertThat(most(5, Course.MOST).firstLimit(FlowSettings.MAX_CALL_BYTES)).isEqualTo(WindowEnd.BYTES);
        assertThatThrownBy(() -> most(Course.MOST + 1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("mostBytes");
        assertThatThrownBy(() -> most(0, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("mostMessages");
    }
}
