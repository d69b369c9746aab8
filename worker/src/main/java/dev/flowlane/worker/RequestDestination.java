package dev.flowlane.worker;

/** Receives a request, answers it when it is complete, and again until end of file. */
final class RequestDestination extends DestinationLoop {
    private long requestLeft;
    private long responseLeft;

    RequestDestination(FlowConnection connection, Meter meter) {
        super(connection, meter);
    }

    @Override
    void begin(long nowNs) {
        super.begin(nowNs);
        requestLeft = requestBytes;
        responseLeft = 0;
    }

    @Override
    Turn turn() {
        if (responseLeft == 0) {
            long n = connection.receive(Math.min(requestLeft, readBytes));
            if (n <= 0) {
                return n == 0 ? Turn.FINISHED : n == FlowConnection.NOT_NOW ? waited() : failed("recv", n);
            }
            book(n);
            requestLeft -= n;
            if (requestLeft > 0) {
                return moved();
            }
            connection.waiting().nothingMore();
            requestLeft = requestBytes;
            responseLeft = responseBytes;
        }
        long n = connection.send(Math.min(responseLeft, writeBytes));
        if (n < 0) {
            return n == FlowConnection.NOT_NOW ? waited() : failed("send", n);
        }
        responseLeft -= n;
        if (responseLeft == 0) {
            counters.transactions++;
        }
        return moved();
    }
}
