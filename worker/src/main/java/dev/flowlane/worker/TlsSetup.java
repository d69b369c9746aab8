package dev.flowlane.worker;

import dev.flowlane.posix.Errno;
import dev.flowlane.posix.KernelTls;
import dev.flowlane.posix.PosixException;
import dev.flowlane.worker.protocol.AppliedOption;
import dev.flowlane.worker.protocol.FlowSecret;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.TlsSettings;
import org.jspecify.annotations.Nullable;

import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.List;

/**
 * Puts TLS on a flow end's socket. Both ends derive the same keys, one set for each direction of the connection, from
 * the flow's secret: HKDF-Expand (RFC 5869) with SHA-256, labelled with direction, version and cipher.
 */
final class TlsSetup {
    private static final String ALGORITHM = "HKDF-SHA256";

    private TlsSetup() {}

    /**
     * To be called before the first byte of traffic; what the peer has sent meanwhile may be waiting.
     *
     * @throws PosixException naming what the kernel refused
     */
    static void apply(int fd, Role role, TlsSettings tls, FlowSecret secret) {
        KernelTls.enable(fd);
        Role peer =
                switch (role) {
                    case SOURCE -> Role.DESTINATION;
                    case DESTINATION -> Role.SOURCE;
                };
        if (tls.transmits(role)) {
            install(fd, KernelTls.Way.TRANSMIT, role, tls, secret);
        }
        if (tls.receives(role)) {
            install(fd, KernelTls.Way.RECEIVE, peer, tls, secret);
            if (tls.noPad()) {
                KernelTls.setExpectNoPad(fd, true);
            }
        }
    }

    private static void install(int fd, KernelTls.Way way, Role sender, TlsSettings tls, FlowSecret secret) {
        KernelTls.install(fd, way, version(tls), cipher(tls), material(sender, tls, secret));
    }

    /** Initialization vector, key and salt of what {@code sender} sends. */
    static byte[] material(Role sender, TlsSettings tls, FlowSecret secret) {
        KernelTls.Cipher cipher = cipher(tls);
        String label = "flowlane tls " + version(tls) + " " + cipher + " "
                + switch (sender) {
                    case SOURCE -> "source";
                    case DESTINATION -> "destination";
                };
        try {
            return KDF.getInstance(ALGORITHM)
                    .deriveData(HKDFParameterSpec.expandOnly(
                            new SecretKeySpec(secret.secret().toArray(), "Generic"),
                            label.getBytes(StandardCharsets.US_ASCII),
                            cipher.materialBytes()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK has " + ALGORITHM, e);
        }
    }

    /** What was asked of TLS, next to what the kernel says of it now; empty without TLS. */
    static List<AppliedOption> readBack(int fd, Role role, @Nullable TlsSettings tls) {
        if (tls == null) {
            return List.of();
        }
        String suite = version(tls) + " " + cipher(tls);
        return List.of(
                new AppliedOption(
                        "TLS_TX", tls.transmits(role) ? suite : null, KernelTls.installed(fd, KernelTls.Way.TRANSMIT)),
                new AppliedOption(
                        "TLS_RX", tls.receives(role) ? suite : null, KernelTls.installed(fd, KernelTls.Way.RECEIVE)),
                new AppliedOption(
                        "TLS_RX_EXPECT_NO_PAD",
                        tls.receives(role) ? Boolean.toString(tls.noPad()) : null,
                        expectsNoPad(fd)));
    }

    /** What a person should know of a call that failed on such a socket, as the end of a sentence; often empty. */
    static String explain(int fd, int errno) {
        return switch (errno) {
            case Errno.EIO -> {
                String record = KernelTls.controlRecord(fd);
                yield record.isEmpty() ? "" : ": the peer sent a TLS " + record + " where data was expected";
            }
            case Errno.EBADMSG -> ": a TLS record could not be opened: it was changed on its way, or the keys differ";
            default -> "";
        };
    }

    private static @Nullable String expectsNoPad(int fd) {
        try {
            return Boolean.toString(KernelTls.expectsNoPad(fd));
        } catch (PosixException e) {
            return null;
        }
    }

    private static KernelTls.Version version(TlsSettings tls) {
        return switch (tls.version()) {
            case TLS_1_2 -> KernelTls.Version.TLS_1_2;
            case TLS_1_3 -> KernelTls.Version.TLS_1_3;
        };
    }

    private static KernelTls.Cipher cipher(TlsSettings tls) {
        return switch (tls.cipher()) {
            case AES_GCM_128 -> KernelTls.Cipher.AES_GCM_128;
            case AES_GCM_256 -> KernelTls.Cipher.AES_GCM_256;
            case CHACHA20_POLY1305 -> KernelTls.Cipher.CHACHA20_POLY1305;
        };
    }
}
