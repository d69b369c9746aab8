package dev.flowlane.worker;

/**
 * Sends a request, waits for its whole response, and again. A round trip is timed from the end of the one before, which
 * is the moment its request is handed to the kernel, give or take the loop's own few dozen nanoseconds: so a
 * transaction costs one look at the clock.
 */
final class RequestSource extends SourceLoop {
    private long requestLeft;
    private long responseLeft;
    private long startedNs;

    RequestSource(FlowConnection connection, Meter meter) {
        super(connection, meter);
    }

    @Override
    void begin(long nowNs) {
        super.begin(nowNs);
        next(nowNs);
    }

    private void next(long nowNs) {
        requestLeft = requestBytes;
        responseLeft = responseBytes;
        startedNs = nowNs;
    }

    @Override
    Turn turn() {
        if (requestLeft > 0) {
            long n = connection.send(Math.min(requestLeft, writeBytes));
            if (n < 0) {
                return n == FlowConnection.NOT_NOW ? underWay() : failed("send", n);
            }
            requestLeft -= n;
            if (requestLeft > 0) {
                return underWay();
            }
        }
        long n = connection.receive(Math.min(responseLeft, readBytes));
        if (n <= 0) {
            return n == 0 ? Turn.PEER_GONE : n == FlowConnection.NOT_NOW ? underWay() : failed("recv", n);
        }
        check.look(connection.pattern(), connection.received(), n, counters.receivedBytes);
        if (check.wrongAt() >= 0) {
            counters.payloadErrors++;
        }
        counters.receivedBytes += n;
        responseLeft -= n;
        if (responseLeft > 0) {
            return underWay();
        }
        connection.waiting().nothingMore();
        long nowNs = System.nanoTime();
        counters.transactions++;
        meter.roundTrip(nowNs - startedNs);
        meter.turn(nowNs);
        next(nowNs);
        checkLimits(nowNs);
        if (due(nowNs)) {
            Turn turn = attend(nowNs, true);
            // An interval may have been cut: that is not part of a round trip.
            if (turn == Turn.GO_ON) {
                startedNs = System.nanoTime();
            }
            return turn;
        }
        return Turn.GO_ON;
    }

    private Turn underWay() {
        if (!connection.waiting().worthLooking()) {
            return Turn.GO_ON;
        }
        long nowNs = System.nanoTime();
        meter.turn(nowNs);
        return due(nowNs) ? attend(nowNs, false) : Turn.GO_ON;
    }

    @Override
    long windowEndNs() {
        return startedNs;
    }
}
