package dev.flowlane.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;

/** Lines over a common axis, as an SVG element that scales with the page. Colours are the page's CSS classes. */
public final class LineChart {
    private static final int WIDTH = 760;
    private static final int HEIGHT = 270;
    private static final int LEFT = 106;
    private static final int RIGHT = 14;
    private static final int TOP = 12;
    private static final int BOTTOM = 44;

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
        StringBuilder svg = new StringBuilder();
        svg.append("<figure>\n").append(legend());
        svg.append(String.format(Locale.ROOT,
                "<svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"%s-t %s-d\">%n",
                WIDTH, HEIGHT, id, id));
        svg.append("<title id=\"").append(id).append("-t\">").append(Html.text(title)).append("</title>");
        svg.append("<desc id=\"").append(id).append("-d\">").append(Html.text(description)).append("</desc>\n");
        shades.forEach(shade -> svg.append(shaded(shade)));
        grid(svg);
        series.forEach(line -> svg.append(line(line)));
        return svg.append("</svg>\n</figure>\n").toString();
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

    private String shaded(Shade shade) {
        double from = x(shade.from());
        double to = x(shade.to());
        return String.format(Locale.ROOT,
                "<rect class=\"shade\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"><title>%s</title></rect>%n",
                from, TOP, Math.max(0, to - from), HEIGHT - TOP - BOTTOM, Html.text(shade.what()));
    }

    private void grid(StringBuilder svg) {
        for (double tick : vertical.scale().ticks()) {
            double y = y(tick);
            svg.append(String.format(Locale.ROOT, "<path class=\"grid\" d=\"M%d %.1fH%d\"/>", LEFT, y, WIDTH - RIGHT));
            svg.append(String.format(Locale.ROOT,
                    "<text class=\"tick\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>%n",
                    LEFT - 8, y + 4, Html.text(vertical.format().apply(tick))));
        }
        int base = HEIGHT - BOTTOM;
        for (double tick : horizontal.scale().ticks()) {
            double x = x(tick);
            svg.append(String.format(Locale.ROOT, "<path class=\"grid\" d=\"M%.1f %dV%d\"/>", x, TOP, base));
            svg.append(String.format(Locale.ROOT,
                    "<text class=\"tick\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>%n", x, base + 17,
                    Html.text(horizontal.format().apply(tick))));
        }
        svg.append(String.format(Locale.ROOT, "<path class=\"axis\" d=\"M%d %dV%dH%d\"/>%n", LEFT, TOP, base,
                WIDTH - RIGHT));
        svg.append(String.format(Locale.ROOT,
                "<text class=\"label\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
                (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, Html.text(horizontal.label())));
    }

    private String line(Series line) {
        StringBuilder path = new StringBuilder();
        StringBuilder dots = new StringBuilder();
        boolean begun = false;
        for (Point point : line.points()) {
            if (Double.isNaN(point.value())) {
                begun = false;
                continue;
            }
            path.append(begun ? 'L' : 'M').append(String.format(
                    Locale.ROOT, "%.1f %.1f", x(point.at()), y(point.value())));
            begun = true;
            if (line.points().size() <= DOTS_MAX) {
                dots.append(String.format(Locale.ROOT,
                        "<circle class=\"dot s%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\"><title>%s</title></circle>%n",
                        line.style() % STYLES, x(point.at()), y(point.value()),
                        Html.text(line.name() + ": " + vertical.format().apply(point.value()) + " at "
                                + horizontal.format().apply(point.at()))));
            }
        }
        return "<path class=\"line s" + line.style() % STYLES + "\" d=\"" + path + "\"/>\n" + dots;
    }

    private double x(double at) {
        return LEFT + Math.clamp(horizontal.scale().place(at), 0, 1) * (WIDTH - LEFT - RIGHT);
    }

    private double y(double value) {
        int base = HEIGHT - BOTTOM;
        return base - Math.clamp(vertical.scale().place(value), 0, 1) * (base - TOP);
    }
}
