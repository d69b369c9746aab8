package dev.flowlane.daemon.workers;

import dev.flowlane.worker.WorkerJvm;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/** The process that makes the workers' AOT cache. Belongs to the thread that hears workers, but for its start. */
final class Training {
    private static final Logger LOG = LoggerFactory.getLogger(Training.class);

    private final AotCache aotCache;
    private final Path directory;
    private final Consumer<Runnable> request;
    private final WorkerProcesses.Listener listener;
    private @Nullable Process running;
    private boolean aborted;

    /** @param request runs something on the thread that hears workers */
    Training(AotCache aotCache, Path directory, Consumer<Runnable> request, WorkerProcesses.Listener listener) {
        this.aotCache = aotCache;
        this.directory = directory;
        this.request = request;
        this.listener = listener;
    }

    /** Whoever wanted it aborted wanted that of an earlier one. */
    void allow() {
        aborted = false;
    }

    void abort() {
        aborted = true;
        end();
    }

    /** On the thread that starts processes. */
    void start() {
        AotCache.Training begun = aotCache.beginTraining();
        if (begun == null) {
            listener.trained(aotCache.isSettled());
            return;
        }
        ErrorOutput errors = new ErrorOutput(directory.resolve("training.err"));
        try {
            long startNs = System.nanoTime();
            Process process = startClean(begun.process(), directory, errors);
            request.accept(() -> {
                running = process;
                if (aborted) {
                    end();
                }
            });
            var _ = process.onExit().thenRun(() -> request.accept(() -> {
                running = null;
                boolean present = begun.end(process.exitValue());
                LOG.atInfo()
                        .addKeyValue("present", present)
                        .addKeyValue("took_ms", (System.nanoTime() - startNs) / 1_000_000)
                        .addKeyValue("said", errors.takeTail())
                        .log("training of the workers' AOT cache ended");
                listener.trained(present);
            }));
        } catch (IOException e) {
            boolean present = begun.end(-1);
            listener.trained(present);
        }
    }

    void end() {
        Process process = running;
        if (process != null) {
            // At its end the JVM has a child that assembles the cache.
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    /** Starts a worker's process with nothing of this one's: not its environment, no input, no output but errors. */
    static Process startClean(ProcessBuilder builder, Path directory, ErrorOutput errors) throws IOException {
        builder.environment().clear();
        builder.environment().putAll(WorkerJvm.ENVIRONMENT);
        builder.directory(directory.toFile());
        builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.redirectError(errors.redirect());
        Process process = builder.start();
        process.getOutputStream().close();
        return process;
    }
}
