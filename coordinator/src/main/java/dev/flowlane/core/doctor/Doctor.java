package dev.flowlane.core.doctor;

import java.util.ArrayList;
import java.util.List;

/** All checks of a host. */
public final class Doctor {
    private Doctor() {}

    /** One diagnosis at least for each check, in the order in which a person would go about it. */
    public static List<Diagnosis> examine(HostSnapshot host) {
        List<Diagnosis> all = new ArrayList<>(CpuChecks.of(host));
        all.addAll(SystemChecks.of(host));
        host.nics().forEach(nic -> all.addAll(NicChecks.of(host, nic)));
        return all;
    }
}
