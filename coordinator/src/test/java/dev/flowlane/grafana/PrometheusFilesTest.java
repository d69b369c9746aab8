package dev.flowlane.grafana;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Prometheus' configuration, rules and their tests, judged by promtool. */
final class PrometheusFilesTest {
    private static final Path PROMETHEUS = GrafanaFiles.ROOT.resolve("prometheus");

    @BeforeEach
    void promtoolIsHere() {
        Tool.require("promtool");
    }

    @Test
    void theConfigurationAndItsRulesAreValid() {
        Tool.Outcome outcome =
                Tool.promtool("", List.of("check", "config", PROMETHEUS.resolve("prometheus.yml").toString()));

        assertThat(outcome.exitCode()).as(outcome.output()).isZero();
    }

    @Test
    void theRulesDoWhatTheirTestsSay() {
        List<String> arguments = new ArrayList<>(List.of("test", "rules"));
        GrafanaFiles.list(PROMETHEUS.resolve("tests"), ".yml").forEach(file -> arguments.add(file.toString()));

        Tool.Outcome outcome = Tool.promtool("", arguments);

        assertThat(outcome.exitCode()).as(outcome.output()).isZero();
    }

    @Test
    void everyRuleHasATest() {
        List<String> rules = rules().flatMap(rule -> Stream.of(rule.path("alert"), rule.path("record")))
                .filter(JsonNode::isTextual)
                .map(JsonNode::asText)
                .toList();
        List<String> tested = new ArrayList<>();
        for (Path file : GrafanaFiles.list(PROMETHEUS.resolve("tests"), ".yml")) {
            for (JsonNode test : GrafanaFiles.yaml(file).path("tests")) {
                for (JsonNode alert : test.path("alert_rule_test")) {
                    if (!alert.path("exp_alerts").isEmpty()) {
                        tested.add(alert.path("alertname").asText());
                    }
                }
                test.path("promql_expr_test").forEach(query -> tested.add(query.path("expr").asText()));
            }
        }

        assertThat(rules).hasSize(13);
        assertThat(tested).containsAll(rules);
    }

    @Test
    void grafanasOwnAlertsAreThoseOfPrometheus() {
        Map<String, String> expected = new LinkedHashMap<>();
        rules().filter(rule -> rule.has("alert"))
                .forEach(rule -> expected.put(
                        rule.path("alert").asText(), rule.path("expr").asText().strip()));
        Map<String, String> provisioned = new LinkedHashMap<>();
        JsonNode file = GrafanaFiles.yaml(GrafanaFiles.ROOT.resolve("provisioning/alerting/rules.yml"));
        for (JsonNode rule : file.path("groups").path(0).path("rules")) {
            JsonNode model = rule.path("data").path(0).path("model");
            provisioned.put(rule.path("title").asText(), model.path("expr").asText());
            assertThat(rule.path("uid").asText()).hasSizeLessThanOrEqualTo(40);
            assertThat(rule.path("condition").asText()).isEqualTo("B");
        }

        assertThat(provisioned).isEqualTo(expected);
    }

    private static Stream<JsonNode> rules() {
        List<JsonNode> rules = new ArrayList<>();
        for (Path file : GrafanaFiles.list(PROMETHEUS.resolve("rules"), ".yml")) {
            for (JsonNode group : GrafanaFiles.yaml(file).path("groups")) {
                group.path("rules").forEach(rules::add);
            }
        }
        return rules.stream();
    }
}
