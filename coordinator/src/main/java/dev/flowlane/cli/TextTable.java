package dev.flowlane.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Aligned columns, two spaces apart; no lines, so that {@code awk} and {@code cut} still work. */
final class TextTable {
    private final List<String> headings = new ArrayList<>();
    private final List<Boolean> rightAligned = new ArrayList<>();
    private final List<List<String>> rows = new ArrayList<>();
    private final Map<String, String> colours = new HashMap<>();

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

    /** Cells that say exactly this stand out where colours may be: {@code code} is ANSI's, such as {@code 1;31}. */
    TextTable paint(String cell, String code) {
        colours.put(cell, code);
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

    /** What stands above the columns. */
    List<String> headings() {
        return List.copyOf(headings);
    }

    /** Whether the cells of a column are numbers. */
    boolean isNumber(int column) {
        return rightAligned.get(column);
    }

    /** The cells of all lines, harmless as text. */
    List<List<String>> rows() {
        return List.copyOf(rows);
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    /** Every line with its line feed, without blanks at the ends of lines. */
    String render() {
        return render(Integer.MAX_VALUE);
    }

    /**
     * As {@link #render()}, for a person's terminal: columns beyond its width follow below in tables of their own, each
     * with the first column again.
     */
    String render(int width) {
        return render(width, false);
    }

    /** As {@link #render(int)}, with the colours of {@link #paint}. */
    String render(int width, boolean colour) {
        int[] widths = widths();
        StringBuilder text = new StringBuilder();
        int from = 1;
        do {
            int to = from;
            int used = widths[0];
            while (to < widths.length && (to == from || used + 2 + widths[to] <= width)) {
                used += 2 + widths[to];
                to++;
            }
            text.append(from == 1 ? "" : "\n");
            line(text, headings, widths, from, to, false);
            for (List<String> row : rows) {
                line(text, row, widths, from, to, colour);
            }
            from = to;
        } while (from < widths.length);
        return text.toString();
    }

    private int[] widths() {
        int[] widths = new int[headings.size()];
        for (int column = 0; column < widths.length; column++) {
            widths[column] = Plain.width(headings.get(column));
            for (List<String> row : rows) {
                widths[column] = Math.max(widths[column], Plain.width(row.get(column)));
            }
        }
        return widths;
    }

    /** The first cell and those of the columns {@code from} to {@code to}, the last one left out. */
    private void line(
            StringBuilder text, List<String> cells, int[] widths, int from, int to, boolean colour) {
        int begin = text.length();
        for (int column = 0; column < to; column = column == 0 ? from : column + 1) {
            String cell = cells.get(column);
            String padding = " ".repeat(widths[column] - Plain.width(cell));
            text.append(column == 0 ? "" : "  ");
            String code = colour ? colours.get(cell) : null;
            String shown = code == null ? cell : "\u001b[" + code + "m" + cell + "\u001b[0m";
            text.append(rightAligned.get(column) ? padding + shown : shown + padding);
        }
        int end = text.length();
        while (end > begin && text.charAt(end - 1) == ' ') {
            end--;
        }
        text.setLength(end);
        text.append('\n');
    }
}
