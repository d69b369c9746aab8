package dev.flowlane.core.spec;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A spec that is being put together: text first, then single keys on top. Problems are collected, not thrown, and all
 * come out of {@link #toSpec()}. Not thread-safe.
 */
public final class SpecDocument {
    /** A person mends a few problems at a time; a wrong file has thousands. */
    private static final int PROBLEMS_MAX = 20;

    private final Map<String, Given> values = new LinkedHashMap<>();
    private final List<Problem> problems = new ArrayList<>();

    private SpecDocument() {}

    /** What was written at a key, before its type is looked at. */
    sealed interface Given {
        /** One value; numbers as they were written, so that +1 and 1 stay apart. */
        record Scalar(String text) implements Given {}

        /** A list of values. */
        record Items(List<String> texts) implements Given {}
    }

    /** A document without keys. */
    public static SpecDocument empty() {
        return new SpecDocument();
    }

    /** A document from YAML or JSON text of at most {@link SpecParser#MAX_TEXT_BYTES} bytes. */
    public static SpecDocument parse(String text) {
        var document = new SpecDocument();
        if (text.length() > SpecParser.MAX_TEXT_BYTES
                || text.getBytes(StandardCharsets.UTF_8).length > SpecParser.MAX_TEXT_BYTES) {
            document.report(new Problem("", "the spec is longer than "
                    + Units.formatSizeBytes(SpecParser.MAX_TEXT_BYTES), "", "is this the right file?"));
            return document;
        }
        SpecReader.read(text, document);
        return document;
    }

    /**
     * Sets one key, over whatever is there.
     *
     * @param path dotted, such as {@code placement.source-cpus}
     * @param value as a user would write it; lists with commas
     */
    public void set(String path, String value) {
        put(path, new Given.Scalar(value.strip()));
    }

    /** As {@link #set}, from the text {@code path=value} of the command line. */
    public void setAssignment(String assignment) {
        int equals = assignment.indexOf('=');
        if (equals <= 0) {
            report(new Problem("", Problem.quote(assignment) + " sets nothing", "",
                    "write KEY=VALUE, such as placement.source-cpus=0-3"));
            return;
        }
        set(assignment.substring(0, equals).strip(), assignment.substring(equals + 1));
    }

    /** Whether the key at this path was given. */
    public boolean isSet(String path) {
        return values.containsKey(path);
    }

    /** The spec with defaults filled in, or everything that is wrong with it. */
    public SpecResult toSpec() {
        var all = new ArrayList<>(problems);
        var values = new SpecValues(this.values, all);
        String runId = values.runId();
        RunSpec spec = values.spec();
        if (all.isEmpty()) {
            // Rules between keys would blame the defaults that stand in for what could not be read.
            all.addAll(SpecValidator.problems(spec));
        }
        return all.isEmpty() ? new SpecResult.Parsed(runId, spec) : new SpecResult.Invalid(firstOf(all));
    }

    /** Puts a value at a key of this version; anything else becomes a problem. */
    void put(String path, Given value) {
        if (SpecKeys.find(path).isPresent()) {
            values.put(path, value);
        } else if (SpecKeys.isSection(path)) {
            String name = SpecKeys.namesIn(path).getFirst();
            report(new Problem(path, "is a section", String.join(", ", SpecKeys.namesIn(path)),
                    "write " + path + "." + name + ", or " + path + ": {" + name + ": ...} in a file"));
        } else {
            report(SpecKeys.unknownKey(path));
        }
    }

    void report(Problem problem) {
        if (problems.size() <= PROBLEMS_MAX) {
            problems.add(problem);
        }
    }

    private static List<Problem> firstOf(List<Problem> problems) {
        if (problems.size() <= PROBLEMS_MAX) {
            return problems;
        }
        var first = new ArrayList<>(problems.subList(0, PROBLEMS_MAX));
        first.add(new Problem("", "there is more that is wrong", "", "mend these first"));
        return first;
    }
}
