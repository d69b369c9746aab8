package dev.flowlane.core.run;

import dev.flowlane.core.placement.CandidateEnd;
import dev.flowlane.core.placement.CandidatePair;
import dev.flowlane.core.placement.HostPair;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * The connections that a search asked for and what both ends said about them.
 *
 * @param opened by candidate id, without gaps from 0
 * @param connects the batches in the order in which they were asked for
 */
public record CandidateBook(SortedMap<Integer, Entry> opened, List<Batch> connects) {
    /** A search that has not begun. */
    public static final CandidateBook EMPTY = new CandidateBook(new TreeMap<>(), List.of());

    public CandidateBook {
        opened = Collections.unmodifiableSortedMap(new TreeMap<>(opened));
        connects = List.copyOf(connects);
    }

    /**
     * One candidate.
     *
     * @param failure why it is no candidate; null while it is one or may become one
     * @param closed whether it was one and its source was told to close it, since it cannot help any more
     */
    public record Entry(
            HostPair pair,
            @Nullable CandidateEnd source,
            @Nullable CandidateEnd destination,
            @Nullable String failure,
            boolean closed) {

        /** One that was asked for just now. */
        static Entry of(HostPair pair) {
            return new Entry(pair, null, null, null, false);
        }

        boolean open() {
            return known() && !closed;
        }

        private boolean known() {
            return failure == null && source != null && destination != null;
        }

        boolean outstanding() {
            return failure == null && (source == null || destination == null);
        }

        /** Whose word is missing; the source's first. */
        String silentHost() {
            return source == null ? pair.source() : pair.destination();
        }
    }

    /** One order to one source host, kept so that it can be sent again. */
    public record Batch(String sourceHostId, List<HostOrder.ConnectTarget> targets, List<Integer> close) {
        public Batch {
            targets = List.copyOf(targets);
            close = List.copyOf(close);
        }
    }

    /** How many connections were asked for. */
    int size() {
        return opened.size();
    }

    CandidateBook ask(List<Batch> batches, SortedMap<Integer, Entry> asked) {
        SortedMap<Integer, Entry> all = new TreeMap<>(opened);
        all.putAll(asked);
        for (Batch batch : batches) {
            for (int candidateId : batch.close()) {
                all.computeIfPresent(candidateId, (id, entry) -> new Entry(
                        entry.pair(), entry.source(), entry.destination(), entry.failure(), true));
            }
        }
        List<Batch> allBatches = new ArrayList<>(connects);
        allBatches.addAll(batches);
        return new CandidateBook(all, allBatches);
    }

    /** Those of the candidates whose source is that host. */
    List<Integer> openedBy(String sourceHostId, Set<Integer> candidateIds) {
        return candidateIds.stream()
                .filter(id -> {
                    Entry entry = opened.get(id);
                    return entry != null && entry.open() && entry.pair().source().equals(sourceHostId);
                })
                .toList();
    }

    /** Takes in what a host says; a report for a candidate that the host has no part in is passed over. */
    CandidateBook hear(String hostId, List<CandidateReport> reports) {
        SortedMap<Integer, Entry> all = new TreeMap<>(opened);
        for (CandidateReport report : reports) {
            all.computeIfPresent(report.candidateId(), (id, entry) -> hear(hostId, entry, report));
        }
        return new CandidateBook(all, connects);
    }

    private static Entry hear(String hostId, Entry entry, CandidateReport report) {
        String owner =
                switch (report.role()) {
                    case SOURCE -> entry.pair().source();
                    case DESTINATION -> entry.pair().destination();
                };
        if (!owner.equals(hostId) || entry.closed()) {
            return entry;
        }
        String failure = report.failure();
        if (failure != null) {
            return new Entry(
                    entry.pair(), entry.source(), entry.destination(), hostId + ": " + failure, false);
        }
        CandidateEnd end = new CandidateEnd(
                report.localAddress(), report.localPort(), report.receiveCpu(), report.steering());
        return switch (report.role()) {
            case SOURCE -> new Entry(entry.pair(), end, entry.destination(), entry.failure(), false);
            case DESTINATION -> new Entry(entry.pair(), entry.source(), end, entry.failure(), false);
        };
    }

    /**
     * Gives up connections of which only one end was heard, where the other end's host has spoken about others: that
     * end never came to be. A host that has said nothing at all is still waited for.
     */
    CandidateBook giveUpHalfOpen() {
        SortedSet<String> speaking = new TreeSet<>();
        for (Entry entry : opened.values()) {
            if (entry.source() != null || entry.failure() != null) {
                speaking.add(entry.pair().source());
            }
            if (entry.destination() != null) {
                speaking.add(entry.pair().destination());
            }
        }
        SortedMap<Integer, Entry> all = new TreeMap<>(opened);
        all.replaceAll((id, entry) -> entry.outstanding() && speaking.contains(entry.silentHost())
                ? new Entry(
                        entry.pair(),
                        entry.source(),
                        entry.destination(),
                        entry.silentHost() + ": nothing was heard of the connection",
                        false)
                : entry);
        return new CandidateBook(all, connects);
    }

    /** Source ports that were asked for between two hosts. */
    List<Integer> portsAsked(HostPair pair) {
        return connects.stream()
                .filter(batch -> batch.sourceHostId().equals(pair.source()))
                .flatMap(batch -> batch.targets().stream())
                .filter(target -> target.destinationHostId().equals(pair.destination()))
                .flatMap(target -> target.sourcePorts().stream())
                .toList();
    }

    /** Whether every connection between two hosts that was tried has failed, and there was one. */
    boolean allFailed(HostPair pair) {
        List<Entry> tried = opened.values().stream().filter(entry -> entry.pair().equals(pair)).toList();
        return !tried.isEmpty() && tried.stream().allMatch(entry -> entry.failure() != null);
    }

    boolean outstanding() {
        return opened.values().stream().anyMatch(Entry::outstanding);
    }

    /** Hosts that still owe a word about a candidate. */
    SortedSet<String> silentHosts() {
        SortedSet<String> hosts = new TreeSet<>();
        for (Entry entry : opened.values()) {
            if (entry.outstanding()) {
                hosts.add(entry.silentHost());
            }
        }
        return hosts;
    }

    /**
     * The first pair of hosts between which no connection is open or still hoped for although it was tried more than
     * once: the first time a host may just have been slow. Null when there is none.
     */
    @Nullable HostPair unconnected() {
        Set<HostPair> hopeful = new HashSet<>();
        for (Entry entry : opened.values()) {
            if (entry.failure() == null) {
                hopeful.add(entry.pair());
            }
        }
        return opened.values().stream()
                .map(Entry::pair)
                .filter(pair -> !hopeful.contains(pair) && tries(pair) > 1)
                .findFirst()
                .orElse(null);
    }

    private long tries(HostPair pair) {
        return connects.stream()
                .filter(batch -> batch.sourceHostId().equals(pair.source()))
                .flatMap(batch -> batch.targets().stream())
                .filter(target -> target.destinationHostId().equals(pair.destination()))
                .count();
    }

    /** Why connections could not be opened, each reason once with its count. */
    List<String> failures() {
        SortedMap<String, Integer> counts = new TreeMap<>();
        for (Entry entry : opened.values()) {
            String failure = entry.failure();
            if (failure != null) {
                counts.merge(failure, 1, Integer::sum);
            }
        }
        return counts.entrySet().stream()
                .map(count -> count.getKey() + (count.getValue() == 1 ? "" : " (" + count.getValue() + " times)"))
                .toList();
    }

    /** The candidates that are open at both ends. */
    List<CandidatePair> pairs() {
        return pairs(Entry::open);
    }

    /** Those that were, and were closed because they could not help. */
    List<CandidatePair> closedPairs() {
        return pairs(Entry::closed);
    }

    private List<CandidatePair> pairs(Predicate<Entry> which) {
        List<CandidatePair> pairs = new ArrayList<>();
        opened.forEach((id, entry) -> {
            CandidateEnd source = entry.source();
            CandidateEnd destination = entry.destination();
            if (entry.known() && which.test(entry) && source != null && destination != null) {
                pairs.add(new CandidatePair(
                        id, entry.pair().source(), entry.pair().destination(), source, destination));
            }
        });
        return pairs;
    }
}
