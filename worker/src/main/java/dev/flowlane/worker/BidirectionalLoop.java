package dev.flowlane.worker;

import dev.flowlane.posix.FlowSocket;
import dev.flowlane.worker.protocol.KindFigures;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.TlsSettings;
import dev.flowlane.worker.protocol.WindowEnd;
import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * Either end of a stream in both directions: sends as fast as the socket takes it, receives whatever is there, and
 * waits only when neither goes on. A send never sleeps: the peer may be waiting for room to send, which only reading
 * makes.
 *
 * <p>Both directions' measured windows are exact to the byte, and one set of books holds both, because the line is
 * quiet when the window begins. The source ends its warm-up with a mark and sends no more; the destination ends its
 * own with a mark when it has seen that one; when the source has seen that, it begins the window with another mark,
 * and the destination with what it sends from there on. This costs one round trip and a half, once, in the warm-up.
 *
 * <p>Each end half-closes when its own time is up or its bytes are sent, and goes on receiving until the other has.
 * Where the kernel encrypts, a send that does not wait may leave part of a record behind, and the kernel does not send
 * that any more after a half-close. So the last byte is held back until everything else is acknowledged: then there is
 * room, and the call that takes it sends what was left first (tls_tx_records in net/tls/tls_sw.c).
 */
final class BidirectionalLoop extends FlowLoop {
    private enum Phase {
        /** Destination: nothing has come yet, so nothing is sent. */
        AWAITING,
        WARMUP,
        /** The mark that ends this end's warm-up is to be sent. */
        MARKING,
        /** It is sent; the peer's next mark is to come. */
        QUIET,
        MEASURED,
        /** With TLS: nothing but the last byte is to be sent, once all that was sent before is acknowledged. */
        LAST,
        /** This end has half-closed. */
        CLOSED
    }

    /** Between two looks at whether everything is acknowledged, which no event tells of. */
    private static final long ACKNOWLEDGED_LOOK_NS = 500_000;

    private Phase phase = Phase.AWAITING;
    private boolean source;

    /** Bytes that are held back for {@link Phase#LAST}: 1 where this end encrypts, otherwise 0. */
    private int heldBack;

    private boolean endOfFile;
    private long phaseEndNs;
    private long giveUpNs;
    private long mostBytes;
    private long lastByte;
    private long lastTrafficNs;
    private long lastReceivedNs;
    private long firstReceivedNs;
    private boolean receivedInWindow;
    private @Nullable WindowEnd windowEnd;

    BidirectionalLoop(FlowConnection connection, Meter meter) {
        super(connection, meter);
    }

    @Override
    void attach(Flow next) {
        super.attach(next);
        source = next.role() == Role.SOURCE;
        TlsSettings tls = next.settings().tls();
        heldBack = tls != null && tls.transmits(next.role()) ? 1 : 0;
        mostBytes = next.settings().course().streamBytes(writeBytes);
        lastByte = Long.MAX_VALUE;
        endOfFile = false;
        receivedInWindow = false;
        windowEnd = null;
        phase = Phase.AWAITING;
        // Without a warm-up the destination's direction has none: its window begins with its first byte.
        check.begin(!source || warmupNs > 0, next.settings().validatePayload());
    }

    @Override
    void begin(long nowNs) {
        lastTrafficNs = nowNs;
        lastReceivedNs = nowNs;
        firstReceivedNs = nowNs;
        giveUpNs = nowNs + warmupNs + durationNs + drainTimeoutNs;
        if (source) {
            meter.begin(nowNs);
            if (warmupNs == 0) {
                check.openWindow();
                openWindow(nowNs);
            } else {
                enter(Phase.WARMUP, nowNs + warmupNs);
            }
        }
        plan();
    }

    private void enter(Phase next, long endNs) {
        phase = next;
        phaseEndNs = endNs;
    }

    private void openWindow(long nowNs) {
        connection.endPhase();
        meter.openWindow(nowNs);
        connection.windowOpened();
        if (source) {
            connection.markNextByte();
        }
        lastByte = mostBytes == Long.MAX_VALUE ? mostBytes : counters.sentBytes + mostBytes;
        enter(Phase.MEASURED, nowNs + durationNs);
        if (counters.sentBytes + heldBack >= lastByte) {
            finish(nowNs);
        }
    }

    @Override
    Turn turn() {
        long sent = sendSome();
        if (sent < 0 && sent != FlowConnection.NOT_NOW) {
            return failed("send", sent);
        }
        long received = receiveSome(sent);
        if (received < 0 && received != FlowConnection.NOT_NOW) {
            return failed("recv", received);
        }
        long nowNs = System.nanoTime();
        // Before what was received changes the phase that it was sent in.
        if (sent > 0) {
            lastTrafficNs = nowNs;
            sent(nowNs);
        }
        if (received > 0) {
            book(received, nowNs);
        } else if (received == 0 && !endOfFile) {
            endOfFile = true;
            boolean mayBe = phase == Phase.MEASURED || phase == Phase.LAST || phase == Phase.CLOSED;
            if (!mayBe && !stopping) {
                return Turn.PEER_GONE;
            }
        }
        if (meter.begun()) {
            meter.turn(nowNs);
        }
        if (phase == Phase.CLOSED && endOfFile && FlowSocket.unacknowledgedBytes(flow.fd()) <= 0) {
            return Turn.FINISHED;
        }
        return due(nowNs) ? attend(nowNs) : Turn.GO_ON;
    }

    private long sendSome() {
        return switch (phase) {
            case WARMUP -> connection.sendNow(writeBytes);
            case MARKING -> connection.sendNow(1);
            case MEASURED -> connection.sendNow(Math.min(writeBytes, lastByte - heldBack - counters.sentBytes));
            case LAST ->
                FlowSocket.unacknowledgedBytes(flow.fd()) <= 0 ? connection.sendNow(1) : FlowConnection.NOT_NOW;
            case AWAITING, QUIET, CLOSED -> FlowConnection.NOT_NOW;
        };
    }

    /** Also waits, when nothing could be sent. */
    private long receiveSome(long sent) {
        boolean sending = phase == Phase.WARMUP || phase == Phase.MARKING || phase == Phase.MEASURED;
        if (!endOfFile) {
            long waitNs = phase == Phase.LAST ? ACKNOWLEDGED_LOOK_NS : Long.MAX_VALUE;
            return connection.receiveWithin(sent > 0 ? 0 : waitNs, sending, readBytes);
        }
        if (sending && sent < 0) {
            connection.awaitRoom(Long.MAX_VALUE);
        } else if (!sending) {
            connection.pause(ACKNOWLEDGED_LOOK_NS);
        }
        return FlowConnection.NOT_NOW;
    }

    private void sent(long nowNs) {
        if (phase == Phase.MARKING) {
            enter(Phase.QUIET, nowNs + drainTimeoutNs);
        } else if (phase == Phase.LAST) {
            close(nowNs);
        } else if (phase == Phase.MEASURED && counters.sentBytes + heldBack >= lastByte) {
            finish(nowNs);
        }
    }

    /** As many bytes are sent as was asked for. */
    private void finish(long nowNs) {
        windowEnd = flow.settings().course().firstLimit(writeBytes);
        end(nowNs);
    }

    /** Sends no more than the last byte. */
    private void end(long nowNs) {
        if (heldBack > 0 && phase != Phase.AWAITING) {
            enter(Phase.LAST, nowNs + drainTimeoutNs);
            plan();
        } else {
            close(nowNs);
        }
    }

    /** Counts what a receive call brought, on the right side of the mark. */
    private void book(long n, long nowNs) {
        lastTrafficNs = nowNs;
        lastReceivedNs = nowNs;
        if (phase == Phase.AWAITING) {
            meter.begin(nowNs);
            // The source says when the warm-up is over.
            enter(Phase.WARMUP, giveUpNs);
            meter.announce();
        }
        long mark = check.look(connection.pattern(), connection.received(), n, counters.receivedBytes);
        if (check.wrongAt() >= 0) {
            counters.payloadErrors++;
        }
        if (mark < 0) {
            counters.receivedBytes += n;
            if (phase == Phase.MEASURED && !receivedInWindow) {
                receivedInWindow = true;
                firstReceivedNs = nowNs;
            }
        } else if (source) {
            // The last byte of the destination's warm-up: the line is quiet.
            counters.receivedBytes += n;
            openWindow(nowNs);
        } else if (phase == Phase.WARMUP && warmupNs > 0) {
            counters.receivedBytes += n;
            check.awaitMark();
            connection.markNextByte();
            enter(Phase.MARKING, nowNs + drainTimeoutNs);
        } else {
            counters.receivedBytes += mark;
            openWindow(nowNs);
            counters.receivedBytes += n - mark;
            receivedInWindow = true;
            firstReceivedNs = nowNs;
            meter.announce();
        }
        plan();
    }

    /** Sends no more. */
    private void close(long nowNs) {
        // Whatever may be wrong with the socket, receiving will tell.
        int _ = FlowSocket.shutdownWrite(flow.fd());
        enter(Phase.CLOSED, nowNs + drainTimeoutNs);
        plan();
    }

    private Turn attend(long nowNs) {
        meter.cutDue(nowNs);
        if (flow.stopRequested() && !stopping) {
            stopping = true;
            if (phase != Phase.LAST && phase != Phase.CLOSED) {
                end(nowNs);
            }
        }
        if (nowNs - phaseEndNs >= 0) {
            switch (phase) {
                case AWAITING -> {}
                case WARMUP -> {
                    if (source) {
                        connection.markNextByte();
                        enter(Phase.MARKING, nowNs + drainTimeoutNs);
                    }
                }
                case MEASURED -> {
                    windowEnd = WindowEnd.DURATION;
                    end(nowNs);
                }
                case MARKING, QUIET, LAST, CLOSED -> {
                    phaseEndNs = lastTrafficNs + drainTimeoutNs;
                    if (nowNs - phaseEndNs >= 0) {
                        return Turn.TIMED_OUT;
                    }
                }
            }
        }
        if (!source && (phase == Phase.AWAITING || phase == Phase.WARMUP) && nowNs - giveUpNs >= 0) {
            giveUpNs = later(giveUpNs, lastTrafficNs + drainTimeoutNs);
            if (nowNs - giveUpNs >= 0) {
                return Turn.TIMED_OUT;
            }
        }
        plan();
        return Turn.GO_ON;
    }

    private void plan() {
        long nextNs = !source && (phase == Phase.AWAITING || phase == Phase.WARMUP) ? giveUpNs : phaseEndNs;
        attendAtNs = earlier(meter.nextCutNs(), nextNs);
    }

    @Override
    long windowEndNs() {
        return lastTrafficNs;
    }

    @Override
    KindFigures ofKind() {
        Long receiveWindowNs = receivedInWindow ? (Long) (lastReceivedNs - firstReceivedNs) : null;
        return new KindFigures(windowEnd, receiveWindowNs, List.of());
    }
}
