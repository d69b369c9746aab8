package dev.flowlane.worker;

import dev.flowlane.worker.protocol.AppliedOption;
import dev.flowlane.worker.protocol.Engine;
import dev.flowlane.worker.protocol.FlowSecret;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.FromWorker;
import dev.flowlane.worker.protocol.KindFigures;
import dev.flowlane.worker.protocol.Outcome;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.SocketOptions;
import dev.flowlane.worker.protocol.ToWorker;
import dev.flowlane.worker.protocol.TrafficKind;
import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * The flow end a worker has: what was asked for, and the few words its two threads exchange about it. Start and Stop go
 * from the control thread to the I/O thread, {@link #ready} and {@link #end} come back; each is said once.
 */
final class Flow {
    /** How a flow end finished, as the I/O thread saw it. */
    record End(
            Outcome outcome,
            @Nullable String message,
            @Nullable Long firstPayloadErrorOffset) {}

    private static final FlowSettings NO_SETTINGS = new FlowSettings(
            TrafficKind.STREAM, 1, 1, 1, null, 1, 0, FlowSettings.MIN_INTERVAL_NS, Engine.BLOCKING, 1, 1, false, false,
            false, SocketOptions.DEFAULT, 1, 1);

    /** For a loop that has no flow. */
    static final Flow NONE = new Flow(new ToWorker.Assign("", Role.SOURCE, NO_SETTINGS, -1, null), -1);

    private final ToWorker.Assign assign;
    private volatile int fd;
    private volatile int datagramFd;

    private volatile boolean startRequested;
    private volatile @Nullable String stopReason;
    private volatile FromWorker.@Nullable Ready ready;
    private volatile List<AppliedOption> socketOptions = List.of();
    private volatile KindFigures ofKind = KindFigures.NONE;
    private volatile @Nullable End end;
    private volatile @Nullable Meter meter;
    private volatile boolean reported;

    /** A flow over TCP. */
    Flow(ToWorker.Assign assign, int fd) {
        this(assign, fd, -1);
    }

    /**
     * Any flow.
     *
     * @param datagramFd UDP socket of a flow of datagrams, for which {@code fd} is what both ends say to each other
     *     over; -1 for none
     */
    Flow(ToWorker.Assign assign, int fd, int datagramFd) {
        this.assign = assign;
        this.fd = fd;
        this.datagramFd = datagramFd;
    }

    String id() {
        return assign.flowId();
    }

    Role role() {
        return assign.role();
    }

    /** Whether it sends, or asks, or else receives, or answers; {@link #role} is which end of the connection it is. */
    Role traffic() {
        return settings().course().traffic(role());
    }

    FlowSettings settings() {
        return assign.settings();
    }

    @Nullable FlowSecret secret() {
        return assign.secret();
    }

    int applicationCpu() {
        return assign.applicationCpu();
    }

    @Nullable String housekeepingCpus() {
        return assign.housekeepingCpus();
    }

    /** Its socket; the I/O thread closes it before it says {@link #ended}. */
    int fd() {
        return fd;
    }

    /** Its UDP socket, of the same fate; -1: the traffic goes over {@link #fd}. */
    int datagramFd() {
        return datagramFd;
    }

    /** The socket that carries the traffic. */
    int trafficFd() {
        return datagramFd >= 0 ? datagramFd : fd;
    }

    /** The same sockets have other numbers in the I/O thread's descriptor table. */
    void renumber(int newFd, int newDatagramFd) {
        fd = newFd;
        datagramFd = newDatagramFd;
    }

    int intervalsExpected() {
        return settings().warmupIntervals() + settings().measuredIntervals();
    }

    void start() {
        startRequested = true;
    }

    boolean startRequested() {
        return startRequested;
    }

    void stop(String reason) {
        stopReason = reason;
    }

    boolean stopRequested() {
        return stopReason != null;
    }

    @Nullable String stopReason() {
        return stopReason;
    }

    void ready(FromWorker.Ready lane) {
        ready = lane;
    }

    FromWorker.@Nullable Ready ready() {
        return ready;
    }

    /** What the kernel made of the socket's options; before {@link #ended}. */
    void applied(List<AppliedOption> options) {
        socketOptions = options;
    }

    List<AppliedOption> socketOptions() {
        return socketOptions;
    }

    /** What only some loops have to say; before {@link #ended}. */
    void ofKind(KindFigures figures) {
        ofKind = figures;
    }

    KindFigures ofKind() {
        return ofKind;
    }

    void ended(End how) {
        end = how;
    }

    @Nullable End end() {
        return end;
    }

    /** Its books; before {@link #ready}. */
    void meter(Meter books) {
        meter = books;
    }

    @Nullable Meter meter() {
        return meter;
    }

    /** The control thread has read the books of the flow that ended: they may be used for another. */
    void reported() {
        reported = true;
    }

    boolean isReported() {
        return reported;
    }
}
