package dev.flowlane.coordinator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flowlane.bus.RegisteredSchema;
import dev.flowlane.bus.SchemaHistory;
import dev.flowlane.bus.Topic;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.SchemaNormalization;
import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The schemas of this release by the REST interface of Confluent's Schema Registry, read-only, so that Flink, ksqlDB,
 * Connect and the like can decode the topics without another server. Subjects are those of the installation's topics;
 * ids are the fixed ones of the release. Pure: a request in, an answer out.
 */
final class RegistryApi {
    static final String CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final String LEVEL = "FULL_TRANSITIVE";

    private final SchemaHistory history = SchemaHistory.bundled();
    private final @Nullable String elsewhere;
    /** Subject here to the subject in the history, which is under the default prefix. */
    private final Map<String, String> subjects = new LinkedHashMap<>();

    /**
     * An answer.
     *
     * @param status HTTP status
     * @param body JSON
     */
    record Answer(int status, String body) {}

    /** @param elsewhere the external registry of this installation, whose ids its records bear; null for none */
    RegistryApi(String prefix, @Nullable String elsewhere) {
        this.elsewhere = elsewhere;
        for (Topic<?> topic : Topic.all()) {
            subjects.put(topic.name(prefix) + "-value", topic.subject());
        }
    }

    /** Whether the path is one of the registry's. */
    static boolean serves(String path) {
        return List.of("subjects", "schemas", "config", "mode", "compatibility").contains(segments(path).getFirst());
    }

    /**
     * Answers a request.
     *
     * @param path decoded path, without the query
     * @param body body of a POST, empty otherwise
     */
    Answer answer(String method, String path, String body) {
        if (elsewhere != null) {
            return error(404, 404, "this installation's schemas and their ids are in the registry at " + elsewhere);
        }
        List<String> segments = segments(path);
        if (method.equals("GET") || method.equals("HEAD")) {
            return switch (segments.getFirst()) {
                case "subjects" -> subjects(segments);
                case "schemas" -> schemas(segments);
                case "config" -> ofSubject(segments, NODES.objectNode().put("compatibilityLevel", LEVEL));
                case "mode" -> ofSubject(segments, NODES.objectNode().put("mode", "READONLY"));
                default -> error(404, 404, "HTTP 404 Not Found");
            };
        }
        if (method.equals("POST") && segments.size() == 2 && segments.getFirst().equals("subjects")) {
            return lookUp(segments.get(1), body);
        }
        if (method.equals("POST") && segments.getFirst().equals("compatibility") && segments.size() >= 4) {
            return compatibility(segments, body);
        }
        return error(422, 42205, "this registry is read-only: the schemas and their ids are part of the release");
    }

    private Answer subjects(List<String> segments) {
        if (segments.size() == 1) {
            return ok(strings(subjects.keySet()));
        }
        List<RegisteredSchema> versions = versions(segments.get(1));
        if (versions.isEmpty()) {
            return noSubject(segments.get(1));
        }
        if (segments.size() < 3 || !segments.get(2).equals("versions")) {
            return error(404, 404, "HTTP 404 Not Found");
        }
        if (segments.size() == 3) {
            ArrayNode numbers = NODES.arrayNode();
            versions.forEach(version -> numbers.add(version.version()));
            return ok(numbers);
        }
        Optional<RegisteredSchema> found = version(versions, segments.get(3));
        if (found.isEmpty()) {
            return error(404, 40402, "Version " + segments.get(3) + " not found.");
        }
        RegisteredSchema schema = found.get();
        return segments.size() == 4 ? ok(described(segments.get(1), schema)) : new Answer(200, schema.text());
    }

    private Answer schemas(List<String> segments) {
        if (segments.size() == 2 && segments.get(1).equals("types")) {
            return ok(NODES.arrayNode().add("AVRO"));
        }
        if (segments.size() < 3 || !segments.get(1).equals("ids")) {
            return error(404, 404, "HTTP 404 Not Found");
        }
        RegisteredSchema schema = byId(segments.get(2));
        if (schema == null) {
            return error(404, 40403, "Schema " + segments.get(2) + " not found");
        }
        String subject = subjectHere(schema);
        return switch (segments.size() == 3 ? "" : segments.get(3)) {
            case "" -> ok(NODES.objectNode().put("schema", schema.text()));
            case "schema" -> new Answer(200, schema.text());
            case "subjects" -> ok(NODES.arrayNode().add(subject));
            case "versions" -> ok(NODES.arrayNode()
                    .add(NODES.objectNode().put("subject", subject).put("version", schema.version())));
            default -> error(404, 404, "HTTP 404 Not Found");
        };
    }

    private Answer ofSubject(List<String> segments, ObjectNode answer) {
        return segments.size() == 1 || subjects.containsKey(segments.get(1)) ? ok(answer) : noSubject(segments.get(1));
    }

    private Answer lookUp(String subject, String body) {
        List<RegisteredSchema> versions = versions(subject);
        if (versions.isEmpty()) {
            return noSubject(subject);
        }
        Schema wanted = schemaIn(body);
        if (wanted == null) {
            return error(422, 42201, "the body is not {\"schema\": \"...\"} with an Avro schema");
        }
        // Clients send what their generator made of it, with properties of their language.
        String canonical = SchemaNormalization.toParsingForm(wanted);
        return versions.stream()
                .filter(version -> SchemaNormalization.toParsingForm(version.schema()).equals(canonical))
                .findFirst()
                .map(version -> ok(described(subject, version)))
                .orElseGet(() -> error(404, 40403, "Schema not found"));
    }

    /**
     * {@code /compatibility/subjects/S/versions[/V]}: against one version, or as new versions are judged, against all.
     */
    private Answer compatibility(List<String> segments, String body) {
        List<RegisteredSchema> against = versions(segments.get(2));
        if (against.isEmpty()) {
            return noSubject(segments.get(2));
        }
        if (segments.size() > 4) {
            against = version(against, segments.get(4)).map(List::of).orElse(List.of());
            if (against.isEmpty()) {
                return error(404, 40402, "Version " + segments.get(4) + " not found.");
            }
        }
        Schema wanted = schemaIn(body);
        if (wanted == null) {
            return error(422, 42201, "the body is not {\"schema\": \"...\"} with an Avro schema");
        }
        boolean compatible = against.stream().map(RegisteredSchema::schema).allMatch(version ->
                reads(wanted, version) && reads(version, wanted));
        return ok(NODES.objectNode().put("is_compatible", compatible));
    }

    private static boolean reads(Schema reader, Schema writer) {
        return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getType()
                == SchemaCompatibilityType.COMPATIBLE;
    }

    private List<RegisteredSchema> versions(String subject) {
        String registered = subjects.get(subject);
        return registered == null ? List.of() : history.versions(registered);
    }

    private static Optional<RegisteredSchema> version(List<RegisteredSchema> versions, String number) {
        return number.equals("latest") || number.equals("-1")
                ? Optional.of(versions.getLast())
                : versions.stream().filter(version -> Integer.toString(version.version()).equals(number)).findFirst();
    }

    private @Nullable RegisteredSchema byId(String id) {
        try {
            return history.byId(Integer.parseInt(id));
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private String subjectHere(RegisteredSchema schema) {
        return subjects.entrySet().stream()
                .filter(subject -> subject.getValue().equals(schema.subject()))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(schema.subject());
    }

    private static ObjectNode described(String subject, RegisteredSchema schema) {
        return NODES.objectNode()
                .put("subject", subject)
                .put("version", schema.version())
                .put("id", schema.id())
                .put("schemaType", "AVRO")
                .put("schema", schema.text());
    }

    private static @Nullable Schema schemaIn(String body) {
        try {
            JsonNode schema = JSON.readTree(body).path("schema");
            return schema.isTextual() ? new Schema.Parser().parse(schema.textValue()) : null;
        } catch (JsonProcessingException | AvroRuntimeException | NullPointerException e) {
            // The last is what Avro 1.12 throws for a type that is nowhere.
            return null;
        }
    }

    private static ArrayNode strings(Iterable<String> texts) {
        ArrayNode array = NODES.arrayNode();
        texts.forEach(array::add);
        return array;
    }

    private static Answer noSubject(String subject) {
        return error(404, 40401, "Subject '" + subject + "' not found.");
    }

    private static Answer error(int status, int code, String message) {
        return new Answer(status, NODES.objectNode().put("error_code", code).put("message", message).toString());
    }

    private static Answer ok(JsonNode body) {
        return new Answer(200, body.toString());
    }

    private static List<String> segments(String path) {
        List<String> segments = List.of(path.split("/", -1)).stream().filter(segment -> !segment.isEmpty()).toList();
        return segments.isEmpty() ? List.of("") : segments;
    }
}
