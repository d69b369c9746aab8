package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flowlane.coordinator.TestFolders;
import org.awaitility.core.ConditionTimeoutException;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** One page in a real Chromium without a window, driven by the DevTools protocol over its WebSocket. */
public final class Chromium implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration SOON = Duration.ofMinutes(2);

    /** Written before any script of the page runs: what the page's policy refused. */
    private static final String WITNESS = "window.refused = [];"
            + "document.addEventListener('securitypolicyviolation',"
            + " e => window.refused.push(e.violatedDirective + ' ' + e.blockedURI));";

    private final Process process;
    private final Path profile;
    private final HttpClient client;
    private final WebSocket socket;
    private final AtomicInteger ids = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private final List<String> requested = new CopyOnWriteArrayList<>();

    private Chromium(Process process, Path profile, HttpClient client, String address) {
        this.process = process;
        this.profile = profile;
        this.client = client;
        this.socket = client.newWebSocketBuilder().buildAsync(URI.create(address), new Receiver()).join();
    }

    /**
     * Starts it.
     *
     * @param profile folder that does not exist yet
     */
    public static Chromium start(Path profile) throws IOException, InterruptedException {
        Files.createDirectories(profile);
        Process process = new ProcessBuilder(TestFolders.endingWithTheTest(List.of(
                        "chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                        "--no-first-run", "--disable-background-networking", "--disable-component-update",
                        "--hide-scrollbars", "--remote-debugging-port=0", "--user-data-dir=" + profile, "about:blank")))
                .redirectErrorStream(true)
                .redirectOutput(profile.resolve("chromium.log").toFile())
                .start();
        Path portFile = profile.resolve("DevToolsActivePort");
        await("Chromium's port").atMost(SOON).until(() -> Files.exists(portFile)
                && Files.readAllLines(portFile).size() >= 2);
        String port = Files.readAllLines(portFile).getFirst();
        HttpClient client = HttpClient.newHttpClient();
        // It listens a little before it has its page.
        String address = await("Chromium's page").atMost(SOON)
                .until(() -> page(client, port), found -> !found.isEmpty());
        Chromium chromium = new Chromium(process, profile, client, address);
        for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
            chromium.call(domain + ".enable", Map.of());
        }
        chromium.call("Page.addScriptToEvaluateOnNewDocument", Map.of("source", WITNESS));
        return chromium;
    }

    /** Where its page is driven; empty: it has none yet. */
    private static String page(HttpClient client, String port) throws IOException, InterruptedException {
        JsonNode targets = JSON.readTree(client.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json/list")).build(),
                        HttpResponse.BodyHandlers.ofString())
                .body());
        String address = "";
        for (JsonNode target : targets) {
            if (target.path("type").asText().equals("page")) {
                address = target.path("webSocketDebuggerUrl").asText();
            }
        }
        return address;
    }

    private final class Receiver implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                received(text.toString());
                text.setLength(0);
            }
            webSocket.request(1);
            return CompletableFuture.completedStage(null);
        }
    }

    private void received(String text) {
        try {
            JsonNode message = JSON.readTree(text);
            if (message.has("id")) {
                CompletableFuture<JsonNode> answer = answers.remove(message.path("id").intValue());
                if (answer != null) {
                    answer.complete(message);
                }
                return;
            }
            JsonNode params = message.path("params");
            switch (message.path("method").asText()) {
                case "Runtime.exceptionThrown" -> complaints.add("exception: " + params.path("exceptionDetails"));
                case "Runtime.consoleAPICalled" -> {
                    if (List.of("error", "warning", "assert").contains(params.path("type").asText())) {
                        complaints.add("console: " + params.path("args"));
                    }
                }
                case "Log.entryAdded" -> {
                    JsonNode entry = params.path("entry");
                    if (List.of("error", "warning").contains(entry.path("level").asText())) {
                        complaints.add("log: " + entry.path("text").asText() + " " + entry.path("url").asText());
                    }
                }
                case "Network.requestWillBeSent" -> requested.add(params.path("request").path("url").asText());
                default -> {}
            }
        } catch (IOException e) {
            complaints.add("not JSON: " + text);
        }
    }

    /** Calls a method of the protocol and returns its result. */
    public JsonNode call(String method, Map<String, ?> params) {
        int id = ids.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        answers.put(id, answer);
        ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
        message.set("params", JSON.valueToTree(params));
        socket.sendText(message.toString(), true).join();
        JsonNode answered = answer.orTimeout(SOON.toSeconds(), TimeUnit.SECONDS).join();
        assertThat(answered.path("error").isMissingNode()).as("%s: %s", method, answered).isTrue();
        return answered.path("result");
    }

    /** Goes to an address; another fragment of the same page is no new document. */
    public void open(String url) {
        call("Page.navigate", Map.of("url", url));
    }

    /** Value of an expression in the page. */
    public JsonNode eval(String expression) {
        JsonNode result = call("Runtime.evaluate",
                Map.of("expression", expression, "returnByValue", true, "awaitPromise", true));
        assertThat(result.path("exceptionDetails").isMissingNode()).as("%s: %s", expression, result).isTrue();
        return result.path("result").path("value");
    }

    /** Text of the page as it is shown. */
    public String text() {
        return eval("document.body.innerText").asText();
    }

    /** Waits until an expression in the page is true. */
    public void awaitTrue(String expression) {
        try {
            await(expression).atMost(SOON).ignoreExceptions().until(() -> eval(expression).booleanValue());
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(expression + "; the page shows: " + text() + "; " + complaints, e);
        }
    }

    /** Presses a key that has no character, such as Tab. */
    void press(String key, int code) {
        for (String type : List.of("rawKeyDown", "keyUp")) {
            call("Input.dispatchKeyEvent",
                    Map.of("type", type, "key", key, "code", key, "windowsVirtualKeyCode", code));
        }
    }

    /** Types text where the focus is. */
    void type(String text) {
        call("Input.insertText", Map.of("text", text));
    }

    /** How wide it is, and which colours the system wants. */
    public void look(int widthPixels, String scheme) {
        call("Emulation.setDeviceMetricsOverride",
                Map.of("width", widthPixels, "height", 900, "deviceScaleFactor", 1, "mobile", false));
        call("Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    }

    /** A picture of the whole page. */
    public void screenshot(Path file) throws IOException {
        JsonNode size = call("Page.getLayoutMetrics", Map.of()).path("cssContentSize");
        JsonNode picture = call("Page.captureScreenshot", Map.of(
                "format", "png", "captureBeyondViewport", true,
                "clip", Map.of("x", 0, "y", 0, "width", size.path("width").asInt(),
                        "height", Math.max(900, size.path("height").asInt()), "scale", 1)));
        Files.write(file, Base64.getDecoder().decode(picture.path("data").asText()));
    }

    /** Errors and warnings of the console since the last call, and what the page's policy refused. */
    public List<String> takeComplaints() {
        eval("window.refused ?? []").forEach(refused -> complaints.add("policy: " + refused.asText()));
        List<String> taken = List.copyOf(complaints);
        complaints.clear();
        return taken;
    }

    /** Addresses that were asked for since the start. */
    List<String> requested() {
        return List.copyOf(requested);
    }

    @Override
    public void close() {
        socket.abort();
        // Not close(): it would wait for the WebSocket.
        client.shutdownNow();
        List<ProcessHandle> others = process.descendants().toList();
        process.destroyForcibly().onExit().join();
        others.forEach(ProcessHandle::destroyForcibly);
        // All of them write into the profile, which nobody could delete meanwhile.
        await("Chromium's end").atMost(SOON)
                .untilAsserted(() -> assertThat(TestFolders.users(profile.toString())).isEmpty());
    }
}
