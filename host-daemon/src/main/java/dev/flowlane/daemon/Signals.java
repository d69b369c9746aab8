package dev.flowlane.daemon;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.lang.reflect.Proxy;
import java.util.function.IntConsumer;

/**
 * SIGTERM and SIGINT. A shutdown hook could also run on them, but the process would then end with 143 or 130 whatever
 * came of it; a service that stopped in order ends with 0. The JDK's handler is in {@code jdk.unsupported} and reached
 * by name, so that the compiler has nothing to warn of.
 */
final class Signals {
    private static final Logger LOG = LoggerFactory.getLogger(Signals.class);

    /** Of signal(7), the same on every Linux. */
    static final int SIGINT = 2;

    static final int SIGTERM = 15;

    private Signals() {}

    /** Calls {@code stop} with the number of each signal that asks the process to end. */
    static void onStop(IntConsumer stop) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            for (String name : new String[] {"TERM", "INT"}) {
                int number = name.equals("INT") ? SIGINT : SIGTERM;
                Object proxy = Proxy.newProxyInstance(
                        Signals.class.getClassLoader(), new Class<?>[] {handler}, (self, method, arguments) -> {
                            return switch (method.getName()) {
                                case "handle" -> {
                                    stop.accept(number);
                                    yield null;
                                }
                                case "hashCode" -> number;
                                case "equals" ->
                                    arguments[0] != null && self.toString().equals(arguments[0].toString());
                                default -> "stop on SIG" + name;
                            };
                        });
                signal.getMethod("handle", signal, handler)
                        .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
            }
        } catch (ReflectiveOperationException | IllegalArgumentException e) {
            LOG.atWarn().log("signals end this process without a goodbye: {}", String.valueOf(e.getCause()));
        }
    }
}
