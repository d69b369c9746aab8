package dev.flowlane.worker;

import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.TrafficKind;

/** The loops of flows over UDP and their port; made when a worker first has such a flow. */
final class DatagramLoops implements AutoCloseable {
    private final DatagramPort port;
    private final DatagramSource source;
    private final DatagramDestination destination;
    private final DatagramRequestSource requestSource;
    private final DatagramRequestDestination requestDestination;

    DatagramLoops(FlowConnection connection, Meter meter) {
        port = new DatagramPort(meter.counters(), meter.receiveDelays(), connection.pattern());
        source = new DatagramSource(connection, port, meter);
        destination = new DatagramDestination(connection, port, meter);
        requestSource = new DatagramRequestSource(connection, port, meter);
        requestDestination = new DatagramRequestDestination(connection, port, meter);
    }

    /** Prepares the flow's socket; {@link #detach} must follow. */
    FlowLoop attach(Flow flow, long tickNs) {
        FlowSettings settings = flow.settings();
        boolean requests = settings.kind() == TrafficKind.DATAGRAM_REQUEST_RESPONSE;
        int there = settings.requestBytes();
        int back = requests ? settings.responseBytes() : there;
        boolean isSource = flow.role() == Role.SOURCE;
        int most = requests ? settings.outstanding() : Integer.MAX_VALUE;
        port.attach(flow, isSource ? there : back, isSource ? back : there, most, tickNs);
        if (requests) {
            return isSource ? requestSource : requestDestination;
        }
        return isSource ? source : destination;
    }

    void detach() {
        port.detach();
    }

    @Override
    public void close() {
        port.close();
    }
}
