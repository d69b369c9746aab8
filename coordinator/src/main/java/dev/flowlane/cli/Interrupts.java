package dev.flowlane.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ctrl-C (and SIGTERM): the first one is a wish that a command sees and carries out in order, the second one ends the
 * process at once. Before a command says that it looks, the first one ends the process as well.
 */
final class Interrupts {
    private final AtomicInteger count = new AtomicInteger();
    private volatile boolean awaited;

    private Interrupts() {}

    /** Without any signal: for tests. */
    static Interrupts none() {
        return new Interrupts();
    }

    /** Takes over SIGINT and SIGTERM. */
    static Interrupts ofProcess() {
        Interrupts interrupts = new Interrupts();
        interrupts.install("INT");
        interrupts.install("TERM");
        return interrupts;
    }

    /** From now on the first one is only noted. */
    void await() {
        awaited = true;
    }

    /**
     * The command has carried the wish out, or there is nothing left that would have to be: the next one ends the
     * process.
     */
    void noLongerAwait() {
        awaited = false;
    }

    /** Whether there was one. */
    boolean requested() {
        return count.get() > 0;
    }

    /** What a signal does. */
    void signal() {
        if (count.incrementAndGet() > 1) {
            // Not exit(): its hooks could wait for the very thing that the user has no patience for.
            Runtime.getRuntime().halt(ExitCode.INTERRUPTED);
        } else if (!awaited) {
            System.exit(ExitCode.INTERRUPTED);
        }
    }

    /**
     * By reflection: javac warns of every direct use of {@code sun.misc.Signal}, and that warning cannot be suppressed.
     * The class is in the supported module jdk.unsupported; there is no other way to see a second Ctrl-C.
     */
    @SuppressWarnings("ReferenceEquality") // A proxy is equal to itself alone.
    private void install(String name) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object proxy = Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler},
                    (self, method, arguments) -> {
                if (method.getName().equals("handle")) {
                    signal();
                    return null;
                }
                return switch (method.getName()) {
                    case "hashCode" -> System.identityHashCode(self);
                    case "equals" -> arguments != null && self == arguments[0];
                    default -> "flowlane's handler of SIG" + name;
                };
            });
            Method handle = signal.getMethod("handle", signal, handler);
            handle.invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
        } catch (InvocationTargetException e) {
            // The signal is ignored (nohup) or reserved (-Xrs): then it stays so.
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("sun.misc.Signal is not as it was in JDK 25", e);
        }
    }
}
