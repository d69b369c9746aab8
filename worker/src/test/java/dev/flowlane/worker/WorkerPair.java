package dev.flowlane.worker;

import dev.flowlane.posix.SocketPair;
import dev.flowlane.worker.protocol.EndReport;
import dev.flowlane.worker.protocol.FlowSecret;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.FromWorker;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.ToWorker;
import org.jspecify.annotations.Nullable;

/** Two workers in this JVM, and flow after flow between them over loopback. */
final class WorkerPair implements AutoCloseable {
    private final InProcessWorker source;
    private final InProcessWorker destination;

    private WorkerPair(InProcessWorker source, InProcessWorker destination) {
        this.source = source;
        this.destination = destination;
    }

    /** What both ends said of a flow. */
    record Both(DaemonEnd.Flown source, DaemonEnd.Flown destination) {
        EndReport sourceEnd() {
            return source.end();
        }

        EndReport destinationEnd() {
            return destination.end();
        }
    }

    static WorkerPair start() throws Exception {
        return new WorkerPair(InProcessWorker.start(), InProcessWorker.start());
    }

    /** The daemon's side of the source. */
    DaemonEnd source() {
        return source.daemon();
    }

    DaemonEnd destination() {
        return destination.daemon();
    }

    /** Takes a flow to its START. */
    void begin(FlowSettings settings) throws Exception {
        begin(settings, null);
    }

    void begin(FlowSettings settings, @Nullable FlowSecret secret) throws Exception {
        SocketPair connection = Loopback.tcp();
        var atSource = new ToWorker.Assign("flow", Role.SOURCE, settings, -1, null, secret);
        var atDestination = new ToWorker.Assign("flow", Role.DESTINATION, settings, -1, null, secret);
        if (settings.kind().datagrams()) {
            SocketPair datagrams = Loopback.udp("127.0.0.1");
            source().assign(atSource, connection.first(), datagrams.first());
            destination().assign(atDestination, connection.second(), datagrams.second());
        } else {
            source().assign(atSource, connection.first());
            destination().assign(atDestination, connection.second());
        }
        source().receive(FromWorker.Ready.class);
        destination().receive(FromWorker.Ready.class);
        destination().send(new ToWorker.Start());
        source().send(new ToWorker.Start());
    }

    Both end() throws Exception {
        return new Both(source().flown(), destination().flown());
    }

    /** A whole flow, whatever becomes of it. */
    Both run(FlowSettings settings) throws Exception {
        begin(settings);
        return end();
    }

    /** A flow that has to come to its end, with every interval of both ends. */
    Both runClean(FlowSettings settings) throws Exception {
        Both both = run(settings);
        FlowTest.assertClean(settings, both.source());
        FlowTest.assertClean(settings, both.destination());
        return both;
    }

    @Override
    public void close() {
        source.close();
        destination.close();
    }
}
