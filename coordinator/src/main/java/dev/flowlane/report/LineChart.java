package dev.flowlane.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;

/**
 * Lines over a common axis, as SVG elements that scale with the page: a wide one, and one for narrow screens, on which
 * the wide one's words would be too small to read. The page's CSS shows one of them; colours are its classes as well.
 */
public final class LineChart {
    private static final Frame WIDE = new Frame("wide", 760, 270, 106, 18);
    private static final Frame NARROW = new Frame("narrow", 360, 250, 86, 14);
    private static final int TOP = 12;
    private static final int BOTTOM = 44;


    private static final double GAP_BETWEEN_TICKS = 8;

    /** As many colours and dashes as the page's style has. */
    public static final int STYLES = 8;

    /** More points than this get no dots of their own. */
    private static final int DOTS_MAX = 60;

    private final String id;
    private final String title;
    private final String description;
    private final Axis horizontal;
    private final Axis vertical;
    private final List<Series> series = new ArrayList<>();
    private final List<Shade> shades = new ArrayList<>();

    /** {@code id} is unique in the page. */
    public LineChart(String id, String title, String description, Axis horizontal, Axis vertical) {
        this.id = id;
        this.title = title;
        this.description = description;
        this.horizontal = horizontal;
        this.vertical = vertical;
    }

    /** What is drawn along one side. */
    public record Axis(String label, Scale scale, DoubleFunction<String> format) {}

    /**
     * One line.
     *
     * @param style number of its colour, from 0; see {@link #STYLES}
     * @param points in order; a NaN value ends the line and begins it anew
     */
    public record Series(String name, int style, List<Point> points) {
        public Series {
            points = List.copyOf(points);
        }
    }

    /** One point, in the units of the axes. */
    public record Point(double at, double value) {}

    /** Size of a drawing, in units that are CSS pixels when it is shown in full size. */
    private record Frame(String name, int width, int height, int left, int right) {
        int base() {
            return height - BOTTOM;
        }

        int end() {
            return width - right;
        }
    }

    private record Shade(double from, double to, String what) {}

    /** Adds a line. */
    public LineChart add(Series line) {
        series.add(line);
        return this;
    }

    /** Marks a part of the horizontal axis. */
    public LineChart shade(double from, double to, String what) {
        shades.add(new Shade(from, to, what));
        return this;
    }

    /** A figure element: legend and chart. */
    public String render() {
        return "<figure>\n" + legend() + drawing(WIDE) + drawing(NARROW) + "</figure>\n";
    }

    private String drawing(Frame frame) {
        StringBuilder svg = new StringBuilder();
        String name = id + "-" + frame.name();
        svg.append(String.format(Locale.ROOT,
                "<svg class=\"chart %s\" viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"%s-t %s-d\">%n",
                frame.name(), frame.width(), frame.height(), name, name));
        svg.append("<title id=\"").append(name).append("-t\">").append(Html.text(title)).append("</title>");
        svg.append("<desc id=\"").append(name).append("-d\">").append(Html.text(description)).append("</desc>\n");
        shades.forEach(shade -> svg.append(shaded(frame, shade)));
        grid(frame, svg);
        series.forEach(line -> svg.append(line(frame, line)));
        return svg.append("</svg>\n").toString();
    }

    private String legend() {
        StringBuilder html = new StringBuilder("<figcaption><strong>" + Html.text(title) + "</strong>");
        if (!series.isEmpty()) {
            html.append("<ul class=\"legend\">");
            for (Series line : series) {
                html.append("<li><svg class=\"swatch\" viewBox=\"0 0 24 8\" aria-hidden=\"true\"><path class=\"line s")
                        .append(line.style() % STYLES).append("\" d=\"M0 4H24\"/></svg>")
                        .append(Html.text(line.name())).append("</li>");
            }
            html.append("</ul>");
        }
        return html.append("</figcaption>\n").toString();
    }

    private String shaded(Frame frame, Shade shade) {
        double from = x(frame, shade.from());
        double to = x(frame, shade.to());
        return String.format(Locale.ROOT,
                "<rect class=\"shade\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"><title>%s</title></rect>%n",
                from, TOP, Math.max(0, to - from), frame.base() - TOP, Html.text(shade.what()));
    }

    private void grid(Frame frame, StringBuilder svg) {
        for (double tick : vertical.scale().ticks()) {
            double y = y(frame, tick);
            svg.append(String.format(
                    Locale.ROOT, "<path class=\"grid\" d=\"M%d %.1fH%d\"/>", frame.left(), y, frame.end()));
            svg.append(Tick.of(frame.left() - 8, y + 4, "end", vertical.format().apply(tick)));
        }
        double free = Double.NEGATIVE_INFINITY;
        for (double tick : horizontal.scale().ticks()) {
            double x = x(frame, tick);
            svg.append(String.format(
                    Locale.ROOT, "<path class=\"grid\" d=\"M%.1f %dV%d\"/>", x, TOP, frame.base()));
            String text = horizontal.format().apply(tick);
            double width = text.length() * Tick.CHARACTER_WIDTH;
            // The last one would run over the edge.
            boolean atEdge = x + width / 2 > frame.width();
            double begin = atEdge ? frame.width() - width : x - width / 2;
            if (begin >= free) {
                svg.append(Tick.of(atEdge ? frame.width() - 1 : x, frame.base() + 17, atEdge ? "end" : "middle", text));
                free = begin + width + GAP_BETWEEN_TICKS;
            }
        }
        svg.append(String.format(
                Locale.ROOT, "<path class=\"axis\" d=\"M%d %dV%dH%d\"/>%n", frame.left(), TOP, frame.base(),
                frame.end()));
        svg.append(String.format(Locale.ROOT,
                "<text class=\"label\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
                (frame.left() + frame.end()) / 2, frame.height() - 6, Html.text(horizontal.label())));
    }

    private String line(Frame frame, Series line) {
        StringBuilder path = new StringBuilder();
        StringBuilder dots = new StringBuilder();
        boolean begun = false;
        for (Point point : line.points()) {
            if (Double.isNaN(point.value())) {
                begun = false;
                continue;
            }
            double x = x(frame, point.at());
            double y = y(frame, point.value());
            path.append(begun ? 'L' : 'M').append(String.format(Locale.ROOT, "%.1f %.1f", x, y));
            begun = true;
            if (line.points().size() <= DOTS_MAX) {
                dots.append(String.format(Locale.ROOT,
                        "<circle class=\"dot s%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\"><title>%s</title></circle>%n",
                        line.style() % STYLES, x, y,
                        Html.text(line.name() + ": " + vertical.format().apply(point.value()) + " at "
                                + horizontal.format().apply(point.at()))));
            }
        }
        return "<path class=\"line s" + line.style() % STYLES + "\" d=\"" + path + "\"/>\n" + dots;
    }

    private double x(Frame frame, double at) {
        double place = Math.clamp(horizontal.scale().place(at), 0, 1);
        return frame.left() + place * (frame.end() - frame.left());
    }

    private double y(Frame frame, double value) {
        return frame.base() - Math.clamp(vertical.scale().place(value), 0, 1) * (frame.base() - TOP);
    }
}
