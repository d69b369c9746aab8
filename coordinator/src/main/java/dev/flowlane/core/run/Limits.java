package dev.flowlane.core.run;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How much each requester may ask for. A requester is who a command says it is from, up to an {@code @}: alice for
 * alice@laptop-7. This keeps people from asking for more than was meant, and a fleet from flooding a network by
 * mistake; it does not stop somebody who may write commands and signs them with another name.
 *
 * @param byRequester amounts by name, {@link #EVERYBODY} for those that have no amount of their own; what is in neither
 *     is not limited
 */
public record Limits(Map<String, Map<Limit, Long>> byRequester) {
    /** Stands for every requester. */
    public static final String EVERYBODY = "*";

    /** Everybody may ask for everything. */
    public static final Limits NONE = new Limits(Map.of());

    public Limits {
        Map<String, Map<Limit, Long>> copy = new TreeMap<>();
        byRequester.forEach((name, amounts) -> copy.put(name, Map.copyOf(amounts)));
        byRequester = Map.copyOf(copy);
    }

    /** Who is meant by what a command says. */
    public static String account(String requestedBy) {
        int at = requestedBy.indexOf('@');
        return at < 0 ? requestedBy : requestedBy.substring(0, at);
    }

    /** What the requester may ask for at most; null: anything. */
    public @Nullable Long of(String requestedBy, Limit limit) {
        Map<Limit, Long> own = byRequester.getOrDefault(account(requestedBy), Map.of());
        return own.containsKey(limit)
                ? own.get(limit)
                : byRequester.getOrDefault(EVERYBODY, Map.of()).get(limit);
    }

    /**
     * What of a run is more than its requester may ask for.
     *
     * @param liveRuns of the same requester, without this one
     * @return empty when all is within the limits
     */
    List<String> problems(RunRecord run, int liveRuns) {
        Demand demand = Demand.of(run.spec());
        Map<Limit, Long> asked = new EnumMap<>(Limit.class);
        asked.put(Limit.FLOWS, demand.flows());
        asked.put(Limit.RATE, demand.bitsPerSecond());
        asked.put(Limit.REQUESTS, demand.requestsPerSecond());
        asked.put(Limit.DURATION, demand.durationNs());
        asked.put(Limit.RUNS, liveRuns + 1L);
        List<String> problems = new ArrayList<>();
        asked.forEach((limit, amount) -> {
            Long most = of(run.requestedBy(), limit);
            if (most != null && amount > most) {
                problems.add(problem(run.requestedBy(), limit, amount, most));
            }
        });
        return problems;
    }

    private String problem(String requestedBy, Limit limit, long asked, long most) {
        String account = account(requestedBy);
        boolean own = byRequester.getOrDefault(account, Map.of()).containsKey(limit);
        String setting = "limits." + (own ? account : EVERYBODY) + "." + limit.key();
        return setting + ": " + (account.isEmpty() ? "a nameless requester" : account) + " may have at most "
                + limit.phrase(most) + ", this would be " + asked(limit, asked)
                + "; whoever runs the coordinator can raise it in its file of limits (--limits)";
    }

    private static String asked(Limit limit, long amount) {
        if (amount != Demand.UNBOUNDED) {
            return limit.text(amount);
        }
        return switch (limit) {
            case RATE -> "as much as goes (set traffic.rate, or socket.max-pacing-rate for streams over TCP)";
            case REQUESTS -> "as many as go (set traffic.rate)";
            case FLOWS, DURATION, RUNS -> "without bound";
        };
    }
}
