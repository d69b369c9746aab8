package dev.flowlane.core.placement;

import dev.flowlane.posix.CpuSet;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** All claims of all live runs, by run id. Immutable; a change shares all but what is of the machines it touches. */
public final class Ledger {
    private static final Ledger EMPTY = new Ledger(TreePMap.empty(), TreePMap.empty(), 0);

    private final PSortedMap<String, List<Claim>> byRun;
    private final PSortedMap<String, List<Held>> byMachine;
    private final int size;

    private Ledger(PSortedMap<String, List<Claim>> byRun, PSortedMap<String, List<Held>> byMachine, int size) {
        this.byRun = byRun;
        this.byMachine = byMachine;
        this.size = size;
    }

    /** Two live claims that the policies make exclusive. */
    public record Conflict(String runId, Claim claim, String otherRunId, Claim otherClaim) {}

    /** A claim and the run that holds it. */
    record Held(String runId, Claim claim) {}

    /** No claims. */
    public static Ledger empty() {
        return EMPTY;
    }

    /** The claims of these runs. */
    public static Ledger of(Map<String, ? extends Collection<Claim>> claimsByRun) {
        var byRun = new TreeMap<String, List<Claim>>();
        var byMachine = new HashMap<String, List<Held>>();
        int size = 0;
        for (String runId : new TreeSet<>(claimsByRun.keySet())) {
            List<Claim> claims = List.copyOf(claimsByRun.get(runId));
            if (!claims.isEmpty()) {
                byRun.put(runId, claims);
                claims.forEach(claim -> byMachine
                        .computeIfAbsent(claim.machineId(), id -> new ArrayList<>())
                        .add(new Held(runId, claim)));
                size += claims.size();
            }
        }
        return new Ledger(TreePMap.from(byRun), TreePMap.from(byMachine), size);
    }

    /** This ledger with exactly these claims for the run, in place of what it held. */
    public Ledger with(String runId, Collection<Claim> claims) {
        Ledger rest = without(runId);
        if (claims.isEmpty()) {
            return rest;
        }
        var added = new HashMap<String, List<Held>>();
        for (Claim claim : claims) {
            added.computeIfAbsent(claim.machineId(), id -> new ArrayList<>()).add(new Held(runId, claim));
        }
        var newByMachine = rest.byMachine;
        for (var machine : added.entrySet()) {
            newByMachine = newByMachine.plus(machine.getKey(), concat(rest.on(machine.getKey()), machine.getValue()));
        }
        return new Ledger(rest.byRun.plus(runId, List.copyOf(claims)), newByMachine, rest.size + claims.size());
    }

    /** This ledger without the run. */
    public Ledger without(String runId) {
        List<Claim> gone = byRun.get(runId);
        if (gone == null) {
            return this;
        }
        var machines = new HashSet<String>();
        gone.forEach(claim -> machines.add(claim.machineId()));
        var newByMachine = byMachine;
        for (String machineId : machines) {
            List<Held> kept = on(machineId).stream().filter(held -> !held.runId().equals(runId)).toList();
            newByMachine = kept.isEmpty() ? newByMachine.minus(machineId) : newByMachine.plus(machineId, kept);
        }
        return new Ledger(byRun.minus(runId), newByMachine, size - gone.size());
    }

    private static List<Held> concat(List<Held> a, List<Held> b) {
        var both = new ArrayList<Held>(a.size() + b.size());
        both.addAll(a);
        both.addAll(b);
        return both;
    }

    /** Runs that hold claims. */
    public SortedSet<String> runIds() {
        return Collections.unmodifiableSortedSet(new TreeSet<>(byRun.keySet()));
    }

    /** Claims of the run, in the order they were given. */
    public List<Claim> claims(String runId) {
        return byRun.getOrDefault(runId, List.of());
    }

    /** Whether nothing is claimed. */
    public boolean isEmpty() {
        return size == 0;
    }

    /** Number of claims. */
    public int size() {
        return size;
    }

    /** CPUs of the machine that any live run claims, under whatever policy. */
    public CpuSet claimedCpus(String machineId) {
        return CpuSet.of(on(machineId).stream().mapToInt(held -> held.claim().cpu()).distinct().toArray());
    }

    /** Runs whose claims exclude this one. */
    public SortedSet<String> conflicts(Claim claim) {
        return conflicts(List.of(claim));
    }

    /** Runs whose claims exclude any of these. */
    public SortedSet<String> conflicts(Collection<Claim> claims) {
        var runs = new TreeSet<String>();
        for (Claim claim : claims) {
            for (Held held : on(claim.machineId())) {
                if (held.claim().conflictsWith(claim)) {
                    runs.add(held.runId());
                }
            }
        }
        return runs;
    }

    /** Pairs of live claims that exclude each other; empty as long as every claim went through {@link Placement}. */
    public List<Conflict> violations() {
        var violations = new ArrayList<Conflict>();
        for (List<Held> held : byMachine.values()) {
            for (int i = 0; i < held.size(); i++) {
                for (int j = i + 1; j < held.size(); j++) {
                    Held a = held.get(i);
                    Held b = held.get(j);
                    if (a.claim().conflictsWith(b.claim())) {
                        violations.add(new Conflict(a.runId(), a.claim(), b.runId(), b.claim()));
                    }
                }
            }
        }
        return violations;
    }

    /** Claims on the machine. */
    List<Held> on(String machineId) {
        return byMachine.getOrDefault(machineId, List.of());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Ledger ledger && byRun.equals(ledger.byRun);
    }

    @Override
    public int hashCode() {
        return byRun.hashCode();
    }

    @Override
    public String toString() {
        return "Ledger" + byRun;
    }
}
