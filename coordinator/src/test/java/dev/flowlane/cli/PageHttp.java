package dev.flowlane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flowlane.coordinator.HttpCalls;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
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
        return new FlowlaneProcess.Outcome(0, HttpCalls.send(origin, "GET", path, "", null).body(), "").json();
    }

    /** Status of the answer; {@code token} may be empty. */
    static int status(String origin, String method, String path, String token, @Nullable String body) {
        return HttpCalls.send(origin, method, path, token, body).statusCode();
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
