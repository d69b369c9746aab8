package dev.flowlane.worker;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A daemon for {@link WorkerIT} to kill: starts one worker, prints its process id, and waits. */
final class KilledDaemon {
    private KilledDaemon() {}

    public static void main(String[] args) throws Exception {
        WorkerProcess worker = WorkerProcess.spawn(Path.of(args[0]), WorkerProcess.testClassPath(), null);
        System.out.println(worker.process().pid());
        System.out.flush();
        new CountDownLatch(1).await();
    }
}
