package dev.flowlane.cli;

import dev.flowlane.bus.DeadLetter;
import dev.flowlane.fuzz.FuzzTarget;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/** Dead letters are shown, whatever they hold. */
final class DeadLettersFuzzTest extends FuzzTarget {
    DeadLettersFuzzTest() {
        super(bytes("flowlane.commands"), bytes("\u001b]0;x\u0007"), bytes("not Avro"));
    }

    @Override
    protected void read(byte[] input) {
        String text = new String(input, StandardCharsets.UTF_8);
        DeadLetter letter = new DeadLetter(
                0, Instant.EPOCH, text, 0, 0, text, ByteBuffer.wrap(input), ByteBuffer.wrap(input));
        Harmless.assertIs(DeadLettersVerb.table(List.of(letter)).replace("\n", ""));
        Harmless.assertIs(DeadLettersVerb.text(letter).replace("\n", ""));
        Harmless.assertIs(RecordText.jsonLine(DeadLettersVerb.json(letter)).strip());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
