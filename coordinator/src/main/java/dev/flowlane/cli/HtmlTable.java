package dev.flowlane.cli;

import dev.flowlane.core.Counted;
import dev.flowlane.report.Html;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** A table of a report. */
final class HtmlTable {
    private final String caption;
    private final List<String> headings = new ArrayList<>();
    private final List<String> classes = new ArrayList<>();
    private final List<List<Cell>> rows = new ArrayList<>();
    private boolean cards;
    private boolean foldsOnPaper;

    /** {@code caption} may be empty. */
    HtmlTable(String caption) {
        this.caption = caption;
    }

    /**
     * One cell.
     *
     * @param shown rounded where it is a figure
     * @param exact the figure as it is on the topic, with its unit, for whoever rests a pointer on the cell; empty
     *     where nothing was rounded
     * @param mark class of the page's style that makes it stand out; empty for none
     */
    record Cell(String shown, String exact, String mark) {
        private static final Cell NONE = of("-");

        static Cell of(String text) {
            return new Cell(text, "", "");
        }

        /** One that stands out. */
        static Cell marked(String text, String mark) {
            return new Cell(text, "", mark);
        }

        static Cell nanos(@Nullable Long ns) {
            return ns == null ? NONE : new Cell(Scaled.nanos(ns), ns + " ns", "");
        }

        static Cell bytes(long bytes) {
            return new Cell(Scaled.bytes(bytes), Counted.of(bytes, "byte"), "");
        }

        static Cell bitsPerSecond(double rate) {
            return new Cell(Scaled.bitsPerSecond(rate), String.format(Locale.ROOT, "%.0f bit/s", rate), "");
        }

        static Cell perSecond(double rate) {
            return new Cell(Scaled.perSecond(rate), String.format(Locale.ROOT, "%.3f/s", rate), "");
        }
    }

    /** A table of the command line. */
    static HtmlTable of(String caption, TextTable table) {
        HtmlTable html = new HtmlTable(caption).cards();
        List<String> headings = table.headings();
        for (int i = 0; i < headings.size(); i++) {
            html.column(sentence(headings.get(i)), table.isNumber(i) ? "" : "word");
        }
        table.rows().forEach(row -> html.row(row.toArray(String[]::new)));
        return html;
    }

    /** {@code SOURCE RX CPUS} is Source rx CPUs, and {@code P99.9} p99.9. */
    private static String sentence(String heading) {
        String lower = heading.toLowerCase(Locale.ROOT).replace("cpu", "CPU");
        return lower.matches("p[0-9.]+") || lower.startsWith("CPU")
                ? lower
                : lower.substring(0, 1).toUpperCase(Locale.ROOT) + lower.substring(1);
    }

    /** Where there is no room for the columns, each row becomes a card with the headings beside the cells. */
    HtmlTable cards() {
        cards = true;
        return this;
    }

    /** With columns that paper has no room for: there a row takes several lines. */
    HtmlTable foldsOnPaper() {
        foldsOnPaper = true;
        return this;
    }

    HtmlTable word(String heading) {
        return column(heading, "word");
    }

    /** One that may take several lines. */
    HtmlTable longWord(String heading) {
        return column(heading, "word long");
    }

    HtmlTable number(String heading) {
        return column(heading, "");
    }

    private HtmlTable column(String heading, String kind) {
        headings.add(heading);
        classes.add(kind);
        return this;
    }

    HtmlTable row(String... cells) {
        return row(Stream.of(cells).map(Cell::of).toList());
    }

    HtmlTable row(Cell... cells) {
        return row(List.of(cells));
    }

    HtmlTable row(List<Cell> cells) {
        if (cells.size() != headings.size()) {
            throw new IllegalArgumentException(cells.size() + " cells for " + headings.size() + " columns");
        }
        rows.add(List.copyOf(cells));
        return this;
    }

    String render() {
        return render(Integer.MAX_VALUE);
    }

    /** The first rows, and how many there are. */
    String render(int rowsMax) {
        // Whoever has no pointer scrolls what has the focus.
        StringBuilder html = new StringBuilder("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\""
                + Html.text(caption.isEmpty() ? "Table" : caption) + "\"><table" + tableClass() + ">\n");
        if (!caption.isEmpty()) {
            html.append(Html.element("caption", caption)).append('\n');
        }
        html.append("<thead><tr>");
        for (int i = 0; i < headings.size(); i++) {
            html.append("<th scope=\"col\"").append(attribute("class", classes.get(i))).append('>')
                    .append(Html.text(headings.get(i)))
                    .append("</th>");
        }
        html.append("</tr></thead>\n<tbody>\n");
        for (List<Cell> row : rows.subList(0, Math.min(rowsMax, rows.size()))) {
            html.append("<tr>");
            for (int i = 0; i < row.size(); i++) {
                Cell cell = row.get(i);
                html.append("<td")
                        .append(attribute("class", (classes.get(i) + " " + cell.mark()).strip()))
                        .append(attribute("data-label", cards ? headings.get(i) : ""))
                        .append(attribute("title", cell.exact()))
                        .append('>').append(Html.text(cell.shown())).append("</td>");
            }
            html.append("</tr>\n");
        }
        html.append("</tbody></table></div>\n");
        return rows.size() <= rowsMax
                ? html.toString()
                : html.append(Html.element("p", "The first " + rowsMax + " of " + rows.size() + " rows; all are in an"
                        + " export.")).toString();
    }

    private String tableClass() {
        return attribute("class", (cards ? "cards" : "") + (foldsOnPaper ? " wide" : ""));
    }

    private static String attribute(String name, String value) {
        return value.isEmpty() ? "" : " " + name + "=\"" + Html.text(value) + "\"";
    }
}
