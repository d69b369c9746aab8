package dev.flowlane.core.placement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.core.placement.Claim.Part;
import dev.flowlane.core.spec.Exclusive;
import dev.flowlane.posix.CpuSet;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

final class LedgerTest {
    @Test
    void whatIsPutInComesOutAndGoesAway() {
        Claim claim = new Claim("m1", 3, "r1.0", Exclusive.STRICT);
        Ledger ledger = Ledger.empty().with("r1", List.of(claim));
        assertThat(ledger.claims("r1")).containsExactly(claim);
        assertThat(ledger.runIds()).containsExactly("r1");
        assertThat(ledger.claimedCpus("m1")).isEqualTo(CpuSet.of(3));
        assertThat(ledger.conflicts(new Claim("m1", 3, "r2.0", Exclusive.NONE))).containsExactly("r1");
        assertThat(ledger.conflicts(new Claim("m2", 3, "r2.0", Exclusive.STRICT))).isEmpty();
        assertThat(ledger.without("r1")).isEqualTo(Ledger.empty());
        assertThat(ledger.with("r1", List.of()).isEmpty()).isTrue();
    }

    @Test
    void changesAddUpToTheSameLedger() {
        for (long seed = 0; seed < 300; seed++) {
            var random = new Random(seed);
            Map<String, List<Claim>> model = new TreeMap<>();
            Ledger ledger = Ledger.empty();
            for (int step = 0; step < 40; step++) {
                String runId = "r" + random.nextInt(6);
                var claims = new ArrayList<Claim>();
                for (int i = random.nextInt(4); i > 0; i--) {
                    claims.add(new Claim("m" + random.nextInt(3), random.nextInt(4), runId + "." + i,
                            any(random, Exclusive.values()), any(random, Part.values())));
                }
                if (random.nextInt(3) == 0) {
                    ledger = ledger.without(runId);
                    model.remove(runId);
                } else {
                    ledger = ledger.with(runId, claims);
                    model.remove(runId);
                    if (!claims.isEmpty()) {
                        model.put(runId, claims);
                    }
                }
                Ledger fresh = Ledger.of(model);
                assertThat(ledger).as("seed %d", seed).isEqualTo(fresh);
                assertThat(ledger.size()).isEqualTo(fresh.size());
                assertThat(ledger.violations()).hasSameSizeAs(fresh.violations());
                assertThat(ledger.claimedCpus("m0")).isEqualTo(fresh.claimedCpus("m0"));
            }
        }
    }

    @Test
    void conflictsAreMutual() {
        for (Exclusive a : Exclusive.values()) {
            for (Exclusive b : Exclusive.values()) {
                for (Part p : Part.values()) {
                    for (Part q : Part.values()) {
                        Claim one = new Claim("m", 0, "x", a, p);
                        Claim two = new Claim("m", 0, "y", b, q);
                        assertThat(one.conflictsWith(two)).isEqualTo(two.conflictsWith(one));
                        assertThat(one.conflictsWith(new Claim("m", 0, "x", b, q))).isFalse();
                    }
                }
            }
        }
    }

    private static <T> T any(Random random, T[] values) {
        return values[random.nextInt(values.length)];
    }
}
