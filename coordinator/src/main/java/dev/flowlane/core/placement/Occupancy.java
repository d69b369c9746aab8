package dev.flowlane.core.placement;

import dev.flowlane.core.spec.Exclusive;
import org.jspecify.annotations.Nullable;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/** CPUs that claims of other runs deny to a run of a given policy, by machine and use. */
final class Occupancy {
    private final Ledger ledger;
    private final Exclusive exclusive;
    private final Cores cores;
    private final Map<String, Machine> machines = new HashMap<>();

    Occupancy(Ledger ledger, Exclusive exclusive, Cores cores) {
        this.ledger = ledger;
        this.exclusive = exclusive;
        this.cores = cores;
    }

    /** CPUs of one machine that may not be used as application CPU, or as receive CPU of a side; not to be changed. */
    record Machine(BitSet application, BitSet sourceReceive, BitSet destinationReceive) {
        BitSet receive(boolean isSource) {
            return isSource ? sourceReceive : destinationReceive;
        }
    }

    Machine of(String machineId) {
        return machines.computeIfAbsent(machineId, this::build);
    }

    /** Whether the claim denies its CPU to an end of the side, for one use or the other. */
    boolean denies(Claim claim, boolean isSource) {
        Claim.Part receive = isSource ? Claim.Part.SOURCE_RECEIVE : Claim.Part.DESTINATION_RECEIVE;
        return claim.excludes(exclusive, Claim.Part.APPLICATION) || claim.excludes(exclusive, receive);
    }

    private Machine build(String machineId) {
        CoreLayout layout = cores.of(machineId);
        if (exclusive == Exclusive.STRICT) {
            // Every claim denies its CPU to a strict run, whatever the use.
            var denied = new BitSet();
            ledger.on(machineId).forEach(held -> mark(denied, held.claim(), Claim.Part.WHOLE, layout));
            return new Machine(denied, denied, denied);
        }
        var machine = new Machine(new BitSet(), new BitSet(), new BitSet());
        for (Ledger.Held held : ledger.on(machineId)) {
            mark(machine.application, held.claim(), Claim.Part.APPLICATION, layout);
            mark(machine.sourceReceive, held.claim(), Claim.Part.SOURCE_RECEIVE, layout);
            mark(machine.destinationReceive, held.claim(), Claim.Part.DESTINATION_RECEIVE, layout);
        }
        return machine;
    }

    private void mark(BitSet denied, Claim claim, Claim.Part part, @Nullable CoreLayout layout) {
        if (!claim.excludes(exclusive, part)) {
            return;
        }
        if (layout == null) {
            denied.set(claim.cpu());
        } else {
            // Who avoids siblings would claim this CPU together with any other of its core.
            for (int sibling : layout.core(claim.cpu())) {
                denied.set(sibling);
            }
        }
    }
}
