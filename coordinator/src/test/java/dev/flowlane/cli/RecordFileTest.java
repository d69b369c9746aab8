package dev.flowlane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.avro.FlowRole;
import dev.flowlane.avro.FlowStats;
import dev.flowlane.bus.Topic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

final class RecordFileTest {
    @TempDir
    Path directory = Path.of(".");

    @Test
    void csvHasAHeaderEvenWithoutRecordsAndGuardsFormulas() throws IOException {
        FlowStats formula = Samples.interval("r", 0, FlowRole.SOURCE, 3, false);
        formula.setHostId("=cmd|'/c calc'!A0");
        FlowStats quoted = Samples.interval("r", 0, FlowRole.SOURCE, 4, false);
        quoted.setHostId("a,\"b\"");

        String text = Files.readString(write(RecordFile.Format.CSV, formula, quoted));
        String empty = Files.readString(write(RecordFile.Format.CSV));

        assertThat(text.lines()).hasSize(3);
        assertThat(text.lines().findFirst().orElseThrow())
                .startsWith("run_id,flow_id,host_id,flow_role,seq,event_time");
        assertThat(text).contains("r,r.0,'=cmd|'/c calc'!A0,SOURCE,3,", "r,r.0,\"a,\"\"b\"\"\",SOURCE,4,");
        assertThat(empty.lines()).containsExactly(text.lines().findFirst().orElseThrow());
    }

    @Test
    void jsonLinesNameTheirTopic() throws IOException {
        String text = Files.readString(
                write(RecordFile.Format.JSONL, Samples.interval("r", 0, FlowRole.SOURCE, 3, false)));

        assertThat(text.lines()).singleElement().asString()
                .startsWith("{\"topic\":\"flow-stats\",\"run_id\":\"r\",");
    }

    @Test
    void aFileThatIsNotFinishedLeavesNothingBehind() throws IOException {
        Path file = directory.resolve("x.csv");

        try (RecordFile unfinished = RecordFile.create(file, RecordFile.Format.CSV, Topic.FLOW_STATS)) {
            unfinished.write(Samples.interval("r", 0, FlowRole.SOURCE, 3, false));
        }

        assertThat(directory).isEmptyDirectory();
    }

    private Path write(RecordFile.Format format, FlowStats... records) throws IOException {
        Path file = directory.resolve("flow-stats-" + records.length + "." + format);
        try (RecordFile writer = RecordFile.create(file, format, Topic.FLOW_STATS)) {
            for (FlowStats record : records) {
                writer.write(record);
            }
            assertThat(writer.finish()).isEqualTo(records.length);
        }
        return file;
    }
}
