package dev.flowlane.worker;

/** Receives datagrams until the source says that it has sent the last one. */
final class DatagramDestination extends DatagramSink {
    DatagramDestination(FlowConnection connection, DatagramPort port, Meter meter) {
        super(connection, port, meter);
    }

    @Override
    Turn turn() {
        long n = port.receive();
        long nowNs = System.nanoTime();
        if (n > 0) {
            for (int i = 0; i < n; i++) {
                arrived(i, nowNs);
            }
        } else if (n != FlowConnection.NOT_NOW) {
            return failed("recv", n);
        }
        return over(nowNs);
    }
}
