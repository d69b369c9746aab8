package dev.flowlane.coordinator.wire;

import dev.flowlane.core.spec.Problem;
import dev.flowlane.core.spec.ReceiveMemory;
import dev.flowlane.core.spec.Tls;
import org.jspecify.annotations.Nullable;

import java.util.List;

/** Encryption and memory of a spec, to and from the bus. */
final class TlsAvro {
    private TlsAvro() {}

    static dev.flowlane.avro.@Nullable TlsSettings toAvro(@Nullable Tls tls) {
        if (tls == null) {
            return null;
        }
        return dev.flowlane.avro.TlsSettings.newBuilder()
                .setDirections(
                        switch (tls.directions()) {
                            case SEND -> dev.flowlane.avro.TlsDirections.SEND;
                            case RECEIVE -> dev.flowlane.avro.TlsDirections.RECEIVE;
                            case BOTH -> dev.flowlane.avro.TlsDirections.BOTH;
                        })
                .setVersion(
                        switch (tls.version()) {
                            case TLS_1_2 -> dev.flowlane.avro.TlsVersion.TLS_1_2;
                            case TLS_1_3 -> dev.flowlane.avro.TlsVersion.TLS_1_3;
                        })
                .setCipher(
                        switch (tls.cipher()) {
                            case AES_GCM_128 -> dev.flowlane.avro.TlsCipher.AES_GCM_128;
                            case AES_GCM_256 -> dev.flowlane.avro.TlsCipher.AES_GCM_256;
                            case CHACHA20_POLY1305 -> dev.flowlane.avro.TlsCipher.CHACHA20_POLY1305;
                        })
                .setNoPad(tls.noPad())
                .build();
    }

    /** null for a record in the clear, and for one with a problem. */
    static @Nullable Tls fromAvro(dev.flowlane.avro.@Nullable TlsSettings record, List<Problem> problems) {
        if (record == null) {
            return null;
        }
        Tls.Directions directions =
                switch (record.getDirections()) {
                    case SEND -> Tls.Directions.SEND;
                    case RECEIVE -> Tls.Directions.RECEIVE;
                    case BOTH -> Tls.Directions.BOTH;
                    case UNKNOWN -> {
                        problems.add(RunSpecAvro.unknown("tls.directions", "none, send, receive, both"));
                        yield null;
                    }
                };
        Tls.Version version =
                switch (record.getVersion()) {
                    case TLS_1_2 -> Tls.Version.TLS_1_2;
                    case TLS_1_3 -> Tls.Version.TLS_1_3;
                    case UNKNOWN -> {
                        problems.add(RunSpecAvro.unknown("tls.version", "1.2, 1.3"));
                        yield null;
                    }
                };
        Tls.Cipher cipher =
                switch (record.getCipher()) {
                    case AES_GCM_128 -> Tls.Cipher.AES_GCM_128;
                    case AES_GCM_256 -> Tls.Cipher.AES_GCM_256;
                    case CHACHA20_POLY1305 -> Tls.Cipher.CHACHA20_POLY1305;
                    case UNKNOWN -> {
                        problems.add(RunSpecAvro.unknown("tls.cipher", "aes-gcm-128, aes-gcm-256, chacha20-poly1305"));
                        yield null;
                    }
                };
        return directions == null || version == null || cipher == null
                ? null
                : new Tls(directions, version, cipher, record.getNoPad());
    }

    static dev.flowlane.avro.ReceiveMemory memory(ReceiveMemory memory) {
        return switch (memory) {
            case HOST -> dev.flowlane.avro.ReceiveMemory.HOST;
            case DEVMEM -> dev.flowlane.avro.ReceiveMemory.DEVMEM;
            case IO_URING_ZEROCOPY -> dev.flowlane.avro.ReceiveMemory.IO_URING_ZEROCOPY;
        };
    }

    static @Nullable ReceiveMemory memory(dev.flowlane.avro.ReceiveMemory symbol, List<Problem> problems) {
        return switch (symbol) {
            case HOST -> ReceiveMemory.HOST;
            case DEVMEM -> ReceiveMemory.DEVMEM;
            case IO_URING_ZEROCOPY -> ReceiveMemory.IO_URING_ZEROCOPY;
            case UNKNOWN -> {
                        problems.add(RunSpecAvro.unknown("io.receive-memory", "host, devmem, io-uring-zerocopy"));
                        yield null;
                    }
        };
    }
}
