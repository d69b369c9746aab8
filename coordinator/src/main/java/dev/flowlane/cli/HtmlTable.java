package dev.flowlane.cli;

import dev.flowlane.report.Html;

import java.util.ArrayList;
import java.util.List;

/** A table of a report. */
final class HtmlTable {
    private final String caption;
    private final List<String> headings = new ArrayList<>();
    private final List<String> classes = new ArrayList<>();
    private final List<List<String>> rows = new ArrayList<>();

    /** {@code caption} may be empty. */
    HtmlTable(String caption) {
        this.caption = caption;
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
        classes.add(kind.isEmpty() ? "" : " class=\"" + kind + "\"");
        return this;
    }

    HtmlTable row(String... cells) {
        if (cells.length != headings.size()) {
            throw new IllegalArgumentException(cells.length + " cells for " + headings.size() + " columns");
        }
        rows.add(List.of(cells));
        return this;
    }

    String render() {
        return render(Integer.MAX_VALUE);
    }

    /** The first rows, and how many there are. */
    String render(int rowsMax) {
        StringBuilder html = new StringBuilder("<div class=\"scroll\"><table>\n");
        if (!caption.isEmpty()) {
            html.append(Html.element("caption", caption)).append('\n');
        }
        html.append("<thead><tr>");
        for (int i = 0; i < headings.size(); i++) {
            html.append("<th scope=\"col\"").append(classes.get(i)).append('>').append(Html.text(headings.get(i)))
                    .append("</th>");
        }
        html.append("</tr></thead>\n<tbody>\n");
        for (List<String> row : rows.subList(0, Math.min(rowsMax, rows.size()))) {
            html.append("<tr>");
            for (int i = 0; i < row.size(); i++) {
                html.append("<td").append(classes.get(i)).append('>').append(Html.text(row.get(i))).append("</td>");
            }
            html.append("</tr>\n");
        }
        html.append("</tbody></table></div>\n");
        return rows.size() <= rowsMax
                ? html.toString()
                : html.append(Html.element("p", "The first " + rowsMax + " of " + rows.size() + " rows; all are in an"
                        + " export.")).toString();
    }
}
