package dev.flowlane.posix;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What ethtool(8) shows of a network interface, asked of the kernel by ioctl(SIOCETHTOOL). Reads only; the kernel
 * answers these commands without any privilege. A driver that does not know a command (EOPNOTSUPP), a sandbox that
 * forbids it (EPERM) or an interface that is gone (ENODEV) leave the part unknown. Layouts of linux/ethtool.h, which
 * are the same on x86-64 and aarch64.
 */
public final class Ethtool {
    /** linux/sockios.h. */
    private static final long SIOCETHTOOL = 0x8946;

    /** linux/ethtool.h: commands. */
    private static final int GDRVINFO = 0x03;
    private static final int GCOALESCE = 0x0e;
    private static final int GRINGPARAM = 0x10;
    private static final int GFLAGS = 0x25;
    private static final int GRXFH = 0x29;
    private static final int GRXRINGS = 0x2d;
    private static final int GRXFHINDIR = 0x38;
    private static final int GCHANNELS = 0x3c;
    private static final int GRSSH = 0x46;
    private static final int GLINKSETTINGS = 0x4c;

    /** linux/ethtool.h: flow types, and a flag of GFLAGS. */
    private static final int TCP_V4_FLOW = 0x01;
    private static final int TCP_V6_FLOW = 0x05;
    private static final int ETH_FLAG_RXHASH = 1 << 28;

    /** net/if.h: struct ifreq and its members. */
    private static final int IFREQ_BYTES = 40;
    private static final int IFNAMSIZ = 16;
    private static final int IFREQ_DATA = 16;

    /** struct ethtool_rxfh: offsets. */
    private static final int RXFH_INDIR_SIZE = 8;
    private static final int RXFH_KEY_SIZE = 12;
    private static final int RXFH_HFUNC = 16;
    private static final int RXFH_INPUT_XFRM = 17;
    private static final int RXFH_CONFIG = 24;

    /** struct ethtool_link_settings: offsets. */
    private static final int LINK_SPEED = 4;
    private static final int LINK_NWORDS = 15;
    private static final int LINK_MASKS = 48;
    private static final int MASKS = 3;

    /** More than any driver has; a length from outside is bounded before anything is allocated for it. */
    private static final int TABLE_MAX = 4096;
    private static final int KEY_MAX_BYTES = 256;

    /** The largest structure of fixed size is struct ethtool_drvinfo with 196 bytes. */
    private static final int FIXED_BYTES = 256;

    private static final long BITS_PER_MEGABIT = 1_000_000;

    private Ethtool() {}

    /**
     * Everything that could be found out about one interface.
     *
     * @param driver name; empty unknown
     * @param busAddress such as {@code 0000:03:00.0}; empty unknown
     * @param rxRings receive rings that hashing spreads over; -1 unknown
     * @param channels queues in use; null unknown
     * @param speedBitsPerSecond -1 unknown
     * @param hashReported whether rx-hashing is on: packets carry the interface's hash; null unknown
     * @param hashing how a receive ring is picked; null unknown
     */
    public record Answer(
            String driver,
            String busAddress,
            int rxRings,
            @Nullable Channels channels,
            long speedBitsPerSecond,
            @Nullable Boolean hashReported,
            @Nullable Hashing hashing) {
        /** Nothing could be found out. */
        public static final Answer UNKNOWN = new Answer("", "", -1, null, -1, null, null);
    }

    /** Queues in use: for one direction, and for both with one interrupt. */
    public record Channels(int rx, int tx, int combined) {}

    /**
     * Receive side scaling.
     *
     * @param function one of ETH_RSS_HASH_*: {@link #TOEPLITZ}, {@link #XOR}, {@link #CRC32}; 0 unknown
     * @param keyHex key in hexadecimal digits; empty unknown
     * @param inputTransform RXH_XFRM_*: 0 none, otherwise both directions are made to hash alike
     * @param table receive ring by entry; empty unknown
     * @param tcp4Fields RXH_* bits of what is hashed of TCP over IPv4; -1 unknown
     * @param tcp6Fields the same of TCP over IPv6
     */
    public record Hashing(
            int function, String keyHex, int inputTransform, List<Integer> table, long tcp4Fields, long tcp6Fields) {
        public static final int TOEPLITZ = 1;
        public static final int XOR = 2;
        public static final int CRC32 = 4;

        /** RXH_* of linux/ethtool.h: addresses and ports that are hashed. */
        public static final int SOURCE_ADDRESS = 1 << 4;
        public static final int DESTINATION_ADDRESS = 1 << 5;
        public static final int SOURCE_PORT = 1 << 6;
        public static final int DESTINATION_PORT = 1 << 7;

        public Hashing {
            table = List.copyOf(table);
        }
    }

    /**
     * What an administrator has set on an interface and what its firmware is.
     *
     * @param firmware version; empty unknown
     * @param rings sizes of the rings; null unknown
     * @param coalescing when interrupts are raised; null unknown
     * @param offloads whether each of {@link Offload} is on; those that the kernel does not tell are missing
     */
    public record Tuning(
            String firmware,
            @Nullable Rings rings,
            @Nullable Coalescing coalescing,
            Map<Offload, Boolean> offloads) {
        /** Nothing could be found out. */
        public static final Tuning UNKNOWN = new Tuning("", null, null, Map.of());

        public Tuning {
            offloads = Map.copyOf(offloads);
        }
    }

    /** Descriptors of each ring, as set and at most. */
    public record Rings(int rx, int rxMax, int tx, int txMax) {}

    /** Microseconds that an interrupt may wait for more packets, and whether the driver adapts them. */
    public record Coalescing(int rxMicros, int txMicros, boolean adaptiveRx, boolean adaptiveTx) {}

    /** Offloads that change what is measured, by ethtool(8)'s names. */
    public enum Offload {
        RX_CHECKSUM(0x14, 1),
        TX_CHECKSUM(0x16, 1),
        SCATTER_GATHER(0x18, 1),
        TCP_SEGMENTATION(0x1e, 1),
        GENERIC_SEGMENTATION(0x23, 1),
        GENERIC_RECEIVE(0x2b, 1),
        LARGE_RECEIVE(GFLAGS, 1 << 15),
        RX_HASHING(GFLAGS, ETH_FLAG_RXHASH);

        /** ETHTOOL_G* of linux/ethtool.h, answered with a struct ethtool_value. */
        private final int command;
        private final int bit;

        Offload(int command, int bit) {
            this.command = command;
            this.bit = bit;
        }
    }

    /**
     * Asks about an interface of this thread's network namespace.
     *
     * @param interfaceName at most 15 bytes; a longer one no interface has, so nothing is known of it
     */
    public static Answer ask(String interfaceName) {
        return query(interfaceName, Query::answer, Answer.UNKNOWN);
    }

    /** Asks about the settings of an interface, as {@link #ask} does. */
    public static Tuning tuning(String interfaceName) {
        return query(interfaceName, Query::tuning, Tuning.UNKNOWN);
    }

    private static <T> T query(String interfaceName, Function<Query, T> question, T unknown) {
        byte[] name = interfaceName.getBytes(StandardCharsets.UTF_8);
        if (name.length == 0 || name.length >= IFNAMSIZ) {
            return unknown;
        }
        int type = SocketConstants.SOCK_DGRAM | SocketConstants.SOCK_CLOEXEC;
        int fd = SocketCalls.socket(SocketConstants.AF_INET, type, 0);
        if (fd < 0) {
            return unknown;
        }
        try (Arena arena = Arena.ofConfined()) {
            return question.apply(new Query(fd, arena, name));
        } finally {
            int _ = FileCalls.close(fd);
        }
    }

    /** The questions about one interface, one after the other. */
    private static final class Query {
        private final int fd;
        private final Arena arena;
        private final MemorySegment request;
        private final MemorySegment fixed;

        Query(int fd, Arena arena, byte[] name) {
            this.fd = fd;
            this.arena = arena;
            request = arena.allocate(IFREQ_BYTES, Long.BYTES);
            fixed = arena.allocate(FIXED_BYTES, Long.BYTES);
            MemorySegment.copy(name, 0, request, JAVA_BYTE, 0, name.length);
        }

        Answer answer() {
            boolean driver = asked(GDRVINFO);
            String driverName = driver ? text(4, 32) : "";
            String busAddress = driver ? text(100, 32) : "";
            int rings = asked(GRXRINGS) ? Math.clamp(fixed.get(JAVA_LONG, 8), -1, Integer.MAX_VALUE) : -1;
            Channels channels = asked(GCHANNELS)
                    ? new Channels(fixed.get(JAVA_INT, 20), fixed.get(JAVA_INT, 24), fixed.get(JAVA_INT, 32))
                    : null;
            Boolean hashReported = asked(GFLAGS)
                    ? Boolean.valueOf((fixed.get(JAVA_INT, 4) & ETH_FLAG_RXHASH) != 0)
                    : null;
            return new Answer(driverName, busAddress, rings, channels, speed(), hashReported, hashing());
        }

        /** Offsets of struct ethtool_drvinfo, ethtool_ringparam, ethtool_coalesce and ethtool_value. */
        Tuning tuning() {
            String firmware = asked(GDRVINFO) ? text(68, 32) : "";
            Rings rings = asked(GRINGPARAM)
                    ? new Rings(
                            fixed.get(JAVA_INT, 20), fixed.get(JAVA_INT, 4),
                            fixed.get(JAVA_INT, 32), fixed.get(JAVA_INT, 16))
                    : null;
            Coalescing coalescing = asked(GCOALESCE)
                    ? new Coalescing(
                            fixed.get(JAVA_INT, 4), fixed.get(JAVA_INT, 20),
                            fixed.get(JAVA_INT, 40) != 0, fixed.get(JAVA_INT, 44) != 0)
                    : null;
            Map<Offload, Boolean> offloads = new EnumMap<>(Offload.class);
            for (Offload offload : Offload.values()) {
                if (asked(offload.command)) {
                    offloads.put(offload, (fixed.get(JAVA_INT, 4) & offload.bit) != 0);
                }
            }
            return new Tuning(firmware, rings, coalescing, offloads);
        }

        private @Nullable Hashing hashing() {
            fixed.fill((byte) 0);
            // Sizes of zero ask for the sizes.
            boolean key = ask(GRSSH, fixed);
            if (!key) {
                List<Integer> table = tableAlone();
                return table.isEmpty() ? null : new Hashing(0, "", 0, table, fields(TCP_V4_FLOW), fields(TCP_V6_FLOW));
            }
            int entries = fixed.get(JAVA_INT, RXFH_INDIR_SIZE);
            int keyBytes = fixed.get(JAVA_INT, RXFH_KEY_SIZE);
            if (entries < 0 || entries > TABLE_MAX || keyBytes < 0 || keyBytes > KEY_MAX_BYTES) {
                return null;
            }
            MemorySegment all = arena.allocate(RXFH_CONFIG + 4L * entries + keyBytes, Long.BYTES);
            all.set(JAVA_INT, RXFH_INDIR_SIZE, entries);
            all.set(JAVA_INT, RXFH_KEY_SIZE, keyBytes);
            if (!ask(GRSSH, all)) {
                return null;
            }
            byte[] secret = all.asSlice(RXFH_CONFIG + 4L * entries, keyBytes).toArray(JAVA_BYTE);
            return new Hashing(
                    all.get(JAVA_BYTE, RXFH_HFUNC),
                    HexFormat.of().formatHex(secret),
                    all.get(JAVA_BYTE, RXFH_INPUT_XFRM),
                    ints(all, RXFH_CONFIG, entries),
                    fields(TCP_V4_FLOW),
                    fields(TCP_V6_FLOW));
        }

        /** Drivers that have a table and no key. */
        private List<Integer> tableAlone() {
            fixed.fill((byte) 0);
            int entries = ask(GRXFHINDIR, fixed) ? fixed.get(JAVA_INT, 4) : 0;
            if (entries <= 0 || entries > TABLE_MAX) {
                return List.of();
            }
            MemorySegment all = arena.allocate(8 + 4L * entries, Long.BYTES);
            all.set(JAVA_INT, 4, entries);
            return ask(GRXFHINDIR, all) ? ints(all, 8, entries) : List.of();
        }

        private long fields(int flowType) {
            fixed.fill((byte) 0);
            fixed.set(JAVA_INT, 4, flowType);
            return ask(GRXFH, fixed) ? fixed.get(JAVA_LONG, 8) : -1;
        }

        /** The first call is answered with how many words the link modes' masks have, as a negative number. */
        private long speed() {
            if (!asked(GLINKSETTINGS)) {
                return -1;
            }
            int words = -fixed.get(JAVA_BYTE, LINK_NWORDS);
            if (words <= 0) {
                return -1;
            }
            MemorySegment all = arena.allocate(LINK_MASKS + 4L * MASKS * words, Long.BYTES);
            all.set(JAVA_BYTE, LINK_NWORDS, (byte) words);
            // SPEED_UNKNOWN is -1; a link that is down may say 0.
            int megabits = ask(GLINKSETTINGS, all) ? all.get(JAVA_INT, LINK_SPEED) : -1;
            return megabits <= 0 ? -1 : megabits * BITS_PER_MEGABIT;
        }

        /** Asks with a structure whose every other member is zero. */
        private boolean asked(int command) {
            fixed.fill((byte) 0);
            return ask(command, fixed);
        }

        private boolean ask(int command, MemorySegment structure) {
            structure.set(JAVA_INT, 0, command);
            request.set(JAVA_LONG, IFREQ_DATA, Libc.address(structure, 0, structure.byteSize()));
            int result = FileCalls.ioctl(fd, SIOCETHTOOL, Libc.address(request, 0, IFREQ_BYTES));
            Libc.keep(structure);
            Libc.keep(request);
            return result >= 0;
        }

        private String text(int offset, int maxBytes) {
            byte[] bytes = fixed.asSlice(offset, maxBytes).toArray(JAVA_BYTE);
            int length = 0;
            while (length < maxBytes && bytes[length] != 0) {
                length++;
            }
            return new String(bytes, 0, length, StandardCharsets.UTF_8);
        }

        private static List<Integer> ints(MemorySegment from, int offset, int count) {
            List<Integer> ints = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                ints.add(from.get(JAVA_INT, offset + 4L * i));
            }
            return ints;
        }
    }
}
