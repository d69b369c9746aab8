package dev.flowlane.core.spec;

import dev.flowlane.posix.CpuSet;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Writes a spec as the YAML that {@link SpecParser} reads back to an equal one. */
public final class SpecText {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z][A-Za-z0-9._-]*");
    /** Words that YAML readers, ours and others, take for something else than text. */
    private static final Set<String> RESERVED = Set.of("true", "false", "null", "yes", "no", "on", "off", "y", "n");

    private SpecText() {}

    /** The whole spec, defaults written out; {@code runId} is left out when null. */
    public static String yaml(@Nullable String runId, RunSpec spec) {
        Map<String, String> values = values(runId, spec);
        var yaml = new StringBuilder();
        String section = "";
        for (SpecKey key : SpecKeys.all()) {
            String value = values.get(key.path());
            if (value == null) {
                continue;
            }
            if (!key.section().equals(section)) {
                section = key.section();
                yaml.append(section.isEmpty() ? "" : section + ":\n");
            }
            yaml.append(section.isEmpty() ? "" : "  ").append(key.name()).append(": ").append(value).append('\n');
        }
        return yaml.toString();
    }

    private static Map<String, String> values(@Nullable String runId, RunSpec spec) {
        var values = new LinkedHashMap<String, String>();
        if (runId != null) {
            put(values, SpecKeys.RUN, quoted(runId));
        }
        put(values, SpecKeys.SOURCES, list(spec.sources()));
        if (!spec.destinations().isEmpty()) {
            put(values, SpecKeys.DESTINATIONS, list(spec.destinations()));
        }
        put(values, SpecKeys.TOPOLOGY, SpecKeys.word(spec.topology()));
        put(values, SpecKeys.FLOWS, Integer.toString(spec.flowsPerPair()));
        put(values, SpecKeys.TRAFFIC_KIND, spec.traffic().kind());
        switch (spec.traffic()) {
            case Traffic.Stream _, Traffic.Bidirectional _ -> {}
            case Traffic.RequestResponse requests -> {
                put(values, SpecKeys.REQUEST_SIZE, Units.formatSizeBytes(requests.requestBytes()));
                put(values, SpecKeys.RESPONSE_SIZE, Units.formatSizeBytes(requests.responseBytes()));
                put(values, SpecKeys.OUTSTANDING, Integer.toString(requests.outstanding()));
            }
            case Traffic.ConnectRequestResponse connections -> {
                put(values, SpecKeys.REQUEST_SIZE, Units.formatSizeBytes(connections.requestBytes()));
                put(values, SpecKeys.RESPONSE_SIZE, Units.formatSizeBytes(connections.responseBytes()));
                put(values, SpecKeys.RESET_CLOSE, Boolean.toString(connections.resetClose()));
                PortRange ports = connections.ports();
                put(values, SpecKeys.CONNECTION_PORTS, ports == null ? "any" : ports.text());
            }
            case Traffic.DatagramStream stream ->
                put(values, SpecKeys.MESSAGE_SIZE, Units.formatSizeBytes(stream.messageBytes()));
            case Traffic.DatagramRequestResponse requests -> {
                put(values, SpecKeys.REQUEST_SIZE, Units.formatSizeBytes(requests.requestBytes()));
                put(values, SpecKeys.RESPONSE_SIZE, Units.formatSizeBytes(requests.responseBytes()));
                put(values, SpecKeys.OUTSTANDING, Integer.toString(requests.outstanding()));
                put(values, SpecKeys.REQUEST_TIMEOUT, Units.formatDuration(requests.timeout()));
            }
        }
        Course course = spec.course();
        put(values, SpecKeys.REVERSE, Boolean.toString(course.reverse()));
        Long bytes = course.mostBytes();
        put(values, SpecKeys.MOST_BYTES, bytes == null ? "unlimited" : Units.formatSizeBytes(bytes));
        Long messages = course.mostMessages();
        put(values, SpecKeys.MOST_MESSAGES, messages == null ? "unlimited" : messages.toString());
        Pace pace = spec.traffic().pace();
        if (pace != null) {
            put(values, SpecKeys.TRAFFIC_RATE, pace.rateText());
            put(values, SpecKeys.ARRIVAL, SpecKeys.word(pace.arrival()));
            put(values, SpecKeys.SEED, Long.toString(pace.seed()));
            put(values, SpecKeys.BURST, Integer.toString(pace.burst()));
        }
        put(values, SpecKeys.DURATION, Units.formatDuration(spec.duration()));
        put(values, SpecKeys.WARMUP, Units.formatDuration(spec.warmup()));
        put(values, SpecKeys.INTERVAL, Units.formatDuration(spec.interval()));
        put(values, SpecKeys.IP_VERSION,
                spec.ipVersion() == RunSpec.ANY_IP_VERSION ? "any" : Integer.toString(spec.ipVersion()));
        put(values, SpecKeys.APPLICATION_CPU, text(spec.placement().applicationCpu()));
        put(values, SpecKeys.EXCLUSIVE, SpecKeys.word(spec.placement().exclusive()));
        put(values, SpecKeys.SMT, SpecKeys.word(spec.placement().smt()));
        put(values, SpecKeys.SOURCE_CPUS, cpus(spec.placement().sourceCpus()));
        put(values, SpecKeys.DESTINATION_CPUS, cpus(spec.placement().destinationCpus()));
        put(values, SpecKeys.ISOLATED_ONLY, Boolean.toString(spec.placement().isolatedOnly()));
        put(values, SpecKeys.MAX_CANDIDATES, Integer.toString(spec.placement().maxCandidates()));
        List<Integer> ports = spec.placement().sourcePorts();
        put(values, SpecKeys.SOURCE_PORTS, ports.isEmpty() ? "any" : Ports.text(ports));
        put(values, SpecKeys.ENGINE, SpecKeys.word(spec.io().engine()));
        put(values, SpecKeys.READ_SIZE, Units.formatSizeBytes(spec.io().readBytes()));
        put(values, SpecKeys.WRITE_SIZE, Units.formatSizeBytes(spec.io().writeBytes()));
        put(values, SpecKeys.VALIDATE, Boolean.toString(spec.io().validatePayload()));
        put(values, SpecKeys.TRUNCATE_RECEIVE, Boolean.toString(spec.io().truncateReceive()));
        put(values, SpecKeys.ZEROCOPY_SEND, Boolean.toString(spec.io().zerocopySend()));
        put(values, SpecKeys.ZEROCOPY_RECEIVE, Boolean.toString(spec.io().zerocopyReceive()));
        put(values, SpecKeys.HUGE_PAGES, Boolean.toString(spec.io().hugePages()));
        put(values, SpecKeys.RECEIVE_MEMORY, SpecKeys.word(spec.io().receiveMemory()));
        putTls(values, spec.socket().tls());
        Boolean offload = spec.io().segmentationOffload();
        if (offload != null) {
            put(values, SpecKeys.SEGMENTATION_OFFLOAD, offload.toString());
        }
        put(values, SpecKeys.TIMESTAMPS, SpecKeys.word(spec.io().timestamps()));
        put(values, SpecKeys.FLOWS_PER_WORKER, Integer.toString(spec.io().flowsPerWorker()));
        put(values, SpecKeys.MULTISHOT_RECEIVE, automatic(spec.io().ring().multishotReceive()));
        put(values, SpecKeys.REGISTERED_BUFFERS, automatic(spec.io().ring().registeredBuffers()));
        put(values, SpecKeys.NODELAY, Boolean.toString(spec.socket().noDelay()));
        String congestionControl = spec.socket().congestionControl();
        put(values, SpecKeys.CONGESTION_CONTROL, congestionControl == null ? "default" : quoted(congestionControl));
        put(values, SpecKeys.SEND_BUFFER, size(spec.socket().sendBufferBytes()));
        put(values, SpecKeys.RECEIVE_BUFFER, size(spec.socket().receiveBufferBytes()));
        Long pacing = spec.socket().maxPacingBitsPerSecond();
        put(values, SpecKeys.MAX_PACING_RATE, pacing == null ? "unlimited" : Units.formatRateBitsPerSecond(pacing));
        putSocket(values, spec.socket());
        put(values, SpecKeys.PSP, Boolean.toString(spec.socket().psp()));
        put(values, SpecKeys.WHEN_BUSY, SpecKeys.word(spec.whenBusy()));
        put(values, SpecKeys.ON_DRIFT, SpecKeys.word(spec.conduct().onDrift()));
        put(values, SpecKeys.PRIORITY, Integer.toString(spec.conduct().priority()));
        put(values, SpecKeys.NOT_BEFORE, text(spec.conduct().notBefore()));
        String like = spec.conduct().like();
        if (like != null) {
            put(values, SpecKeys.LIKE, quoted(like));
        }
        if (!spec.conduct().thresholds().isEmpty()) {
            put(values, SpecKeys.THRESHOLDS, spec.conduct().thresholds().stream()
                    .map(threshold -> '"' + threshold.toString() + '"')
                    .toList()
                    .toString());
        }
        put(values, SpecKeys.REPEAT_COUNT, Integer.toString(spec.conduct().trials()));
        return values;
    }

    private static void putTls(Map<String, String> values, @Nullable Tls tls) {
        put(values, SpecKeys.TLS_DIRECTIONS, tls == null ? "none" : SpecKeys.word(tls.directions()));
        if (tls != null) {
            put(values, SpecKeys.TLS_VERSION, tls.version().text());
            put(values, SpecKeys.TLS_CIPHER, SpecKeys.word(tls.cipher()));
            put(values, SpecKeys.TLS_NO_PAD, Boolean.toString(tls.noPad()));
        }
    }

    private static void putSocket(Map<String, String> values, SocketSettings socket) {
        Integer dscp = socket.dscp();
        Integer flowLabel = socket.flowLabel();
        Boolean quickAck = socket.quickAck();
        Integer userTimeoutMs = socket.userTimeoutMs();
        put(values, SpecKeys.MSS, size(socket.maxSegmentBytes()));
        put(values, SpecKeys.DSCP, dscp == null ? "none" : Dscp.text(dscp));
        put(values, SpecKeys.FLOW_LABEL, flowLabel == null ? "auto" : flowLabel.toString());
        put(values, SpecKeys.QUICK_ACK, automatic(quickAck));
        put(values, SpecKeys.USER_TIMEOUT, userTimeoutMs == null ? "auto" : userTimeoutMs + "ms");
        put(values, SpecKeys.NOT_SENT_LOW_WATER, size(socket.notSentLowWaterBytes()));
        put(values, SpecKeys.SOURCE_DEVICE, device(socket.sourceDevice()));
        put(values, SpecKeys.DESTINATION_DEVICE, device(socket.destinationDevice()));
    }

    private static String automatic(@Nullable Boolean word) {
        return word == null ? "auto" : word.toString();
    }

    private static String device(@Nullable String name) {
        return name == null ? "any" : quoted(name);
    }

    /** The application CPU as a spec spells it. */
    public static String text(ApplicationCpu applicationCpu) {
        return switch (applicationCpu) {
            case ApplicationCpu.SameCore() -> "same-core";
            case ApplicationCpu.Offset(int offset) -> (offset < 0 ? "" : "+") + offset;
            case ApplicationCpu.Cross() -> "cross";
            case ApplicationCpu.Explicit(CpuSet cpus) -> cpus.toString();
            case ApplicationCpu.NumaLocal() -> "numa-local";
            case ApplicationCpu.Unpinned() -> "unpinned";
        };
    }

    private static String text(NotBefore notBefore) {
        return switch (notBefore) {
            case NotBefore.AtOnce() -> SpecKeys.NOT_BEFORE.defaultText();
            // YAML readers take a bare one for a time of their own.
            case NotBefore.At(Instant time) -> '"' + time.toString() + '"';
            case NotBefore.Delay(Duration afterSubmission) -> '"' + "+" + Units.formatDuration(afterSubmission) + '"';
        };
    }

    private static void put(Map<String, String> values, SpecKey key, String text) {
        values.put(key.path(), text);
    }

    private static String list(List<String> names) {
        return names.stream().map(SpecText::quoted).toList().toString();
    }

    private static String cpus(@Nullable CpuSet cpus) {
        return cpus == null ? "all" : cpus.toString();
    }

    private static String size(@Nullable Integer bytes) {
        return bytes == null ? "auto" : Units.formatSizeBytes(bytes);
    }

    private static String quoted(String name) {
        return PLAIN.matcher(name).matches() && !RESERVED.contains(name.toLowerCase(Locale.ROOT))
                ? name
                : '"' + name + '"';
    }
}
