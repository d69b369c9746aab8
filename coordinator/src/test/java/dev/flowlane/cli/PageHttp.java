package dev.flowlane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A coordinator's HTTP interface, asked without a browser, and where it is. */
final class PageHttp {
    private static final Pattern ADDRESS = Pattern.compile("http=\"?([0-9.]+:[0-9]+)");

    private PageHttp() {}

    static JsonNode json(String origin, String path) {
        return new FlowlaneProcess.Outcome(0, send(origin, "GET", path, "", null).body(), "").json();
    }

    /** Status of the answer; {@code token} may be empty. */
    static int status(String origin, String method, String path, String token, @Nullable String body) {
        return send(origin, method, path, token, body).statusCode();
    }

    private static HttpResponse<String> send(
            String origin, String method, String path, String token, @Nullable String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(origin + path));
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        request.method(method, body == null
                ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.ofString(body));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError(method + " " + path, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** As the coordinator's own file says it. */
    static String address(Path folder) throws IOException {
        Properties properties = new Properties();
        try (InputStream in = Files.newInputStream(folder.resolve("coordinator.properties"))) {
            properties.load(in);
        }
        return Objects.requireNonNull(properties.getProperty("http"));
    }

    /** As a local fleet's coordinator told its log. */
    static String addressInLog(Path state) throws IOException {
        Path log = state.resolve("log/coordinator.log");
        for (String line : Files.readAllLines(log)) {
            Matcher found = ADDRESS.matcher(line);
            if (line.contains("ready") && found.find()) {
                return found.group(1);
            }
        }
        throw new AssertionError("no address in " + log);
    }
}
