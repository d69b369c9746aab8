package dev.flowlane.fuzz;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Input that grows out of other input: bits turned, bytes put in, taken out, doubled, numbers made as large as they can
 * be, two inputs cut together. Everything follows from a seed.
 */
final class Mutations {
    private static final byte[][] TELLING = {
        {0},
        {-1},
        {0x7f, -1, -1, -1},
        {-128, 0, 0, 0},
        {-1, -1, -1, -1, -1, -1, -1, -1, -1, 1},
        {0, 0, 0, 0, 1},
        "-1".getBytes(StandardCharsets.UTF_8),
        "99999999999999999999".getBytes(StandardCharsets.UTF_8),
        "1e999999999".getBytes(StandardCharsets.UTF_8),
        "\u001b[2J".getBytes(StandardCharsets.UTF_8),
        "\u202e".getBytes(StandardCharsets.UTF_8),
        "=1+1".getBytes(StandardCharsets.UTF_8),
        "%2e%2e%2f".getBytes(StandardCharsets.UTF_8),
        "&a [*a, *a]".getBytes(StandardCharsets.UTF_8),
        "{{{{[[[[".getBytes(StandardCharsets.UTF_8),
        "\r\n".getBytes(StandardCharsets.UTF_8)
    };

    private final List<byte[]> parents;

    /** Everything grows out of these; at least one. */
    Mutations(List<byte[]> parents) {
        this.parents = parents;
    }

    /** At most {@link FuzzTarget#INPUT_MAX} bytes, always the same ones for a seed. */
    byte[] of(long seed) {
        Random random = new Random(seed);
        byte[] input = parents.get(random.nextInt(parents.size())).clone();
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            input = changed(input, random);
        }
        return input.length > FuzzTarget.INPUT_MAX ? Arrays.copyOf(input, FuzzTarget.INPUT_MAX) : input;
    }

    private byte[] changed(byte[] input, Random random) {
        int at = random.nextInt(input.length + 1);
        int to = at + random.nextInt(Math.min(64, input.length - at) + 1);
        byte[] before = Arrays.copyOf(input, at);
        byte[] after = Arrays.copyOfRange(input, at, input.length);
        byte[] afterPart = Arrays.copyOfRange(input, to, input.length);
        return switch (random.nextInt(8)) {
            case 0 -> replaced(input, at, 1 << random.nextInt(8));
            case 1 -> replaced(input, at, random.nextInt(256));
            case 2 -> before;
            case 3 -> joined(before, afterPart);
            case 4 -> joined(before, noise(random), after);
            case 5 -> joined(before, TELLING[random.nextInt(TELLING.length)], afterPart);
            case 6 -> repeated(before, Arrays.copyOfRange(input, at, to), after, random);
            default -> {
                byte[] other = parents.get(random.nextInt(parents.size()));
                yield joined(before, Arrays.copyOfRange(other, random.nextInt(other.length + 1), other.length));
            }
        };
    }

    private static byte[] replaced(byte[] input, int at, int bits) {
        if (at < input.length) {
            input[at] ^= (byte) bits;
        }
        return input;
    }

    private static byte[] noise(Random random) {
        byte[] noise = new byte[random.nextInt(9)];
        random.nextBytes(noise);
        return noise;
    }

    private static byte[] repeated(byte[] before, byte[] part, byte[] after, Random random) {
        byte[][] parts = new byte[2 + random.nextInt(12)][];
        Arrays.fill(parts, part);
        parts[0] = before;
        parts[parts.length - 1] = after;
        return joined(parts);
    }

    private static byte[] joined(byte[]... parts) {
        ByteBuffer all = ByteBuffer.allocate(Arrays.stream(parts).mapToInt(part -> part.length).sum());
        Arrays.stream(parts).forEach(all::put);
        return all.array();
    }
}
