package dev.flowlane.worker;

/** What all destinations share: booking what arrives, and knowing when to give up. */
abstract sealed class DestinationLoop extends FlowLoop
        permits StreamDestination,
                RequestDestination,
                PipelinedDestination,
                ConnectDestination,
                DatagramSink {
    long plannedEndNs;
    private long giveUpNs;

    /** When traffic last moved; also the end of the measured window. */
    long lastTrafficNs;

    DestinationLoop(FlowConnection connection, Meter meter) {
        super(connection, meter);
    }

    @Override
    void attach(Flow next) {
        super.attach(next);
        check.begin(true, next.settings().validatePayload());
    }

    @Override
    void begin(long nowNs) {
        lastTrafficNs = nowNs;
        plannedEndNs = nowNs + warmupNs + durationNs;
        giveUpNs = plannedEndNs + drainTimeoutNs;
        plan();
    }

    /** After the meter was told something. */
    final void plan() {
        // Written once: another thread goes by it, and must not see a time that is taken back to an earlier one.
        attendAtNs = earlier(earlier(meter.nextCutNs(), giveUpNs), lookAtNs());
    }

    /** When it has to look at something besides, at the latest. */
    long lookAtNs() {
        return giveUpNs;
    }

    /** Counts what a receive call brought, on the right side of the mark. */
    final void book(long n) {
        if (!meter.begun()) {
            meter.begin(System.nanoTime());
            plan();
            meter.announce();
        }
        long mark = check.look(connection.pattern(), connection.received(), n, counters.receivedBytes);
        boolean wrong = check.wrongAt() >= 0;
        boolean mapped = connection.mapped();
        long afterMark = n;
        if (mark >= 0) {
            if (wrong && check.wrongAt() < mark) {
                wrong = false;
                counters.payloadErrors++;
            }
            counters.receivedBytes += mark;
            counters.mappedBytes += mapped ? mark : 0;
            afterMark -= mark;
            connection.windowOpened();
            meter.openWindow(System.nanoTime());
            plan();
            meter.announce();
        }
        counters.receivedBytes += afterMark;
        counters.mappedBytes += mapped ? afterMark : 0;
        if (wrong) {
            counters.payloadErrors++;
        }
    }

    /** Does what is due by the clock. */
    final Turn attend(long nowNs) {
        meter.cutDue(nowNs);
        if (flow.stopRequested() && !stopping) {
            stopping = true;
            giveUpNs = nowNs + drainTimeoutNs;
        }
        if (nowNs - giveUpNs >= 0) {
            long extendedNs = later(plannedEndNs, lastTrafficNs) + drainTimeoutNs;
            if (stopping || nowNs - extendedNs >= 0) {
                return Turn.TIMED_OUT;
            }
            giveUpNs = extendedNs;
        }
        plan();
        return Turn.GO_ON;
    }

    /** Ends a turn in which traffic moved. */
    final Turn moved() {
        long nowNs = System.nanoTime();
        lastTrafficNs = nowNs;
        return endOfTurn(nowNs);
    }

    /** Ends a turn in which none did. */
    final Turn waited() {
        if (!connection.waiting().worthLooking()) {
            return Turn.GO_ON;
        }
        return endOfTurn(System.nanoTime());
    }

    final Turn endOfTurn(long nowNs) {
        if (meter.begun()) {
            meter.turn(nowNs);
        }
        return due(nowNs) ? attend(nowNs) : Turn.GO_ON;
    }

    @Override
    final long windowEndNs() {
        return lastTrafficNs;
    }
}
