package dev.flowlane.posix;

import org.jspecify.annotations.Nullable;

import java.util.BitSet;
import java.util.NoSuchElementException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A set of CPU numbers, immutable. Its text is the kernel's list form, as in
 * {@code /sys/devices/system/cpu/online}: {@code 0-3,8}, sorted and without overlaps; the empty set is the empty text.
 * Makes no system call.
 */
public final class CpuSet {
    /**
     * Exclusive bound of CPU numbers: eight times what any Linux configuration has, so that a typing error stays small.
     */
    public static final int MAX_CPUS = 1 << 16;

    private static final CpuSet EMPTY = new CpuSet(new BitSet());

    private final BitSet bits;

    /** Takes ownership. */
    private CpuSet(BitSet bits) {
        this.bits = bits;
    }

    /** The set without a CPU. */
    public static CpuSet empty() {
        return EMPTY;
    }

    /**
     * The set of the given CPUs.
     *
     * @throws IllegalArgumentException for a number outside 0 to {@link #MAX_CPUS} - 1
     */
    public static CpuSet of(int... cpus) {
        BitSet bits = new BitSet();
        for (int cpu : cpus) {
            bits.set(checked(cpu));
        }
        return new CpuSet(bits);
    }

    /**
     * Reads the kernel's list form. Ranges may overlap and come in any order; white space is allowed around the whole
     * only, because files end with a line break.
     *
     * @throws IllegalArgumentException naming the text and the part that is wrong
     */
    public static CpuSet parse(String list) {
        String text = list.strip();
        if (text.isEmpty()) {
            return EMPTY;
        }
        BitSet bits = new BitSet();
        for (String part : text.split(",", -1)) {
            int dash = part.indexOf('-');
            int first = number(list, part, dash < 0 ? part : part.substring(0, dash));
            int last = dash < 0 ? first : number(list, part, part.substring(dash + 1));
            if (last < first) {
                throw malformed(list, "the range '" + part + "' runs backwards");
            }
            bits.set(first, last + 1);
        }
        return new CpuSet(bits);
    }

    /** Whether {@code cpu} is in it; false for numbers no CPU has. */
    public boolean contains(int cpu) {
        return cpu >= 0 && bits.get(cpu);
    }

    /** Whether every CPU of {@code other} is in it. */
    public boolean containsAll(CpuSet other) {
        return other.minus(this).isEmpty();
    }

    /** Whether it has a CPU in common with {@code other}. */
    public boolean intersects(CpuSet other) {
        return bits.intersects(other.bits);
    }

    /** This set and {@code cpu}. */
    public CpuSet with(int cpu) {
        BitSet result = copy();
        result.set(checked(cpu));
        return new CpuSet(result);
    }

    /** This set without {@code cpu}. */
    public CpuSet without(int cpu) {
        BitSet result = copy();
        result.clear(checked(cpu));
        return new CpuSet(result);
    }

    /** The CPUs of this set that are not in {@code other}. */
    public CpuSet minus(CpuSet other) {
        BitSet result = copy();
        result.andNot(other.bits);
        return new CpuSet(result);
    }

    /** The CPUs in both sets. */
    public CpuSet and(CpuSet other) {
        BitSet result = copy();
        result.and(other.bits);
        return new CpuSet(result);
    }

    /** The CPUs in either set. */
    public CpuSet or(CpuSet other) {
        BitSet result = copy();
        result.or(other.bits);
        return new CpuSet(result);
    }

    /** The CPUs, ascending. */
    public IntStream cpus() {
        return bits.stream();
    }

    /** The CPUs, ascending. */
    public int[] toArray() {
        return cpus().toArray();
    }

    /**
     * The lowest CPU.
     *
     * @throws NoSuchElementException when the set is empty
     */
    public int first() {
        return cpus().findFirst().orElseThrow(() -> new NoSuchElementException("no CPU in the set"));
    }

    /**
     * The highest CPU.
     *
     * @throws NoSuchElementException when the set is empty
     */
    public int last() {
        if (bits.isEmpty()) {
            throw new NoSuchElementException("no CPU in the set");
        }
        return bits.length() - 1;
    }

    /** Whether it has no CPU. */
    public boolean isEmpty() {
        return bits.isEmpty();
    }

    /** How many CPUs it has. */
    public int size() {
        return bits.cardinality();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CpuSet set && bits.equals(set.bits);
    }

    @Override
    public int hashCode() {
        return bits.hashCode();
    }

    /** The kernel's list form. */
    @Override
    public String toString() {
        return bits.stream()
                .filter(cpu -> cpu == 0 || !bits.get(cpu - 1))
                .mapToObj(this::rangeFrom)
                .collect(Collectors.joining(","));
    }

    private String rangeFrom(int first) {
        int last = bits.nextClearBit(first) - 1;
        return first == last ? Integer.toString(first) : first + "-" + last;
    }

    private BitSet copy() {
        return (BitSet) bits.clone();
    }

    private static int checked(int cpu) {
        if (cpu < 0 || cpu >= MAX_CPUS) {
            throw new IllegalArgumentException("CPU " + cpu + " is outside 0-" + (MAX_CPUS - 1));
        }
        return cpu;
    }

    /** Digits only: Integer.parseInt would also take a sign. */
    private static int number(String list, String part, String digits) {
        boolean wellFormed = !digits.isEmpty() && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!wellFormed) {
            throw malformed(list, "'" + part + "' is neither a CPU nor a range");
        }
        // Any more digits than those of the bound, leading zeros aside, are too large, whatever they are.
        String significant = digits.replaceFirst("^0+(?=.)", "");
        int cpu = significant.length() > 5 ? MAX_CPUS : Integer.parseInt(significant);
        if (cpu >= MAX_CPUS) {
            throw malformed(list, "'" + part + "' is outside 0-" + (MAX_CPUS - 1));
        }
        return cpu;
    }

    private static IllegalArgumentException malformed(String list, String why) {
        return new IllegalArgumentException("CPU list '" + list.strip() + "': " + why);
    }
}
