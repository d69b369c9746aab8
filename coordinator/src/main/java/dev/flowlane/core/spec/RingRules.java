package dev.flowlane.core.spec;

import java.util.List;

/** What a ring's ways of sending and receiving do not go with, when they are asked for. */
final class RingRules {
    private final RunSpec spec;
    private final List<Problem> problems;

    RingRules(RunSpec spec, List<Problem> problems) {
        this.spec = spec;
        this.problems = problems;
    }

    void check() {
        RingSettings ring = spec.io().ring();
        if (Boolean.TRUE.equals(ring.multishotReceive())) {
            check(SpecKeys.MULTISHOT_RECEIVE);
            if (spec.io().readBytes() > RingSettings.MULTISHOT_BYTES_MAX) {
                add(SpecKeys.READ_SIZE, "a flow end has several buffers of that size with io.multishot-receive",
                        "set it to 1MiB or less, or leave io.multishot-receive out");
            }
        }
        if (Boolean.TRUE.equals(ring.registeredBuffers())) {
            check(SpecKeys.REGISTERED_BUFFERS);
        }
    }

    private void check(SpecKey key) {
        if (spec.io().engine() != IoEngine.IO_URING) {
            add(key, "only io-uring has it", "set io.engine to io-uring, or leave it out");
        }
        if (spec.io().truncateReceive()) {
            add(key, "receives of that kind throw nothing away", "leave it out, or set io.truncate-receive to false");
        }
        switch (spec.traffic()) {
            case Traffic.Stream _, Traffic.RequestResponse _, Traffic.Bidirectional _ -> {}
            case Traffic.ConnectRequestResponse _ ->
                add(key, "connections of one request do not live long enough for it", "leave it out");
            case Traffic.DatagramStream _, Traffic.DatagramRequestResponse _ ->
                add(key, "datagrams are received one by one, into the same buffer", "leave it out");
        }
    }

    private void add(SpecKey key, String fault, String mend) {
        problems.add(new Problem(key.path(), fault, "", mend));
    }
}
