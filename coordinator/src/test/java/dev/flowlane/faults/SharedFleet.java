package dev.flowlane.faults;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Gives tests one fleet for all of them, whole before each test and judged after it, and says how long each row took.
 */
final class SharedFleet implements ParameterResolver, BeforeEachCallback, AfterEachCallback {
    private static final ExtensionContext.Namespace OURS = ExtensionContext.Namespace.create(SharedFleet.class);

    @Override
    public void beforeEach(ExtensionContext context) {
        fleet(context).mend();
        context.getStore(OURS).put("began", System.nanoTime());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        fleet(context).check();
        long beganNs = context.getStore(OURS).get("began", Long.class);
        System.out.printf("%s: %.1f s%n", context.getDisplayName(), (System.nanoTime() - beganNs) / 1e9);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == FaultFleet.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return fleet(context);
    }

    private static FaultFleet fleet(ExtensionContext context) {
        // Closed with the store, after the last test of all.
        return context.getRoot().getStore(OURS).getOrComputeIfAbsent(FaultFleet.class, _ -> {
            try {
                return new FaultFleet();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }, FaultFleet.class);
    }
}
