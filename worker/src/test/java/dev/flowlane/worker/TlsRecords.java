package dev.flowlane.worker;

import dev.flowlane.worker.protocol.FlowSecret;
import dev.flowlane.worker.protocol.Role;
import dev.flowlane.worker.protocol.TlsSettings;

import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;

/** TLS 1.3 records of one direction, made and opened by the JDK's own cryptography (RFC 8446, 5.2 and 5.3). */
final class TlsRecords {
    static final TlsSettings.Version VERSION = TlsSettings.Version.TLS_1_3;
    static final TlsSettings.Cipher CIPHER = TlsSettings.Cipher.AES_GCM_128;

    static final int DATA = 23;
    static final int ALERT = 21;

    static final int HEADER_BYTES = 5;
    static final int TAG_BYTES = 16;

    private static final int NONCE_BYTES = 12;
    private static final int IV_BYTES = 8;
    private static final int KEY_BYTES = 16;
    private static final int TAG_BITS = 128;

    private final SecretKeySpec key;
    private final byte[] staticNonce;
    private long next;

    TlsRecords(Role sender, TlsSettings tls, FlowSecret secret) {
        byte[] material = TlsSetup.material(sender, tls, secret);
        key = new SecretKeySpec(material, IV_BYTES, KEY_BYTES, "AES");
        // The kernel's structure has the salt last, but it is the first part of the nonce.
        staticNonce = ByteBuffer.allocate(NONCE_BYTES)
                .put(material, IV_BYTES + KEY_BYTES, NONCE_BYTES - IV_BYTES)
                .put(material, 0, IV_BYTES)
                .array();
    }

    byte[] seal(int type, byte[] content) throws GeneralSecurityException {
        byte[] header = header(content.length + 1 + TAG_BYTES);
        Cipher cipher = cipher(Cipher.ENCRYPT_MODE, header);
        byte[] inner = Arrays.copyOf(content, content.length + 1);
        inner[content.length] = (byte) type;
        byte[] sealed = cipher.doFinal(inner);
        return ByteBuffer.allocate(header.length + sealed.length).put(header).put(sealed).array();
    }

    /** Content of the next record; its type is DATA. */
    byte[] open(byte[] record) throws GeneralSecurityException {
        byte[] header = Arrays.copyOf(record, HEADER_BYTES);
        Cipher cipher = cipher(Cipher.DECRYPT_MODE, header);
        byte[] inner = cipher.doFinal(record, HEADER_BYTES, record.length - HEADER_BYTES);
        if (inner[inner.length - 1] != DATA) {
            throw new IllegalStateException("a record of type " + inner[inner.length - 1]);
        }
        return Arrays.copyOf(inner, inner.length - 1);
    }

    static byte[] header(int length) {
        return ByteBuffer.allocate(HEADER_BYTES)
                .put((byte) DATA)
                .putShort((short) 0x0303)
                .putShort((short) length)
                .array();
    }

    private Cipher cipher(int mode, byte[] header) throws GeneralSecurityException {
        byte[] sequence = ByteBuffer.allocate(NONCE_BYTES).putInt(0).putLong(next++).array();
        byte[] nonce = staticNonce.clone();
        for (int i = 0; i < nonce.length; i++) {
            nonce[i] ^= sequence[i];
        }
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(header);
        return cipher;
    }
}
