package dev.flowlane.worker;

import dev.flowlane.posix.SocketPair;
import dev.flowlane.posix.Sockets;
import dev.flowlane.posix.UnixSeqpacket;
import dev.flowlane.worker.protocol.Messages;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Reports of flow ends to nobody, so that making them is compiled before it counts: 256 ends make as many reports at
 * the same moment, by code that hardly ran before, and where no CPU is left for them compiling it takes some from the
 * traffic for seconds.
 */
final class UnheardSeats implements AutoCloseable {
    private final HistogramEncoder encoder = new HistogramEncoder();
    private final ProcReadings proc = new ProcReadings();
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment heard = arena.allocate(Messages.MAX_BYTES);
    private final List<Seat> seats = new ArrayList<>();
    private final List<SocketPair> pairs = new ArrayList<>();

    /** A seat for every flow end that there is at a time. */
    UnheardSeats(int count) {
        for (int i = 0; i < count; i++) {
            SocketPair pair = UnixSeqpacket.pair();
            Sockets.setBlocking(pair.first(), false);
            Sockets.setBlocking(pair.second(), false);
            pairs.add(pair);
            seats.add(new Seat(pair.first(), false, new RoundTripCodec(encoder), proc));
        }
    }

    /** Takes and starts a flow end, on a seat that is free. */
    void take(int seat, Flow flow) {
        seats.get(seat).take(flow);
        seats.get(seat).start();
    }

    /** Says what there is to say. */
    void look() {
        proc.renew();
        for (int i = 0; i < seats.size(); i++) {
            if (seats.get(i).look()) {
                seats.get(i).sayEnded();
            }
            int from = pairs.get(i).second();
            while (UnixSeqpacket.receive(from, heard).length() > 0) {
                // It was for nobody.
            }
        }
    }

    @Override
    public void close() {
        for (SocketPair pair : pairs) {
            Sockets.close(pair.first());
            Sockets.close(pair.second());
        }
        arena.close();
    }
}
