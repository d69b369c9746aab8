package dev.flowlane.daemon.plane;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/** One line per kind of failed handshake and ten seconds, with how many there were since: a scanner fills no disk. */
final class StrangerLog {
    private static final Logger LOG = LoggerFactory.getLogger(StrangerLog.class);
    private static final long PERIOD_NS = Duration.ofSeconds(10).toNanos();

    private static final class Kind {
        long silentUntilNs;
        boolean everLogged;
        int suppressed;
    }

    private final Map<HandshakeOutcome, Kind> kinds = new EnumMap<>(HandshakeOutcome.class);

    void failed(HandshakeOutcome outcome, InetSocketAddress peer, String reason, long nowNs) {
        Kind kind = kinds.computeIfAbsent(outcome, _ -> new Kind());
        if (kind.everLogged && nowNs - kind.silentUntilNs < 0) {
            kind.suppressed++;
            return;
        }
        LOG.atWarn()
                .addKeyValue("outcome", outcome)
                .addKeyValue("peer", Connection.endpoint(peer))
                .addKeyValue("more_since_last", kind.suppressed)
                .log("closed a data connection: {}", reason);
        kind.everLogged = true;
        kind.suppressed = 0;
        kind.silentUntilNs = nowNs + PERIOD_NS;
    }
}
