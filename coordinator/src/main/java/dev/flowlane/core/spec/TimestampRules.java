package dev.flowlane.core.spec;

import java.util.List;

/** Where the kernel's receive timestamps can be had. */
final class TimestampRules {
    private TimestampRules() {}

    static void problems(RunSpec spec, List<Problem> problems) {
        switch (spec.io().timestamps()) {
            case NONE -> {}
            case RECEIVE -> receive(spec, problems);
        }
    }

    private static void receive(RunSpec spec, List<Problem> problems) {
        switch (spec.traffic()) {
            case Traffic.Stream _,
                    Traffic.RequestResponse _,
                    Traffic.Bidirectional _,
                    Traffic.DatagramStream _,
                    Traffic.DatagramRequestResponse _ -> {}
            case Traffic.ConnectRequestResponse _ ->
                add(problems, "connections of one request are over before they would pay",
                        "set traffic.kind to request-response, or leave it out");
        }
        if (spec.io().engine() == IoEngine.IO_URING) {
            add(problems, "io-uring receives bring no timestamp in this version",
                    "set io.engine to another, or leave it out");
        }
        if (spec.io().zerocopyReceive()) {
            add(problems, "pages that are mapped bring no timestamp",
                    "set io.zerocopy-receive to false, or leave it out");
        }
        if (spec.socket().tls() != null) {
            add(problems, "the kernel's TLS hands out records without their timestamps",
                    "set tls.directions to none, or leave it out");
        }
    }

    private static void add(List<Problem> problems, String fault, String mend) {
        problems.add(new Problem(SpecKeys.TIMESTAMPS.path(), fault, "", mend));
    }
}
