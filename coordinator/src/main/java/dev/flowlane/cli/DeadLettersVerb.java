package dev.flowlane.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flowlane.bus.DeadLetter;
import dev.flowlane.bus.DeadLetterBox;
import dev.flowlane.coordinator.wire.AvroJson;
import dev.flowlane.core.Counted;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;

/** {@code dead-letters}: records that nobody could decode. */
@Command(
        name = "dead-letters",
        header = {
            "Records that could not be decoded: what they were, and sending one again.",
            "",
            "Examples:",
            "  flowlane dead-letters list",
            "  flowlane dead-letters show 3",
            "  flowlane dead-letters retry 3     # after an upgrade that can read it",
            ""
        })
final class DeadLettersVerb {
    private static final int SHOWN_BYTES = 512;
    private static final int BYTES_OF_A_LINE = 16;

    @Mixin CommonOptions common = new CommonOptions();

    /** {@code dead-letters list}. */
    @Command(name = "list", sortOptions = false, header = "Lists the dead letters, oldest first.")
    static final class LetterList implements Callable<Integer> {
        private final CliContext context;

        @Mixin OutputOptions output = new OutputOptions();
        @Mixin BusOptions bus = new BusOptions();
        @Mixin CommonOptions common = new CommonOptions();

        LetterList(CliContext context) {
            this.context = context;
        }

        @Override
        public Integer call() {
            Messages messages = Messages.of(context, common);
            try (Cluster cluster = Cluster.existing(context, bus, messages)) {
                List<DeadLetter> letters = cluster.bus().deadLetters().letters();
                ArrayNode all = JsonNodeFactory.instance.arrayNode();
                letters.forEach(letter -> all.add(json(letter)));
                Output.of(context, output, common).object(all, () -> table(letters));
                if (letters.isEmpty()) {
                    messages.info("there are no dead letters");
                }
                return ExitCode.OK;
            }
        }
    }

    /** {@code dead-letters show}. */
    @Command(name = "show", sortOptions = false, header = "Shows one dead letter with its original bytes.")
    static final class Show implements Callable<Integer> {
        private final CliContext context;

        @Parameters(paramLabel = "LETTER", description = "Its number, as 'flowlane dead-letters list' shows it.")
        long number;

        @Mixin OutputOptions output = new OutputOptions();
        @Mixin BusOptions bus = new BusOptions();
        @Mixin CommonOptions common = new CommonOptions();

        Show(CliContext context) {
            this.context = context;
        }

        @Override
        public Integer call() {
            try (Cluster cluster = Cluster.existing(context, bus, Messages.of(context, common))) {
                DeadLetter letter = found(cluster.bus().deadLetters(), number);
                Output.of(context, output, common).object(json(letter), () -> text(letter));
                return ExitCode.OK;
            }
        }
    }

    /** {@code dead-letters retry}. */
    @Command(
            name = "retry",
            sortOptions = false,
            header = "Writes the original bytes of a dead letter once more to the topic they came from.",
            footer = {
                "",
                "The letter stays. What reads the topic sees a new record: one that it still cannot decode becomes a",
                "new dead letter."
            })
    static final class Retry implements Callable<Integer> {
        private final CliContext context;

        @Parameters(paramLabel = "LETTER", description = "Its number, as 'flowlane dead-letters list' shows it.")
        long number;

        @Mixin BusOptions bus = new BusOptions();
        @Mixin CommonOptions common = new CommonOptions();

        Retry(CliContext context) {
            this.context = context;
        }

        @Override
        public Integer call() {
            Messages messages = Messages.of(context, common);
            try (Cluster cluster = Cluster.existing(context, bus, messages)) {
                DeadLetterBox box = cluster.bus().deadLetters();
                DeadLetter letter = found(box, number);
                try {
                    DeadLetterBox.Sent sent = box.retry(letter);
                    messages.info("wrote " + size(letter.keyBytes()) + " of key and " + size(letter.valueBytes())
                            + " of value to " + sent.topic() + ", partition " + sent.partition() + ", offset "
                            + sent.offset() + "; letter " + number + " stays");
                    return ExitCode.OK;
                } catch (IllegalArgumentException e) {
                    throw CliException.rejected(
                            "letter " + number + ": " + Plain.text(String.valueOf(e.getMessage())),
                            "what it is: flowlane dead-letters show " + number);
                }
            }
        }
    }

    private static DeadLetter found(DeadLetterBox box, long number) {
        return box.letters().stream()
                .filter(letter -> letter.offset() == number)
                .findFirst()
                .orElseThrow(() -> CliException.rejected(
                        "there is no dead letter " + number, "those that there are: flowlane dead-letters list"));
    }

    static String table(List<DeadLetter> letters) {
        TextTable table = new TextTable()
                .right("LETTER")
                .left("WRITTEN")
                .left("FROM")
                .right("PARTITION")
                .right("OFFSET")
                .left("KEY")
                .right("VALUE")
                .left("ERROR");
        for (DeadLetter letter : letters) {
            table.row(
                    Long.toString(letter.offset()),
                    AvroJson.time(letter.writtenAt()),
                    letter.originTopic(),
                    letter.originPartition() < 0 ? "" : Integer.toString(letter.originPartition()),
                    letter.originOffset() < 0 ? "" : Long.toString(letter.originOffset()),
                    key(letter),
                    size(letter.valueBytes()),
                    letter.error());
        }
        return letters.isEmpty() ? "" : table.render();
    }

    static String text(DeadLetter letter) {
        byte[] value = letter.valueBytes();
        StringBuilder text = new StringBuilder();
        line(text, "letter", Long.toString(letter.offset()));
        line(text, "written", AvroJson.time(letter.writtenAt()));
        line(text, "from", letter.originTopic() + ", partition " + letter.originPartition() + ", offset "
                + letter.originOffset());
        line(text, "error", letter.error());
        line(text, "key", key(letter));
        line(text, "value", size(value));
        if (value != null) {
            int shown = Math.min(value.length, SHOWN_BYTES);
            for (int begin = 0; begin < shown; begin += BYTES_OF_A_LINE) {
                hexLine(text, value, begin, Math.min(shown, begin + BYTES_OF_A_LINE));
            }
            if (shown < value.length) {
                text.append("          and ").append(Counted.of(value.length - shown, "byte"))
                        .append(" more; all of them: -o json\n");
            }
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append(String.format("%-8s  ", name)).append(Plain.text(value)).append('\n');
    }

    private static void hexLine(StringBuilder text, byte[] bytes, int begin, int end) {
        StringBuilder readable = new StringBuilder();
        text.append(String.format("%08x  ", begin));
        for (int i = begin; i < begin + BYTES_OF_A_LINE; i++) {
            text.append(i < end ? String.format("%02x ", bytes[i]) : "   ");
            if (i < end) {
                readable.append(bytes[i] >= ' ' && bytes[i] < 0x7f ? (char) bytes[i] : '.');
            }
        }
        text.append(' ').append(readable).append('\n');
    }

    /** As text where it is text. */
    private static String key(DeadLetter letter) {
        byte[] key = letter.keyBytes();
        if (key == null) {
            return "";
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(key)).toString();
        } catch (CharacterCodingException e) {
            return "base64:" + Base64.getEncoder().encodeToString(key);
        }
    }

    private static String size(byte @Nullable [] bytes) {
        return bytes == null ? "none" : Counted.of(bytes.length, "byte");
    }

    static ObjectNode json(DeadLetter letter) {
        byte[] key = letter.keyBytes();
        byte[] value = letter.valueBytes();
        return JsonNodeFactory.instance
                .objectNode()
                .put("letter", letter.offset())
                .put("written_time", AvroJson.time(letter.writtenAt()))
                .put("origin_topic", letter.originTopic())
                .put("origin_partition", letter.originPartition())
                .put("origin_offset", letter.originOffset())
                .put("error", letter.error())
                .put("key_base64", key == null ? null : Base64.getEncoder().encodeToString(key))
                .put("value_base64", value == null ? null : Base64.getEncoder().encodeToString(value));
    }
}
