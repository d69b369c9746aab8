package dev.flowlane.worker;

import dev.flowlane.posix.KernelProbe;
import dev.flowlane.posix.PosixException;
import dev.flowlane.worker.protocol.AppliedOption;
import dev.flowlane.worker.protocol.FlowSettings;
import dev.flowlane.worker.protocol.RingSettings;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * How a flow's socket goes through a ring. Records, so that loops that were compiled for one of them are known.
 *
 * @param zerocopySend IORING_OP_SEND_ZC
 * @param multishotReceive any number of receives for one request
 * @param registeredBuffers sends and receives name memory that is pinned already
 */
record RingModes(boolean zerocopySend, boolean multishotReceive, boolean registeredBuffers) {
    static final RingModes PLAIN = new RingModes(false, false, false);

    /** What was asked for, and else what pays: sends without a copy pin their memory in every call otherwise. */
    static RingModes of(FlowSettings settings) {
        RingSettings asked = settings.ring();
        Boolean registered = asked.registeredBuffers();
        return new RingModes(
                settings.zerocopySend(),
                // Flows that share a ring have no other way: which of them something has come for is not known before.
                Boolean.TRUE.equals(asked.multishotReceive()) || settings.flowsPerWorker() > 1,
                registered == null ? settings.zerocopySend() : registered);
    }

    /** What was asked for, next to what this is and how this kernel's rings work. */
    List<AppliedOption> options(FlowSettings settings) {
        RingSettings asked = settings.ring();
        List<AppliedOption> options = new ArrayList<>();
        options.add(new AppliedOption("IORING_SETUP", null, setup()));
        options.add(option("IORING_OP_SEND_ZC", settings.zerocopySend() ? Boolean.TRUE : null, zerocopySend));
        options.add(option("IORING_RECV_MULTISHOT", asked.multishotReceive(), multishotReceive));
        options.add(option("IORING_REGISTER_BUFFERS", asked.registeredBuffers(), registeredBuffers));
        return options;
    }

    private static @Nullable String setup() {
        try {
            return KernelProbe.ioUringSetup();
        } catch (PosixException e) {
            // There is no room for another ring now.
            return null;
        }
    }

    private static AppliedOption option(String name, @Nullable Boolean asked, boolean used) {
        return new AppliedOption(name, asked == null ? null : asked.toString(), Boolean.toString(used));
    }
}
