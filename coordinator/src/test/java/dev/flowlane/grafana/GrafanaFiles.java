package dev.flowlane.grafana;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What lies under {@code grafana/}, and the queries in it. */
public final class GrafanaFiles {
    /** Beside the modules; tests run in the coordinator's folder. */
    public static final Path ROOT = Path.of("..", "grafana").toAbsolutePath().normalize();

    private GrafanaFiles() {}

    /**
     * One query of a dashboard.
     *
     * @param where dashboard and panel, annotation or variable, for messages
     * @param expression as it is in the file, variables and all
     */
    public record Query(String where, String expression) {
        /** As Grafana would send it. */
        public String substituted(Map<String, String> variables) {
            String text = expression;
            for (Map.Entry<String, String> variable : variables.entrySet()) {
                text = text.replace("$" + variable.getKey(), variable.getValue());
            }
            return text;
        }
    }

    /** Dashboards by their file's name. */
    public static List<Path> dashboards() {
        return list(ROOT.resolve("dashboards"), ".json");
    }

    /** Files of a folder with this ending, in order. */
    public static List<Path> list(Path folder, String ending) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(ending)).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static JsonNode json(Path file) {
        return read(new ObjectMapper(), file);
    }

    public static JsonNode yaml(Path file) {
        return read(new YAMLMapper(), file);
    }

    private static JsonNode read(ObjectMapper mapper, Path file) {
        try {
            return mapper.readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(file.toString(), e);
        }
    }

    /** Panels that show something; rows only hold them together. */
    public static List<JsonNode> panels(JsonNode dashboard) {
        List<JsonNode> panels = new ArrayList<>();
        for (JsonNode panel : dashboard.path("panels")) {
            if (!panel.path("type").asText().equals("row")) {
                panels.add(panel);
            }
        }
        return panels;
    }

    /** Queries of the panels of a dashboard. */
    public static List<Query> panelQueries(JsonNode dashboard) {
        List<Query> queries = new ArrayList<>();
        for (JsonNode panel : panels(dashboard)) {
            for (JsonNode target : panel.path("targets")) {
                String where = dashboard.path("uid").asText() + ", panel '" + panel.path("title").asText() + "'";
                queries.add(new Query(where, target.path("expr").asText()));
            }
        }
        return queries;
    }

    /** Queries of annotations and variables. */
    public static List<Query> otherQueries(JsonNode dashboard) {
        List<Query> queries = new ArrayList<>();
        String uid = dashboard.path("uid").asText();
        for (JsonNode annotation : dashboard.path("annotations").path("list")) {
            if (annotation.has("expr")) {
                queries.add(new Query(
                        uid + ", annotation " + annotation.path("name").asText(), annotation.path("expr").asText()));
            }
        }
        for (JsonNode variable : dashboard.path("templating").path("list")) {
            String query = variable.path("query").path("query").asText();
            if (query.startsWith("query_result(")) {
                queries.add(new Query(
                        uid + ", variable " + variable.path("name").asText(),
                        query.substring("query_result(".length(), query.length() - 1)));
            }
        }
        return queries;
    }
}
