package dev.flowlane.core.run;

import dev.flowlane.core.spec.ApplicationCpu;
import dev.flowlane.core.spec.Conduct;
import dev.flowlane.core.spec.Exclusive;
import dev.flowlane.core.spec.IoEngine;
import dev.flowlane.core.spec.IoSettings;
import dev.flowlane.core.spec.NotBefore;
import dev.flowlane.core.spec.OnDrift;
import dev.flowlane.core.spec.Pace;
import dev.flowlane.core.spec.ReceiveMemory;
import dev.flowlane.core.spec.RingSettings;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.spec.Timestamps;
import dev.flowlane.core.spec.Topology;
import dev.flowlane.core.spec.Traffic;
import dev.flowlane.core.spec.WhenBusy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** People who want their runs. */
final class SimUsers {
    private static final int RUNS_MAX = 12;
    private static final int RUNS_MAX_OF_MANY = 80;
    private static final int RUNS_MAX_OF_A_FLEET = 400;
    private static final int FLEET = 100;
    /** Hosts of a fleet that one run may use all of. */
    private static final int SMALL = 4;
    private static final long BUSY_MS = 80_000;

    private final Simulation world;
    private final SimBus bus;
    private final Random random;
    private final List<String> hostIds;
    private final List<RunSpec> specs = new ArrayList<>();
    private int commands;

    SimUsers(Simulation world, List<String> hostIds) {
        this.world = world;
        this.bus = world.bus;
        this.random = world.bus.random();
        this.hostIds = hostIds;
    }

    void schedule() {
        int count = 1 + random.nextInt(runsMax(hostIds.size()));
        Duration rush = bus.between(2_500, BUSY_MS);
        for (int i = 0; i < count; i++) {
            String runId = "run-" + i;
            RunSpec spec = i > 0 && random.nextInt(5) == 0 ? like(random.nextInt(i)) : spec();
            specs.add(spec);
            // Half of them at about the same time, so that they are in each other's way.
            Duration when = random.nextBoolean() ? rush.plus(bus.between(0, 3_000)) : bus.between(2_500, BUSY_MS);
            bus.after(when, () -> submit(runId, spec));
            if (random.nextInt(5) == 0) {
                bus.after(when.plus(bus.between(0, 10_000)), () -> submit(runId, spec));
            }
            if (random.nextInt(8) == 0) {
                RunSpec other = spec();
                bus.after(when.plus(bus.between(0, 10_000)), () -> submit(runId, other));
            }
            if (random.nextInt(3) == 0) {
                bus.after(when.plus(bus.between(0, 12_000)), () -> cancel(runId));
            }
        }
    }

    private static int runsMax(int hosts) {
        if (hosts > FLEET) {
            return RUNS_MAX_OF_A_FLEET;
        }
        return hosts > SMALL ? RUNS_MAX_OF_MANY : RUNS_MAX;
    }

    /** The same run once more, on the same lanes. */
    private RunSpec like(int number) {
        RunSpec earlier = specs.get(number);
        Conduct conduct = earlier.conduct();
        return earlier.with(new Conduct(
                conduct.priority(), conduct.notBefore(), conduct.onDrift(), conduct.trials(), "run-" + number));
    }

    private void submit(String runId, RunSpec spec) {
        Duration patience = random.nextInt(4) == 0 ? bus.between(1, 2_000) : Duration.ofMinutes(5);
        String commandId = "command-" + commands++;
        world.command(
                new Input.SubmitRun(commandId, runId, "user", spec, bus.now, bus.now.plus(patience)), commandId, runId);
    }

    private void cancel(String runId) {
        String commandId = "command-" + commands++;
        world.command(new Input.CancelRun(commandId, runId, "user", null, null), commandId, runId);
    }

    private RunSpec spec() {
        List<String> shuffled = new ArrayList<>(hostIds);
        Collections.shuffle(shuffled, random);
        shuffled = shuffled.subList(0, Math.min(shuffled.size(), SMALL));
        Specs spec =
                switch (random.nextInt(6)) {
                    case 0 -> Specs.stream().over(Topology.RING, shuffled, List.of());
                    case 1 -> Specs.stream().over(Topology.MESH, shuffled.subList(0, 2), List.of());
                    case 2 ->
                        Specs.stream()
                                .over(Topology.FAN_IN, shuffled.subList(1, shuffled.size()), shuffled.subList(0, 1));
                    case 3 ->
                        Specs.stream()
                                .over(Topology.FAN_OUT, shuffled.subList(0, 1), shuffled.subList(1, shuffled.size()));
                    default -> Specs.stream().between(shuffled.get(0), shuffled.get(1));
                };
        if (random.nextInt(20) == 0) {
            spec = spec.between("host-a", "host-unknown");
        }
        Duration warmup = random.nextBoolean() ? Duration.ZERO : Duration.ofSeconds(1);
        boolean sharedWorkers = random.nextInt(8) == 0;
        int flows = sharedWorkers ? 2 + random.nextInt(4) : 1 + random.nextInt(3) * random.nextInt(2);
        Traffic traffic = sharedWorkers ? unpaced() : traffic();
        RunSpec built = spec.flows(flows)
                .lasting(warmup, bus.between(500, 12_000))
                .traffic(traffic)
                .exclusive(sharedWorkers ? Exclusive.NONE : exclusive())
                .applicationCpu(sharedWorkers ? new ApplicationCpu.SameCore() : applicationCpu(flows))
                .maxCandidates(8 + random.nextInt(56))
                .whenBusy(random.nextInt(4) == 0 ? WhenBusy.REJECT : WhenBusy.QUEUE)
                .conduct(conduct())
                .build();
        return with(built, io(traffic, sharedWorkers ? 2 + random.nextInt(flows) : 1));
    }

    private Traffic traffic() {
        return switch (random.nextInt(10)) {
            case 0, 1, 2, 3 -> unpaced();
            case 4 -> new Traffic.Stream(pace(Traffic.OUTSTANDING_MAX));
            case 5 -> random.nextBoolean()
                    ? new Traffic.RequestResponse(1, 1, 8, pace(8))
                    : new Traffic.ConnectRequestResponse(1, 1, random.nextBoolean(), null);
            case 6 -> new Traffic.Bidirectional();
            case 7, 8 -> new Traffic.DatagramStream(1_400, random.nextBoolean() ? null : pace(16));
            default -> new Traffic.DatagramRequestResponse(
                    24, 24, 4, Duration.ofSeconds(1), random.nextBoolean() ? null : pace(4));
        };
    }

    private Traffic unpaced() {
        return random.nextBoolean() ? new Traffic.Stream() : new Traffic.RequestResponse(1, 1);
    }

    private Pace pace(int burstMax) {
        return new Pace(
                1 + random.nextInt(1_000),
                Pace.Unit.MESSAGES,
                random.nextBoolean() ? Pace.Arrival.CONSTANT : Pace.Arrival.POISSON,
                random.nextInt(100),
                1 + random.nextInt(burstMax));
    }

    private IoSettings io(Traffic traffic, int flowsPerWorker) {
        boolean stamped = !(traffic instanceof Traffic.ConnectRequestResponse) && random.nextInt(4) == 0;
        return new IoSettings(
                flowsPerWorker > 1 ? IoEngine.EPOLL : IoEngine.BLOCKING,
                RingSettings.AUTO,
                65_536,
                65_536,
                true,
                false,
                false,
                false,
                false,
                ReceiveMemory.HOST,
                null,
                stamped ? Timestamps.RECEIVE : Timestamps.NONE,
                flowsPerWorker);
    }

    private static RunSpec with(RunSpec spec, IoSettings io) {
        return new RunSpec(
                spec.sources(),
                spec.destinations(),
                spec.topology(),
                spec.flowsPerPair(),
                spec.traffic(),
                spec.duration(),
                spec.warmup(),
                spec.interval(),
                spec.ipVersion(),
                spec.placement(),
                io,
                spec.socket(),
                spec.whenBusy(),
                spec.conduct());
    }

    private Conduct conduct() {
        NotBefore notBefore =
                switch (random.nextInt(6)) {
                    case 0 -> new NotBefore.Delay(bus.between(0, 40_000));
                    case 1 -> new NotBefore.At(FleetDriver.START.plus(bus.between(0, BUSY_MS)));
                    default -> new NotBefore.AtOnce();
                };
        return new Conduct(
                random.nextInt(3) == 0 ? random.nextInt(-100, 101) : 0,
                notBefore,
                random.nextInt(3) == 0 ? OnDrift.REHUNT : OnDrift.REPORT,
                random.nextInt(4) == 0 ? 2 + random.nextInt(2) : 1,
                null);
    }

    private Exclusive exclusive() {
        return switch (random.nextInt(5)) {
            case 0 -> Exclusive.NONE;
            case 1 -> Exclusive.PER_SIDE;
            default -> Exclusive.STRICT;
        };
    }

    private ApplicationCpu applicationCpu(int flows) {
        return switch (random.nextInt(8)) {
            case 0 -> new ApplicationCpu.Offset(1);
            case 1 -> new ApplicationCpu.Unpinned();
            case 2 -> new ApplicationCpu.NumaLocal();
            case 3 -> flows % 2 == 0 ? new ApplicationCpu.Cross() : new ApplicationCpu.SameCore();
            default -> new ApplicationCpu.SameCore();
        };
    }
}
