package dev.flowlane.coordinator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * The HTTP side: health, metrics and a read-only view of runs and hosts. It answers from the snapshot that the loop
 * published last and never waits for the loop or for Kafka, so it is there while the broker is not.
 */
final class HttpApi implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpApi.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String JSON_TYPE = "application/json";
    private static final int LONGEST_BODY = 1024 * 1024;
    private static final long START_SECONDS = 10;
    private static final long STOP_MS = 500;

    private final Supplier<Snapshot> snapshot;
    private final Metrics metrics;
    private final BuildInfo build;
    private final RegistryApi registry;
    private final Vertx vertx;
    private final HttpAddress address;

    private HttpApi(
            HttpAddress wanted, String prefix, Supplier<Snapshot> snapshot, Metrics metrics, BuildInfo build)
            throws IOException {
        this.registry = new RegistryApi(prefix);
        this.snapshot = snapshot;
        this.metrics = metrics;
        this.build = build;
        // One event loop is plenty for scrapes; nothing here blocks, so the other pools stay at their least.
        this.vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false)));
        HttpServerOptions options = new HttpServerOptions()
                .setHost(wanted.host())
                .setPort(wanted.port())
                .setMaxInitialLineLength(4096)
                .setMaxHeaderSize(16384)
                .setIdleTimeout(75);
        HttpServer server = vertx.createHttpServer(options).requestHandler(this::handle);
        try {
            server.listen().toCompletionStage().toCompletableFuture().get(START_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            close();
            Throwable reason = e.getCause() == null ? e : e.getCause();
            throw new IOException("cannot listen on " + wanted + ": " + reason.getMessage(), reason);
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted before listening on " + wanted, e);
        }
        this.address = wanted.withPort(server.actualPort());
        if (!wanted.isLoopback()) {
            LOG.atWarn().addKeyValue("http", address).log("anybody who reaches this address can read runs and hosts: "
                    + "there is no authentication. Listen on loopback, or put an authenticating proxy in front");
        }
    }

    /**
     * Starts to serve.
     *
     * @param prefix of the topics, for the registry's subjects
     * @throws IOException if the address cannot be listened on; the message names it
     */
    static HttpApi start(
            HttpAddress wanted, String prefix, Supplier<Snapshot> snapshot, Metrics metrics, BuildInfo build)
            throws IOException {
        return new HttpApi(wanted, prefix, snapshot, metrics, build);
    }

    /** Where it listens, with the port that was bound. */
    HttpAddress address() {
        return address;
    }

    @Override
    public void close() {
        try {
            vertx.close().toCompletionStage().toCompletableFuture().get(STOP_MS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.atDebug().setCause(e).log("the HTTP server did not stop in time");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void handle(HttpServerRequest request) {
        String path = Optional.ofNullable(request.path()).orElse("/");
        try {
            if (RegistryApi.serves(path)) {
                registry(request, path);
            } else {
                route(request, path);
            }
        } catch (RuntimeException e) {
            failed(request, path, e);
        }
    }

    private void registry(HttpServerRequest request, String path) {
        if (!request.method().equals(HttpMethod.POST)) {
            answer(request, path, "");
            return;
        }
        Buffer body = Buffer.buffer();
        request.handler(chunk -> {
            if (body.length() <= LONGEST_BODY) {
                body.appendBuffer(chunk);
            }
        });
        request.endHandler(_ -> {
            try {
                if (body.length() > LONGEST_BODY) {
                    send(request, 413, problem(413, "a schema has at most " + LONGEST_BODY + " bytes here"));
                } else {
                    answer(request, path, body.toString(StandardCharsets.UTF_8));
                }
            } catch (RuntimeException e) {
                failed(request, path, e);
            }
        });
    }

    private void answer(HttpServerRequest request, String path, String body) {
        RegistryApi.Answer answer = registry.answer(request.method().name(), decoded(path), body);
        send(request, answer.status(), RegistryApi.CONTENT_TYPE, answer.body());
    }

    private static void failed(HttpServerRequest request, String path, RuntimeException e) {
        LOG.atError().addKeyValue("path", printable(path)).setCause(e).log("HTTP request failed");
        send(request, 500, problem(500, "internal error; the log has more"));
    }

    private void route(HttpServerRequest request, String path) {
        if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
            request.response().putHeader("Allow", "GET, HEAD");
            send(request, 405, problem(405, "this API is read-only; use the flowlane command line"));
            return;
        }
        Snapshot now = snapshot.get();
        switch (path) {
            case "/livez" -> send(request, 200, TEXT, "ok\n");
            case "/readyz" -> readyz(request, now);
            case "/version" -> send(request, 200, version());
            case "/metrics" -> {
                Metrics.Exposition shown =
                        metrics.scrape(Optional.ofNullable(request.getHeader("Accept")).orElse(""));
                send(request, 200, shown.contentType(), shown.body());
            }
            case "/runs" -> send(request, 200, now.runsJson());
            case "/hosts" -> send(request, 200, now.hostsJson());
            default -> one(request, now, path);
        }
    }

    private void one(HttpServerRequest request, Snapshot now, String path) {
        Optional<ObjectNode> found = Optional.empty();
        if (path.startsWith("/runs/")) {
            found = now.runJson(decoded(path.substring("/runs/".length())));
        } else if (path.startsWith("/hosts/")) {
            found = now.hostJson(decoded(path.substring("/hosts/".length())));
        }
        if (found.isPresent()) {
            send(request, 200, found.get());
        } else {
            send(request, 404, problem(404, "not found; there are /livez /readyz /version /metrics /runs /runs/ID "
                    + "/hosts /hosts/ID and the schema registry under /subjects and /schemas"));
        }
    }

    private static void readyz(HttpServerRequest request, Snapshot now) {
        boolean ready = now.ready();
        String body = ready ? "ok\n" : "not ready: " + now.problem() + "\n";
        if (request.query() != null && request.query().contains("verbose")) {
            StringBuilder lines = new StringBuilder();
            for (Phase phase : Phase.values()) {
                if (phase != Phase.READY) {
                    boolean passed = now.passed(phase);
                    lines.append(passed ? "[+]" : "[-]").append(phase.check()).append(passed ? " ok\n" : " pending\n");
                }
            }
            body = lines.append(ready ? "readyz check passed\n" : body).toString();
        }
        send(request, ready ? 200 : 503, TEXT, body);
    }

    private ObjectNode version() {
        return JsonNodeFactory.instance.objectNode()
                .put("name", "flowlane-coordinator")
                .put("version", build.version())
                .put("java", build.java());
    }

    private static ObjectNode problem(int status, String message) {
        return JsonNodeFactory.instance.objectNode().put("status", status).put("message", message);
    }

    private static void send(HttpServerRequest request, int status, JsonNode body) {
        try {
            send(request, status, JSON_TYPE, JSON.writeValueAsString(body) + "\n");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void send(HttpServerRequest request, int status, String type, String body) {
        send(request, status, type, Buffer.buffer(body));
    }

    private static void send(HttpServerRequest request, int status, String type, Buffer body) {
        HttpServerResponse response = request.response();
        if (response.ended() || response.closed()) {
            return;
        }
        response.setStatusCode(status)
                .putHeader("Content-Type", type)
                .putHeader("Cache-Control", "no-store")
                .putHeader("X-Content-Type-Options", "nosniff");
        if (request.method().equals(HttpMethod.HEAD)) {
            response.putHeader("Content-Length", Integer.toString(body.length())).end();
        } else {
            response.end(body);
        }
    }

    /** What the percent signs stand for; the text itself when they stand for nothing. */
    private static String decoded(String segment) {
        try {
            return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return segment;
        }
    }

    private static String printable(String text) {
        return text.replaceAll("[^\\x20-\\x7e]", "?");
    }
}
