package dev.flowlane.coordinator.wire;

/** Text of strangers on its way into a message: short, on one line, and harmless for a terminal. */
final class Quoted {
    private static final int LONGEST = 60;

    private Quoted() {}

    static String text(String text) {
        StringBuilder quoted = new StringBuilder("'");
        text.codePoints().limit(LONGEST).forEach(c -> quoted.append(c >= ' ' && c < 0x7f ? (char) c : '?'));
        return quoted.append(text.codePointCount(0, text.length()) > LONGEST ? "..." : "").append("'").toString();
    }
}
