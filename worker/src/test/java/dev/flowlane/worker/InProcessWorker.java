package dev.flowlane.worker;

import dev.flowlane.posix.EventFd;
import dev.flowlane.posix.PosixException;
import dev.flowlane.posix.SocketPair;
import dev.flowlane.posix.ThreadInterrupt;
import dev.flowlane.posix.UnixSeqpacket;
import dev.flowlane.worker.protocol.FromWorker;
import dev.flowlane.worker.protocol.MalformedMessageException;

import java.util.concurrent.TimeoutException;

/** Everything of a worker but its process: the real control and I/O threads, in this JVM. */
final class InProcessWorker implements AutoCloseable {
    private final DaemonEnd daemon;

    private final IoThread io;
    private final Thread control;

    private InProcessWorker(DaemonEnd daemon, IoThread io, Thread control) {
        this.daemon = daemon;
        this.io = io;
        this.control = control;
    }

    /** As the JVM counts threads. */
    long ioThreadId() {
        return io.javaThreadId();
    }

    /** Likewise. */
    long controlThreadId() {
        return control.threadId();
    }

    static InProcessWorker start() throws InterruptedException, TimeoutException, MalformedMessageException {
        ThreadInterrupt.prepare();
        SocketPair pair = UnixSeqpacket.pair();
        EventFd wake = EventFd.create();
        IoThread io = new IoThread(wake);
        io.startAndWarmUp();
        Thread control = Thread.ofPlatform().name("control").daemon().start(() -> {
            try {
                new Control(pair.second(), wake, io).run();
            } catch (MalformedMessageException e) {
                throw new IllegalStateException(e);
            } catch (PosixException _) {
                // the test has closed its end
            }
        });
        InProcessWorker worker = new InProcessWorker(new DaemonEnd(pair.first()), io, control);
        worker.daemon.receive(FromWorker.Warm.class);
        return worker;
    }

    DaemonEnd daemon() {
        return daemon;
    }

    /** Nothing of it compiles, or asks for a collection, while others are at work. */
    @Override
    public void close() {
        daemon.close();
        io.dismiss();
    }
}
