package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flowlane.grafana.Tool;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The coordinator's page in a real Chromium, on a live local fleet: it shows what the topics say, submits, cancels,
 * and asks nobody but the coordinator for anything. Pictures of what was seen are in {@code target/page}. Skipped
 * where there is no Chromium.
 */
final class PageIT {
    private static final Duration SOON = Duration.ofMinutes(2);
    private static final Path PICTURES = Path.of("target", "page").toAbsolutePath();
    private static final String VIEWER = "viewer-token-of-the-page-test";
    private static final String OPERATOR = "operator-token-of-the-page-test";

    @TempDir
    static Path state = Path.of(".");

    private static String origin = "";
    private static @Nullable Chromium started;

    @BeforeAll
    static void up() throws Exception {
        Tool.require("chromium", "chromium");
        Files.createDirectories(PICTURES);
        FlowlaneProcess.run(state, "up").expect(0);
        origin = "http://" + PageHttp.addressInLog(state);
        started = Chromium.start(state.resolve("chromium"));
        // The first run of a fleet is slower to begin than any test wants to wait for.
        measure("first", "--duration", "600ms", "--warmup", "200ms", "--interval", "200ms");
    }

    @AfterAll
    static void down() {
        if (started != null) {
            started.close();
            FlowlaneProcess.run(state, "down").expect(0);
        }
    }

    @AfterEach
    void nothingWasRefusedOrAskedElsewhere() {
        assertThat(chromium().takeComplaints()).isEmpty();
        assertThat(chromium().requested())
                .allMatch(url -> url.startsWith("http://127.0.0.1:") || url.startsWith("about:"), "asked of loopback");
    }

    @Test
    void anEndedRunIsShownAsTheTopicsHaveIt() throws IOException {
        JsonNode result = measure("ended", "--traffic", "request-response", "--duration", "3s", "--warmup", "500ms",
                "--interval", "250ms", "--threshold", "p99 < 10s", "--threshold", "rate >= 1");

        open("#/runs/ended");
        chromium().awaitTrue("document.querySelector('h1 .state')?.textContent === 'COMPLETED'");
        chromium().awaitTrue("document.body.innerText.includes('The run’s result:')");

        assertThat(tile("throughput"))
                .isEqualTo(Scaled.bitsPerSecond(result.path("throughput_bits_per_second").doubleValue()));
        assertThat(tile("transactions"))
                .isEqualTo(Scaled.perSecond(result.path("transactions_per_second").doubleValue()));
        assertThat(tile("round trip p99")).isEqualTo(Scaled.nanos(result.path("round_trip_p99_ns").longValue()));
        assertThat(tile("received")).isEqualTo(Scaled.bytes(result.path("received_bytes").longValue()));
        assertThat(chromium().text())
                .contains("p99 < 10s: kept, measured "
                        + Scaled.nanos(result.path("round_trip_p99_ns").longValue()))
                .contains("rate >= 1/s: kept, measured "
                        + Scaled.perSecond(result.path("transactions_per_second").doubleValue()));
        JsonNode flow = result.path("flows").path(0);
        JsonNode seen = api("/api/runs/ended").path("flow_page").path("items").path(0);
        for (String end : List.of("source", "destination")) {
            for (String cpu : List.of("_receive_cpu", "_application_cpu")) {
                assertThat(seen.path(end + cpu).intValue()).as(end + cpu).isEqualTo(flow.path(end + cpu).intValue());
            }
            assertThat(chromium().text()).contains(flow.path(end + "_host_id").asText());
        }
        await("every interval of both ends").atMost(SOON).untilAsserted(() -> assertThat(
                        api("/api/runs/ended").path("figures").path("intervals").longValue())
                .isEqualTo(2 * (2 + 12)));
        assertThat(api("/api/runs/ended").path("figures").path("series").size()).isEqualTo(14);
        chromium().awaitTrue("document.querySelectorAll('svg.chart path.line').length >= 4");
        pictures("ended");
    }

    @Test
    void aRunSubmittedOnThePageIsMeasured() throws IOException {
        open("#/submit");
        chromium().awaitTrue("document.getElementById('key-sources')?.value === 'host-a'");
        fill("key-duration", "nonsense");
        pressButton("Submit");
        chromium().awaitTrue("document.getElementById('problem').innerText.includes('duration')");
        assertThat(chromium().eval("document.activeElement.id").asText()).isEqualTo("problem");
        chromium().takeComplaints();
        pictures("submit");

        fill("key-duration", "1s");
        fill("key-warmup", "200ms");
        fill("key-interval", "200ms");
        fill("yaml", "run: from-page\ntraffic: {kind: stream}");
        pressButton("Submit");
        chromium().awaitTrue("location.hash === '#/runs/from-page'");
        chromium().awaitTrue("document.querySelector('h1 .state')?.textContent === 'COMPLETED'");

        JsonNode run = FlowlaneProcess.run(state, "get", "from-page", "-o", "json").expect(0).json();
        assertThat(run.path("state").asText()).isEqualTo("COMPLETED");
        assertThat(run.path("requested_by").asText()).isEqualTo("page");
        assertThat(run.path("spec").path("duration_ns").longValue()).isEqualTo(1_000_000_000L);
    }

    @Test
    void aRunIsFollowedLiveAndCancelled() throws IOException {
        try (FlowlaneProcess run = FlowlaneProcess.start(
                state, Map.of(), "run", "--run-id", "live", "--traffic", "request-response", "--duration", "90s",
                "--warmup", "500ms", "--interval", "250ms", "-o", "json")) {
            await().atMost(SOON).until(() -> api("/api/runs/live").path("state").asText().equals("RUNNING"));
            open("#/runs/live");
            chromium().awaitTrue("document.querySelector('h1 .state')?.textContent === 'RUNNING'");
            chromium().awaitTrue("document.querySelectorAll('svg.chart path.line').length >= 4");
            chromium().awaitTrue("/ left/.test(document.querySelector('.left').textContent)");
            String first = tile("transactions");
            chromium().awaitTrue("[...document.querySelectorAll('.figures div')].find(d =>"
                    + " d.firstElementChild.textContent === 'transactions').lastElementChild.textContent !== '"
                    + first + "'");
            pictures("run");
            open("#/runs");
            chromium().awaitTrue("[...document.querySelectorAll('.runs tbody tr')].some(tr =>"
                    + " tr.innerText.includes('live') && tr.innerText.includes('RUNNING'))");
            pictures("runs");
            open("#/fleet");
            chromium().awaitTrue("document.querySelectorAll('.cell.used').length > 0");
            chromium().awaitTrue("/[0-9]+ % busy/.test(document.querySelector('.lanes').textContent)");
            pictures("fleet");

            open("#/runs/live");
            chromium().awaitTrue("!document.querySelector('button.danger')?.hidden");
            pressButton("Cancel this run");
            pressButton("Really cancel? What was measured is kept");
            chromium().awaitTrue("document.querySelector('h1 .state')?.textContent === 'CANCELLED'");
            assertThat(run.await().exitCode()).isEqualTo(ExitCode.INTERRUPTED);
        }
        assertThat(chromium().text()).contains("cancelled on the page");
    }

    /** What is lost is told while it goes on, and each CPU has a drawing of its own. */
    @Test
    void datagramsAreToldWhileTheyAreLost() throws IOException {
        try (FlowlaneProcess run = FlowlaneProcess.start(
                state, Map.of(), "run", "--run-id", "losing", "--traffic", "datagram-stream", "--rate", "200Mbit/s",
                "--duration", "60s", "--warmup", "500ms", "--interval", "250ms", "-q")) {
            await().atMost(SOON).until(() -> api("/api/runs/losing").path("state").asText().equals("RUNNING"));
            open("#/runs/losing");
            chromium().awaitTrue("/^[0-9]+$/.test(" + tileText("datagrams lost so far") + ")");
            chromium().awaitTrue("/^[0-9.]+ %$/.test(" + tileText("loss so far") + ")");
            chromium().awaitTrue("[...document.querySelectorAll('.chart-box')].some(box => box.checkVisibility()"
                    + " && box.textContent.includes('Datagrams lost') && box.querySelector('path.line'))");
            int cpus = api("/api/runs/losing").path("figures").path("cpus").size();
            assertThat(cpus).isPositive();
            chromium().awaitTrue("document.querySelectorAll('.cpu-lanes li').length === " + cpus);
            chromium().awaitTrue("[...document.querySelectorAll('.cpu-lanes svg')].every(e =>"
                    + " e.querySelector('path.part') && / busy: /.test(e.getAttribute('aria-label')))");
            pictures("losing");
            FlowlaneProcess.run(state, "cancel", "losing").expect(0);
            run.await();
        }
    }

    /** Both directions while they go on; what became of datagrams and of connections when they have ended. */
    @Test
    void otherKindsOfTrafficShowWhatIsTheirs() throws IOException {
        try (FlowlaneProcess run = FlowlaneProcess.start(
                state, Map.of(), "run", "--run-id", "ways", "--traffic", "bidirectional", "--duration", "60s",
                "--warmup", "500ms", "--interval", "250ms", "-q")) {
            await().atMost(SOON).until(() -> api("/api/runs/ways").path("state").asText().equals("RUNNING"));
            open("#/runs/ways");
            chromium().awaitTrue("document.querySelectorAll('svg.chart')[0].querySelectorAll('path.line').length"
                    + " === 2");
            chromium().awaitTrue("/bit\\/s$/.test(" + tileText("forward") + ") && /bit\\/s$/.test("
                    + tileText("backward") + ")");
            chromium().awaitTrue("/ back .*bit\\/s/.test(document.querySelector('.cards').innerText)");
            pictures("ways");
            FlowlaneProcess.run(state, "cancel", "ways").expect(0);
            run.await();
        }
        JsonNode lossy = measure("lossy", "--traffic", "datagram-stream", "--rate", "200Mbit/s", "--duration", "1s",
                "--warmup", "200ms", "--interval", "200ms");
        open("#/runs/lossy");
        chromium().awaitTrue("document.body.innerText.includes('The run’s result:')");
        assertThat(tile("datagrams lost")).isEqualTo(lossy.path("datagrams").path("lost_messages").asText());
        assertThat(tile("loss"))
                .isEqualTo(DatagramTable.share(lossy.path("datagrams").path("loss_ratio").doubleValue()));
        assertThat(chromium().eval("[...document.querySelectorAll('.figures div')].filter(d => !d.hidden).map(d =>"
                + " d.firstElementChild.textContent).join()").asText()).doesNotContain("retransmitted", "round trip");
        assertThat(chromium().eval("[...document.querySelectorAll('.cards thead th')].filter(th =>"
                + " th.checkVisibility()).map(th => th.textContent).join()").asText())
                .isEqualTo("Flow,Source,Destination,Now,Recent,Lane");
        JsonNode rate = measure("rate", "--traffic", "connect-request-response", "--duration", "1s", "--warmup",
                "200ms", "--interval", "200ms");
        open("#/runs/rate");
        chromium().awaitTrue("document.body.innerText.includes('The run’s result:')");
        assertThat(tile("transactions"))
                .isEqualTo(Scaled.perSecond(rate.path("transactions_per_second").doubleValue()));
        assertThat(tile("failed connections")).isEqualTo(rate.path("failed_connections").asText());
        pictures("rate");
    }

    @Test
    void whatComesFromTopicsIsTextAndNothingElse() {
        String markup = "<img src=x onerror=\"window.got=1\">";
        try (FlowlaneProcess run = FlowlaneProcess.start(
                state, Map.of(), "run", "--run-id", "markup", "--duration", "60s", "-q")) {
            await().atMost(SOON).until(() -> api("/api/runs").toString().contains("\"markup\""));
            FlowlaneProcess.run(state, "cancel", "markup", "--reason", markup).expect(0);
            run.await();
        }
        for (String view : List.of("#/runs", "#/runs/markup")) {
            open(view);
            chromium().awaitTrue("document.getElementById('main').innerText.includes('onerror=')");
            assertThat(chromium().eval("document.querySelectorAll('main img').length").intValue()).isZero();
            assertThat(chromium().eval("window.got === undefined").booleanValue()).isTrue();
        }
    }

    @Test
    void everythingIsReachedByTheKeyboardAndTheFocusIsSeen() {
        for (String view : List.of("#/fleet", "#/runs", "#/submit", "#/runs/first")) {
            open(view);
            chromium().awaitTrue("document.querySelector('main h1') !== null && document.querySelectorAll("
                    + "'main input, main select, main a, main textarea').length > 0");
            chromium().eval("document.activeElement.blur(), window.scrollTo(0, 0), true");
            String reachable = "[...document.querySelectorAll('a[href], button, input, select, textarea, summary')]"
                    + ".filter(e => !e.disabled && e.checkVisibility({visibilityProperty: true})"
                    + " && !e.closest('details:not([open])')?.contains(e) | e.matches('summary'))";
            chromium().eval("window.wanted = " + reachable + "; window.wanted.length");
            List<String> unseen = new ArrayList<>();
            TreeSet<Integer> reached = new TreeSet<>();
            int wanted = chromium().eval("window.wanted.length").intValue();
            for (int i = 0; i < wanted + 20; i++) {
                chromium().press("Tab", 9);
                JsonNode at = chromium().eval("(() => { const e = document.activeElement;"
                        + " return {i: window.wanted.indexOf(e),"
                        + " what: e.tagName + ' ' + (e.id || e.textContent.trim()),"
                        + " outline: getComputedStyle(e).outlineStyle}; })()");
                if (at.path("i").intValue() >= 0) {
                    reached.add(at.path("i").intValue());
                    if (at.path("outline").asText().equals("none")) {
                        unseen.add(at.path("what").asText());
                    }
                }
            }
            assertThat(unseen).as("without a visible focus in %s", view).isEmpty();
            assertThat(reached).as("reached by Tab in %s of %s", view, wanted).hasSize(wanted);
            assertThat(chromium().eval("[...document.querySelectorAll('input, select, textarea')].filter(e =>"
                    + " !e.labels.length).map(e => e.outerHTML)")).as("fields without a label in %s", view).isEmpty();
            assertThat(chromium().eval("document.querySelectorAll('h1').length").intValue()).isEqualTo(1);
            assertThat(chromium().eval("[...document.querySelectorAll('svg.chart')].every(e =>"
                    + " e.getAttribute('role') === 'img' && e.getAttribute('aria-label'))").booleanValue()).isTrue();
        }
    }

    @Test
    void nothingRunsOverTheEdgeOfANarrowScreen() {
        for (String view : List.of("#/fleet", "#/runs", "#/submit", "#/runs/first")) {
            open(view);
            chromium().look(360, "light");
            chromium().awaitTrue("document.querySelector('main h1') !== null");
            assertThat(chromium().eval("document.documentElement.scrollWidth").intValue()).as(view).isEqualTo(360);
            assertThat(chromium().eval("[...document.querySelectorAll('.scroll')].filter(e =>"
                    + " e.scrollWidth > e.clientWidth).map(e => e.getAttribute('aria-label')).join()").asText())
                    .as("tables of %s that scroll sideways", view).isEmpty();
        }
    }

    @Test
    void aViewerLooksAndAnOperatorActs() throws Exception {
        String bootstrap = FlowlaneProcess.run(state, "status", "-o", "json").json().path("bootstrap").asText();
        FlowlaneProcess.run(state, "topics", "create", "--bootstrap", bootstrap, "--topic-prefix", "guarded").expect(0);
        Path folder = state.resolve("guarded");
        try (FlowlaneProcess _ = FlowlaneProcess.start(
                state,
                Map.of("FLOWLANE_HTTP_VIEWER_TOKEN", VIEWER, "FLOWLANE_HTTP_OPERATOR_TOKEN", OPERATOR),
                "coordinator", "--bootstrap", bootstrap, "--topic-prefix", "guarded",
                "--http-address", "127.0.0.1:0", "--state-dir", folder.toString())) {
            await().atMost(SOON).until(() -> Files.exists(folder.resolve("coordinator.properties")));
            String guarded = "http://" + PageHttp.address(folder);
            await().atMost(SOON).until(() -> PageHttp.status(guarded, "GET", "/readyz", "", null) == 200);

            assertThat(PageHttp.status(guarded, "GET", "/api/runs", "", null)).isEqualTo(401);
            assertThat(PageHttp.status(guarded, "GET", "/metrics", "", null)).isEqualTo(401);
            assertThat(PageHttp.status(guarded, "GET", "/metrics", VIEWER, null)).isEqualTo(200);
            assertThat(PageHttp.status(guarded, "GET", "/api/runs", "not-the-token-of-anybody", null)).isEqualTo(401);
            assertThat(PageHttp.status(guarded, "POST", "/api/runs", VIEWER, "{}")).isEqualTo(403);
            assertThat(PageHttp.status(guarded, "POST", "/api/runs", OPERATOR, "{}")).as("no hosts").isEqualTo(422);
            assertThat(PageHttp.status(guarded, "POST", "/api/runs/none/cancel", OPERATOR, "{}")).isEqualTo(404);

            chromium().open(guarded + "/#/fleet");
            chromium().awaitTrue("document.getElementById('token') !== null");
            chromium().takeComplaints();
            chromium().eval("document.getElementById('token').focus(), true");
            chromium().type(VIEWER);
            pressButton("Sign in");
            chromium().awaitTrue("document.getElementById('role').textContent === 'viewer'");
            chromium().awaitTrue("document.getElementById('live').textContent === 'live'");
            assertThat(chromium().eval("document.getElementById('nav-submit').hidden").booleanValue()).isTrue();
            chromium().open("about:blank");
            chromium().awaitTrue("location.href === 'about:blank'");
        }
    }

    private static Chromium chromium() {
        Chromium chromium = started;
        if (chromium == null) {
            throw new IllegalStateException("Chromium was not started");
        }
        return chromium;
    }

    private static void open(String fragment) {
        chromium().look(1280, "light");
        chromium().open("about:blank");
        chromium().open(origin + "/" + fragment);
        chromium().awaitTrue("document.getElementById('live')?.textContent === 'live'"
                + " || location.hash === '#/submit' && document.getElementById('key-sources') !== null");
    }

    private static void pictures(String name) throws IOException {
        chromium().look(1280, "light");
        chromium().screenshot(PICTURES.resolve(name + "-light.png"));
        chromium().look(1280, "dark");
        chromium().screenshot(PICTURES.resolve(name + "-dark.png"));
        chromium().look(375, "light");
        chromium().screenshot(PICTURES.resolve(name + "-narrow.png"));
        chromium().look(1280, "light");
    }

    private static String tile(String name) {
        return chromium().eval(tileText(name)).asText();
    }

    private static String tileText(String name) {
        return "[...document.querySelectorAll('.figures div')].find(d =>"
                + " d.firstElementChild.textContent === '" + name + "').lastElementChild.textContent";
    }

    private static void fill(String id, String text) {
        chromium().eval("document.getElementById('" + id + "').focus(), document.getElementById('" + id
                + "').select(), true");
        chromium().type(text);
    }

    private static void pressButton(String name) {
        String button = "[...document.querySelectorAll('main button')].find(b => b.textContent === '" + name + "')";
        chromium().awaitTrue(button + " !== undefined");
        chromium().eval(button + ".focus(), true");
        chromium().eval(button + ".click(), true");
    }

    private static JsonNode measure(String runId, String... options) {
        List<String> command = new ArrayList<>(List.of("run", "--run-id", runId, "-o", "json"));
        command.addAll(List.of(options));
        return FlowlaneProcess.run(state, command.toArray(String[]::new)).expect(0).json();
    }

    private static JsonNode api(String path) {
        return PageHttp.json(origin, path);
    }
}
