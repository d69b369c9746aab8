package dev.flowlane.worker;

/** Receives until end of file. */
final class StreamDestination extends DestinationLoop {
    private final LowWater lowWater = new LowWater();

    StreamDestination(FlowConnection connection, Meter meter) {
        super(connection, meter);
    }

    @Override
    void attach(Flow next) {
        super.attach(next);
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
        } else {
            lowWater.nothingCame();
        }
        return endOfTurn(nowNs);
    }
}
