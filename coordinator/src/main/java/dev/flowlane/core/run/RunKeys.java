package dev.flowlane.core.run;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;

/** Keys by which the two ends of a run's connections know each other. */
final class RunKeys {
    private static final String ALGORITHM = "HmacSHA256";

    private RunKeys() {}

    /**
     * The 32-byte key of one attempt of a run. Derived from the epoch's secret, so that an order can be sent again
     * with the same key while no key is ever written into a run's record.
     */
    static OpaqueBytes derive(OpaqueBytes epochSecret, String runId, int attempt) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(epochSecret.toArray(), ALGORITHM));
            mac.update("flowlane-run-key\0".getBytes(StandardCharsets.UTF_8));
            mac.update(runId.getBytes(StandardCharsets.UTF_8));
            mac.update(("\0" + attempt).getBytes(StandardCharsets.UTF_8));
            return OpaqueBytes.of(mac.doFinal());
        } catch (GeneralSecurityException e) {
            // Every JDK has to have it (java.security.Provider's list of required algorithms).
            throw new IllegalStateException(ALGORITHM + " is missing", e);
        }
    }
}
