package dev.flowlane.export;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.List;

class PercentileTextTest {
    @Test
    void hasTheLinesThatPlottersRead() {
        Histogram histogram = new Histogram(3);
        for (int micros = 1; micros <= 1000; micros++) {
            histogram.recordValue(micros * 1000L);
        }

        List<String> lines = PercentileText.of(histogram, "round trips of run r").lines().toList();

        assertThat(lines.getFirst()).isEqualTo("# round trips of run r, microseconds");
        assertThat(lines.get(1).strip().split("\\s+")).containsExactly(
                "Value", "Percentile", "TotalCount", "1/(1-Percentile)");
        List<double[]> rows = lines.stream()
                .skip(2)
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(line -> line.strip().split("\\s+"))
                .map(words -> new double[] {Double.parseDouble(words[0]), Double.parseDouble(words[1])})
                .toList();
        assertThat(rows).hasSizeGreaterThan(20);
        assertThat(rows)
                .filteredOn(row -> row[1] == 0.5)
                .singleElement()
                .satisfies(row -> assertThat(row[0]).isBetween(499.0, 501.0));
        assertThat(rows.getLast()[1]).isEqualTo(1.0);
        assertThat(rows.getLast()[0]).isBetween(999.0, 1001.0);
    }

    @Test
    void histogramsOfTheBusAreReadAndNothingElse() {
        Histogram histogram = new Histogram(3);
        histogram.recordValue(42_000);
        ByteBuffer bytes = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        histogram.encodeIntoCompressedByteBuffer(bytes);
        bytes.flip();

        assertThat(requireNonNull(PercentileText.decode(bytes)).getTotalCount()).isEqualTo(1);
        assertThat(bytes.position()).as("others read it, too").isZero();
        assertThat(PercentileText.decode(null)).isNull();
        assertThat(PercentileText.decode(ByteBuffer.wrap(new byte[] {1, 2, 3}))).isNull();
    }
}
