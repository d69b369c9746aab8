package dev.flowlane.core.spec;

import java.util.function.Consumer;

/** What flows that share a worker must keep. */
final class WorkerRules {
    private final Consumer<Problem> problems;

    private WorkerRules(Consumer<Problem> problems) {
        this.problems = problems;
    }

    /** Hands over everything that is wrong. */
    static void check(RunSpec spec, Consumer<Problem> problems) {
        int flows = spec.io().flowsPerWorker();
        Problem range = SpecValidator.rangeProblem(SpecKeys.FLOWS_PER_WORKER, flows, Integer.toString(flows));
        if (range != null) {
            problems.accept(range);
        } else if (flows > 1) {
            var rules = new WorkerRules(problems);
            rules.traffic(spec.traffic());
            rules.io(spec.io(), spec.socket().tls() != null);
            rules.placement(spec.placement());
        }
    }

    private void traffic(Traffic traffic) {
        switch (traffic) {
            case Traffic.Stream _, Traffic.RequestResponse _ -> {
                if (traffic.pace() != null) {
                    add("a flow that shares its worker keeps no rate in this version", "leave traffic.rate out");
                }
            }
            case Traffic.Bidirectional _,
                    Traffic.ConnectRequestResponse _,
                    Traffic.DatagramStream _,
                    Traffic.DatagramRequestResponse _ ->
                add("flows of " + traffic.kind() + " have a worker each in this version",
                        "set traffic.kind to stream or request-response");
        }
    }

    private void io(IoSettings io, boolean encrypted) {
        switch (io.engine()) {
            case EPOLL -> {}
            case IO_URING -> ring(io, encrypted);
            case BLOCKING, BUSY_POLL ->
                add("only epoll and io-uring wait for several flows at once, engine " + SpecKeys.word(io.engine())
                        + " for one", "set io.engine to epoll or io-uring");
        }
        if (io.zerocopySend() || io.zerocopyReceive() || io.hugePages()) {
            add("flows that share a worker are sent and received with a copy, from usual pages, in this version",
                    "leave io.zerocopy-send, io.zerocopy-receive and io.huge-pages out");
        }
    }

    /** All flows of a worker receive through one ring, into buffers that the kernel picks. */
    private void ring(IoSettings io, boolean encrypted) {
        String epoll = "set io.engine to epoll";
        if (encrypted) {
            add("flows that share an io-uring are not encrypted in this version", epoll);
        }
        if (io.truncateReceive()) {
            add("receives of flows that share an io-uring throw nothing away", epoll);
        }
        if (Boolean.FALSE.equals(io.ring().multishotReceive()) || Boolean.TRUE.equals(io.ring().registeredBuffers())) {
            add("flows that share an io-uring have many receives for one request, into buffers that the kernel picks",
                    "leave io.multishot-receive and io.registered-buffers out");
        }
        if (io.readBytes() > RingSettings.MULTISHOT_BYTES_MAX) {
            add("flows that share an io-uring have many buffers of io.read-size", "set io.read-size to 1MiB or less");
        }
    }

    private void placement(PlacementPolicy policy) {
        switch (policy.exclusive()) {
            case NONE -> {}
            case STRICT, PER_SIDE ->
                add("flows of one worker share its application CPU, and exclusive "
                        + SpecKeys.word(policy.exclusive()) + " shares none with others that need it",
                        "set placement.exclusive to none");
        }
        if (policy.applicationCpu() instanceof ApplicationCpu.Cross) {
            add("application-cpu cross swaps the CPUs of two workers", "set placement.application-cpu to another");
        }
    }

    private void add(String fault, String mend) {
        problems.accept(new Problem(SpecKeys.FLOWS_PER_WORKER.path(), fault, "", mend + ", or leave it out"));
    }
}
