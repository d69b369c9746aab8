package dev.flowlane.report;

import java.util.ArrayList;
import java.util.List;

/** From values to a place between 0 and 1. */
public sealed interface Scale {
    /** Where a value lies; outside of 0 to 1 when it is outside of the scale. */
    double place(double value);

    /** Round values within the scale, ascending. */
    List<Double> ticks();

    /** From 0 to at least {@code largest}, in steps of 1, 2 or 5 times a power of ten. */
    static Scale fromZero(double largest, int steps) {
        double top = largest > 0 ? largest : 1;
        double step = step(top, steps);
        return new Linear(step, Math.ceil(top / step - 1e-9) * step);
    }

    /** From 0 to {@code end} and no further, for what is known only so far: ticks are round, the end need not be. */
    static Scale until(double end, int steps) {
        double top = end > 0 ? end : 1;
        return new Linear(step(top, steps), top);
    }

    /** A logarithmic one from 1, 2 or 5 times a power of ten to another; both values above 0. */
    static Scale logarithmic(double smallest, double largest) {
        double low = roundDown(smallest);
        double high = roundUp(Math.max(largest, smallest));
        return new Logarithmic(low, high > low ? high : low * 10);
    }

    private static double step(double top, int steps) {
        double raw = top / steps;
        double power = Math.pow(10, Math.floor(Math.log10(raw)));
        return raw <= power ? power : raw <= 2 * power ? 2 * power : raw <= 5 * power ? 5 * power : 10 * power;
    }

    private static double roundDown(double value) {
        double power = Math.pow(10, Math.floor(Math.log10(value)));
        double digit = value / power;
        return (digit >= 5 ? 5 : digit >= 2 ? 2 : 1) * power;
    }

    private static double roundUp(double value) {
        double power = Math.pow(10, Math.floor(Math.log10(value)));
        double digit = value / power;
        return (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10) * power;
    }

    /** See {@link #fromZero} and {@link #until}. */
    record Linear(double step, double top) implements Scale {
        /** Of a step: a tick so little beyond the end is drawn at it, since clocks end whole seconds a little early. */
        private static final double TOLERANCE = 0.01;

        @Override
        public double place(double value) {
            return value / top;
        }

        @Override
        public List<Double> ticks() {
            List<Double> ticks = new ArrayList<>();
            for (int i = 0; i * step <= top + TOLERANCE * step; i++) {
                ticks.add(i * step);
            }
            return ticks;
        }
    }

    /** See {@link #logarithmic}. */
    record Logarithmic(double low, double high) implements Scale {
        private static final int TICKS_MAX = 8;

        /** Of the whole scale: ticks that are closer to an end than this would run into its words. */
        private static final double ROOM = 0.08;

        @Override
        public double place(double value) {
            return Math.log(Math.max(value, low) / low) / Math.log(high / low);
        }

        /** Both ends, and what is round between them. */
        @Override
        public List<Double> ticks() {
            List<Double> all = ticks(new double[] {1, 2, 5});
            if (all.size() <= TICKS_MAX) {
                return all;
            }
            List<Double> few = new ArrayList<>(List.of(low));
            ticks(new double[] {1}).stream()
                    .filter(tick -> place(tick) > ROOM && place(tick) < 1 - ROOM)
                    .forEach(few::add);
            few.add(high);
            return few;
        }

        private List<Double> ticks(double[] digits) {
            List<Double> ticks = new ArrayList<>();
            int last = (int) Math.ceil(Math.log10(high));
            for (int power = (int) Math.floor(Math.log10(low)); power <= last; power++) {
                for (double digit : digits) {
                    double tick = digit * Math.pow(10, power);
                    if (tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9)) {
                        ticks.add(tick);
                    }
                }
            }
            return ticks;
        }
    }

    /** Percentiles so that each further nine takes the same room: HdrHistogram's axis, 1 / (1 - percentile). */
    record Percentile(double nines) implements Scale {
        @Override
        public double place(double percent) {
            double missing = Math.max(1 - percent / 100, Math.pow(10, -nines));
            return -Math.log10(missing) / nines;
        }

        @Override
        public List<Double> ticks() {
            List<Double> ticks = new ArrayList<>(List.of(0.0, 50.0));
            for (int nine = 1; nine <= nines; nine++) {
                ticks.add(100 * (1 - Math.pow(10, -nine)));
            }
            return ticks;
        }
    }
}
