package dev.flowlane.worker;

import dev.flowlane.worker.protocol.Engine;

/** Receives until end of file. */
final class StreamDestination extends DestinationLoop {
    private final LowWater lowWater = new LowWater();

    /** Whether a receive that brought nothing goes on by itself, in a ring. */
    private boolean standing;

    StreamDestination(FlowConnection connection, Meter meter) {
        super(connection, meter);
    }

    @Override
    void attach(Flow next) {
        super.attach(next);
        standing = next.settings().engine() == Engine.IO_URING;
        lowWater.attach(next.fd(), LowWater.fits(next.settings()));
    }

    @Override
    Turn turn() {
        long n = connection.receive(readBytes);
        long nowNs = System.nanoTime();
        if (n > 0) {
            book(n);
            lowWater.received(counters.receivedBytes, nowNs);
            lastTrafficNs = nowNs;
        } else if (n == 0) {
            return Turn.FINISHED;
        } else if (n != FlowConnection.NOT_NOW) {
            return failed("recv", n);
        } else if (standing) {
            lowWater.nothingCame();
        }
        return endOfTurn(nowNs);
    }
}
