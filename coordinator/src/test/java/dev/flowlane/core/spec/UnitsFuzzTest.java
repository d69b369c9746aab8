package dev.flowlane.core.spec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.fuzz.FuzzText;

/** Sizes, rates and durations as a user writes them. */
final class UnitsFuzzTest extends FuzzText {
    UnitsFuzzTest() {
        super("64KiB", "1.5MB", "10Gbit/s", "1.25GB/s", "250us", "1h", "65536", "0.000001s");
    }

    @Override
    protected void read(String text) {
        // Whether a number is within its key's range is told of the key, negative ones included.
        quantity(() -> Units.parseSizeBytes(text));
        quantity(() -> Units.parseRateBitsPerSecond(text));
        quantity(() -> Units.parseMessagesPerSecond(text));
        quantity(() -> Units.parseDuration(text));
    }

    private static void quantity(Runnable parse) {
        try {
            parse.run();
        } catch (Units.BadQuantityException e) {
            assertThat(e.getMessage()).isNotEmpty();
        }
    }
}
