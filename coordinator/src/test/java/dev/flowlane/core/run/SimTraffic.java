package dev.flowlane.core.run;

import dev.flowlane.worker.protocol.Datagrams;
import dev.flowlane.worker.protocol.Traffic;
import dev.flowlane.worker.protocol.TrafficKind;

import java.util.Random;

/**
 * What goes over a flow's connection, or as its datagrams: what either end counts in each interval. Datagrams are lost,
 * doubled and overtaken on the way; a gap is noticed in its interval or in a later one of the same phase.
 */
final class SimTraffic {
    /**
     * One interval.
     *
     * @param whole whether all that was sent is accounted for; something that was not makes no run COMPLETED
     */
    record Exchange(Traffic source, Traffic destination, boolean whole) {}

    private static final int MESSAGE_BYTES = 100;
    private static final int MESSAGES_MAX = 40;

    private final TrafficKind kind;
    private final Random random;
    private final double loss;
    /** Losses that the destination has not noticed yet, and responses that the source has not missed yet. */
    private int requestsUnnoticed;

    private int responsesUnnoticed;

    SimTraffic(TrafficKind kind, Random random) {
        this.kind = kind;
        this.random = random;
        this.loss =
                switch (random.nextInt(8)) {
                    case 0, 1 -> 0;
                    case 2 -> 1; // A wall: nothing arrives, and that is a result, too.
                    default -> random.nextDouble() * 0.3;
                };
    }

    /**
     * Of the next interval.
     *
     * @param endsPhase whether the warm-up or the measured window ends with it: then every loss is noticed
     * @param strays whether something of it disappears without anybody counting it
     */
    Exchange next(boolean endsPhase, boolean strays) {
        return switch (kind) {
            case STREAM -> overTcp(0, strays);
            case BIDIRECTIONAL -> bothWays(strays);
            case REQUEST_RESPONSE, CONNECT_REQUEST_RESPONSE -> overTcp(1, strays);
            case DATAGRAM_STREAM -> datagrams(false, endsPhase, strays);
            case DATAGRAM_REQUEST_RESPONSE -> datagrams(true, endsPhase, strays);
        };
    }

    private Exchange overTcp(int transactions, boolean strays) {
        long sent = 1_000L + random.nextInt(1_000);
        long received = sent - (strays ? 1 : 0);
        return new Exchange(
                new Traffic(sent, 0, transactions, 1, 1, 0, 0, 0, 0, 0),
                new Traffic(0, received, transactions, 1, 1, 0, 0, 0, 0, 0),
                !strays);
    }

    private Exchange bothWays(boolean strays) {
        long there = 1_000L + random.nextInt(1_000);
        long back = 1_000L + random.nextInt(1_000);
        return new Exchange(
                new Traffic(there, back, 0, 1, 1, 0, 0, 0, 0, 0),
                new Traffic(back, there - (strays ? 1 : 0), 0, 1, 1, 0, 0, 0, 0, 0),
                !strays);
    }

    private Exchange datagrams(boolean answered, boolean endsPhase, boolean strays) {
        int sent = 1 + random.nextInt(MESSAGES_MAX);
        int requestsLost = lost(sent);
        int arrived = sent - requestsLost;
        // What strays is one that arrived and that nobody counted, or one that was lost and is never missed.
        int counted = strays && arrived > 0 ? arrived - 1 : arrived;
        int missed = strays && arrived == 0 ? requestsLost - 1 : requestsLost;
        requestsUnnoticed += missed;
        int requestsNoticed = noticed(requestsUnnoticed, endsPhase);
        requestsUnnoticed -= requestsNoticed;

        int answers = answered ? counted : 0;
        int answersLost = lost(answers);
        responsesUnnoticed += answersLost;
        int responsesNoticed = noticed(responsesUnnoticed, endsPhase);
        responsesUnnoticed -= responsesNoticed;
        int back = answers - answersLost;
        int timedOut = answered ? sent - back : 0;

        Datagrams atSource = new Datagrams(
                sent, back, responsesNoticed, few(back), few(back), 0, timedOut, few(timedOut), few(3), 0, 0);
        Datagrams atDestination = new Datagrams(
                answers, counted, requestsNoticed, few(counted), few(counted), few(requestsNoticed), 0, 0, few(3),
                few(requestsNoticed), random.nextInt(50_000));
        return new Exchange(
                traffic(sent, back, answered ? back : 0, atSource),
                traffic(answers, counted, answers, atDestination),
                !strays);
    }

    private static Traffic traffic(int sent, int received, int transactions, Datagrams datagrams) {
        return new Traffic((long) sent * MESSAGE_BYTES, (long) received * MESSAGE_BYTES, transactions, sent, received,
                0, 0, 0, 0, 0, 0, datagrams);
    }

    private int lost(int sent) {
        int lost = 0;
        for (int i = 0; i < sent; i++) {
            lost += random.nextDouble() < loss ? 1 : 0;
        }
        return lost;
    }

    private int noticed(int lost, boolean all) {
        return all ? lost : random.nextInt(lost + 1);
    }

    private int few(int most) {
        return random.nextInt(most + 1);
    }
}
