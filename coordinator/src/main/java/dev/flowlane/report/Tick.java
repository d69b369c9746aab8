package dev.flowlane.report;

import java.util.Locale;

/** The text at a tick of a chart's axis. */
final class Tick {
    /** Width of a character of it, in the chart's units; the widest that browsers' fonts come to. */
    static final double CHARACTER_WIDTH = 7;

    private Tick() {}

    /** An SVG element; {@code anchor} says which part of the text is at the place: start, middle or end. */
    static String of(double x, double y, String anchor, String text) {
        return String.format(Locale.ROOT,
                "<text class=\"tick\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n", x, y, anchor,
                Html.text(text));
    }
}
