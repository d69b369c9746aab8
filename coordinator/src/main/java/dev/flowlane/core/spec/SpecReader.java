package dev.flowlane.core.spec;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import dev.flowlane.core.spec.SpecDocument.Given;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.error.YAMLException;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * Turns text into the keys of a {@link SpecDocument}. Reads events, never a tree of the text's own making: an anchor,
 * alias or tag ends it, so nothing can expand, and nesting ends at the depth that specs have.
 */
final class SpecReader {
    private static final YAMLFactory YAML = new YAMLFactory();
    private static final JsonFactory JSON = new JsonFactory();
    private static final int DEPTH_MAX = 2;

    private final JsonParser parser;
    private final SpecDocument document;

    private SpecReader(JsonParser parser, SpecDocument document) {
        this.parser = parser;
        this.document = document;
    }

    /** Ends the reading of a text that cannot be made sense of. */
    private static final class UnreadableException extends Exception {
        private static final long serialVersionUID = 1;
        private final transient Problem problem;

        UnreadableException(Problem problem) {
            super(problem.toString(), null, false, false);
            this.problem = problem;
        }
    }

    static void read(String text, SpecDocument document) {
        String body = text.startsWith("\uFEFF") ? text.substring(1) : text;
        // A brace begins JSON, or a YAML flow mapping: JSON's own parser first, because YAML refuses JSON's tabs.
        boolean isJson = body.stripLeading().startsWith("{") && isJson(body);
        try (JsonParser parser = isJson ? JSON.createParser(body) : YAML.createParser(body)) {
            new SpecReader(parser, document).readDocument();
        } catch (UnreadableException e) {
            document.report(e.problem);
        } catch (JsonProcessingException e) {
            document.report(syntaxProblem(e.getLocation(), e.getOriginalMessage()));
        } catch (IOException | YAMLException e) {
            document.report(syntaxProblem(null, e.getMessage()));
        }
    }

    private static boolean isJson(String text) {
        try (JsonParser parser = JSON.createParser(text)) {
            while (parser.nextToken() != null) {
                if (parser.getParsingContext().getNestingDepth() > DEPTH_MAX + 2) {
                    return true;
                }
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static Problem syntaxProblem(@Nullable JsonLocation location, @Nullable String message) {
        String first = message == null ? "" : message.strip().lines().findFirst().orElse("");
        String where = location == null || location.getLineNr() < 1 ? "" : "line " + location.getLineNr() + ": ";
        return new Problem("", where + "this is neither YAML nor JSON" + (first.isEmpty() ? "" : " (" + first + ")"),
                "", "check brackets, quotes and indentation there");
    }

    private void readDocument() throws IOException, UnreadableException {
        JsonToken token = next();
        if (token == null || token == JsonToken.VALUE_NULL) {
            return;
        }
        if (token != JsonToken.START_OBJECT) {
            throw unreadable("the spec does not consist of keys", "begin with lines such as 'sources: [host-a]'");
        }
        readSection("", 0);
        if (next() != null) {
            throw unreadable("a second document begins here", "one spec in one file; take the line --- out");
        }
    }

    private void readSection(String section, int depth) throws IOException, UnreadableException {
        var seen = new HashSet<String>();
        while (next() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            String path = section.isEmpty() ? name : section + "." + name;
            if (!seen.add(name)) {
                document.report(new Problem(path, "is there twice, again in line " + line(), "", "keep one of them"));
            }
            if (name.indexOf('.') >= 0) {
                // Dots are for --set; here they would give two spellings, and so two places, to every key.
                document.report(new Problem(path, "unknown key", "", "write sections with braces or indentation"));
                next();
                skip();
                continue;
            }
            readValue(path, depth + 1);
        }
    }

    private void readValue(String path, int depth) throws IOException, UnreadableException {
        JsonToken token = next();
        boolean isKey = SpecKeys.find(path).isPresent();
        if (token == JsonToken.START_OBJECT && SpecKeys.isSection(path) && depth <= DEPTH_MAX) {
            readSection(path, depth);
        } else if (token == JsonToken.START_OBJECT && isKey) {
            document.report(new Problem(path, "is a mapping in line " + line(),
                    SpecKeys.find(path).map(SpecKey::allowed).orElse(""), "give it one value"));
            skip();
        } else if (token == JsonToken.START_OBJECT || (token == JsonToken.START_ARRAY && !isKey)) {
            document.put(path, new Given.Scalar(""));
            skip();
        } else if (token == JsonToken.START_ARRAY) {
            document.put(path, new Given.Items(readItems(path)));
        } else if (token != JsonToken.VALUE_NULL || !(isKey || SpecKeys.isSection(path))) {
            document.put(path, new Given.Scalar(text().strip()));
        }
    }

    private List<String> readItems(String path) throws IOException, UnreadableException {
        var items = new ArrayList<String>();
        JsonToken token = next();
        while (token != JsonToken.END_ARRAY) {
            if (token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY || token == JsonToken.VALUE_NULL) {
                throw unreadable(path + " has a list item that is no single value", "write [a, b, c]");
            }
            items.add(text().strip());
            token = next();
        }
        return items;
    }

    /** Leaves the value that has just begun, whatever is in it. */
    private void skip() throws IOException, UnreadableException {
        int depth = 0;
        JsonToken token = parser.currentToken();
        while (token != null) {
            if (token.isStructStart()) {
                depth++;
            } else if (token.isStructEnd()) {
                depth--;
            }
            if (depth == 0) {
                return;
            }
            token = next();
        }
    }

    private @Nullable JsonToken next() throws IOException, UnreadableException {
        JsonToken token = parser.nextToken();
        if (parser instanceof YAMLParser yaml && token != null) {
            if (yaml.isCurrentAlias() || yaml.getObjectId() != null) {
                throw unreadable("anchors and aliases (& and *) are not read", "write the value out");
            }
            if (yaml.getTypeId() != null) {
                throw unreadable("tags (!) are not read", "put quotes around text that begins with !");
            }
        }
        return token;
    }

    private String text() throws IOException {
        String text = parser.getText();
        return text == null ? "" : text;
    }

    private int line() {
        return parser.currentTokenLocation().getLineNr();
    }

    private UnreadableException unreadable(String fault, String mend) {
        return new UnreadableException(new Problem("", "line " + line() + ": " + fault, "", mend));
    }
}
