package dev.flowlane.grafana;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The rules of Grafana's dashboard-linter, written out. Those about variables and matchers named {@code job} and
 * {@code instance} are left out on purpose: the series say themselves which run and host they are of, so that the
 * dashboards do not depend on how somebody names scrape jobs.
 */
final class DashboardsTest {
    private static final Set<String> UNITS = Set.of(
            "none", "short", "string", "s", "bytes", "decbytes", "bps", "Bps", "pps", "ops", "percentunit");
    private static final Set<String> PANELS =
            Set.of("stat", "timeseries", "heatmap", "table", "bargauge");
    private static final Pattern WINDOW = Pattern.compile("\\b(rate|increase|irate)\\(([^()\\[]*)\\[([^]]*)]");
    private static final Pattern COUNTER =
            Pattern.compile("\\b(\\w+\\()?(?:flowlane|jvm|process)_\\w+_(?:total|bucket|sum|count)\\b");
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{?(\\w+)");
    private static final Set<String> BUILT_IN = Set.of("__rate_interval", "__range", "__interval");
    private static final Pattern AND = Pattern.compile("&");
    /** Where panels of each lead to. */
    private static final Map<String, List<String>> ONWARDS = Map.of(
            "overview.json", List.of("run", "host"),
            "run.json", List.of("latency", "host"),
            "latency.json", List.of("run", "host"),
            "host.json", List.of("run"),
            "coordinator.json", List.of("host"));

    private static final Pattern LINKED = Pattern.compile("/d/([\\w-]+)\\?(.*)");

    static List<Path> dashboards() {
        return GrafanaFiles.dashboards();
    }

    @Test
    void thereAreTheFiveThatArePromised() {
        assertThat(dashboards())
                .extracting(file -> file.getFileName().toString())
                .containsExactly("coordinator.json", "host.json", "latency.json", "overview.json", "run.json");
        assertThat(dashboards())
                .extracting(file -> GrafanaFiles.json(file).path("uid").asText())
                .doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void itCannotBeEditedAndTakesItsDataSourceFromAVariable(Path file) {
        JsonNode dashboard = GrafanaFiles.json(file);

        assertThat(dashboard.path("editable").asBoolean(true)).isFalse();
        assertThat(dashboard.path("schemaVersion").asInt()).isGreaterThanOrEqualTo(36);
        assertThat(dashboard.path("title").asText()).startsWith("Flowlane / ");
        JsonNode first = dashboard.path("templating").path("list").path(0);
        assertThat(first.path("name").asText()).isEqualTo("datasource");
        assertThat(first.path("type").asText()).isEqualTo("datasource");
        assertThat(first.path("label").asText()).isEqualTo("Data source");
        assertThat(first.path("query").asText()).isEqualTo("prometheus");
        for (JsonNode panel : GrafanaFiles.panels(dashboard)) {
            assertThat(panel.path("datasource").path("uid").asText()).as(title(panel)).isEqualTo("${datasource}");
            panel.path("targets").forEach(target -> assertThat(target.path("datasource").path("uid").asText())
                    .as(title(panel))
                    .isEqualTo("${datasource}"));
        }
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void queriedVariablesFollowTheTimeRangeAndSayWhatTheyAre(Path file) {
        for (JsonNode variable : GrafanaFiles.json(file).path("templating").path("list")) {
            assertThat(variable.path("label").asText()).isNotBlank();
            assertThat(variable.path("description").asText()).isNotBlank();
            if (variable.path("type").asText().equals("query")) {
                assertThat(variable.path("refresh").asInt()).isEqualTo(2);
                assertThat(variable.path("datasource").path("uid").asText()).isEqualTo("${datasource}");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void everyPanelHasATitleADescriptionAUnitAndAQuery(Path file) {
        Set<String> titles = new HashSet<>();
        for (JsonNode panel : GrafanaFiles.panels(GrafanaFiles.json(file))) {
            assertThat(titles.add(title(panel))).as("twice: %s", title(panel)).isTrue();
            assertThat(title(panel)).isNotBlank();
            assertThat(panel.path("description").asText()).as(title(panel)).isNotBlank().endsWith(".");
            assertThat(panel.path("type").asText()).isIn(PANELS);
            assertThat(panel.path("fieldConfig").path("defaults").path("unit").asText())
                    .as(title(panel))
                    .isIn(UNITS);
            assertThat(panel.path("targets")).as(title(panel)).isNotEmpty();
            List<String> refIds = new ArrayList<>();
            panel.path("targets").forEach(target -> refIds.add(target.path("refId").asText()));
            assertThat(refIds).as(title(panel)).doesNotHaveDuplicates();
        }
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void panelsDoNotOverlap(Path file) {
        Set<Integer> ids = new HashSet<>();
        Map<Long, String> cells = new HashMap<>();
        for (JsonNode panel : GrafanaFiles.json(file).path("panels")) {
            assertThat(ids.add(panel.path("id").asInt())).as(title(panel)).isTrue();
            JsonNode grid = panel.path("gridPos");
            int right = grid.path("x").asInt() + grid.path("w").asInt();
            assertThat(right).as(title(panel)).isBetween(1, 24);
            for (int x = grid.path("x").asInt(); x < right; x++) {
                for (int y = grid.path("y").asInt(); y < grid.path("y").asInt() + grid.path("h").asInt(); y++) {
                    assertThat(cells.put(y * 24L + x, title(panel))).as(title(panel)).isNull();
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void ratesSpanTheRateInterval(Path file) {
        for (GrafanaFiles.Query query : GrafanaFiles.panelQueries(GrafanaFiles.json(file))) {
            Matcher window = WINDOW.matcher(query.expression());
            while (window.find()) {
                assertThat(window.group(3)).as(query.where()).isEqualTo("$__rate_interval");
            }
        }
    }

    /**
     * What a counter came to in the end is its maximum over the time range: it stands still from the end of its flow
     * on, and increase() would extrapolate beyond it.
     */
    @ParameterizedTest
    @MethodSource("dashboards")
    void countersAreShownAsRatesOrAsWhatTheyCameTo(Path file) {
        for (GrafanaFiles.Query query : GrafanaFiles.panelQueries(GrafanaFiles.json(file))) {
            Matcher counter = COUNTER.matcher(query.expression());
            while (counter.find()) {
                assertThat(counter.group(1)).as("%s: %s", query.where(), counter.group())
                        .isIn("rate(", "increase(", "max_over_time(");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void onlyItsOwnVariablesAreUsed(Path file) {
        JsonNode dashboard = GrafanaFiles.json(file);
        Set<String> known = variables(dashboard);
        known.addAll(BUILT_IN);
        List<GrafanaFiles.Query> queries = new ArrayList<>(GrafanaFiles.panelQueries(dashboard));
        queries.addAll(GrafanaFiles.otherQueries(dashboard));
        for (GrafanaFiles.Query query : queries) {
            Matcher variable = VARIABLE.matcher(query.expression());
            while (variable.find()) {
                assertThat(variable.group(1)).as(query.where()).isIn(known);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void linksLeadToDashboardsThatKnowTheVariable(Path file) {
        Map<String, Set<String>> known = new HashMap<>();
        for (Path other : dashboards()) {
            JsonNode dashboard = GrafanaFiles.json(other);
            known.put(dashboard.path("uid").asText(), variables(dashboard));
        }
        List<String> urls = new ArrayList<>();
        for (JsonNode panel : GrafanaFiles.panels(GrafanaFiles.json(file))) {
            panel.findValues("url").forEach(url -> urls.add(url.asText()));
        }

        for (String url : urls) {
            Matcher link = LINKED.matcher(url);
            assertThat(link.matches()).as(url).isTrue();
            assertThat(known).as(url).containsKey(link.group(1));
            for (String parameter : AND.splitAsStream(link.group(2)).toList()) {
                if (parameter.startsWith("var-")) {
                    String name = parameter.substring("var-".length(), parameter.indexOf('='));
                    assertThat(known.get(link.group(1))).as(url).contains(name);
                }
            }
        }
        List<String> onwards = ONWARDS.getOrDefault(file.getFileName().toString(), List.of());
        assertThat(onwards).isNotEmpty();
        for (String onward : onwards) {
            assertThat(urls).anyMatch(url -> url.startsWith("/d/flowlane-" + onward + "?var-")
                    || url.startsWith("/d/flowlane-" + onward + "?${run:queryparam}"));
        }
        assertThat(urls).as("as much of the time, from the same data source").allMatch(url ->
                url.contains("&${__url_time_range}") && url.contains("&${datasource:queryparam}"));
    }

    /** The menu of each leads to all of them, with the run, the host and the time that are looked at. */
    @ParameterizedTest
    @MethodSource("dashboards")
    void theMenuTakesTheChoiceAlong(Path file) {
        JsonNode dashboard = GrafanaFiles.json(file);

        assertThat(dashboard.path("tags")).extracting(JsonNode::asText).contains("flowlane");
        assertThat(dashboard.path("links")).singleElement().satisfies(link -> {
            assertThat(link.path("type").asText()).isEqualTo("dashboards");
            assertThat(link.path("tags")).extracting(JsonNode::asText).containsExactly("flowlane");
            assertThat(link.path("includeVars").asBoolean()).isTrue();
            assertThat(link.path("keepTime").asBoolean()).isTrue();
        });
        assertThat(dashboard.path("time").path("from").asText()).startsWith("now-");
        assertThat(dashboard.path("refresh").asText()).isNotBlank();
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void startAndEndOfRunsAreAnnotations(Path file) {
        assertThat(GrafanaFiles.json(file).path("annotations").path("list"))
                .extracting(annotation -> annotation.path("name").asText())
                .contains("Run start", "Run end");
        for (JsonNode annotation : GrafanaFiles.json(file).path("annotations").path("list")) {
            if (annotation.path("name").asText().startsWith("Run ")) {
                assertThat(annotation.path("datasource").path("uid").asText()).isEqualTo("${datasource}");
                // Grafana takes the time of such an annotation in milliseconds.
                assertThat(annotation.path("useValueForTime").asBoolean()).isTrue();
                assertThat(annotation.path("expr").asText()).endsWith(" * 1000");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void everyQueryIsPromQl(Path file) {
        Tool.require("promtool");
        JsonNode dashboard = GrafanaFiles.json(file);
        List<GrafanaFiles.Query> queries = new ArrayList<>(GrafanaFiles.panelQueries(dashboard));
        queries.addAll(GrafanaFiles.otherQueries(dashboard));
        Map<String, String> variables = Map.of(
                "__rate_interval", "20s", "__range", "30m", "run", "run-1", "compare", "none", "host", "host-a");
        // promtool parses expressions where they are rules.
        StringBuilder rules = new StringBuilder("groups:\n- name: dashboard\n  rules:\n");
        for (int i = 0; i < queries.size(); i++) {
            String expression = queries.get(i).substituted(variables).replace("'", "''");
            rules.append("  - record: query:").append(i).append("\n    expr: '").append(expression).append("'\n");
        }

        Tool.Outcome outcome = Tool.promtool(rules.toString(), List.of("check", "rules", "/dev/stdin"));

        assertThat(outcome.exitCode()).as("%s%n%s", outcome.output(), rules).isZero();
        assertThat(outcome.output()).contains(queries.size() + " rules found");
    }

    private static Set<String> variables(JsonNode dashboard) {
        Set<String> names = new HashSet<>();
        dashboard.path("templating").path("list").forEach(variable -> names.add(variable.path("name").asText()));
        return names;
    }

    private static String title(JsonNode panel) {
        return panel.path("title").asText();
    }
}
