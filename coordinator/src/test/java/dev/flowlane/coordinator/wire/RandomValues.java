package dev.flowlane.coordinator.wire;

import dev.flowlane.core.run.OpaqueBytes;
import dev.flowlane.core.spec.Threshold;
import dev.flowlane.posix.CpuSet;
import org.jspecify.annotations.Nullable;

import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Arbitrary values of the core's records, by their components: every branch of a sealed interface, null where it is
 * allowed, times in whole milliseconds as the bus keeps them. The same seed gives the same values.
 */
final class RandomValues {
    private final Random random;

    RandomValues(long seed) {
        this.random = new Random(seed);
    }

    /** A value of that type. */
    @SuppressWarnings("unchecked") // Made by that very class.
    <T> T of(Class<T> type) {
        return (T) value(type);
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    private Object value(Type type) {
        if (type instanceof ParameterizedType generic) {
            Class<?> raw = (Class<?>) generic.getRawType();
            List<Object> elements = new ArrayList<>();
            for (int i = random.nextInt(4); i > 0; i--) {
                elements.add(value(generic.getActualTypeArguments()[0]));
            }
            return raw == Set.class ? new LinkedHashSet<>(elements) : elements;
        }
        Class<?> plain = (Class<?>) type;
        if (plain == Threshold.class) {
            return new Threshold(
                    of(Threshold.Metric.class), of(Threshold.Comparison.class), random.nextLong(Threshold.LIMIT_MAX));
        }
        if (plain.isRecord()) {
            return record(plain);
        }
        if (plain.isSealed()) {
            Class<?>[] branches = plain.getPermittedSubclasses();
            return value(branches[random.nextInt(branches.length)]);
        }
        if (plain.isEnum()) {
            Object[] constants = plain.getEnumConstants();
            return constants[random.nextInt(constants.length)];
        }
        return scalar(plain);
    }

    private Object scalar(Class<?> type) {
        if (type == int.class || type == Integer.class) {
            return random.nextInt();
        }
        if (type == long.class || type == Long.class) {
            return random.nextLong();
        }
        if (type == double.class || type == Double.class) {
            return random.nextDouble();
        }
        if (type == boolean.class || type == Boolean.class) {
            return random.nextBoolean();
        }
        if (type == String.class) {
            return text();
        }
        if (type == Instant.class) {
            return Instant.ofEpochMilli(random.nextLong(4_000_000_000_000L));
        }
        if (type == Duration.class) {
            return Duration.ofNanos(random.nextLong(Long.MAX_VALUE));
        }
        if (type == CpuSet.class) {
            return cpus();
        }
        if (type == OpaqueBytes.class) {
            byte[] bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            return OpaqueBytes.of(bytes);
        }
        throw new IllegalArgumentException("no values of " + type);
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(12); i > 0; i--) {
            text.appendCodePoint(random.nextBoolean() ? 'a' + random.nextInt(26) : 0x00c0 + random.nextInt(0x2000));
        }
        return text.toString();
    }

    /** Not empty: an empty list of application CPUs is none. */
    private CpuSet cpus() {
        CpuSet cpus = CpuSet.of(random.nextInt(128));
        for (int i = random.nextInt(5); i > 0; i--) {
            cpus = cpus.with(random.nextInt(128));
        }
        return cpus;
    }

    private Object record(Class<?> type) {
        RecordComponent[] components = type.getRecordComponents();
        Class<?>[] types = new Class<?>[components.length];
        @Nullable Object[] values = new @Nullable Object[components.length];
        for (int i = 0; i < components.length; i++) {
            types[i] = components[i].getType();
            values[i] = mayBeNull(components[i].getAnnotatedType()) && random.nextInt(3) == 0
                    ? null
                    : value(components[i].getGenericType());
        }
        try {
            Constructor<?> constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("a random " + type.getSimpleName(), e);
        }
    }

    private static boolean mayBeNull(AnnotatedType type) {
        return !(type instanceof AnnotatedParameterizedType) && type.isAnnotationPresent(Nullable.class);
    }
}
