package dev.flowlane.daemon.workers;

import dev.flowlane.worker.WorkerJvm;
import dev.flowlane.worker.WorkerMain;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a worker is started with.
 *
 * @param javaHome of a JDK 25
 * @param classPath the worker and HdrHistogram, nothing else
 * @param processors what the worker's JVM believes in
 */
public record WorkerLaunch(Path javaHome, List<Path> classPath, int processors) {
    /** One for the compiler, one for the rest; the I/O thread does not count on them. */
    private static final int PROCESSORS_MAX = 2;

    public WorkerLaunch {
        classPath = List.copyOf(classPath);
    }

    /**
     * With the JDK and the jars that this process itself runs on.
     *
     * @param allowedCpus how many CPUs there are for everything
     * @throws IllegalStateException when one of them is not there; the message says which
     */
    public static WorkerLaunch ofThisProcess(int allowedCpus) {
        Path javaHome = Path.of(System.getProperty("java.home"));
        if (!Files.isExecutable(javaHome.resolve("bin/java"))) {
            throw new IllegalStateException("workers need " + javaHome.resolve("bin/java")
                    + ", which is not there: start the daemon with the java of an installed JDK 25");
        }
        return new WorkerLaunch(
                javaHome,
                List.of(whereFrom(WorkerMain.class), whereFrom(Histogram.class)),
                Math.clamp(allowedCpus, 1, PROCESSORS_MAX));
    }

    private static Path whereFrom(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        try {
            if (source == null) {
                throw new IllegalStateException("it is not known where " + type.getName() + " was loaded from");
            }
            return Path.of(source.getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException("workers need " + source.getLocation(), e);
        }
    }

    /** An AOT cache is made of jars only. */
    boolean isCacheable() {
        return classPath.stream().allMatch(Files::isRegularFile);
    }

    List<String> command(Path socket, @Nullable Path aotCache) {
        return WorkerJvm.command(javaHome, joined(), aotCache, socket, processors);
    }

    List<String> training(Path aotCache) {
        return WorkerJvm.train(javaHome, joined(), aotCache, processors);
    }

    private String joined() {
        return classPath.stream().map(Path::toString).collect(Collectors.joining(":"));
    }
}
