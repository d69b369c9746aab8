package dev.flowlane.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.flowlane.bus.BusSettings;
import dev.flowlane.core.run.FleetState;
import dev.flowlane.core.run.History;
import dev.flowlane.core.run.RunRecord;
import dev.flowlane.core.run.RunState;
import dev.flowlane.core.run.Runs;
import dev.flowlane.core.run.StateName;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.spec.SpecParser;
import dev.flowlane.core.spec.SpecResult;
import dev.flowlane.grafana.Tool;
import dev.flowlane.page.AccessRules;
import dev.flowlane.page.AccessToken;
import dev.flowlane.page.SlowReader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** The real HTTP server over a snapshot that stands still; no broker is there, and it is not missed. */
final class HttpApiTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String PASSWORD = "of-this-test";
    private static final String VIEWER = "viewer-0123456789abcdef";
    private static final RunSpec SPEC = spec();

    @TempDir
    Path folder = Path.of(".");

    private final AtomicReference<Snapshot> snapshot = new AtomicReference<>(snapshot(0));
    private final AtomicLong nowNs = new AtomicLong();
    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : opened.reversed()) {
            one.close();
        }
    }

    @Test
    void badRequestsGetOneProblemWithTheRightStatus() throws Exception {
        HttpAddress http = serve(AccessRules.open(true));
        Map<String, Integer> asked = new TreeMap<>(Map.of(
                "GET /api/nothing", 404,
                "GET /api/runs?page=-1", 400,
                "GET /api/runs?sort=id", 400,
                "GET /api/runs?filter=%25&filter=2", 400,
                "GET /api/fleet?show=some", 400,
                "GET /api/runs/unknown", 404,
                "GET /api/events?view=run&run=unknown", 404,
                "DELETE /api/runs", 405,
                "POST /api/runs", 400,
                "GET /nothing", 404));
        asked.forEach((request, status) -> {
            HttpResponse<String> response = send(http, request.split(" ", 2)[0], request.split(" ", 2)[1], "");
            assertThat(response.statusCode()).as("%s: %s", request, response.body()).isEqualTo(status);
            assertThat(response.body()).contains("\"status\":" + status, "\"message\":\"");
            assertThat(response.headers().map()).as("CORS is off").doesNotContainKey("access-control-allow-origin");
        });
        HttpResponse<String> spec = send(http, "POST", "/api/runs", "{\"set\": {\"duration\": \"nonsense\"}}");
        assertThat(spec.statusCode()).isEqualTo(422);
        assertThat(spec.body()).contains("\"key\":\"duration\"", "allowed");
        assertThat(send(http, "POST", "/api/runs", "x".repeat(2_200_000)).statusCode()).isEqualTo(413);
    }

    @Test
    void thePageHasItsPolicyAndProbesNeedNothing() throws Exception {
        HttpAddress http = serve(new AccessRules(true, AccessToken.of("V", VIEWER), null, false, Set.of()));
        HttpResponse<String> page = send(http, "GET", "/", "");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("Content-Security-Policy")).hasValue(PageFiles.POLICY);
        for (String open : List.of("/livez", "/version", "/subjects")) {
            assertThat(send(http, "GET", open, "").statusCode()).as(open).isEqualTo(200);
        }
        for (String guarded : List.of("/metrics", "/runs", "/hosts", "/api/session", "/api/events?view=runs")) {
            HttpResponse<String> refused = send(http, "GET", guarded, "");
            assertThat(refused.statusCode()).as(guarded).isEqualTo(401);
            assertThat(refused.headers().firstValue("WWW-Authenticate")).isPresent();
            assertThat(refused.body()).doesNotContain(VIEWER);
        }
    }

    @Test
    void eventsShowWhatChangesAndNothingElse() throws Exception {
        HttpAddress http = serve(AccessRules.open(true));
        Socket socket = events(http);
        InputStream in = socket.getInputStream();
        readUntil(in, "\"runs\":0");
        snapshot.set(snapshot(1));
        readUntil(in, "\"runs\":1");
    }

    @Test
    void clientsAreBoundedInNumber() throws Exception {
        HttpAddress http = serve(AccessRules.open(true));
        for (int i = 0; i < EventStreams.CLIENTS_MAX; i++) {
            readUntil(events(http).getInputStream(), "data: ");
        }
        HttpResponse<String> refused = send(http, "GET", "/api/events?view=runs", "");
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.headers().firstValue("Retry-After")).isPresent();
        opened.removeLast().close();
        await().atMost(SOON).untilAsserted(() ->
                assertThat(readUntil(events(http).getInputStream(), "\r\n")).contains("200 OK"));
    }

    @Test
    void aClientThatDoesNotReadIsDroppedAndHoldsNobodyUp() throws Exception {
        HttpAddress http = serve(AccessRules.open(true));
        Socket slow = new Socket();
        opened.add(slow);
        slow.setReceiveBufferSize(4096);
        slow.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), http.port()));
        ask(slow, http);
        AtomicInteger runs = new AtomicInteger(50);
        // Every change is an event of 1 MB that nobody reads; time passes for the server alone.
        await().atMost(SOON).pollInterval(Duration.ofMillis(50)).until(() -> {
            snapshot.set(snapshot(runs.getAndIncrement(), "x".repeat(20_000)));
            assertThat(send(http, "GET", "/livez", "").statusCode()).isEqualTo(200);
            nowNs.addAndGet(SlowReader.PATIENCE_NS / 10);
            return isClosed(slow);
        });
    }

    @Test
    void certificatesGiveRolesBySubject() throws Exception {
        Tool.require("openssl", "openssl");
        for (String command : List.of(
                "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 2"
                        + " -subj /CN=ca",
                "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key -out server.csr"
                        + " -subj /CN=localhost",
                "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out server.pem -days 2",
                "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout alice.key -out alice.csr"
                        + " -subj /CN=alice",
                "x509 -req -in alice.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out alice.pem -days 2",
                "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout bob.key -out bob.csr -subj /CN=bob",
                "x509 -req -in bob.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out bob.pem -days 2")) {
            assertThat(openssl(command)).as(command).isZero();
        }
        HttpSecurityOptions options = new HttpSecurityOptions();
        options.certificate = folder.resolve("server.pem");
        options.key = folder.resolve("server.key");
        options.clientCa = folder.resolve("ca.pem");
        options.operatorSubjects = List.of("CN=alice");
        HttpAddress http = serve(options.security(Map.of(), true));

        assertThat(ask(http, "bob", "/api/session")).contains("\"VIEWER\"");
        assertThat(ask(http, "alice", "/api/session")).contains("\"OPERATOR\"");
        assertThat(ask(http, "", "/api/session")).contains("client certificate is needed");
        assertThat(ask(http, "", "/livez")).isEqualTo("ok\n");
    }

    @Test
    void settingsThatDoNotFitTogetherAreRefusedByName() throws Exception {
        HttpSecurityOptions half = new HttpSecurityOptions();
        half.certificate = folder.resolve("absent.pem");
        assertThatThrownBy(() -> half.security(Map.of(), true)).hasMessageContaining("--http-tls-key");
        half.key = folder.resolve("absent.key");
        assertThatThrownBy(() -> half.security(Map.of(), true)).hasMessageContaining("absent.pem");
        Path file = Files.writeString(folder.resolve("token"), "tiny");
        assertThatThrownBy(() -> new HttpSecurityOptions()
                        .security(Map.of("FLOWLANE_HTTP_VIEWER_TOKEN_FILE", file.toString()), true))
                .hasMessageContaining("FLOWLANE_HTTP_VIEWER_TOKEN_FILE")
                .hasMessageNotContaining("tiny");
        HttpSecurityOptions subjects = new HttpSecurityOptions();
        subjects.operatorSubjects = List.of("CN=alice");
        assertThatThrownBy(() -> subjects.security(Map.of(), true)).hasMessageContaining("--http-tls-client-ca");
    }

    private HttpAddress serve(AccessRules rules) throws IOException {
        return serve(new HttpSecurity(rules, null));
    }

    private HttpAddress serve(HttpSecurity security) throws IOException {
        BuildInfo build = BuildInfo.read();
        Metrics metrics = new Metrics(snapshot::get, build, new ClientMetrics(), 100);
        opened.add(metrics);
        HttpApi api = HttpApi.start(
                HttpAddress.parse("127.0.0.1:0"), security, BusSettings.of("127.0.0.1:1", "flowlane"), snapshot::get,
                metrics, build, nowNs::get);
        opened.add(api);
        return api.address();
    }

    private static Snapshot snapshot(int runs) {
        return snapshot(runs, "why");
    }

    private static Snapshot snapshot(int runs, String reason) {
        TreeMap<String, RunRecord> records = new TreeMap<>();
        for (int run = 0; run < runs; run++) {
            RunState state = RunState.replayed(
                    StateName.FAILED, NOON, null, List.of(reason), List.of(), List.of(), null,
                    false);
            records.put("run-" + run, new RunRecord("run-" + run, "c", "tester", SPEC, NOON.plusSeconds(run), 1, 1, 0,
                    null, History.NONE, state));
        }
        FleetState empty = FleetState.INITIAL;
        FleetState fleet = new FleetState(
                1, empty.secret(), 0, empty.hosts(), Runs.of(records.values()), empty.trust(), empty.limits());
        return new Snapshot(Phase.READY, "", fleet, Map.of(), Duration.ZERO);
    }

    private static RunSpec spec() {
        return switch (SpecParser.parse("{sources: [a], destinations: [b]}")) {
            case SpecResult.Parsed parsed -> parsed.spec();
            case SpecResult.Invalid invalid -> throw new AssertionError(invalid.problems());
        };
    }

    private Socket events(HttpAddress http) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), http.port());
        opened.add(socket);
        socket.setSoTimeout((int) SOON.toMillis());
        ask(socket, http);
        return socket;
    }

    private static void ask(Socket socket, HttpAddress http) throws IOException {
        socket.getOutputStream().write(("GET /api/events?view=runs HTTP/1.1\r\nHost: " + http + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
    }

    private static String readUntil(InputStream in, String text) throws IOException {
        StringBuilder read = new StringBuilder();
        while (read.indexOf(text) < 0) {
            int next = in.read();
            assertThat(next).as("the end, after: %s", read).isGreaterThanOrEqualTo(0);
            read.append((char) next);
        }
        return read.toString();
    }

    /** Writing to a connection that the other side has closed fails at the second attempt. */
    private static boolean isClosed(Socket socket) {
        try {
            socket.getOutputStream().write("\r\n".getBytes(StandardCharsets.US_ASCII));
            return false;
        } catch (SocketException e) {
            return true;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static HttpResponse<String> send(HttpAddress http, String method, String path, String body) {
        return HttpCalls.send("http://" + http, method, path, "", body);
    }

    private int openssl(String arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments.split(" ")));
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("openssl.log").toFile())
                .start()
                .waitFor();
    }

    /** Asks over TLS, with the certificate of somebody; of nobody where the name is empty. */
    private String ask(HttpAddress http, String who, String path) throws Exception {
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(who.isEmpty() ? null : keysOf(who).getKeyManagers(), trust().getTrustManagers(), null);
        HttpRequest request = HttpRequest.newBuilder(URI.create("https://localhost:" + http.port() + path)).build();
        try (HttpClient client = HttpClient.newBuilder().sslContext(tls).build()) {
            return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        }
    }

    private KeyManagerFactory keysOf(String who) throws Exception {
        assertThat(openssl("pkcs12 -export -in " + who + ".pem -inkey " + who + ".key -out " + who
                        + ".p12 -passout pass:" + PASSWORD))
                .isZero();
        KeyStore store = KeyStore.getInstance(folder.resolve(who + ".p12").toFile(), PASSWORD.toCharArray());
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD.toCharArray());
        return keys;
    }

    private TrustManagerFactory trust() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (InputStream in = Files.newInputStream(folder.resolve("ca.pem"))) {
            store.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        return trust;
    }
}
