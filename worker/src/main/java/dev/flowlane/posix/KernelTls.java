package dev.flowlane.posix;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * TLS records made and opened by the kernel on a connected TCP socket (Documentation/networking/tls.rst). There is no
 * TLS handshake: whoever calls brings the keys. The structures of linux/tls.h are the same on x86-64 and aarch64.
 */
public final class KernelTls {
    /** Which way on a socket. */
    public enum Way {
        TRANSMIT(SocketOption.TLS_TX),
        RECEIVE(SocketOption.TLS_RX);

        private final SocketOption option;

        Way(SocketOption option) {
            this.option = option;
        }
    }

    /** Of the protocol. */
    public enum Version {
        TLS_1_2(0x0303, "1.2"),
        TLS_1_3(0x0304, "1.3");

        private final int number;
        private final String text;

        Version(int number, String text) {
            this.number = number;
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** What records are encrypted with; numbers and sizes of {@code struct tls12_crypto_info_*}. */
    public enum Cipher {
        AES_GCM_128(51, 8, 16, 4, "aes-gcm-128"),
        AES_GCM_256(52, 8, 32, 4, "aes-gcm-256"),
        CHACHA20_POLY1305(54, 12, 32, 0, "chacha20-poly1305");

        private final int number;
        private final int materialBytes;
        private final String text;

        Cipher(int number, int ivBytes, int keyBytes, int saltBytes, String text) {
            this.number = number;
            this.materialBytes = ivBytes + keyBytes + saltBytes;
            this.text = text;
        }

        /** Size of the secret that {@link #install} takes: initialization vector, key and salt, in this order. */
        public int materialBytes() {
            return materialBytes;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** RFC 8446, 5.1. */
    private static final int ALERT = 21;

    private static final int HANDSHAKE = 22;

    /** First record's number; each end counts from here. */
    private static final int SEQUENCE_BYTES = 8;

    private static final int HEADER_BYTES = 4;
    private static final int CONTENT_BYTES = 16;

    private KernelTls() {}

    /**
     * TCP_ULP: makes it a socket of TLS, whose bytes go through as they are until {@link #install}.
     *
     * @throws PosixException ENOENT when the kernel has no TLS; ENOTCONN on a socket that is not connected
     */
    public static void enable(int fd) {
        SocketOption.TCP_ULP.setText(fd, "tls");
    }

    /**
     * TLS_TX, TLS_RX: from the next byte on this way of the socket consists of TLS records.
     *
     * @param material {@link Cipher#materialBytes} secret bytes that no other connection and way has
     * @throws PosixException when the kernel does not have this version or cipher
     */
    public static void install(int fd, Way way, Version version, Cipher cipher, byte[] material) {
        if (material.length != cipher.materialBytes) {
            throw new IllegalArgumentException(
                    cipher + " takes " + cipher.materialBytes + " bytes, not " + material.length);
        }
        int size = HEADER_BYTES + material.length + SEQUENCE_BYTES;
        CallState state = CallState.current();
        MemorySegment info = state.scratch.asSlice(CallState.VALUE, size);
        info.fill((byte) 0);
        info.set(JAVA_SHORT_UNALIGNED, 0, (short) version.number);
        info.set(JAVA_SHORT_UNALIGNED, 2, (short) cipher.number);
        MemorySegment.copy(material, 0, info, JAVA_BYTE, HEADER_BYTES, material.length);
        try {
            way.option.set(fd, state, size, "TLS " + version + ", " + cipher);
        } finally {
            info.fill((byte) 0);
        }
    }

    /** Version and cipher that are installed on a way of the socket, such as {@code 1.3 aes-gcm-128}; null: none. */
    public static @Nullable String installed(int fd, Way way) {
        CallState state;
        try {
            state = way.option.get(fd, HEADER_BYTES);
        } catch (PosixException e) {
            return null;
        }
        int version = state.scratch.get(JAVA_SHORT_UNALIGNED, CallState.VALUE);
        int cipher = state.scratch.get(JAVA_SHORT_UNALIGNED, CallState.VALUE + 2);
        return Arrays.stream(Version.values())
                        .filter(known -> known.number == version)
                        .findFirst()
                        .map(Version::toString)
                        .orElse("version " + version)
                + " "
                + Arrays.stream(Cipher.values())
                        .filter(known -> known.number == cipher)
                        .findFirst()
                        .map(Cipher::toString)
                        .orElse("cipher " + cipher);
    }

    /**
     * TLS_RX_EXPECT_NO_PAD: decrypt straight into the reader's memory, in the belief that TLS 1.3 records carry no
     * padding; one that does is decrypted twice.
     *
     * @throws PosixException EINVAL on a socket that does not receive TLS 1.3; ENOPROTOOPT before Linux 6.0
     */
    public static void setExpectNoPad(int fd, boolean noPad) {
        SocketOption.TLS_RX_EXPECT_NO_PAD.setInt(fd, noPad ? 1 : 0);
    }

    /** TLS_RX_EXPECT_NO_PAD. */
    public static boolean expectsNoPad(int fd) {
        return SocketOption.TLS_RX_EXPECT_NO_PAD.getInt(fd) != 0;
    }

    /**
     * Takes the record at the head of the socket's queue, which a plain receive refused with EIO because it is no data;
     * never waits.
     *
     * @return what it is, such as {@code alert of level 2, description 20} (RFC 8446, 6); empty when there is none
     */
    public static String controlRecord(int fd) {
        CallState state = CallState.current();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment content = arena.allocate(CONTENT_BYTES);
            MessageHeader.store(state, content.address(), CONTENT_BYTES);
            MessageHeader.makeRoomForControl(state);
            long n = SocketCalls.recvmsg(fd, state.address(CallState.MSGHDR), FlowSocket.MSG_DONTWAIT);
            int type = MessageHeader.controlByte(
                    state, SocketConstants.SOL_TLS, SocketConstants.TLS_GET_RECORD_TYPE);
            if (n < 0 || type < 0) {
                return "";
            }
            return switch (type) {
                case ALERT ->
                    n < 2
                            ? "alert"
                            : "alert of level " + content.get(JAVA_BYTE, 0) + ", description "
                                    + content.get(JAVA_BYTE, 1);
                case HANDSHAKE -> "handshake message";
                default -> "record of type " + type;
            };
        }
    }
}
