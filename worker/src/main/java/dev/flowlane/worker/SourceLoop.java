package dev.flowlane.worker;

/** What both kinds of source share: the timetable of warm-up, measured window and end. */
abstract sealed class SourceLoop extends FlowLoop permits StreamSource, RequestSource {
    private enum Phase {
        WARMUP,
        MEASURED,
        /** The time is up, but a transaction is under way. */
        FINISHING
    }

    private Phase phase = Phase.WARMUP;
    private long phaseEndNs;
    private long progressBytes;

    SourceLoop(FlowConnection connection, Meter meter) {
        super(connection, meter);
    }

    @Override
    void attach(Flow next) {
        super.attach(next);
        check.begin(false, next.settings().validatePayload());
    }

    @Override
    void begin(long nowNs) {
        meter.begin(nowNs);
        phase = Phase.WARMUP;
        phaseEndNs = nowNs + warmupNs;
        if (warmupNs == 0) {
            openWindow(nowNs);
        }
        attendAtNs = earlier(meter.nextCutNs(), phaseEndNs);
    }

    private void openWindow(long nowNs) {
        meter.openWindow(nowNs);
        check.openWindow();
        connection.markNextByte();
        phase = Phase.MEASURED;
        phaseEndNs = nowNs + durationNs;
    }

    /**
     * Does what is due by the clock.
     *
     * @param between whether no transaction is under way: only then the phase may change
     */
    final Turn attend(long nowNs, boolean between) {
        meter.cutDue(nowNs);
        if (flow.stopRequested() && !stopping) {
            stopping = true;
            finish(nowNs);
        }
        switch (phase) {
            case WARMUP -> {
                if (nowNs - phaseEndNs >= 0) {
                    if (between) {
                        openWindow(nowNs);
                    } else if (nowNs - phaseEndNs >= durationNs) {
                        // The peer fell silent in the warm-up and the whole flow's time is up.
                        finish(nowNs);
                    }
                }
            }
            case MEASURED -> {
                if (nowNs - phaseEndNs >= 0) {
                    finish(nowNs);
                }
            }
            case FINISHING -> {}
        }
        if (phase == Phase.FINISHING) {
            if (between) {
                return Turn.FINISHED;
            }
            long bytes = counters.sentBytes + counters.receivedBytes;
            if (bytes != progressBytes) {
                finish(nowNs);
            } else if (nowNs - phaseEndNs >= 0) {
                return Turn.TIMED_OUT;
            }
        }
        // While a transaction keeps a phase from ending, every turn attends: it then ends with that transaction.
        attendAtNs = earlier(meter.nextCutNs(), phase == Phase.FINISHING ? nowNs : phaseEndNs);
        return Turn.GO_ON;
    }

    private void finish(long nowNs) {
        phase = Phase.FINISHING;
        phaseEndNs = nowNs + drainTimeoutNs;
        progressBytes = counters.sentBytes + counters.receivedBytes;
    }
}
