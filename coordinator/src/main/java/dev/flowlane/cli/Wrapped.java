package dev.flowlane.cli;

import java.util.ArrayList;
import java.util.List;

/** Cells in as many lines as they need, each beginning below the first cell. */
final class Wrapped {
    private static final String GAP = "  ";
    private static final String INDENT = " ".repeat(9);

    private Wrapped() {}

    /**
     * Cells, two blanks apart, in as many lines as they need: only whole cells go to the next line, indented. A cell
     * keeps its own blanks, so that cells of several lines stay below each other. What is wider than a line is cut.
     */
    static List<String> folded(List<String> cells, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder current = new StringBuilder();
        boolean begun = false;
        for (String cell : cells) {
            if (begun && Plain.width(current.toString()) + GAP.length() + Plain.width(cell) > width) {
                lines.add(Plain.cut(current.toString().stripTrailing(), width));
                current.setLength(0);
                current.append(INDENT);
            } else if (begun) {
                current.append(GAP);
            }
            current.append(cell);
            begun = true;
        }
        lines.add(Plain.cut(current.toString().stripTrailing(), width));
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
