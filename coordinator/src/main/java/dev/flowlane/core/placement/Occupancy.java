package dev.flowlane.core.placement;

import dev.flowlane.core.spec.Exclusive;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/** CPUs that claims of other runs deny to a run of a given policy, by machine and use. */
final class Occupancy {
    private final Ledger ledger;
    private final Exclusive exclusive;
    private final Map<String, Machine> machines = new HashMap<>();

    Occupancy(Ledger ledger, Exclusive exclusive) {
        this.ledger = ledger;
        this.exclusive = exclusive;
    }

    /** CPUs of one machine that may not be used as application CPU, or as receive CPU of a side. */
    record Machine(BitSet application, BitSet sourceReceive, BitSet destinationReceive) {
        BitSet receive(boolean isSource) {
            return isSource ? sourceReceive : destinationReceive;
        }
    }

    Machine of(String machineId) {
        return machines.computeIfAbsent(machineId, this::build);
    }

    private Machine build(String machineId) {
        var machine = new Machine(new BitSet(), new BitSet(), new BitSet());
        for (Ledger.Held held : ledger.on(machineId)) {
            mark(machine.application, held.claim(), Claim.Part.APPLICATION);
            mark(machine.sourceReceive, held.claim(), Claim.Part.SOURCE_RECEIVE);
            mark(machine.destinationReceive, held.claim(), Claim.Part.DESTINATION_RECEIVE);
        }
        return machine;
    }

    private void mark(BitSet denied, Claim claim, Claim.Part part) {
        // A flow id that no flow has: those of runs are not empty.
        var wish = new Claim(claim.machineId(), claim.cpu(), "", exclusive, part);
        if (claim.conflictsWith(wish)) {
            denied.set(claim.cpu());
        }
    }
}
