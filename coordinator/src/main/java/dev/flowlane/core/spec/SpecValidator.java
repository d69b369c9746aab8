package dev.flowlane.core.spec;

import dev.flowlane.core.Counted;
import dev.flowlane.posix.CpuSet;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;

/** The rules a spec must keep, whoever made it. */
public final class SpecValidator {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");
    /** TCP_CA_NAME_MAX of include/net/tcp.h is 16 with the final zero. */
    private static final Pattern CONGESTION_CONTROL = Pattern.compile("[a-z0-9][a-z0-9_-]{0,14}");

    private final List<Problem> problems = new ArrayList<>();

    private SpecValidator() {}

    /** Everything that is wrong with the spec; empty when it is sound. */
    public static List<Problem> problems(RunSpec spec) {
        var validator = new SpecValidator();
        new HostRules(spec, validator.problems).check();
        validator.traffic(spec);
        validator.times(spec);
        validator.placement(spec);
        validator.sockets(spec);
        CopyRules.problems(spec, validator.problems);
        TimestampRules.problems(spec, validator.problems);
        WorkerRules.check(spec, validator.problems::add);
        validator.conduct(spec.conduct());
        validator.problems.addAll(Threshold.problems(spec.conduct().thresholds(), spec.traffic()));
        if (validator.problems.isEmpty()) {
            validator.amounts(spec);
        }
        return List.copyOf(validator.problems);
    }

    /** The problem with a run id, or null: 1 to 64 of A-Z a-z 0-9 . _ - with a letter or digit first. */
    public static @Nullable Problem runIdProblem(String runId) {
        if (NAME.matcher(runId).matches() && runId.length() <= SpecKeys.RUN_ID_MAX) {
            return null;
        }
        return new Problem(SpecKeys.RUN.path(), Problem.quote(runId) + " is no run id", SpecKeys.RUN.allowed(),
                "or leave it out");
    }

    /** The problem with a host id, or null: 1 to 128 of A-Z a-z 0-9 . _ - with a letter or digit first. */
    public static @Nullable Problem hostIdProblem(String path, String hostId) {
        if (NAME.matcher(hostId).matches() && hostId.length() <= SpecKeys.HOST_ID_MAX) {
            return null;
        }
        return new Problem(path, Problem.quote(hostId) + " is no host id", "1 to " + SpecKeys.HOST_ID_MAX
                + " of A-Z a-z 0-9 . _ - with a letter or digit first", "flowlane hosts list shows the hosts");
    }

    /** The problem with a number at a key, or null when it is in the key's range. */
    static @Nullable Problem rangeProblem(SpecKey key, long value, String given) {
        if (value >= key.minimum() && value <= key.maximum()) {
            return null;
        }
        return new Problem(key.path(), Problem.quote(given) + " is out of range", key.allowed(), "");
    }

    private void traffic(RunSpec spec) {
        switch (spec.traffic()) {
            case Traffic.Stream stream -> pace(stream.pace(), SpecKeys.WRITE_SIZE, spec.io().writeBytes());
            case Traffic.RequestResponse requests -> {
                size(SpecKeys.REQUEST_SIZE, requests.requestBytes());
                size(SpecKeys.RESPONSE_SIZE, requests.responseBytes());
                number(SpecKeys.OUTSTANDING, requests.outstanding());
                pace(requests.pace(), SpecKeys.REQUEST_SIZE, requests.requestBytes());
                wholeBursts(requests.pace(), requests.outstanding());
            }
            case Traffic.Bidirectional() -> {}
            case Traffic.ConnectRequestResponse connections -> {
                size(SpecKeys.REQUEST_SIZE, connections.requestBytes());
                size(SpecKeys.RESPONSE_SIZE, connections.responseBytes());
            }
            case Traffic.DatagramStream stream ->
                pace(stream.pace(), SpecKeys.MESSAGE_SIZE, stream.messageBytes());
            case Traffic.DatagramRequestResponse requests -> {
                pace(requests.pace(), SpecKeys.REQUEST_SIZE, requests.requestBytes());
                wholeBursts(requests.pace(), requests.outstanding());
            }
        }
        new KindRules(spec, problems).check();
        DatagramRules.check(spec, problems::add);
        if (spec.ipVersion() != RunSpec.ANY_IP_VERSION && spec.ipVersion() != 4 && spec.ipVersion() != 6) {
            problems.add(new Problem(SpecKeys.IP_VERSION.path(), spec.ipVersion() + " is no IP version",
                    SpecKeys.IP_VERSION.allowed(), ""));
        }
    }

    private void pace(@Nullable Pace pace, SpecKey messageKey, int messageBytes) {
        if (pace == null) {
            return;
        }
        long least = pace.unit() == Pace.Unit.BITS ? Pace.BITS_MIN : 1;
        long most = pace.unit() == Pace.Unit.BITS ? Pace.BITS_MAX : Pace.MESSAGES_MAX;
        if (pace.perSecond() < least || pace.perSecond() > most) {
            problems.add(new Problem(SpecKeys.TRAFFIC_RATE.path(), Problem.quote(pace.rateText())
                    + " is out of range", SpecKeys.TRAFFIC_RATE.allowed(), ""));
        } else if (messageBytes > 0 && pace.messagesPerSecond(messageBytes) > Pace.MESSAGES_MAX) {
            add(SpecKeys.TRAFFIC_RATE, pace.rateText() + " are more than " + Pace.MESSAGES_MAX + " messages a second",
                    "raise " + messageKey.path());
        }
        check(SpecKeys.SEED, pace.seed(), Long.toString(pace.seed()));
        number(SpecKeys.BURST, pace.burst());
    }

    private void wholeBursts(@Nullable Pace pace, int outstanding) {
        if (pace != null && pace.burst() > outstanding) {
            add(SpecKeys.BURST, "a burst of " + pace.burst() + " requests would wait for its own answers, because "
                    + outstanding + " may be unanswered", "raise traffic.outstanding");
        }
    }

    private void times(RunSpec spec) {
        boolean sound = time(SpecKeys.DURATION, spec.duration());
        sound &= time(SpecKeys.WARMUP, spec.warmup());
        sound &= time(SpecKeys.INTERVAL, spec.interval());
        if (!sound) {
            return;
        }
        long intervals = ceilDiv(spec.duration(), spec.interval()) + ceilDiv(spec.warmup(), spec.interval());
        if (intervals > SpecKeys.INTERVALS_MAX) {
            add(SpecKeys.INTERVAL, Counted.of(intervals, "interval is", "intervals are") + " more than "
                    + SpecKeys.INTERVALS_MAX,
                    "a longer interval, or a shorter duration");
        }
    }

    private static long ceilDiv(Duration time, Duration interval) {
        return Math.ceilDiv(time.toNanos(), interval.toNanos());
    }

    private void placement(RunSpec spec) {
        PlacementPolicy policy = spec.placement();
        switch (policy.applicationCpu()) {
            case ApplicationCpu.SameCore(), ApplicationCpu.Unpinned() -> {}
            case ApplicationCpu.Offset(int offset) -> {
                if (offset == 0) {
                    add(SpecKeys.APPLICATION_CPU, "an offset of 0 is the receive CPU itself", "write same-core");
                }
            }
            case ApplicationCpu.Cross() -> {
                if (spec.flowsPerPair() % 2 != 0) {
                    add(SpecKeys.FLOWS, spec.flowsPerPair() + " is odd, but application-cpu cross swaps the flows of a"
                            + " pair two by two", "an even number of flows, or another application-cpu");
                }
            }
            case ApplicationCpu.Explicit(CpuSet cpus) -> notEmpty(SpecKeys.APPLICATION_CPU, cpus);
            case ApplicationCpu.NumaLocal() -> {
                if (policy.smt() == Smt.ALLOW) {
                    add(SpecKeys.SMT, "application-cpu numa-local keeps off SMT siblings", "leave smt out, or set"
                            + " application-cpu to a list of CPUs");
                }
            }
        }
        notEmpty(SpecKeys.SOURCE_CPUS, policy.sourceCpus());
        notEmpty(SpecKeys.DESTINATION_CPUS, policy.destinationCpus());
        number(SpecKeys.FLOWS, spec.flowsPerPair());
        number(SpecKeys.MAX_CANDIDATES, policy.maxCandidates());
        ports(policy.sourcePorts());
    }

    private void ports(List<Integer> ports) {
        if (ports.size() > Ports.COUNT_MAX) {
            add(SpecKeys.SOURCE_PORTS, ports.size() + " ports", "at most " + Ports.COUNT_MAX);
            return;
        }
        var seen = new HashSet<Integer>();
        for (int port : ports) {
            if (!seen.add(port)) {
                add(SpecKeys.SOURCE_PORTS, "port " + port + " is there twice", "name it once");
                return;
            }
            if (rangeProblem(SpecKeys.SOURCE_PORTS, port, Integer.toString(port)) != null) {
                number(SpecKeys.SOURCE_PORTS, port);
                return;
            }
        }
    }

    private void sockets(RunSpec spec) {
        size(SpecKeys.READ_SIZE, spec.io().readBytes());
        size(SpecKeys.WRITE_SIZE, spec.io().writeBytes());
        Integer sendBuffer = spec.socket().sendBufferBytes();
        Integer receiveBuffer = spec.socket().receiveBufferBytes();
        Long pacing = spec.socket().maxPacingBitsPerSecond();
        String congestionControl = spec.socket().congestionControl();
        if (sendBuffer != null) {
            size(SpecKeys.SEND_BUFFER, sendBuffer);
        }
        if (receiveBuffer != null) {
            size(SpecKeys.RECEIVE_BUFFER, receiveBuffer);
        }
        if (pacing != null) {
            check(SpecKeys.MAX_PACING_RATE, pacing, Units.formatRateBitsPerSecond(pacing));
        }
        connections(spec);
        if (congestionControl != null && !CONGESTION_CONTROL.matcher(congestionControl).matches()) {
            problems.add(new Problem(SpecKeys.CONGESTION_CONTROL.path(),
                    Problem.quote(congestionControl) + " is no congestion control",
                    "1 to 15 of a-z 0-9 _ -, or default",
                    "sysctl net.ipv4.tcp_available_congestion_control lists them"));
        }
    }

    private void conduct(Conduct conduct) {
        number(SpecKeys.PRIORITY, conduct.priority());
        number(SpecKeys.REPEAT_COUNT, conduct.trials());
        String like = conduct.like();
        if (like != null && runIdProblem(like) != null) {
            problems.add(new Problem(SpecKeys.LIKE.path(), Problem.quote(like) + " is no run id",
                    SpecKeys.LIKE.allowed(), "flowlane list shows runs"));
        }
        Problem problem = conduct.notBefore().problem();
        if (problem != null) {
            problems.add(problem);
        }
    }

    private void connections(RunSpec spec) {
        SocketSettings socket = spec.socket();
        optionalSize(SpecKeys.MSS, socket.maxSegmentBytes());
        optionalSize(SpecKeys.NOT_SENT_LOW_WATER, socket.notSentLowWaterBytes());
        Integer dscp = socket.dscp();
        if (dscp != null) {
            number(SpecKeys.DSCP, dscp);
        }
        Integer userTimeoutMs = socket.userTimeoutMs();
        if (userTimeoutMs != null) {
            time(SpecKeys.USER_TIMEOUT, Duration.ofMillis(userTimeoutMs));
        }
        Integer flowLabel = socket.flowLabel();
        if (flowLabel != null) {
            number(SpecKeys.FLOW_LABEL, flowLabel);
            if (spec.ipVersion() != 6) {
                add(SpecKeys.FLOW_LABEL, "only IPv6 has flow labels", "set ip-version to 6");
            }
        }
        device(SpecKeys.SOURCE_DEVICE, socket.sourceDevice());
        device(SpecKeys.DESTINATION_DEVICE, socket.destinationDevice());
    }

    private void optionalSize(SpecKey key, @Nullable Integer bytes) {
        if (bytes != null) {
            size(key, bytes);
        }
    }

    private void device(SpecKey key, @Nullable String name) {
        if (name != null && !(NAME.matcher(name).matches() && name.length() <= key.maximum())) {
            problems.add(new Problem(key.path(), Problem.quote(name) + " is no network device", key.allowed(),
                    "ip link lists them"));
        }
    }

    /** Rules between keys that are sound each by itself. */
    private void amounts(RunSpec spec) {
        long flows = spec.flowCount();
        if (flows > SpecKeys.FLOWS_MAX) {
            add(SpecKeys.FLOWS, Counted.of(spec.flowsPerPair(), "flow") + " for each of "
                    + Counted.of(flows / spec.flowsPerPair(), "pair is ", "pairs are ") + flows
                    + " flows, more than the " + SpecKeys.FLOWS_MAX + " of one run",
                    "fewer flows, or several runs");
        } else if (flows > spec.placement().maxCandidates()) {
            add(SpecKeys.MAX_CANDIDATES, Counted.of(spec.placement().maxCandidates(), "connection") + " cannot become "
                    + Counted.of(flows, "flow"), "raise it to " + flows + " or more");
        }
        int ports = spec.placement().sourcePorts().size();
        if (ports > 0 && ports < spec.flowsPerPair()) {
            add(SpecKeys.SOURCE_PORTS, Counted.of(ports, "port") + " cannot carry "
                    + Counted.of(spec.flowsPerPair(), "flow") + " of each pair",
                    "name at least as many, or more for the search to choose from");
        }
        long measurements = flows * spec.conduct().trials();
        if (spec.conduct().trials() > 1 && measurements > SpecKeys.FLOWS_MAX) {
            add(SpecKeys.REPEAT_COUNT, spec.conduct().trials() + " trials of "
                    + Counted.of(flows, "flow") + " are " + measurements
                    + ", more than the " + SpecKeys.FLOWS_MAX + " flows that one result holds",
                    "fewer trials or flows, or several runs");
        }
    }

    private void notEmpty(SpecKey key, @Nullable CpuSet cpus) {
        if (cpus != null && cpus.isEmpty()) {
            problems.add(new Problem(key.path(), "no CPU is given", key.allowed(), ""));
        }
    }

    private void size(SpecKey key, int bytes) {
        check(key, bytes, Units.formatSizeBytes(bytes));
    }

    private boolean time(SpecKey key, Duration time) {
        long ns;
        try {
            ns = time.toNanos();
        } catch (ArithmeticException e) {
            ns = Long.MAX_VALUE;
        }
        return check(key, ns, Units.formatDuration(Duration.ofNanos(ns)));
    }

    private void number(SpecKey key, int value) {
        check(key, value, Integer.toString(value));
    }

    private boolean check(SpecKey key, long value, String given) {
        Problem problem = rangeProblem(key, value, given);
        if (problem != null) {
            problems.add(problem);
        }
        return problem == null;
    }

    private void add(SpecKey key, String fault, String mend) {
        problems.add(new Problem(key.path(), fault, "", mend));
    }
}
