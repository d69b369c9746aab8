package dev.flowlane.daemon;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;

/** Health and figures over HTTP. Nothing here waits for Kafka or changes anything. */
final class HttpApi {
    private static final Logger LOG = LoggerFactory.getLogger(HttpApi.class);
    private static final String TEXT = "text/plain; charset=utf-8";

    /** One thing that readiness depends on; the text says what is, or what is wrong and what to do. */
    record Check(String name, boolean ok, String text) {}

    private final Supplier<List<Check>> readiness;
    private final Function<String, DaemonMetrics.Exposition> metrics;
    private final String version;

    /**
     * What is served.
     *
     * @param metrics from the {@code Accept} header, empty when there is none, to what is shown; may take long
     */
    HttpApi(Supplier<List<Check>> readiness, Function<String, DaemonMetrics.Exposition> metrics, String version) {
        this.readiness = readiness;
        this.metrics = metrics;
        this.version = version;
    }

    /** Serves on the context that calls this. */
    Future<HttpServer> listen(Vertx vertx, String host, int port) {
        HttpServerOptions options = new HttpServerOptions()
                .setHost(host)
                .setPort(port)
                .setMaxInitialLineLength(4096)
                .setMaxHeaderSize(16384)
                .setIdleTimeout(75);
        return vertx.createHttpServer(options)
                .requestHandler(request -> handle(vertx, request))
                .listen();
    }

    private void handle(Vertx vertx, HttpServerRequest request) {
        if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
            answer(request, 405, TEXT, "only GET is served here\n");
            return;
        }
        try {
            switch (String.valueOf(request.path())) {
                case "/livez" -> answer(request, 200, TEXT, "ok\n");
                case "/readyz" -> ready(request);
                case "/metrics" -> metrics(vertx, request);
                case "/version" ->
                    answer(
                            request,
                            200,
                            "application/json",
                            new JsonObject()
                                    .put("name", "flowlane-host-daemon")
                                    .put("version", version)
                                    .put("java", Runtime.version().toString())
                                    .encode()
                                    + "\n");
                default -> answer(request, 404, TEXT, "not here; there are /livez /readyz /metrics /version\n");
            }
        } catch (RuntimeException e) {
            failed(request, e);
        }
    }

    private static void failed(HttpServerRequest request, Throwable e) {
        LOG.atError().setCause(e).addKeyValue("path", request.path()).log("a request failed");
        answer(request, 500, TEXT, "failed; the daemon's log says why\n");
    }

    /** Off the context, which drives the flows: the first scrape loads classes, and every one may be megabytes. */
    private void metrics(Vertx vertx, HttpServerRequest request) {
        String accepted = Objects.requireNonNullElse(request.getHeader("Accept"), "");
        vertx.executeBlocking(() -> metrics.apply(accepted))
                .onSuccess(shown -> answer(request, 200, shown.contentType(), shown.body()))
                .onFailure(e -> failed(request, e));
    }

    private void ready(HttpServerRequest request) {
        List<String> excluded = request.params().getAll("exclude");
        List<Check> checks = readiness.get().stream()
                .filter(check -> !excluded.contains(check.name()))
                .toList();
        boolean all = checks.stream().allMatch(Check::ok);
        StringBuilder text = new StringBuilder();
        if (request.getParam("verbose") != null || !all) {
            for (Check check : checks) {
                text.append(check.ok() ? "[+] " : "[-] ").append(check.name()).append(": ");
                text.append(check.text()).append('\n');
            }
        }
        text.append(all ? "ready\n" : "not ready\n");
        answer(request, all ? 200 : 503, TEXT, text.toString());
    }

    private static void answer(HttpServerRequest request, int status, String type, String body) {
        answer(request, status, type, Buffer.buffer(body));
    }

    private static void answer(HttpServerRequest request, int status, String type, Buffer body) {
        var _ = request.response()
                .setStatusCode(status)
                .putHeader("content-type", type)
                .putHeader("cache-control", "no-store")
                .end(body);
    }
}
