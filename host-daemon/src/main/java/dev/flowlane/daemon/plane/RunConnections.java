package dev.flowlane.daemon.plane;

import dev.flowlane.daemon.machine.CandidateKey;
import dev.flowlane.daemon.machine.RunKey;
import dev.flowlane.daemon.machine.RunRef;
import dev.flowlane.worker.protocol.Role;
import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.Map;

/** What the plane holds of one attempt of one run. Belongs to the plane's thread. */
final class RunConnections {
    final RunRef run;

    /** Connections by what they prove, from the moment they are asked for or accepted. */
    final Map<CandidateKey, Connection> byKey = new LinkedHashMap<>();

    /** Set while connections are let in. */
    @Nullable RunKey expectedKey;

    int acceptedMax;

    RunConnections(RunRef run) {
        this.run = run;
    }

    int accepted() {
        return (int) byKey.keySet().stream()
                .filter(key -> key.role() == Role.DESTINATION)
                .count();
    }
}
