package dev.flowlane.daemon.workers;

import dev.flowlane.posix.Affinity;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

/** The thread that forks. It never ends, see the package. */
final class Spawner {
    private static final Logger LOG = LoggerFactory.getLogger(Spawner.class);

    private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private final CompletableFuture<Integer> threadId = new CompletableFuture<>();

    void start() {
        Thread thread = new Thread(this::loop, "worker-spawner");
        thread.setDaemon(true);
        thread.start();
    }

    /** Kernel thread id. */
    int threadId() {
        return threadId.join();
    }

    void run(Runnable task) {
        tasks.add(task);
    }

    private void loop() {
        threadId.complete(Affinity.threadId());
        while (true) {
            try {
                tasks.take().run();
            } catch (InterruptedException e) {
                LOG.atDebug().log("interrupted; goes on, because workers die with this thread");
            } catch (RuntimeException e) {
                LOG.atError().setCause(e).log("starting a process failed");
            }
        }
    }
}
