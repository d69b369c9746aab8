package dev.flowlane.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.avro.RunStateName;
import dev.flowlane.bus.Bus;
import dev.flowlane.bus.BusSettings;
import org.junit.jupiter.api.Test;

import java.time.Duration;

/** A small fleet's load for a short time; {@link FleetLoad} is the large one. */
final class FleetLoadIT {
    private static final FleetLoad.Load LOAD =
            new FleetLoad.Load(50, 10, 200, Duration.ofSeconds(4), Duration.ofSeconds(20));

    @Test
    void oneCoordinatorKeepsUp() throws Exception {
        try (BrokerProcess broker = BrokerProcess.start(0)) {
            Bus bus = new Bus(BusSettings.of(broker.bootstrap(), "load"));
            bus.admin().create(1);

            FleetLoad.Outcome outcome = FleetLoad.on(bus, broker.bootstrap(), "load", LOAD);

            outcome.print();
            assertThat(outcome.undelivered()).isZero();
            assertThat(outcome.runs()).containsOnlyKeys(RunStateName.COMPLETED);
            assertThat(outcome.runs().get(RunStateName.COMPLETED)).isGreaterThanOrEqualTo(2 * LOAD.runs());
            // Every run is a flood of a few hundred records at its begin and its end; what counts is that it ebbs. A
            // coordinator that falls behind by a fifth of what comes is 300 records late by then, and never less.
            assertThat(outcome.leastLag(0.5, 1)).isLessThan(LOAD.hosts() + LOAD.flows());
            assertThat(outcome.residentMaxKb()).isBetween(32L * 1024, 512L * 1024);
            assertThat(Duration.ofNanos(outcome.answerNs().getValueAtPercentile(50))).isLessThan(Duration.ofSeconds(2));
            // Nobody waits for longer: that is when a command gives up.
            assertThat(Duration.ofNanos(outcome.answerNs().getMaxValue())).isLessThan(Duration.ofSeconds(10));
            Checked.invariantsHold(bus);
        }
    }
}
