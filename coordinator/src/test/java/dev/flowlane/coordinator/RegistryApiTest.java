package dev.flowlane.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.flowlane.avro.FlowStats;
import dev.flowlane.bus.SchemaHistory;
import dev.flowlane.bus.Topic;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.junit.jupiter.api.Test;

final class RegistryApiTest {
    private static final String SUBJECT = "lab.flow-stats-value";

    private final RegistryApi registry = new RegistryApi("lab", null);
    private final int id = SchemaHistory.bundled().latest(Topic.FLOW_STATS.subject()).id();

    @Test
    void subjectsAreThoseOfTheInstallationsTopics() throws Exception {
        assertThat(get("/subjects")).hasSize(Topic.all().size()).anyMatch(name -> name.textValue().equals(SUBJECT));
        assertThat(get("/subjects/" + SUBJECT + "/versions").get(0).intValue()).isEqualTo(1);
    }

    @Test
    void aSchemaIsFoundByItsIdAndByItsVersion() throws Exception {
        JsonNode latest = get("/subjects/" + SUBJECT + "/versions/latest");

        assertThat(latest.path("id").intValue()).isEqualTo(id);
        assertThat(latest.path("subject").textValue()).isEqualTo(SUBJECT);
        assertThat(get("/schemas/ids/" + id).path("schema")).isEqualTo(latest.path("schema"));
        String published = canonical(FlowStats.getClassSchema().toString());
        assertThat(canonical(latest.path("schema").textValue())).isEqualTo(published);
        assertThat(canonical(registry.answer("GET", "/schemas/ids/" + id + "/schema", "").body())).isEqualTo(published);
        assertThat(get("/schemas/ids/" + id + "/subjects").get(0).textValue()).isEqualTo(SUBJECT);
        assertThat(get("/schemas/ids/" + id + "/versions").get(0).path("version").intValue()).isPositive();
    }

    @Test
    void aSchemaIsLookedUpAndJudged() throws Exception {
        String known = body(FlowStats.getClassSchema().toString());
        String other = body("{\"type\":\"record\",\"name\":\"dev.flowlane.avro.FlowStats\",\"fields\":[]}");
        String judge = "/compatibility/subjects/" + SUBJECT + "/versions/latest";

        assertThat(post("/subjects/" + SUBJECT, known).path("id").intValue()).isEqualTo(id);
        assertThat(post("/subjects/" + SUBJECT, other).path("error_code").intValue()).isEqualTo(40403);
        assertThat(post(judge, known).path("is_compatible").booleanValue()).isTrue();
        assertThat(post(judge, other).path("is_compatible").booleanValue()).isFalse();
    }

    @Test
    void whatIsNotThereHasConfluentsErrorCodes() throws Exception {
        assertThat(get("/subjects/nothing/versions").path("error_code").intValue()).isEqualTo(40401);
        assertThat(get("/subjects/" + SUBJECT + "/versions/99").path("error_code").intValue()).isEqualTo(40402);
        assertThat(get("/schemas/ids/99999999").path("error_code").intValue()).isEqualTo(40403);
        assertThat(get("/schemas/ids/x").path("error_code").intValue()).isEqualTo(40403);
        assertThat(get("/config/nothing").path("error_code").intValue()).isEqualTo(40401);
    }

    @Test
    void writesAreRefused() throws Exception {
        assertThat(registry.answer("POST", "/subjects/" + SUBJECT + "/versions", body("\"int\"")).status())
                .isEqualTo(422);
        assertThat(registry.answer("DELETE", "/subjects/" + SUBJECT, "").status()).isEqualTo(422);
        assertThat(registry.answer("PUT", "/config", "{}").status()).isEqualTo(422);
        assertThat(registry.answer("POST", "/subjects/" + SUBJECT, "no JSON").status()).isEqualTo(422);
        assertThat(get("/mode").path("mode").textValue()).isEqualTo("READONLY");
        assertThat(get("/config/" + SUBJECT).path("compatibilityLevel").textValue()).isEqualTo("FULL_TRANSITIVE");
        assertThat(get("/schemas/types").get(0).textValue()).isEqualTo("AVRO");
    }

    private JsonNode get(String path) throws Exception {
        return new ObjectMapper().readTree(registry.answer("GET", path, "").body());
    }

    private JsonNode post(String path, String body) throws Exception {
        return new ObjectMapper().readTree(registry.answer("POST", path, body).body());
    }

    private static String body(String schema) {
        return JsonNodeFactory.instance.objectNode().put("schema", schema).toString();
    }

    private static String canonical(String schema) {
        return SchemaNormalization.toParsingForm(new Schema.Parser().parse(schema));
    }
}
