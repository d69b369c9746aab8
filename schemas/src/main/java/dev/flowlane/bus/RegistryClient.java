package dev.flowlane.bus;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.OptionalInt;

/** What Flowlane asks of a registry with Confluent's REST interface. From any thread. */
final class RegistryClient {
    private static final String CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(10);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final RegistrySettings settings;
    private final HttpClient http;

    private record Answer(int status, JsonNode body) {}

    RegistryClient(RegistrySettings settings) {
        this.settings = settings;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_TIMEOUT)
                .build();
    }

    /**
     * Id of a schema under a subject; empty when the subject has no such schema.
     *
     * @throws BusException if the registry does not answer, or not as it should
     */
    OptionalInt find(String subject, String schema) {
        Answer answer = ask("POST", "/subjects/" + subject, body(schema));
        return answer.status() == 404 ? OptionalInt.empty() : OptionalInt.of(id(answer, "look up " + subject));
    }

    /**
     * Registers a schema under a subject, as its next version if it is not there.
     *
     * @return its id
     * @throws BusException likewise, or if the registry does not take it
     */
    int register(String subject, String schema) {
        return id(ask("POST", "/subjects/" + subject + "/versions", body(schema)), "register " + subject);
    }

    /**
     * The schema with an id; null when there is none.
     *
     * @throws BusException likewise
     */
    @Nullable String schema(int id) {
        Answer answer = ask("GET", "/schemas/ids/" + id, null);
        if (answer.status() == 404) {
            return null;
        }
        JsonNode schema = answer.body().path("schema");
        if (answer.status() != 200 || !schema.isTextual()) {
            throw refused("schema " + id, answer);
        }
        return schema.textValue();
    }

    private int id(Answer answer, String what) {
        JsonNode id = answer.body().path("id");
        if (answer.status() != 200 || !id.isInt()) {
            throw refused(what, answer);
        }
        return id.intValue();
    }

    private BusException refused(String what, Answer answer) {
        return new BusException("schema registry at " + settings.where() + ": " + what + ": HTTP " + answer.status()
                + " " + answer.body().path("message").asText("without a message"));
    }

    private static String body(String schema) {
        return JSON.createObjectNode().put("schema", schema).put("schemaType", "AVRO").toString();
    }

    /** Of the first server that answers; one that fails itself does not count as an answer while there are others. */
    private Answer ask(String method, String path, @Nullable String body) {
        BusException failure = null;
        for (String url : settings.urls()) {
            try {
                Answer answer = ask(request(url + path, method, body));
                if (answer.status() < 500) {
                    return answer;
                }
                failure = refused(method + " " + path, answer);
            } catch (IOException e) {
                failure = new BusException("schema registry at " + url + " does not answer: " + e
                        + "; is it running, and is " + RegistrySettings.URL + " right?", e);
            }
        }
        throw failure == null ? new IllegalStateException("a registry without an address") : failure;
    }

    private HttpRequest request(String url, String method, @Nullable String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url))
                .timeout(ANSWER_TIMEOUT)
                .header("Accept", CONTENT_TYPE + ", application/json")
                .method(
                        method,
                        body == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body));
        if (body != null) {
            request.header("Content-Type", CONTENT_TYPE);
        }
        if (settings.authorization() != null) {
            request.header("Authorization", settings.authorization());
        }
        return request.build();
    }

    private Answer ask(HttpRequest request) throws IOException {
        try {
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), json(response.body()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BusException("interrupted while the schema registry was asked", e);
        }
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            return JSON.missingNode();
        }
    }
}
