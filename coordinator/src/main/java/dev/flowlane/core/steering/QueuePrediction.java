package dev.flowlane.core.steering;

import dev.flowlane.posix.CpuSet;
import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The receive CPU of packets that come in at one interface. First the queue: the key and the addresses give a hash, the
 * hash an entry of the indirection table, the entry a queue. Then the CPU: that of the queue's interrupt, or with RPS
 * one of the queue's mask, which the kernel picks by {@code (hash * cpus) >> 32} (get_rps_cpu in net/core/dev.c,
 * reciprocal_scale in linux/kernel.h).
 *
 * <p>The destination's interface hashes source to destination; the source's interface receives the acknowledgements, so
 * it hashes the reverse.
 *
 * <p>An interface that does not say what it hashes is taken to hash the four-tuple, as all do of TCP unless told
 * otherwise.
 */
public final class QueuePrediction {
    private static final int DEPTH_MAX = 8;

    /** What is foretold of a packet. */
    public sealed interface Outcome {}

    /** It will be received on this CPU. */
    public record Cpu(int cpu) implements Outcome {}

    /** Nobody can tell, and why, for a person. */
    public record Unknown(String why) implements Outcome {}

    private final @Nullable Nic nic;
    private final String why;
    private final Map<Integer, RxQueue> queues = new HashMap<>();
    private final @Nullable Toeplitz toeplitz;

    private QueuePrediction(@Nullable Nic nic, String why) {
        this.nic = nic;
        this.why = why;
        Hashing hashing = nic == null ? null : nic.hashing();
        this.toeplitz = hashing == null ? null : toeplitz(hashing).orElse(null);
        if (nic != null) {
            nic.queues().forEach(queue -> queues.put(queue.queue(), queue));
        }
    }

    /** For packets to the address that this interface bears. */
    public static QueuePrediction at(HostNics nics, String interfaceName) {
        String name = interfaceName;
        for (int depth = 0; depth < DEPTH_MAX; depth++) {
            Nic nic = nics.byName().get(name);
            if (nic == null) {
                return new QueuePrediction(null, "the host tells nothing of interface '" + name + "'");
            }
            if (nic.kind() != Nic.Kind.STACKED) {
                return new QueuePrediction(nic, "");
            }
            boolean steered = nic.queues().stream().anyMatch(queue -> !queue.rpsCpus().isEmpty());
            if (steered || nic.lower().size() != 1) {
                return new QueuePrediction(null, steered
                        ? name + " steers packets a second time"
                        : name + " rests on " + nic.lower().size() + " interfaces");
            }
            name = nic.lower().getFirst();
        }
        return new QueuePrediction(null, interfaceName + " rests on too many interfaces");
    }

    /** Whether what is foretold of packets between two addresses may differ with their ports. */
    boolean mayDependOnPorts() {
        return nic != null && nic.kind() == Nic.Kind.DEVICE && toeplitz != null;
    }

    /** The CPU that receives this packet. */
    public Outcome of(FourTuple packet) {
        Nic known = nic;
        if (known == null) {
            return new Unknown(why);
        }
        return switch (known.kind()) {
            case DEVICE -> ofDevice(known, packet);
            case SOFTWARE -> ofSoftware(known);
            case STACKED -> new Unknown(why);
        };
    }

    /** The kernel's own hash has a random key; only a mask of one CPU leaves no choice. */
    private Outcome ofSoftware(Nic known) {
        CpuSet mask = known.queues().isEmpty() ? CpuSet.empty() : known.queues().getFirst().rpsCpus();
        boolean alike = known.queues().size() == known.rxQueues()
                && known.queues().stream().allMatch(queue -> queue.rpsCpus().equals(mask));
        return alike && mask.size() == 1
                ? new Cpu(mask.first())
                : new Unknown(known.name() + " hashes with a key that the kernel keeps to itself");
    }

    private Outcome ofDevice(Nic known, FourTuple packet) {
        Hashing hashing = known.hashing();
        IndirectionTable table = hashing == null ? null : hashing.table();
        Toeplitz function = toeplitz;
        int queueNumber = 0;
        int hash = 0;
        boolean hashed = false;
        boolean ports = false;
        if (hashing != null && function != null) {
            Toeplitz.Fields fields = fields(hashing, packet);
            hash = function.hash(packet, fields);
            hashed = true;
            ports = fields.sourcePort() && fields.destinationPort();
        }
        if (known.rxQueues() != 1) {
            if (!hashed) {
                return new Unknown(known.name() + " does not tell a Toeplitz key");
            }
            if (table == null || !table.isIndexedByBits()) {
                return new Unknown(known.name() + " does not tell an indirection table of a power of two");
            }
            queueNumber = table.queue(hash);
        }
        RxQueue queue = queues.get(queueNumber);
        if (queue == null) {
            return new Unknown("nothing is known of queue " + queueNumber + " of " + known.name());
        }
        CpuSet mask = queue.rpsCpus();
        if (mask.size() == 1) {
            return new Cpu(mask.first());
        }
        if (!mask.isEmpty()) {
            // A hash of the addresses alone does not count as one of the flow: the kernel makes its own then.
            return hashed && ports && hashing != null && hashing.reported()
                    ? new Cpu(mask.toArray()[(int) ((Integer.toUnsignedLong(hash) * mask.size()) >>> Integer.SIZE)])
                    : new Unknown(known.name() + " does not hand the kernel a hash that is known");
        }
        return queue.irqCpus().size() == 1
                ? new Cpu(queue.irqCpus().first())
                : new Unknown("the interrupt of queue " + queueNumber + " of " + known.name() + " is served by "
                        + (queue.irqCpus().isEmpty() ? "an unknown CPU" : "CPUs " + queue.irqCpus()));
    }

    private static Toeplitz.Fields fields(Hashing hashing, FourTuple packet) {
        String letters = packet.source().isIpv4() ? hashing.tcp4Fields() : hashing.tcp6Fields();
        return letters.isEmpty() ? Toeplitz.Fields.FOUR_TUPLE : Toeplitz.Fields.ofLetters(letters);
    }

    /** A key of zeros hashes nothing: drivers tell it when the device keeps its own to itself. */
    private static Optional<Toeplitz> toeplitz(Hashing hashing) {
        String key = hashing.keyHex();
        if (!hashing.toeplitz() || hashing.symmetric() || key.chars().allMatch(digit -> digit == '0')) {
            return Optional.empty();
        }
        try {
            return Optional.of(Toeplitz.of(key));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
