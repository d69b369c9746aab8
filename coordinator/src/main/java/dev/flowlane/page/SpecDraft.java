package dev.flowlane.page;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flowlane.core.spec.Problem;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.spec.SpecDocument;
import dev.flowlane.core.spec.SpecKey;
import dev.flowlane.core.spec.SpecKeys;
import dev.flowlane.core.spec.SpecResult;
import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;

/** A spec as the page sends it: text, and single keys on top of it, as the command line has a file and options. */
public final class SpecDraft {
    private SpecDraft() {}

    /** A spec without a fault, and the id that it asks for, if it does. */
    public record Read(@Nullable String runId, RunSpec spec) {}

    /**
     * Puts the spec together.
     *
     * @param body {@code {"spec": "YAML or JSON text", "set": {"KEY": "VALUE", ...}}}; each may be left out
     * @throws PageProblem with everything that is wrong with it
     */
    public static Read read(ObjectNode body) {
        body.fieldNames().forEachRemaining(name -> {
            if (!name.equals("spec") && !name.equals("set")) {
                throw new PageProblem(400, PageQuery.printable(name), "unknown field of the body", "spec, set");
            }
        });
        JsonNode text = body.path("spec");
        if (!text.isMissingNode() && !text.isTextual()) {
            throw new PageProblem(400, "spec", "it is no text", "the spec in YAML or JSON, as one string");
        }
        SpecDocument document = text.isTextual() ? SpecDocument.parse(text.textValue()) : SpecDocument.empty();
        JsonNode set = body.path("set");
        if (!set.isMissingNode() && !set.isObject()) {
            throw new PageProblem(400, "set", "it is no object", "{\"KEY\": \"VALUE\", ...}");
        }
        for (Map.Entry<String, JsonNode> key : set.properties()) {
            if (!key.getValue().isTextual()) {
                throw new PageProblem(400, "set." + PageQuery.printable(key.getKey()), "the value is no string",
                        "a string, such as \"10s\"");
            }
            document.set(key.getKey(), key.getValue().textValue());
        }
        return switch (document.toSpec()) {
            case SpecResult.Parsed(@Nullable String runId, RunSpec spec) -> new Read(runId, spec);
            case SpecResult.Invalid(List<Problem> problems) -> throw new PageProblem(problems);
        };
    }

    /** Every key of a spec, for a form. */
    public static ArrayNode keys() {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        for (SpecKey key : SpecKeys.all()) {
            ObjectNode json = array.addObject();
            json.put("key", key.path())
                    .put("type", key.type().name())
                    .put("placeholder", key.type().label())
                    .put("default", key.defaultText())
                    .put("allowed", key.allowed())
                    .put("doc", key.doc());
            ArrayNode choices = json.putArray("choices");
            key.choices().forEach(choices::add);
        }
        return array;
    }
}
