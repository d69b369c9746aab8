package dev.flowlane.worker;

/** Receives until end of file. */
final class StreamDestination extends DestinationLoop {
    StreamDestination(FlowConnection connection, Meter meter) {
        super(connection, meter);
    }

    @Override
    Turn turn() {
        long n = connection.receive(readBytes);
        long nowNs = System.nanoTime();
        if (n > 0) {
            book(n);
            lastTrafficNs = nowNs;
        } else if (n == 0) {
            return Turn.FINISHED;
        } else if (n != FlowConnection.NOT_NOW) {
            return failed("recv", n);
        }
        return endOfTurn(nowNs);
    }
}
