package dev.flowlane.page;

import static org.assertj.core.api.Assertions.assertThat;

/** What holds for every problem that the page's API tells. */
final class Problems {
    private Problems() {}

    static void assertSays(PageProblem problem) {
        assertThat(problem.status()).isBetween(400, 499);
        assertThat(problem.json().path("message").asText()).isNotBlank();
        assertThat(problem.json().toString().length()).isLessThan(40_000);
    }
}
