package dev.flowlane.cli;

import java.util.Locale;

/** Numbers for people: three significant digits and a unit that fits. SI prefixes throughout (1 kB is 1000 B). */
final class Scaled {
    private static final String[] PREFIXES = {"", "k", "M", "G", "T", "P", "E"};

    private Scaled() {}

    static String bitsPerSecond(double rate) {
        return scaled(rate, "bit/s");
    }

    static String bytes(long count) {
        return scaled((double) count, "B");
    }

    static String perSecond(double rate) {
        return scaled(rate, "/s");
    }

    /** A plain count, never rounded. */
    static String count(long count) {
        return Long.toString(count);
    }

    static String nanos(long ns) {
        return nanos((double) ns);
    }

    static String nanos(double ns) {
        if (ns < 1_000) {
            return digits(ns) + " ns";
        }
        if (ns < 999_500) {
            return digits(ns / 1e3) + " µs";
        }
        if (ns < 999_500_000) {
            return digits(ns / 1e6) + " ms";
        }
        return ns < 999.5e9 ? digits(ns / 1e9) + " s" : String.format(Locale.ROOT, "%.0f s", ns / 1e9);
    }

    /** A share from 0 to 1. */
    static String percent(double ratio) {
        return String.format(Locale.ROOT, "%.0f %%", ratio * 100);
    }

    private static String scaled(double number, String unit) {
        double rest = Math.abs(number);
        int prefix = 0;
        // 999.5 would be shown as 1000.
        while (rest >= 999.5 && prefix < PREFIXES.length - 1) {
            rest /= 1000;
            prefix++;
        }
        String text = prefix == 0 && rest == Math.rint(rest) ? String.format(Locale.ROOT, "%.0f", rest) : digits(rest);
        String sign = number < 0 ? "-" : "";
        // "12 /s" but "12 k/s": a bare count per second needs no space to be read.
        return unit.equals("/s") && prefix == 0 ? sign + text + "/s" : sign + text + " " + PREFIXES[prefix] + unit;
    }

    private static String digits(double number) {
        String format = number >= 99.95 ? "%.0f" : number >= 9.995 ? "%.1f" : "%.2f";
        return String.format(Locale.ROOT, format, number);
    }
}
