package dev.flowlane.daemon.plane;

import dev.flowlane.daemon.machine.RunRef;
import dev.flowlane.worker.protocol.Bytes;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** Names a run's attempt on the wire without telling its id: the first 16 bytes of a SHA-256. Not a secret. */
record RunToken(Bytes bytes) {
    static final int SIZE_BYTES = 16;

    static RunToken of(RunRef run) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] named = ("flowlane-run\0" + run.runId() + "\0" + run.attempt()).getBytes(StandardCharsets.UTF_8);
            return new RunToken(Bytes.copyOf(Arrays.copyOf(digest.digest(named), SIZE_BYTES)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
