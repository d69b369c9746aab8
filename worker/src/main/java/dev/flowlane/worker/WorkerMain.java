package dev.flowlane.worker;

import dev.flowlane.posix.Errno;
import dev.flowlane.posix.EventFd;
import dev.flowlane.posix.PosixException;
import dev.flowlane.posix.Processes;
import dev.flowlane.posix.ThreadInterrupt;
import dev.flowlane.posix.UnixSeqpacket;
import dev.flowlane.worker.protocol.MalformedMessageException;

import java.nio.file.Path;

/**
 * A worker process: {@code WorkerMain <socket of the daemon>}, or {@code WorkerMain --train}, which warms up and exits
 * with 0, for making an AOT cache. Started by {@link WorkerJvm}.
 */
public final class WorkerMain {
    static final String TRAIN = "--train";

    static final int EXIT_ERROR = 1;
    private static final int EXIT_USAGE = 2;

    private WorkerMain() {}

    public static void main(String[] args) throws InterruptedException {
        if (args.length != 1) {
            System.err.println("usage: WorkerMain <socket of the daemon> | " + TRAIN);
            System.exit(EXIT_USAGE);
        }
        boolean training = TRAIN.equals(args[0]);
        // The main thread is the control thread; it has nothing to tidy up, the kernel closes everything.
        try {
            ThreadInterrupt.prepare();
            EventFd wake = EventFd.create();
            if (training) {
                IoThread io = new IoThread(wake);
                io.startAndWarmUp();
                io.awaitAllWarm();
                System.exit(0);
            }
            Processes.setParentDeathSignal(Processes.SIGKILL);
            int daemon = UnixSeqpacket.connect(Path.of(args[0]));
            IoThread io = new IoThread(wake);
            io.ownProcess();
            io.startAndWarmUp();
            new Control(daemon, wake, io).run();
            Runtime.getRuntime().halt(0);
        } catch (PosixException e) {
            // A daemon that dies with a message of ours unread resets the connection instead of ending it.
            boolean daemonGone = e.errno() == Errno.ECONNRESET || e.errno() == Errno.EPIPE;
            if (!daemonGone) {
                System.err.println("worker: " + e.getMessage());
            }
            Runtime.getRuntime().halt(daemonGone ? 0 : EXIT_ERROR);
        } catch (MalformedMessageException e) {
            System.err.println("worker: " + e.getMessage());
            Runtime.getRuntime().halt(EXIT_ERROR);
        }
    }
}
