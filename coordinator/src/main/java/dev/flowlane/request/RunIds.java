package dev.flowlane.request;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.UUID;

/** Ids of runs that their requester does not name. */
public final class RunIds {
    private RunIds() {}

    /** A UUID version 7 (RFC 9562, 5.7): sorts by time, so lists of runs do, too. */
    public static String newId(Instant now) {
        SecureRandom random = new SecureRandom();
        long time = (now.toEpochMilli() << 16) | 0x7000L | (random.nextLong() & 0x0fffL);
        long rest = 0x8000000000000000L | (random.nextLong() & 0x3fffffffffffffffL);
        return new UUID(time, rest).toString();
    }
}
