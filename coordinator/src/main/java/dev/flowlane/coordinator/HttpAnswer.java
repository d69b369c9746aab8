package dev.flowlane.coordinator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import org.jspecify.annotations.Nullable;

/** Sends answers, all with the headers that every answer has. */
final class HttpAnswer {
    static final String TEXT = "text/plain; charset=utf-8";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String JSON_TYPE = "application/json";

    private HttpAnswer() {}

    static void send(HttpServerRequest request, int status, JsonNode body) {
        send(request, status, JSON_TYPE, text(body) + "\n");
    }

    static void send(HttpServerRequest request, int status, String type, String body) {
        send(request, status, type, Buffer.buffer(body));
    }

    static void send(HttpServerRequest request, int status, String type, Buffer body) {
        HttpServerResponse response = request.response();
        if (response.ended() || response.closed()) {
            return;
        }
        response.setStatusCode(status).putHeader("Content-Type", type);
        common(response);
        if (request.method().equals(HttpMethod.HEAD)) {
            response.putHeader("Content-Length", Integer.toString(body.length())).end();
        } else {
            response.end(body);
        }
    }

    /** What keeps a browser from storing an answer, or from making something else of it. */
    static void common(HttpServerResponse response) {
        response.putHeader("Cache-Control", "no-store")
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Referrer-Policy", "no-referrer")
                .putHeader("Cross-Origin-Resource-Policy", "same-origin");
    }

    /** What went wrong, for a program and a person. */
    static ObjectNode problem(int status, String message) {
        return JsonNodeFactory.instance.objectNode().put("status", status).put("message", message);
    }

    /** JSON in one line. */
    static String text(JsonNode body) {
        try {
            return JSON.writeValueAsString(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A JSON object; null when the text is none. */
    static @Nullable ObjectNode object(String text) {
        try {
            return JSON.readTree(text) instanceof ObjectNode object ? object : null;
        } catch (JsonProcessingException e) {
            return null;
        }
    }
}
