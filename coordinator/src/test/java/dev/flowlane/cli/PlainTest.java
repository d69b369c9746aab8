package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class PlainTest {
    @Test
    void ordinaryTextStaysAsItIs() {
        assertThat(Plain.text("host-a rx 1 → µs Zürich 測定 😀")).isEqualTo("host-a rx 1 → µs Zürich 測定 😀");
    }

    @Test
    void escapeSequencesBecomeVisible() {
        assertThat(Plain.text("\u001b[2Jgone\u0007\r\n\t\u009b"))
                .isEqualTo("\\u001b[2Jgone\\u0007\\u000d\\u000a\\u0009\\u009b");
    }

    @Test
    void bidirectionalOverridesAndInvisibleCharactersBecomeVisible() {
        assertThat(Plain.text("a\u202eb\u200bc\ufeffd")).isEqualTo("a\\u202eb\\u200bc\\ufeffd");
        assertThat(Plain.text("\udb40\udc41")).isEqualTo("\\udb40\\udc41");
    }

    @Test
    void halvesOfSurrogatePairsBecomeVisible() {
        assertThat(Plain.text("\ud83d")).isEqualTo("\\ud83d");
        assertThat(Plain.text("x\ude00")).isEqualTo("x\\ude00");
    }

    @Test
    void linesKeepTheirLineFeedsOnly() {
        assertThat(Plain.lines("one\ntwo\u001b[0m")).isEqualTo("one\ntwo\\u001b[0m");
    }
}
