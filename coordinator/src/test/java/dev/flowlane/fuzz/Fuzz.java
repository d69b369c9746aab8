package dev.flowlane.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Gives a target input that grows out of good input: bits turned, bytes put in, taken out, doubled, numbers made as
 * large as they can be, two inputs cut together. Every input follows from a seed. A normal build tries some thousand
 * per target, {@code -Dfuzz=SECONDS} goes on for so long; a failure names its seed and writes its input to {@code
 * target/fuzz}.
 */
public final class Fuzz {
    private static final int EXECUTIONS = 4_000;

    /** Most bytes of an input. */
    public static final int INPUT_MAX = 8_192;

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

    private final String target;
    private final List<byte[]> good = new ArrayList<>();

    private Fuzz(String target) {
        this.target = target;
    }

    /**
     * Begins the description of a target.
     *
     * @param target names it in messages and in the folder of kept inputs
     */
    public static Fuzz target(String target) {
        return new Fuzz(target);
    }

    /** Input as it should be, out of which the rest is made. */
    public Fuzz from(byte[]... inputs) {
        good.addAll(Arrays.asList(inputs));
        return this;
    }

    /** Text as it should be. */
    public Fuzz from(String... texts) {
        Arrays.stream(texts).forEach(text -> good.add(text.getBytes(StandardCharsets.UTF_8)));
        return this;
    }

    /** As {@link #run}, with text. */
    public void runText(Consumer<String> body) {
        run(input -> body.accept(new String(input, StandardCharsets.UTF_8)));
    }

    /** Runs the body with every kept input, every good one and what is made of them; it must never throw. */
    public void run(Consumer<byte[]> body) {
        List<byte[]> kept = kept();
        kept.forEach(input -> execute(body, input, "kept"));
        good.forEach(input -> execute(body, input, "good"));
        List<byte[]> parents = new ArrayList<>(good);
        parents.addAll(kept);
        parents.add(new byte[0]);
        long seconds = Long.getLong("fuzz", 0);
        long beganNs = System.nanoTime();
        long seed = 0;
        while (seconds == 0 ? seed < EXECUTIONS : System.nanoTime() - beganNs < seconds * 1_000_000_000) {
            execute(body, made(parents, new Random(seed)), "seed " + seed);
            seed++;
        }
        System.out.printf(
                "fuzz %s: %d executions in %d ms%n", target, seed, (System.nanoTime() - beganNs) / 1_000_000);
    }

    private void execute(Consumer<byte[]> body, byte[] input, String origin) {
        try {
            body.accept(input.clone());
        } catch (RuntimeException | AssertionError | StackOverflowError | OutOfMemoryError e) {
            Path file = write(input);
            throw new AssertionError(
                    target + ", " + origin + ": " + e + "; the input is in " + file
                            + " and belongs into src/test/resources/fuzz/" + target + "; in Base64: "
                            + Base64.getEncoder().encodeToString(Arrays.copyOf(input, Math.min(input.length, 400))),
                    e);
        }
    }

    private static byte[] made(List<byte[]> parents, Random random) {
        byte[] input = parents.get(random.nextInt(parents.size())).clone();
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            input = changed(input, parents, random);
        }
        return input.length > INPUT_MAX ? Arrays.copyOf(input, INPUT_MAX) : input;
    }

    private static byte[] changed(byte[] input, List<byte[]> parents, Random random) {
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

    private List<byte[]> kept() {
        Path folder = Path.of("src/test/resources/fuzz", target);
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            List<byte[]> inputs = new ArrayList<>();
            for (Path file : files.sorted().toList()) {
                inputs.add(Files.readAllBytes(file));
            }
            return inputs;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path write(byte[] input) {
        try {
            Path folder = Files.createDirectories(Path.of("target/fuzz", target));
            return Files.write(folder.resolve(Integer.toHexString(Arrays.hashCode(input))), input);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
