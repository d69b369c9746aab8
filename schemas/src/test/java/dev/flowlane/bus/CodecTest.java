package dev.flowlane.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.sun.management.ThreadMXBean;
import dev.flowlane.avro.Host;
import dev.flowlane.avro.RunCommand;
import dev.flowlane.avro.RunCommandType;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.RandomData;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;

final class CodecTest {
    private static final int MUTATIONS = 20_000;

    private final Codec<RunCommand> commands = Codec.of(Topic.COMMANDS);

    @Test
    void headerIsAZeroByteAndTheSchemaIdBigEndian() {
        byte[] bytes = commands.encode(cancel("run-1"));

        int id = SchemaHistory.bundled().latest("flowlane.commands-value").id();
        assertThat(Arrays.copyOf(bytes, 5)).isEqualTo(ByteBuffer.allocate(5).putInt(1, id).array());
    }

    @Test
    void recordComesBackAsItWas() {
        RunCommand command = cancel("run-1");

        assertThat(commands.decode(commands.encode(command))).isEqualTo(new Codec.Decoded.Value<>(command));
    }

    @TestFactory
    List<DynamicTest> anyDatumOfEveryTopicComesBackByteForByte() {
        return Topic.all().stream()
                .map(topic -> DynamicTest.dynamicTest(topic.suffix(), () -> everyDatumComesBack(topic)))
                .toList();
    }

    @Test
    void missingRequiredFieldIsNamed() {
        RunCommand command = new RunCommand();
        command.setCommandType(RunCommandType.CANCEL);
        command.setRunId("run-1");
        command.setRequestedBy("");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> commands.encode(command))
                .withMessageContaining("commands")
                .withMessageContaining("command_id");
    }

    @Test
    void recordOfAnOlderSchemaGetsTheDefaultsOfNewFields() throws IOException {
        String older = """
                {"type": "record", "name": "RunCommand", "namespace": "dev.flowlane.avro", "fields": [
                  {"name": "command_id", "type": "string"},
                  {"name": "run_id", "type": "string"}
                ]}""";
        String current = SchemaHistory.bundled().latest("flowlane.commands-value").text();
        SchemaHistory history = new SchemaHistory(
                "7 flowlane.commands-value 1 a\n9 flowlane.commands-value 2 b",
                Map.of("flowlane.commands-value/v1.avsc", older, "flowlane.commands-value/v2.avsc", current)::get);
        GenericData.Record written = new GenericData.Record(new Schema.Parser().parse(older));
        written.put("command_id", "command-1");
        written.put("run_id", "run-1");

        var decoded = Codec.of(Topic.COMMANDS, history).decode(framed(7, written.getSchema(), written));

        RunCommand command = value(decoded);
        assertThat(command.getCommandId()).isEqualTo("command-1");
        assertThat(command.getCommandType()).isEqualTo(RunCommandType.UNKNOWN);
        assertThat(command.getRequestedBy()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                                     | truncated: 0 bytes",
                "00000000                               | truncated: 4 bytes",
                "7b2272756e223a317d                     | first byte is 123",
                "01000000010402610262                   | first byte is 1",
                "000000000000                           | schema id 0 is not in",
                "007fffffff00                           | schema id 2147483647 is not in",
                "00ffffffff00                           | schema id -1 is not in",
                "0000000004040261                       | schema id 4 is of flowlane.hosts-value, not of",
                "0000000001                             | truncated at byte 5",
                "000000000104                           | truncated at byte 6",
                "000000000106                           | enum index 3 of 3 at byte 6",
                "000000000103                           | enum index -2 of 3 at byte 6",
                "0000000001040a6162                     | string of 5 bytes, 2 are left at byte 7",
                "000000000104feffffffff7f               | string of 2199023255551 bytes, 0 are left",
                "0000000001040162                       | string of -1 bytes",
                "000000000104feffffff0f61               | string of 2147483647 bytes, 1 are left",
                "000000000104ffffffffffffffffffff01     | number of more than ten bytes",
                "0000000001040261026100000000ff         | 1 bytes too many at byte 14",
                "00000000010402610261000600             | union index 3 of 2",
            })
    void malformedValueIsNamedWithItsPlace(String hex, String reason) {
        assertThat(reason(commands.decode(HexFormat.of().parseHex(hex)))).contains(reason);
    }

    @Test
    void noValueIsMalformed() {
        assertThat(reason(commands.decode(null))).isEqualTo("no value");
    }

    @Test
    void arrayCountBeyondTheRecordIsMalformed() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2}); // SUBMIT, empty strings, no time, a spec
        out.writeBytes(HexFormat.of().parseHex("feffffff0f")); // 2147483647 sources

        assertThat(reason(commands.decode(out.toByteArray())))
                .startsWith("block of 2147483647 items, 0 bytes are left");
    }

    @Test
    void mutatedRecordsNeitherThrowNorAllocateMuch_seed7() throws IOException {
        // Given
        Codec<Host> hosts = Codec.of(Topic.HOSTS);
        byte[] original = randomDatum(Topic.HOSTS, 7);
        Random random = new Random(7);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long worstBytes = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] mutated = mutate(original, random);

            // When
            long before = threads.getCurrentThreadAllocatedBytes();
            var decoded = hosts.decode(mutated);
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;

            // Then
            assertThat(decoded).isNotNull();
            worstBytes = i < MUTATIONS / 2 ? 0 : Math.max(worstBytes, allocated);
        }
        // Objects and strings of a record are larger than its bytes, but by a factor, not by what it claims.
        assertThat(worstBytes).isLessThan(64L * original.length + 65_536);
    }

    private static void everyDatumComesBack(Topic<?> topic) throws IOException {
        for (int seed = 0; seed < 50; seed++) {
            byte[] bytes = randomDatum(topic, seed);

            assertThat(decodedAndEncoded(topic, bytes)).as("seed " + seed).isEqualTo(bytes);
        }
    }

    private static <T extends SpecificRecord> byte[] decodedAndEncoded(Topic<T> topic, byte[] bytes) {
        Codec<T> codec = Codec.of(topic);
        return codec.encode(value(codec.decode(bytes)));
    }

    private static byte[] randomDatum(Topic<?> topic, int seed) throws IOException {
        RegisteredSchema registered = SchemaHistory.bundled().latest(topic.subject());
        Schema schema = registered.schema();
        Object datum = new RandomData(schema, 1, (long) seed, true).iterator().next();
        return framed(registered.id(), schema, datum);
    }

    private static byte[] framed(int id, Schema schema, Object datum) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(ByteBuffer.allocate(5).putInt(1, id).array());
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
        new GenericDatumWriter<>(schema).write(datum, encoder);
        encoder.flush();
        return out.toByteArray();
    }

    private static byte[] mutate(byte[] original, Random random) {
        byte[] mutated = Arrays.copyOf(
                original, random.nextInt(4) == 0 ? random.nextInt(original.length + 1) : original.length);
        for (int changes = random.nextInt(4); changes >= 0 && mutated.length > 5; changes--) {
            int at = 5 + random.nextInt(mutated.length - 5);
            mutated[at] = random.nextBoolean() ? (byte) random.nextInt(256) : (byte) 0xff;
        }
        return mutated;
    }

    static RunCommand cancel(String runId) {
        return RunCommand.newBuilder()
                .setCommandType(RunCommandType.CANCEL)
                .setCommandId("command-1")
                .setRunId(runId)
                .setExpireTime(Instant.ofEpochMilli(1_800_000_000_123L))
                .setReason("größer")
                .build();
    }

    private static <T> T value(Codec.Decoded<T> decoded) {
        return switch (decoded) {
            case Codec.Decoded.Value<T>(T value) -> value;
            case Codec.Decoded.Malformed<T>(String reason) -> throw new AssertionError(reason);
        };
    }

    private static String reason(Codec.Decoded<?> decoded) {
        return decoded instanceof Codec.Decoded.Malformed<?>(String reason) ? reason : "not malformed: " + decoded;
    }
}
