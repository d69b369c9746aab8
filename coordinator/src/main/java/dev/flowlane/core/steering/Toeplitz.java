package dev.flowlane.core.steering;

import java.util.HexFormat;

/**
 * The hash that receive side scaling is specified with: Microsoft, "RSS hashing types" and "Verifying the RSS hash
 * calculation". Bit i of the input, counted from its first byte's highest, exclusive-ors 32 bits of the key from its
 * bit i on into the result. The input is source address, destination address, source port, destination port, in network
 * order, as far as each is hashed.
 */
public final class Toeplitz {
    private static final int HASH_BITS = 32;
    private static final int BYTE_VALUES = 256;

    /** Two IPv6 addresses and two ports. */
    private static final int INPUT_MAX_BYTES = 36;

    /** By place and value of an input byte: what it adds to the hash. */
    private final int[][] contributions;

    private Toeplitz(int[][] contributions) {
        this.contributions = contributions;
    }

    /** Which parts of a packet's addresses are hashed. */
    public record Fields(
            boolean sourceAddress, boolean destinationAddress, boolean sourcePort, boolean destinationPort) {
        /** Addresses and ports: what interfaces hash of TCP unless they are told otherwise. */
        public static final Fields FOUR_TUPLE = new Fields(true, true, true, true);

        /** Addresses alone. */
        public static final Fields ADDRESSES = new Fields(true, true, false, false);

        /** In ethtool's letters: s and d for the addresses, f and n for the ports. */
        public static Fields ofLetters(String letters) {
            return new Fields(
                    letters.indexOf('s') >= 0,
                    letters.indexOf('d') >= 0,
                    letters.indexOf('f') >= 0,
                    letters.indexOf('n') >= 0);
        }
    }

    /**
     * The function for a key.
     *
     * @param keyHex at least 40 bytes in hexadecimal digits, as the specification has it: 36 of input and 4 of hash
     * @throws IllegalArgumentException for anything else
     */
    public static Toeplitz of(String keyHex) {
        byte[] key = HexFormat.of().parseHex(keyHex);
        if (key.length < INPUT_MAX_BYTES + Integer.BYTES) {
            throw new IllegalArgumentException("an RSS key has at least "
                    + (INPUT_MAX_BYTES + Integer.BYTES) + " bytes, not " + key.length);
        }
        int[][] contributions = new int[INPUT_MAX_BYTES][BYTE_VALUES];
        for (int place = 0; place < INPUT_MAX_BYTES; place++) {
            for (int bit = 0; bit < Byte.SIZE; bit++) {
                int window = window(key, place * Byte.SIZE + bit);
                int mask = 0x80 >> bit;
                for (int value = 0; value < BYTE_VALUES; value++) {
                    contributions[place][value] ^= (value & mask) == 0 ? 0 : window;
                }
            }
        }
        return new Toeplitz(contributions);
    }

    /** 32 bits of the key, from this one on. */
    private static int window(byte[] key, int bit) {
        long bits = 0;
        for (int i = 0; i < 5; i++) {
            int index = bit / Byte.SIZE + i;
            bits = bits << Byte.SIZE | (index < key.length ? Byte.toUnsignedInt(key[index]) : 0);
        }
        return (int) (bits >> (5 * Byte.SIZE - HASH_BITS - bit % Byte.SIZE));
    }

    /** The hash of a packet; to be read as unsigned. */
    public int hash(FourTuple packet, Fields fields) {
        int hash = 0;
        int place = 0;
        if (fields.sourceAddress()) {
            hash ^= address(packet.source(), place);
            place += packet.source().sizeBytes();
        }
        if (fields.destinationAddress()) {
            hash ^= address(packet.destination(), place);
            place += packet.destination().sizeBytes();
        }
        if (fields.sourcePort()) {
            hash ^= port(packet.sourcePort(), place);
            place += Short.BYTES;
        }
        if (fields.destinationPort()) {
            hash ^= port(packet.destinationPort(), place);
        }
        return hash;
    }

    private int address(IpAddress address, int place) {
        int hash = 0;
        for (int i = 0; i < address.sizeBytes(); i++) {
            hash ^= contributions[place + i][address.at(i)];
        }
        return hash;
    }

    private int port(int port, int place) {
        return contributions[place][port >> Byte.SIZE & 0xff] ^ contributions[place + 1][port & 0xff];
    }
}
