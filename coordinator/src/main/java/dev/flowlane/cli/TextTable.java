package dev.flowlane.cli;

import java.util.ArrayList;
import java.util.List;

/** Aligned columns, two spaces apart; no lines, so that {@code awk} and {@code cut} still work. */
final class TextTable {
    private final List<String> headings = new ArrayList<>();
    private final List<Boolean> rightAligned = new ArrayList<>();
    private final List<List<String>> rows = new ArrayList<>();

    /** A column of words. */
    TextTable left(String heading) {
        headings.add(heading);
        rightAligned.add(false);
        return this;
    }

    /** A column of numbers. */
    TextTable right(String heading) {
        headings.add(heading);
        rightAligned.add(true);
        return this;
    }

    /** As many cells as there are columns; the cells are made harmless here. */
    TextTable row(String... cells) {
        return row(List.of(cells));
    }

    TextTable row(List<String> cells) {
        if (cells.size() != headings.size()) {
            throw new IllegalArgumentException(cells.size() + " cells for " + headings.size() + " columns");
        }
        rows.add(cells.stream().map(Plain::text).toList());
        return this;
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    /** Every line with its line feed, without blanks at the ends of lines. */
    String render() {
        int[] widths = new int[headings.size()];
        for (int column = 0; column < widths.length; column++) {
            widths[column] = Plain.width(headings.get(column));
            for (List<String> row : rows) {
                widths[column] = Math.max(widths[column], Plain.width(row.get(column)));
            }
        }
        StringBuilder text = new StringBuilder();
        line(text, headings, widths);
        rows.forEach(row -> line(text, row, widths));
        return text.toString();
    }

    private void line(StringBuilder text, List<String> cells, int[] widths) {
        int begin = text.length();
        for (int column = 0; column < widths.length; column++) {
            String cell = cells.get(column);
            String padding = " ".repeat(widths[column] - Plain.width(cell));
            text.append(column == 0 ? "" : "  ");
            text.append(rightAligned.get(column) ? padding + cell : cell + padding);
        }
        int end = text.length();
        while (end > begin && text.charAt(end - 1) == ' ') {
            end--;
        }
        text.setLength(end);
        text.append('\n');
    }
}
