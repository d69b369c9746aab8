package dev.flowlane.worker;

/** Receives whatever requests have come and answers all that are complete in one call, until end of file. */
final class PipelinedDestination extends DestinationLoop {
    /** Bytes of the request that is arriving. */
    private long arrivedBytes;

    /** Bytes of responses still to be sent. */
    private long owedBytes;

    /** Bytes sent of the response that is being sent. */
    private long answeredBytes;

    PipelinedDestination(FlowConnection connection, Meter meter) {
        super(connection, meter);
    }

    @Override
    void begin(long nowNs) {
        super.begin(nowNs);
        arrivedBytes = 0;
        owedBytes = 0;
        answeredBytes = 0;
    }

    @Override
    Turn turn() {
        if (owedBytes == 0) {
            long n = connection.receive(readBytes);
            if (n <= 0) {
                return n == 0 ? Turn.FINISHED : n == FlowConnection.NOT_NOW ? waited() : failed("recv", n);
            }
            book(n);
            arrivedBytes += n;
            long requests = arrivedBytes / requestBytes;
            arrivedBytes -= requests * requestBytes;
            owedBytes = requests * responseBytes;
            if (owedBytes == 0) {
                return moved();
            }
        }
        long n = connection.send(Math.min(owedBytes, writeBytes));
        if (n < 0) {
            return n == FlowConnection.NOT_NOW ? waited() : failed("send", n);
        }
        owedBytes -= n;
        answeredBytes += n;
        long responses = answeredBytes / responseBytes;
        answeredBytes -= responses * responseBytes;
        counters.transactions += responses;
        return moved();
    }
}
