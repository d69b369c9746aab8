package dev.flowlane.worker;

/**
 * Interarrival jitter (RFC 3550, 6.4.1 and A.8): {@code J += (|D| - J) / 16}, D being the difference of two successive
 * transit times, in order of arrival. The clocks of both ends may differ by any constant. Kept in sixteenths of a
 * nanosecond, rounded as the RFC's own code does.
 */
final class Jitter {
    /** No two packets of a flow are further apart on the way, some 18 minutes: only a header that lies says so. */
    private static final long LONGEST_NS = 1L << 40;

    private long sixteenths;
    private long transitNs;
    private boolean any;

    void begin() {
        sixteenths = 0;
        any = false;
    }

    /**
     * A message arrived.
     *
     * @param arrivalNs by this end's clock
     * @param sentNs by the peer's
     */
    void arrived(long arrivalNs, long sentNs) {
        long nowTransitNs = arrivalNs - sentNs;
        if (any) {
            long differenceNs = nowTransitNs - transitNs;
            long capNs = Math.max(-LONGEST_NS, Math.min(LONGEST_NS, differenceNs));
            sixteenths += Math.abs(capNs) - ((sixteenths + 8) >> 4);
        }
        transitNs = nowTransitNs;
        any = true;
    }

    long ns() {
        return sixteenths >> 4;
    }
}
