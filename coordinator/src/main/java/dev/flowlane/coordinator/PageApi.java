package dev.flowlane.coordinator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flowlane.bus.Bus;
import dev.flowlane.core.run.RunRecord;
import dev.flowlane.core.spec.SpecText;
import dev.flowlane.page.FleetView;
import dev.flowlane.page.PageProblem;
import dev.flowlane.page.PageQuery;
import dev.flowlane.page.RunsView;
import dev.flowlane.page.SpecDraft;
import dev.flowlane.request.RunIds;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What the page asks for: views as JSON and as events, and the commands of operators. Callers are known to have the
 * role that they need before anything here is asked. For the event loop's thread.
 */
final class PageApi implements AutoCloseable {
    /** A spec of 1 MiB as a JSON string, with room for what has to be escaped. */
    private static final int BODY_BYTES_MAX = 2 * 1024 * 1024;

    private static final int REASON_CHARACTERS_MAX = 500;
    private static final long TICK_MS = 1_000;
    private static final Set<String> LIST = Set.of("filter", "show", "page");
    private static final Set<String> ONE = Set.of("flows");
    private static final Set<String> EVENTS = Set.of("view", "filter", "show", "page", "run", "flows");
    private static final List<String> VIEWS = List.of("fleet", "runs", "run");
    private static final String THERE_ARE = "/api/session, /api/fleet, /api/runs, /api/runs/ID, /api/spec, /api/events";

    private final Supplier<Snapshot> snapshot;
    private final Vertx vertx;
    private final BuildInfo build;
    private final InstantSource clock;
    private final EventStreams streams;
    private final RunWatches watches;
    private final FleetWatch fleetWatch;
    private final CommandDesk desk;
    private boolean ticking;

    PageApi(
            Vertx vertx,
            Bus bus,
            Supplier<Snapshot> snapshot,
            BuildInfo build,
            InstantSource clock,
            LongSupplier nanoTime) {
        this.vertx = vertx;
        this.snapshot = snapshot;
        this.build = build;
        this.clock = clock;
        this.streams = new EventStreams(nanoTime);
        this.watches = new RunWatches(bus, nanoTime);
        this.fleetWatch = new FleetWatch(bus, nanoTime);
        this.desk = new CommandDesk(bus, nanoTime);
    }

    /** Whether the path is one of the page's API. */
    static boolean serves(String path) {
        return path.equals("/api") || path.startsWith("/api/");
    }

    /**
     * Answers a GET.
     *
     * @param path decoded
     * @param role of the caller, to tell it
     * @throws PageProblem if it cannot be answered
     */
    void get(HttpServerRequest request, String path, String role, boolean credentialsNeeded) {
        tickOn();
        String query = request.query() == null ? "" : request.query();
        switch (path) {
            case "/api/session" -> {
                PageQuery.parse(query, Set.of());
                HttpAnswer.send(request, 200, session(role, credentialsNeeded));
            }
            case "/api/fleet" -> HttpAnswer.send(request, 200, fleet(PageQuery.parse(query, LIST)));
            case "/api/runs" -> HttpAnswer.send(request, 200, runs(PageQuery.parse(query, LIST)));
            case "/api/spec" -> {
                PageQuery.parse(query, Set.of());
                ObjectNode json = JsonNodeFactory.instance.objectNode();
                json.set("keys", SpecDraft.keys());
                HttpAnswer.send(request, 200, json);
            }
            case "/api/events" -> streams.open(request, view(PageQuery.parse(query, EVENTS)));
            default -> {
                String runId = runId(path, "");
                if (runId == null) {
                    throw new PageProblem(404, "path", "there is no such path", THERE_ARE);
                }
                HttpAnswer.send(request, 200, run(runId, page(PageQuery.parse(query, ONE)), 0).json());
            }
        }
    }

    private EventStreams.View view(PageQuery query) {
        String filter = query.filter();
        int page = query.page();
        return switch (query.word("view", VIEWS)) {
            case "runs" -> {
                query.word("show", RunsView.SHOWS);
                yield view("runs " + query.word("show", RunsView.SHOWS) + " " + page + " " + filter,
                        _ -> new EventStreams.Shown(runs(query), 0));
            }
            case "run" -> {
                String runId = query.text("run");
                int flows = page(query);
                run(runId, flows, 0);
                yield view("run " + flows + " " + runId, from -> run(runId, flows, from));
            }
            default -> view("fleet " + query.word("show", FleetView.SHOWS) + " " + page + " " + filter,
                    _ -> new EventStreams.Shown(fleet(query), 0));
        };
    }

    private static int page(PageQuery query) {
        return query.number("flows", PageQuery.PAGE_MAX);
    }

    private interface Show {
        EventStreams.Shown at(int from);
    }

    private static EventStreams.View view(String key, Show show) {
        return new EventStreams.View() {
            @Override
            public String key() {
                return key;
            }

            @Override
            public EventStreams.Shown show(int from) {
                return show.at(from);
            }
        };
    }

    private ObjectNode session(String role, boolean credentialsNeeded) {
        Snapshot now = snapshot.get();
        return JsonNodeFactory.instance.objectNode()
                .put("role", role)
                .put("credentials_needed", credentialsNeeded)
                .put("version", build.version())
                .put("now", clock.instant().plus(now.brokerClockOffset()).toString());
    }

    private ObjectNode fleet(PageQuery query) {
        fleetWatch.look();
        Snapshot now = snapshot.get();
        return withCoordinator(now, "fleet", FleetView.of(
                now.fleet(), fleetWatch::load, query.filter(), query.word("show", FleetView.SHOWS), query.page()));
    }

    private ObjectNode runs(PageQuery query) {
        Snapshot now = snapshot.get();
        return withCoordinator(now, "runs", RunsView.of(
                now.fleet(), query.filter(), query.word("show", RunsView.SHOWS), query.page()));
    }

    private EventStreams.Shown run(String runId, int flowPage, int from) {
        Snapshot now = snapshot.get();
        RunRecord run = now.fleet().runs().get(runId);
        if (run == null) {
            throw new PageProblem(404, "run", "the coordinator does not know this run",
                    "one of /api/runs: the live ones and the 200 that ended last");
        }
        RunWatch.View view = watches.view(now.fleet(), run, from, flowPage);
        return new EventStreams.Shown(withCoordinator(now, "run", view.json()), view.stableBelow());
    }

    private static ObjectNode withCoordinator(Snapshot now, String view, ObjectNode json) {
        json.put("view", view);
        json.putObject("coordinator")
                .put("ready", now.ready())
                .put("problem", now.problem())
                .put("epoch", now.fleet().epoch());
        return json;
    }

    /**
     * Answers a POST when its body is there.
     *
     * @param path decoded
     * @param who names the caller in the commands
     */
    void post(HttpServerRequest request, String path, String who) {
        tickOn();
        PageQuery.parse(request.query() == null ? "" : request.query(), Set.of());
        String cancelled = runId(path, "/cancel");
        if (!path.equals("/api/runs") && !path.equals("/api/spec/check") && cancelled == null) {
            throw new PageProblem(404, "path", "nothing is posted here",
                    "/api/runs, /api/runs/ID/cancel, /api/spec/check");
        }
        Buffer body = Buffer.buffer();
        request.handler(chunk -> {
            if (body.length() <= BODY_BYTES_MAX) {
                body.appendBuffer(chunk);
            }
        });
        request.endHandler(_ -> answering(request, () -> {
            if (body.length() > BODY_BYTES_MAX) {
                throw new PageProblem(413, "body", "it is too long", "at most " + BODY_BYTES_MAX + " bytes");
            }
            ObjectNode json = HttpAnswer.object(body.toString(StandardCharsets.UTF_8));
            if (json == null) {
                throw new PageProblem(400, "body", "it is no JSON object", "such as {\"spec\": \"duration: 5s\"}");
            }
            if (cancelled != null) {
                finish(request, desk.cancel(cancelled, reason(json), who));
            } else if (path.equals("/api/runs")) {
                SpecDraft.Read read = SpecDraft.read(json);
                String wanted = read.runId();
                String runId = wanted == null ? RunIds.newId(clock.instant()) : wanted;
                finish(request, desk.submit(runId, read.spec(), who));
            } else {
                SpecDraft.Read read = SpecDraft.read(json);
                HttpAnswer.send(request, 200, JsonNodeFactory.instance.objectNode()
                        .put("flows", read.spec().flowCount())
                        .put("spec", SpecText.yaml(read.runId(), read.spec())));
            }
        }));
    }

    private static String reason(ObjectNode json) {
        JsonNode reason = json.path("reason");
        if (reason.isMissingNode()) {
            return "cancelled on the page";
        }
        if (!reason.isTextual() || reason.textValue().length() > REASON_CHARACTERS_MAX) {
            throw new PageProblem(400, "reason", "it is no text, or too long",
                    "a string of at most " + REASON_CHARACTERS_MAX + " characters");
        }
        return reason.textValue();
    }

    private void finish(HttpServerRequest request, CompletableFuture<CommandDesk.Answer> answer) {
        Context context = vertx.getOrCreateContext();
        var _ = answer.whenComplete((done, failure) -> context.runOnContext(_ -> answering(request, () -> {
            if (failure instanceof PageProblem problem) {
                throw problem;
            }
            if (failure != null) {
                throw new IllegalStateException(failure);
            }
            HttpAnswer.send(request, done.status(), done.body());
        })));
    }

    /** Does it; what goes wrong is the answer. */
    static void answering(HttpServerRequest request, Runnable task) {
        try {
            task.run();
        } catch (PageProblem problem) {
            HttpAnswer.send(request, problem.status(), problem.json());
        } catch (RuntimeException e) {
            LoggerFactory.getLogger(PageApi.class).atError().setCause(e).log("a request of the page failed");
            HttpAnswer.send(request, 500, HttpAnswer.problem(500, "internal error; the coordinator's log has more"));
        }
    }

    /** The id in {@code /api/runs/ID} with that end; null when the path is another. */
    private static @Nullable String runId(String path, String end) {
        String begin = "/api/runs/";
        if (!path.startsWith(begin) || !path.endsWith(end) || path.length() <= begin.length() + end.length()) {
            return null;
        }
        String runId = path.substring(begin.length(), path.length() - end.length());
        return runId.indexOf('/') < 0 ? runId : null;
    }

    /** Headers of a file of the page. */
    static void file(HttpServerRequest request, PageFiles files, PageFiles.File file) {
        HttpServerResponse response = request.response();
        response.putHeader("Content-Security-Policy", PageFiles.POLICY)
                .putHeader("X-Frame-Options", "DENY")
                .putHeader("Cross-Origin-Opener-Policy", "same-origin");
        HttpAnswer.send(request, 200, file.type(), files.content(file));
    }

    private void tickOn() {
        if (!ticking) {
            ticking = true;
            vertx.setPeriodic(TICK_MS, id -> {
                streams.tick();
                watches.tidy();
                if (streams.isEmpty() && watches.isEmpty()) {
                    vertx.cancelTimer(id);
                    ticking = false;
                }
            });
        }
    }

    @Override
    public void close() {
        watches.close();
        fleetWatch.close();
        desk.close();
    }
}
