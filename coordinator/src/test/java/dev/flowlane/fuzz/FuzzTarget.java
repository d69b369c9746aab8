package dev.flowlane.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * One place that reads what others wrote, and input as it should be. A subclass is a test: a build tries the good
 * input, the kept input and some thousand inputs made from seeds; {@code -Dfuzz=SECONDS} has jazzer look for input that
 * reaches more of the code. Input that fails is written, by both, into the folder of kept input:
 * {@code src/test/resources/PACKAGE/CLASSInputs/fuzz}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class FuzzTarget {
    /** Most bytes of an input. */
    public static final int INPUT_MAX = 8_192;

    private static final int SEEDS = 4_000;

    private final List<byte[]> good;

    /**
     * Describes the target.
     *
     * @param good input as it should be, out of which the rest is made
     */
    protected FuzzTarget(byte[]... good) {
        this.good = List.of(good);
    }

    /** Has the input read, and says what holds for every input. Whatever it throws is a failure. */
    protected abstract void read(byte[] input);

    /** Good input and kept input, and in the JVM of {@link #jazzer} what jazzer makes of it. */
    @MethodSource("good")
    @FuzzTest
    public final void fuzz(byte[] input) {
        read(input.length > INPUT_MAX ? Arrays.copyOf(input, INPUT_MAX) : input);
    }

    /** Input made from seeds: {@code -Dseeds=N} of them, or {@code -Dseed=S} alone. */
    @Test
    public final void seeds() {
        List<byte[]> parents = new ArrayList<>(good);
        parents.addAll(kept());
        parents.add(new byte[0]);
        Mutations mutations = new Mutations(parents);
        Long only = Long.getLong("seed");
        if (only != null) {
            read(mutations, only);
            return;
        }
        int seeds = Integer.getInteger("seeds", SEEDS);
        long beganNs = System.nanoTime();
        for (long seed = 0; seed < seeds; seed++) {
            read(mutations, seed);
        }
        System.out.printf(
                "%s: %d seeds in %d ms%n",
                getClass().getSimpleName(), seeds, (System.nanoTime() - beganNs) / 1_000_000);
    }

    /** Jazzer looks for input that fails, for {@code -Dfuzz=SECONDS}. */
    @Test
    @EnabledIfSystemProperty(named = "fuzz", matches = "[1-9][0-9]{0,5}")
    public final void jazzer() throws IOException, InterruptedException {
        Jazzer.fuzz(getClass(), Integer.getInteger("fuzz", 0));
    }

    /** Named by {@link #fuzz}. */
    protected final Stream<byte[]> good() {
        return good.stream();
    }

    private void read(Mutations mutations, long seed) {
        try {
            read(mutations.of(seed));
        } catch (RuntimeException | AssertionError | StackOverflowError | OutOfMemoryError e) {
            throw new AssertionError(
                    "seed " + seed + " (alone: -Dtest=" + getClass().getSimpleName() + " -Dseed=" + seed + "): " + e
                            + "; its input is now kept in " + keep(seed, mutations.of(seed)),
                    e);
        }
    }

    private List<byte[]> kept() {
        if (!Files.isDirectory(folder())) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder())) {
            List<byte[]> inputs = new ArrayList<>();
            for (Path file : files.sorted().toList()) {
                inputs.add(Files.readAllBytes(file));
            }
            return inputs;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path keep(long seed, byte[] input) {
        try {
            return Files.write(Files.createDirectories(folder()).resolve("seed-" + seed), input);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Jazzer looks for it there. */
    private Path folder() {
        return Path.of(
                "src/test/resources",
                getClass().getPackageName().replace('.', '/'),
                getClass().getSimpleName() + "Inputs",
                "fuzz");
    }
}
