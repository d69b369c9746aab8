package dev.flowlane.core.spec;

import java.util.List;

/** Which ways of sparing copies, and of encrypting, go together. */
final class CopyRules {
    private final List<Problem> problems;

    private CopyRules(List<Problem> problems) {
        this.problems = problems;
    }

    static void problems(RunSpec spec, List<Problem> problems) {
        CopyRules rules = new CopyRules(problems);
        rules.copies(spec);
        rules.zerocopyReceive(spec);
        Tls tls = spec.socket().tls();
        if (tls != null) {
            rules.tls(spec, tls);
        }
    }

    private void copies(RunSpec spec) {
        IoSettings io = spec.io();
        if (io.truncateReceive() && io.validatePayload()) {
            add(SpecKeys.TRUNCATE_RECEIVE, "what the kernel throws away cannot be validated",
                    "set io.validate to false");
        }
    }

    private void zerocopyReceive(RunSpec spec) {
        IoSettings io = spec.io();
        if (!io.zerocopyReceive()) {
            return;
        }
        switch (spec.traffic()) {
            case Traffic.Stream _ -> {}
            case Traffic.RequestResponse _ ->
                add(SpecKeys.ZEROCOPY_RECEIVE, "request-response traffic has no whole pages to map",
                        "set traffic.kind to stream, or leave it out");
            case Traffic.Bidirectional() ->
                add(SpecKeys.ZEROCOPY_RECEIVE, "an end that sends, too, maps nothing yet",
                        "set traffic.kind to stream, or leave it out");
            case Traffic.ConnectRequestResponse _ ->
                add(SpecKeys.ZEROCOPY_RECEIVE, "connections of one response have no whole pages to map",
                        "set traffic.kind to stream, or leave it out");
            case Traffic.DatagramStream _, Traffic.DatagramRequestResponse _ ->
                add(SpecKeys.ZEROCOPY_RECEIVE, "datagrams arrive in no whole pages to map",
                        "set traffic.kind to stream, or leave it out");
        }
        if (io.truncateReceive()) {
            add(SpecKeys.ZEROCOPY_RECEIVE, "what the kernel throws away cannot be mapped",
                    "set io.truncate-receive to false");
        }
        if (io.engine() == IoEngine.IO_URING) {
            add(SpecKeys.ZEROCOPY_RECEIVE, "io-uring receives have no TCP_ZEROCOPY_RECEIVE",
                    "set io.engine to another");
        }
    }

    private void tls(RunSpec spec, Tls tls) {
        IoSettings io = spec.io();
        switch (spec.traffic()) {
            case Traffic.Stream _, Traffic.RequestResponse _, Traffic.Bidirectional _ -> {}
            case Traffic.ConnectRequestResponse _ ->
                add(SpecKeys.TLS_DIRECTIONS, "every connection of connect-request-response would need keys of its own,"
                                + " which no handshake makes here",
                        "set traffic.kind to stream or request-response, or leave it out");
            case Traffic.DatagramStream _, Traffic.DatagramRequestResponse _ ->
                add(SpecKeys.TLS_DIRECTIONS, "datagrams are not encrypted: the kernel's TLS is TCP's",
                        "set traffic.kind to stream or request-response, or leave it out");
        }
        if (tls.noPad() && tls.version() != Tls.Version.TLS_1_3) {
            add(SpecKeys.TLS_NO_PAD, "records of TLS " + tls.version().text() + " never have padding",
                    "set tls.version to 1.3, or leave it out");
        }
        if (io.zerocopySend()) {
            add(SpecKeys.ZEROCOPY_SEND, "the kernel's TLS writes records of its own and knows no MSG_ZEROCOPY",
                    "leave it out, or set tls.directions to none");
        }
        if (io.zerocopyReceive()) {
            add(SpecKeys.ZEROCOPY_RECEIVE, "the pages that arrive are encrypted",
                    "leave it out, or set tls.directions to none");
        }
        if (io.truncateReceive()) {
            add(SpecKeys.TRUNCATE_RECEIVE, "the kernel's TLS decrypts into the worker's memory and knows no MSG_TRUNC",
                    "leave it out, or set tls.directions to none");
        }
    }

    private void add(SpecKey key, String fault, String mend) {
        problems.add(new Problem(key.path(), fault, "", mend));
    }
}
