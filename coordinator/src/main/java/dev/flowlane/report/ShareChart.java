package dev.flowlane.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Shares of a whole over time, stacked from the bottom, in a drawing so small that many of them fit beside each other:
 * what lies on one line when it is drawn together can be told apart. A slice is as wide as it is long. Colours are
 * classes of the page's CSS, {@code part} and the kind's name.
 */
public final class ShareChart {
    private static final int WIDTH = 330;
    private static final int HEIGHT = 100;
    private static final int LEFT = 44;
    private static final int RIGHT = 10;
    private static final int TOP = 7;
    private static final int BOTTOM = 19;

    private final String id;
    private final String title;
    private final String description;
    private final Scale horizontal;
    private final List<String> kinds;
    private final List<Slice> slices = new ArrayList<>();
    private double shadedFrom;
    private double shadedTo;

    /**
     * Nothing yet.
     *
     * @param id unique in the page
     * @param kinds of what there are shares, from the bottom upwards
     */
    public ShareChart(String id, String title, String description, Scale horizontal, List<String> kinds) {
        this.id = id;
        this.title = title;
        this.description = description;
        this.horizontal = horizontal;
        this.kinds = List.copyOf(kinds);
    }

    /**
     * A part of the horizontal axis.
     *
     * @param shares one for each kind, 0 to 1
     */
    public record Slice(double from, double to, List<Double> shares) {
        public Slice {
            shares = List.copyOf(shares);
        }
    }

    /** Adds a slice; slices do not overlap. */
    public ShareChart add(Slice slice) {
        if (slice.shares().size() != kinds.size()) {
            throw new IllegalArgumentException(slice.shares().size() + " shares for " + kinds.size() + " kinds");
        }
        slices.add(slice);
        return this;
    }

    /** Marks a part of the horizontal axis. */
    public ShareChart shade(double from, double to) {
        shadedFrom = from;
        shadedTo = to;
        return this;
    }

    /** What the colours mean, and the dashed line, for all charts with these kinds. */
    public static String legend(List<String> kinds, String dashed) {
        StringBuilder html = new StringBuilder("<p class=\"quiet\">From the bottom:<span class=\"legend\">");
        for (String kind : kinds) {
            html.append("<span><svg class=\"swatch\" viewBox=\"0 0 24 8\" aria-hidden=\"true\"><rect class=\"part ")
                    .append(Html.text(kind)).append("\" width=\"24\" height=\"8\"/></svg>").append(Html.text(kind))
                    .append("</span>");
        }
        return html.append("</span> ").append(Html.text(dashed)).append("</p>\n").toString();
    }

    /** A figure element. */
    public String render() {
        StringBuilder svg = new StringBuilder("<figure><figcaption>" + Html.text(title) + "</figcaption>\n");
        svg.append(String.format(Locale.ROOT,
                "<svg class=\"shares\" viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"%s-t %s-d\">%n", WIDTH,
                HEIGHT, id, id));
        svg.append("<title id=\"").append(id).append("-t\">").append(Html.text(title)).append("</title>");
        svg.append("<desc id=\"").append(id).append("-d\">").append(Html.text(description)).append("</desc>\n");
        if (shadedTo > shadedFrom) {
            svg.append(String.format(Locale.ROOT,
                    "<rect class=\"shade\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>%n", x(shadedFrom), TOP,
                    x(shadedTo) - x(shadedFrom), HEIGHT - BOTTOM - TOP));
        }
        for (int kind = 0; kind < kinds.size(); kind++) {
            String path = path(kind);
            if (!path.isEmpty()) {
                svg.append("<path class=\"part ").append(Html.text(kinds.get(kind))).append("\" d=\"").append(path)
                        .append("\"/>\n");
            }
        }
        if (shadedTo > shadedFrom) {
            // Under a filling up to the top the shade would not be seen.
            svg.append(String.format(Locale.ROOT, "<path class=\"warm\" d=\"M%.1f %dV%d\"/>%n", x(shadedTo), TOP - 4,
                    HEIGHT - BOTTOM));
        }
        axes(svg);
        return svg.append("</svg></figure>\n").toString();
    }

    private String path(int kind) {
        StringBuilder path = new StringBuilder();
        for (Slice slice : slices) {
            double share = slice.shares().get(kind);
            double below = slice.shares().subList(0, kind).stream().mapToDouble(Double::doubleValue).sum();
            if (share > 0) {
                path.append(String.format(Locale.ROOT, "M%.1f %.1fV%.1fH%.1fV%.1fZ", x(slice.from()), y(below),
                        y(below + share), x(slice.to()), y(below)));
            }
        }
        return path.toString();
    }

    private void axes(StringBuilder svg) {
        for (double share : new double[] {0, 0.5, 1}) {
            svg.append(String.format(Locale.ROOT, "<path class=\"grid\" d=\"M%d %.1fH%d\"/>", LEFT, y(share),
                    WIDTH - RIGHT));
            svg.append(Tick.of(LEFT - 6, y(share) + 4, "end", String.format(Locale.ROOT, "%.0f %%", 100 * share)));
        }
        for (double second : horizontal.ticks()) {
            String text = String.format(Locale.ROOT, second == Math.rint(second) ? "%.0f s" : "%.3g s", second);
            boolean atEdge = x(second) + text.length() * Tick.CHARACTER_WIDTH / 2 > WIDTH;
            // The first one would run into the share beside it.
            String anchor = atEdge ? "end" : x(second) == LEFT ? "start" : "middle";
            svg.append(Tick.of(atEdge ? WIDTH - 1 : x(second), HEIGHT - 4, anchor, text));
        }
    }

    private double x(double at) {
        return LEFT + Math.clamp(horizontal.place(at), 0, 1) * (WIDTH - LEFT - RIGHT);
    }

    private static double y(double share) {
        return HEIGHT - BOTTOM - Math.clamp(share, 0, 1) * (HEIGHT - BOTTOM - TOP);
    }
}
