package dev.flowlane.export;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.avro.FlowRole;
import dev.flowlane.avro.Latency;
import dev.flowlane.avro.LatencyBucket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** DuckDB judges what is written. */
class ParquetFileTest {
    private static final Instant TIME = Instant.parse("2026-11-21T10:00:01.234Z");

    @TempDir
    private Path directory;

    private static Latency latency(int seq) {
        return Latency.newBuilder()
                .setRunId("=run, \"1\"")
                .setFlowId("r.0")
                .setHostId("höst-a")
                .setFlowRole(FlowRole.SOURCE)
                .setSeq(seq)
                .setEventTime(TIME.plusSeconds(seq))
                .setWarmup(seq == 0)
                .setIntervalStartedNs(1_700_000_000_000_000_000L)
                .setIntervalNs(1_000_000_000L)
                .setSamples(3)
                .setHistogram(ByteBuffer.wrap(new byte[] {1, 2, (byte) 0xff}))
                .setBuckets(List.of(new LatencyBucket(1_000L, 2L), new LatencyBucket(5_000L, 1L)))
                .setRoundTripP50Ns(seq == 0 ? null : 900L)
                .setRoundTripMeanNs(1234.5)
                .build();
    }

    @Test
    void everyColumnArrivesWithItsTypeAndValue() throws IOException, SQLException {
        Path file = write(2);

        List<String> rows = query("SELECT run_id, host_id, flow_role, seq, event_time::TIMESTAMP, warmup,"
                + " interval_started_ns, hex(histogram), round_trip_p50_ns, round_trip_mean_ns,"
                + " json_extract(buckets, '$[1].upper_ns') FROM '" + file + "' ORDER BY seq");

        assertThat(rows)
                .containsExactly(
                        "=run, \"1\"|höst-a|SOURCE|0|"
                                + "2026-11-21 10:00:01.234|true|1700000000000000000|0102FF|null|1234.5"
                                + "|5000",
                        "=run, \"1\"|höst-a|SOURCE|1|"
                                + "2026-11-21 10:00:02.234|false|1700000000000000000|0102FF|900|1234.5"
                                + "|5000");
    }

    @Test
    void columnsAreTheFieldsOfTheSchema() throws IOException, SQLException {
        Path file = write(1);

        List<String> columns = query("SELECT name FROM parquet_schema('" + file + "') WHERE num_children IS NULL");

        assertThat(columns)
                .containsExactlyElementsOf(Latency.getClassSchema().getFields().stream()
                        .map(field -> field.name())
                        .toList());
    }

    @Test
    void manyRowsAndNone() throws IOException, SQLException {
        assertThat(query("SELECT count(*), sum(seq), count(round_trip_p50_ns) FROM '" + write(20_000) + "'"))
                .containsExactly("20000|199990000|19999");
        assertThat(query("SELECT count(*) FROM '" + write(0) + "'")).containsExactly("0");
    }

    private Path write(int rows) throws IOException {
        Path file = directory.resolve("latency-" + rows + ".parquet");
        try (ParquetFile parquet = ParquetFile.create(file, Latency.getClassSchema())) {
            for (int seq = 0; seq < rows; seq++) {
                parquet.write(latency(seq));
            }
        }
        return file;
    }

    private static List<String> query(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            List<String> rows = new ArrayList<>();
            int columns = result.getMetaData().getColumnCount();
            while (result.next()) {
                List<String> cells = new ArrayList<>();
                for (int column = 1; column <= columns; column++) {
                    cells.add(String.valueOf(result.getObject(column)));
                }
                rows.add(String.join("|", cells));
            }
            return rows;
        }
    }
}
