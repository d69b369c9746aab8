package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flowlane.coordinator.TestFolders;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;

/** The local fleet of {@code flowlane up}, there for all tests of a class and taken down after them. */
public final class BackgroundFleet implements BeforeAllCallback, AfterAllCallback {
    private Path state = Path.of(".");

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        up();
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        run("down").expect(0);
        TestFolders.delete(state);
    }

    /** Starts it; for those who are no test class. */
    public void up() throws IOException {
        state = TestFolders.create(_ -> {});
        run("up").expect(0);
    }

    /** State directory of the fleet. */
    public Path state() {
        return state;
    }

    /** Runs a command to its end. */
    public FlowlaneProcess.Outcome run(String... arguments) {
        return FlowlaneProcess.run(state, arguments);
    }

    /** Starts one. */
    public FlowlaneProcess begin(String... arguments) {
        return FlowlaneProcess.start(state, Map.of(), arguments);
    }

    /** The result of a run with these arguments, which must be one of a run that was measured in full. */
    public JsonNode measure(String... arguments) {
        String[] command = Stream.of(Stream.of("run"), Stream.of(arguments), Stream.of("-o", "json"))
                .flatMap(part -> part)
                .toArray(String[]::new);
        JsonNode run = run(command).expect(0).json();
        assertThat(run.path("state").textValue()).as("%s", run.path("reasons")).isEqualTo("COMPLETED");
        return run;
    }
}
