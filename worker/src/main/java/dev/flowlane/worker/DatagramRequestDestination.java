package dev.flowlane.worker;

/** Answers every request once, those that came together together. */
final class DatagramRequestDestination extends DatagramSink {
    /** Prepared responses, and those of them that were sent. */
    private int prepared;

    private int sent;

    DatagramRequestDestination(FlowConnection connection, DatagramPort port, Meter meter) {
        super(connection, port, meter);
    }

    @Override
    void begin(long nowNs) {
        super.begin(nowNs);
        prepared = 0;
        sent = 0;
    }

    @Override
    Turn turn() {
        long nowNs;
        if (sent == prepared) {
            long n = port.receive();
            nowNs = System.nanoTime();
            if (n < 0) {
                return n == FlowConnection.NOT_NOW ? over(nowNs) : failed("recv", n);
            }
            sent = 0;
            prepared = 0;
            // What does not fit into a batch is no datagram of ours, whatever it begins with.
            for (int i = 0; i < Math.min(n, port.batch()); i++) {
                if (arrived(i, nowNs)) {
                    answer(i);
                }
            }
        }
        if (sent < prepared) {
            long n = port.send(sent, prepared - sent);
            if (n > 0) {
                sent += (int) n;
                counters.transactions += n;
            } else if (n != FlowConnection.NOT_NOW) {
                return failed("send", n);
            }
        }
        return over(System.nanoTime());
    }

    private void answer(int index) {
        long at = port.at(index);
        int flags = DatagramHeader.flags(port.received(), at) | DatagramHeader.RESPONSE;
        port.prepare(
                prepared++,
                DatagramHeader.number(port.received(), at),
                DatagramHeader.sentNs(port.received(), at),
                DatagramHeader.slot(port.received(), at),
                flags);
    }
}
