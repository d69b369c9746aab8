package dev.flowlane.core.run;

import dev.flowlane.core.placement.HostPair;
import dev.flowlane.core.placement.Pairs;
import dev.flowlane.core.spec.IoEngine;
import dev.flowlane.core.spec.IoSettings;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.spec.SocketSettings;
import dev.flowlane.core.spec.Tls;
import dev.flowlane.posix.KernelFeature;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;

/** What a spec needs of the kernels and devices of its hosts, held against what these have. */
public final class FeatureNeeds {
    private FeatureNeeds() {}

    /**
     * A message for every host and feature that is missing, in the order of the hosts' names; none for what a missing
     * feature is needed for in turn.
     *
     * @param hosts a host's record, null when there is none: then nothing is said of it
     */
    public static List<String> problems(RunSpec spec, Function<String, @Nullable HostAnnouncement> hosts) {
        var problems = new ArrayList<String>();
        for (FlowRole role : FlowRole.values()) {
            for (String hostId : hostsOf(spec, role)) {
                HostAnnouncement host = hosts.apply(hostId);
                if (host != null) {
                    capabilities(spec).forEach((capability, key) -> {
                        String unknown = unknown(host, capability, key);
                        if (!unknown.isEmpty() && !problems.contains(unknown)) {
                            problems.add(unknown);
                        }
                    });
                    boolean withoutTls = !has(host, KernelFeature.TLS);
                    of(spec, role).forEach((feature, key) -> {
                        String missing = withoutTls && isPartOfTls(feature) ? "" : missing(host, feature, key);
                        if (!missing.isEmpty() && !problems.contains(missing)) {
                            problems.add(missing);
                        }
                    });
                }
            }
        }
        return problems;
    }

    /** What a daemon has to know, by the names that it announces, each with the key of the spec that asks for it. */
    private static SequencedMap<String, String> capabilities(RunSpec spec) {
        var capabilities = new LinkedHashMap<String, String>();
        capabilities.put("traffic:" + spec.traffic().kind(), "traffic.kind");
        switch (spec.io().engine()) {
            case BLOCKING -> capabilities.put("engine:blocking", "io.engine");
            case EPOLL -> capabilities.put("engine:epoll", "io.engine");
            case BUSY_POLL -> capabilities.put("engine:busy-poll", "io.engine");
            // A matter of the kernel, which the daemon has tried.
            case IO_URING -> {}
        }
        return capabilities;
    }

    /** A daemon that announces nothing of the kind says nothing; it refuses by itself what it does not know. */
    private static String unknown(HostAnnouncement host, String capability, String key) {
        String kind = capability.substring(0, capability.indexOf(':') + 1);
        boolean says = host.capabilities().stream().anyMatch(known -> known.startsWith(kind));
        return !says || host.capabilities().contains(capability)
                ? ""
                : key + ": the daemon of host " + host.hostId() + " does not know "
                        + capability.substring(kind.length()) + ": it is of another version; upgrade it, or name"
                        + " another host";
    }

    private static SortedSet<String> hostsOf(RunSpec spec, FlowRole role) {
        var hosts = new TreeSet<String>();
        for (HostPair pair : Pairs.of(spec)) {
            hosts.add(
                    switch (role) {
                        case SOURCE -> pair.source();
                        case DESTINATION -> pair.destination();
                    });
        }
        return hosts;
    }

    /** Features that an end of this role needs, each with the key of the spec that asks for it. */
    static SequencedMap<KernelFeature, String> of(RunSpec spec, FlowRole role) {
        var needs = new LinkedHashMap<KernelFeature, String>();
        IoSettings io = spec.io();
        SocketSettings socket = spec.socket();
        Tls tls = socket.tls();
        if (tls != null) {
            needs.put(KernelFeature.TLS, "tls.directions");
            needs.put(suite(tls), "tls.cipher");
            if (tls.noPad()) {
                needs.put(KernelFeature.TLS_NO_PAD, "tls.no-pad");
            }
        }
        if (io.engine() == IoEngine.IO_URING) {
            needs.put(KernelFeature.IO_URING, "io.engine");
        }
        if (io.zerocopySend()) {
            boolean rings = io.engine() == IoEngine.IO_URING;
            needs.put(
                    rings ? KernelFeature.IO_URING_ZEROCOPY_SEND : KernelFeature.ZEROCOPY_SEND, "io.zerocopy-send");
        }
        if (Boolean.TRUE.equals(io.ring().multishotReceive())) {
            needs.put(KernelFeature.IO_URING_MULTISHOT_RECEIVE, "io.multishot-receive");
        } else if (io.engine() == IoEngine.IO_URING && io.flowsPerWorker() > 1) {
            needs.put(KernelFeature.IO_URING_MULTISHOT_RECEIVE, "io.flows-per-worker");
        }
        if (io.zerocopyReceive() && role == FlowRole.DESTINATION) {
            needs.put(KernelFeature.ZEROCOPY_RECEIVE, "io.zerocopy-receive");
        }
        switch (io.timestamps()) {
            case NONE -> {}
            case RECEIVE -> needs.put(KernelFeature.TIMESTAMPING, "io.timestamps");
        }
        if (io.hugePages()) {
            needs.put(KernelFeature.HUGE_PAGES, "io.huge-pages");
        }
        switch (io.receiveMemory()) {
            case HOST -> {}
            case DEVMEM -> needs.put(KernelFeature.TCP_DEVMEM, "io.receive-memory");
            case IO_URING_ZEROCOPY -> needs.put(KernelFeature.IO_URING_ZEROCOPY_RECEIVE, "io.receive-memory");
        }
        if (socket.psp()) {
            needs.put(KernelFeature.PSP, "socket.psp");
        }
        return needs;
    }

    /** A kernel without TLS has none of its ciphers and options, which need not be said. */
    private static boolean isPartOfTls(KernelFeature feature) {
        return feature.word().startsWith(KernelFeature.TLS.word() + "-");
    }

    private static boolean has(HostAnnouncement host, KernelFeature feature) {
        HostFeature known = known(host, feature);
        return known != null && known.available();
    }

    private static @Nullable HostFeature known(HostAnnouncement host, KernelFeature feature) {
        return host.features().stream()
                .filter(candidate -> candidate.name().equals(feature.word()))
                .findFirst()
                .orElse(null);
    }

    private static String missing(HostAnnouncement host, KernelFeature feature, String key) {
        HostFeature known = known(host, feature);
        if (known == null) {
            return key + ": host " + host.hostId() + " does not say whether it has " + feature.word()
                    + "; is its daemon of another version? `flowlane hosts describe " + host.hostId() + "` shows it";
        }
        return known.available()
                ? ""
                : key + ": host " + host.hostId() + " has no " + feature.word()
                        + (known.reason().isEmpty() ? "" : ": " + known.reason())
                        + "; leave the key out, or name another host";
    }

    private static KernelFeature suite(Tls tls) {
        return switch (tls.version()) {
            case TLS_1_2 ->
                switch (tls.cipher()) {
                    case AES_GCM_128 -> KernelFeature.TLS_1_2_AES_GCM_128;
                    case AES_GCM_256 -> KernelFeature.TLS_1_2_AES_GCM_256;
                    case CHACHA20_POLY1305 -> KernelFeature.TLS_1_2_CHACHA20_POLY1305;
                };
            case TLS_1_3 ->
                switch (tls.cipher()) {
                    case AES_GCM_128 -> KernelFeature.TLS_1_3_AES_GCM_128;
                    case AES_GCM_256 -> KernelFeature.TLS_1_3_AES_GCM_256;
                    case CHACHA20_POLY1305 -> KernelFeature.TLS_1_3_CHACHA20_POLY1305;
                };
        };
    }
}
