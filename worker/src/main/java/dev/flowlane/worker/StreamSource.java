package dev.flowlane.worker;

/** Sends as fast as the socket takes it. */
final class StreamSource extends SourceLoop {
    private long lastSendNs;

    StreamSource(FlowConnection connection, Meter meter) {
        super(connection, meter);
    }

    @Override
    void begin(long nowNs) {
        super.begin(nowNs);
        lastSendNs = nowNs;
    }

    @Override
    Turn turn() {
        if (lastByteDue()) {
            return sendLastByte();
        }
        long n = connection.send(Math.min(writeBytes, bytesLeft()));
        long nowNs = System.nanoTime();
        if (n < 0 && n != FlowConnection.NOT_NOW) {
            return failed("send", n);
        }
        lastSendNs = nowNs;
        checkLimits(nowNs);
        meter.turn(nowNs);
        return due(nowNs) ? attend(nowNs, true) : Turn.GO_ON;
    }

    @Override
    long windowEndNs() {
        return lastSendNs;
    }
}
