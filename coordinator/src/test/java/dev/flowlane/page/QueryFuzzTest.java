package dev.flowlane.page;

import dev.flowlane.core.run.FleetState;
import dev.flowlane.fuzz.FuzzText;

import java.util.OptionalDouble;
import java.util.Set;

/** Queries to the page's API. */
final class QueryFuzzTest extends FuzzText {
    QueryFuzzTest() {
        super("filter=host-a&show=busy&page=3", "view=run&run=0197%2E&flows=1", "show=all&show=all",
                "filter=%E2%86%92+x", "page=%", "");
    }

    @Override
    protected void read(String text) {
        try {
            PageQuery query = PageQuery.parse(text, Set.of("filter", "show", "page", "view", "run"));
            FleetView.of(FleetState.INITIAL, (_, _) -> OptionalDouble.empty(), query.filter(),
                    query.word("show", FleetView.SHOWS), query.page());
        } catch (PageProblem problem) {
            Problems.assertSays(problem);
        }
    }
}
