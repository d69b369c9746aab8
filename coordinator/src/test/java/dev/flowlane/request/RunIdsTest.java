package dev.flowlane.request;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.util.UUID;

final class RunIdsTest {
    @Test
    void idsAreOfVersion7AndSortByTime() {
        Instant now = Instant.parse("2026-11-21T10:00:00Z");
        String first = RunIds.newId(now);
        String second = RunIds.newId(now.plusMillis(1));

        assertThat(UUID.fromString(first).version()).isEqualTo(7);
        assertThat(UUID.fromString(first).variant()).isEqualTo(2);
        assertThat(UUID.fromString(first).getMostSignificantBits() >>> 16).isEqualTo(now.toEpochMilli());
        assertThat(first).isLessThan(second);
    }
}
