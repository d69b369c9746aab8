package dev.flowlane.coordinator.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.bus.Codec;
import dev.flowlane.bus.Topic;
import dev.flowlane.core.placement.Claim;
import dev.flowlane.core.run.EndLane;
import dev.flowlane.core.run.EndReport;
import dev.flowlane.core.run.FlowEnd;
import dev.flowlane.core.run.FlowLane;
import dev.flowlane.core.run.FlowRole;
import dev.flowlane.core.run.History;
import dev.flowlane.core.run.RunRecord;
import dev.flowlane.core.run.RunState;
import dev.flowlane.core.run.StateName;
import dev.flowlane.core.spec.ApplicationCpu;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.spec.SpecResult;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/** What the coordinator writes about a run it reads back as it was; through the bytes that are on the bus. */
final class RoundTripTest {
    static LongStream seeds() {
        return LongStream.range(0, 200);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void aSpecComesBackAsItWas(long seed) {
        RunSpec spec = spec(new RandomValues(seed));

        SpecResult back = RunSpecAvro.fromAvro(RunSpecAvro.toAvro(spec));

        assertThat(back).isEqualTo(new SpecResult.Parsed(null, spec));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void aRunComesBackAsItWas(long seed) {
        RunRecord run = run(new RandomValues(seed));

        Read<RunRecord> back = RunAvro.fromAvro(overTheBus(Topic.RUNS, RunAvro.toAvro(run)));

        assertThat(back).isEqualTo(new Read.Value<>(run));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void aReportAndALaneComeBackAsTheyWere(long seed) {
        RandomValues values = new RandomValues(seed);
        EndReport report = values.of(EndReport.class);
        EndLane lane = values.of(EndLane.class);

        assertThat(FlowEndAvro.fromAvro(FlowEndAvro.toAvro(report))).isEqualTo(report);
        assertThat(FlowEndAvro.fromAvro(FlowEndAvro.toAvro(lane))).isEqualTo(lane);
    }

    static <T extends SpecificRecord> T overTheBus(Topic<T> topic, T record) {
        Codec<T> codec = Codec.of(topic);
        return switch (codec.decode(codec.encode(record))) {
            case Codec.Decoded.Value<T>(T value) -> value;
            case Codec.Decoded.Malformed<T>(String reason) -> throw new AssertionError(reason);
        };
    }

    /** An offset of zero is the same core, and reads back as that. */
    static RunSpec spec(RandomValues values) {
        RunSpec spec = values.of(RunSpec.class);
        return spec.placement().applicationCpu() instanceof ApplicationCpu.Offset(int offset) && offset == 0
                ? spec(values)
                : spec;
    }

    private static RunRecord run(RandomValues values) {
        return new RunRecord(
                values.of(String.class),
                values.of(String.class),
                values.of(String.class),
                spec(values),
                values.of(Instant.class),
                values.of(Long.class),
                values.of(Integer.class),
                values.of(Integer.class),
                values.below(2) == 0 ? null : values.of(Instant.class),
                values.of(History.class),
                state(values));
    }

    /** A search is not written down, and of a run that is over the claims of its ended flows are not. */
    private static RunState state(RandomValues values) {
        StateName name = values.of(StateName.class);
        List<FlowLane> flows = new ArrayList<>();
        for (int i = name == StateName.QUEUED ? 0 : values.below(3); i > 0; i--) {
            flows.add(flow(values, "run." + i, name.terminal()));
        }
        List<String> reasons = switch (name) {
            case CONNECTING, PLACED, RUNNING -> List.of();
            case QUEUED, FINISHING, COMPLETED, DISTURBED, PARTIAL, FAILED, CANCELLED, REJECTED, EXPIRED ->
                List.of(values.of(String.class), values.of(String.class));
        };
        return RunState.replayed(
                name,
                values.of(Instant.class),
                values.of(Instant.class),
                reasons,
                flows,
                List.of(values.of(String.class)),
                values.below(2) == 0 ? null : values.of(Instant.class),
                values.of(Boolean.class));
    }

    private static FlowLane flow(RandomValues values, String flowId, boolean terminal) {
        FlowLane any = values.of(FlowLane.class);
        FlowEnd source = end(any.source(), FlowRole.SOURCE, any.pair().source());
        FlowEnd destination = end(any.destination(), FlowRole.DESTINATION, any.pair().destination());
        List<Claim> claims = terminal && source.ended() && destination.ended()
                ? List.of()
                : any.claims().stream()
                        .map(claim -> new Claim(
                                claim.machineId(), claim.cpu(), flowId, claim.exclusive(), claim.part()))
                        .toList();
        return new FlowLane(flowId, any.pair(), any.candidateId(), source, destination, claims);
    }

    private static FlowEnd end(FlowEnd any, FlowRole role, String hostId) {
        return new FlowEnd(
                role,
                hostId,
                any.address(),
                any.port(),
                any.applicationCpu(),
                any.receiveCpu(),
                any.observed(),
                null,
                any.report());
    }
}
