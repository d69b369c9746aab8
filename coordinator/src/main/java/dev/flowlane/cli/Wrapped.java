package dev.flowlane.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Cells in as many lines as they need, each beginning below the first cell. */
final class Wrapped {
    private static final Pattern BLANKS = Pattern.compile(" {2,}");
    private static final String INDENT = " ".repeat(9);

    private Wrapped() {}

    /** A line in as many as it needs: it is broken where two blanks or more are, and goes on indented. */
    static List<String> folded(String line, int width) {
        if (Plain.width(line) <= width) {
            return List.of(line);
        }
        String body = line.strip();
        List<String> lines = new ArrayList<>();
        StringBuilder current = new StringBuilder(line.substring(0, line.indexOf(body)));
        boolean first = true;
        for (String part : BLANKS.split(body, -1)) {
            if (!first && Plain.width(current.toString()) + 2 + Plain.width(part) > width) {
                lines.add(Plain.cut(current.toString(), width));
                current.setLength(0);
                current.append(INDENT);
            } else if (!first) {
                current.append("  ");
            }
            current.append(part);
            first = false;
        }
        lines.add(Plain.cut(current.toString(), width));
        return lines;
    }

    /**
     * Lays out cells.
     *
     * @param name before the first cell of the first line
     * @param gap between two cells; what of it is not blank stays at the end of a line
     * @param width columns; a cell that is wider than what is left has a line of its own
     */
    static String cells(String name, List<String> cells, String gap, int width) {
        StringBuilder text = new StringBuilder(Plain.text(name));
        int indent = Plain.width(name);
        int column = indent;
        for (int i = 0; i < cells.size(); i++) {
            String cell = Plain.text(cells.get(i));
            int needed = Plain.width(cell) + (i == 0 ? 0 : gap.length());
            // Room for the separator that follows.
            int after = i == cells.size() - 1 ? 0 : gap.stripTrailing().length();
            if (i > 0 && column + needed + after > width) {
                text.append(gap.stripTrailing()).append('\n').append(" ".repeat(indent)).append(cell);
                column = indent + Plain.width(cell);
            } else {
                text.append(i == 0 ? "" : gap).append(cell);
                column += needed;
            }
        }
        return text.toString().stripTrailing() + "\n";
    }
}
