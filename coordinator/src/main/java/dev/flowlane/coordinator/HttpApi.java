package dev.flowlane.coordinator;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flowlane.bus.Bus;
import dev.flowlane.bus.BusSettings;
import dev.flowlane.page.AccessRules;
import dev.flowlane.page.Gate;
import dev.flowlane.page.PageProblem;
import dev.flowlane.page.Role;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The HTTP side: health, metrics, the page, and what programs read of runs and hosts. It answers from the snapshot that
 * the loop published last and never waits for the loop or for Kafka, so it is there while the broker is not.
 */
final class HttpApi implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpApi.class);
    private static final int LONGEST_BODY = 1024 * 1024;

    /** Much longer than it takes: only a machine that is starved of CPU comes near it. */
    private static final long START_SECONDS = 60;
    private static final long STOP_MS = 500;

    private final Supplier<Snapshot> snapshot;
    private final Metrics metrics;
    private final BuildInfo build;
    private final RegistryApi registry;
    private final Vertx vertx;
    private final HttpAddress address;
    private final AccessRules rules;
    private final Gate gate;
    private final PageFiles files = new PageFiles();
    private final Supplier<PageApi> openPage;
    private volatile @Nullable PageApi page;

    private HttpApi(
            HttpAddress wanted,
            HttpSecurity security,
            BusSettings settings,
            Supplier<Snapshot> snapshot,
            Metrics metrics,
            BuildInfo build,
            LongSupplier nanoTime)
            throws IOException {
        this.registry = new RegistryApi(settings.prefix(), settings.schemaRegistry());
        this.snapshot = snapshot;
        this.metrics = metrics;
        this.build = build;
        this.rules = security.rules();
        this.gate = new Gate(security.rules(), wanted.host());
        // One event loop is plenty for scrapes; nothing here blocks, so the other pools stay at their least.
        this.vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false)));
        this.openPage = () -> new PageApi(
                vertx, new Bus(settings), snapshot, build, InstantSource.system(), nanoTime);
        HttpServer server = vertx.createHttpServer(HttpServerSetup.options(wanted, security))
                .requestHandler(this::handle);
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
        if (!wanted.isLoopback() && !rules.credentialsNeeded()) {
            LOG.atWarn().addKeyValue("http", address).log("anybody who reaches this address can read runs and hosts:"
                    + " there is no authentication, and nobody can submit or cancel here. Give tokens"
                    + " (--http-viewer-token-file, --http-operator-token-file) or a CA of clients"
                    + " (--http-tls-client-ca), or listen on loopback");
        } else if (!wanted.isLoopback() && security.tls() == null) {
            LOG.atWarn().addKeyValue("http", address).log("tokens go over this address in plain text: give"
                    + " --http-tls-certificate and --http-tls-key, or put a proxy with TLS in front");
        }
    }

    /**
     * Starts to serve.
     *
     * @param settings of the bus, for the registry's subjects and for what the page reads
     * @param nanoTime a monotonic clock
     * @throws IOException if the address cannot be listened on; the message names it
     */
    static HttpApi start(
            HttpAddress wanted,
            HttpSecurity security,
            BusSettings settings,
            Supplier<Snapshot> snapshot,
            Metrics metrics,
            BuildInfo build,
            LongSupplier nanoTime)
            throws IOException {
        return new HttpApi(wanted, security, settings, snapshot, metrics, build, nanoTime);
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
        PageApi opened = page;
        if (opened != null) {
            opened.close();
        }
    }

    private void handle(HttpServerRequest request) {
        String path = Optional.ofNullable(request.path()).orElse("/");
        try {
            PageFiles.File file = PageFiles.find(path);
            if (RegistryApi.serves(path)) {
                registry(request, path);
            } else if (isOpen(path)) {
                route(request, path);
            } else if (file != null && reads(request)) {
                PageApi.file(request, files, file);
            } else {
                guarded(request, path);
            }
        } catch (RuntimeException e) {
            failed(request, path, e);
        }
    }

    /** Probes ask without credentials, and what they are told is no secret. */
    private static boolean isOpen(String path) {
        return path.equals("/livez") || path.equals("/readyz") || path.equals("/version");
    }

    private static boolean reads(HttpServerRequest request) {
        return request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD);
    }

    private void guarded(HttpServerRequest request, String path) {
        switch (gate.check(HttpServerSetup.asked(request))) {
            case Gate.Pass.Denied(int status, String message) -> {
                if (status == 401) {
                    request.response().putHeader("WWW-Authenticate", "Bearer realm=\"flowlane\"");
                }
                HttpAnswer.send(request, status, HttpAnswer.problem(status, message));
            }
            case Gate.Pass.Granted(Role role, String who) -> {
                if (PageApi.serves(path)) {
                    PageApi.answering(request, () -> page(request, decoded(path), role, who));
                } else {
                    route(request, path);
                }
            }
        }
    }

    private void page(HttpServerRequest request, String path, Role role, String who) {
        PageApi opened = page;
        if (opened == null) {
            // Nobody waits for it before somebody looks at the page.
            opened = openPage.get();
            page = opened;
        }
        if (request.method().equals(HttpMethod.POST)) {
            opened.post(request, path, who);
        } else if (request.method().equals(HttpMethod.GET)) {
            opened.get(request, path, role.name(), rules.credentialsNeeded());
        } else {
            request.response().putHeader("Allow", "GET, POST");
            throw new PageProblem(405, "method", "the method is not allowed here", "GET, POST");
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
                    String message = "a schema has at most " + LONGEST_BODY + " bytes here";
                    HttpAnswer.send(request, 413, HttpAnswer.problem(413, message));
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
        HttpAnswer.send(request, answer.status(), RegistryApi.CONTENT_TYPE, answer.body());
    }

    private static void failed(HttpServerRequest request, String path, RuntimeException e) {
        LOG.atError().addKeyValue("path", printable(path)).setCause(e).log("HTTP request failed");
        HttpAnswer.send(request, 500, HttpAnswer.problem(500, "internal error; the log has more"));
    }

    private void route(HttpServerRequest request, String path) {
        if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
            request.response().putHeader("Allow", "GET, HEAD");
            HttpAnswer.send(request, 405, HttpAnswer.problem(
                    405, "this path is read-only; runs are submitted and cancelled under /api/runs"));
            return;
        }
        Snapshot now = snapshot.get();
        switch (path) {
            case "/livez" -> HttpAnswer.send(request, 200, HttpAnswer.TEXT, "ok\n");
            case "/readyz" -> readyz(request, now);
            case "/version" -> HttpAnswer.send(request, 200, version());
            case "/metrics" -> {
                Metrics.Exposition shown =
                        metrics.scrape(Optional.ofNullable(request.getHeader("Accept")).orElse(""));
                HttpAnswer.send(request, 200, shown.contentType(), shown.body());
            }
            case "/runs" -> HttpAnswer.send(request, 200, now.runsJson());
            case "/hosts" -> HttpAnswer.send(request, 200, now.hostsJson());
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
            HttpAnswer.send(request, 200, found.get());
        } else {
            HttpAnswer.send(request, 404, HttpAnswer.problem(404, "not found; there are / /api /livez /readyz /version"
                    + " /metrics /runs /runs/ID /hosts /hosts/ID and the schema registry under /subjects and"
                    + " /schemas"));
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
        HttpAnswer.send(request, ready ? 200 : 503, HttpAnswer.TEXT, body);
    }

    private ObjectNode version() {
        return JsonNodeFactory.instance.objectNode()
                .put("name", "flowlane-coordinator")
                .put("version", build.version())
                .put("java", build.java());
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
