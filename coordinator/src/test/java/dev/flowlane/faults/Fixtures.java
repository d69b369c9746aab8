package dev.flowlane.faults;

import static org.awaitility.Awaitility.await;

import dev.flowlane.cli.BackgroundFleet;
import dev.flowlane.cli.FlowlaneProcess;
import dev.flowlane.cli.Lab;
import dev.flowlane.coordinator.TestFolders;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;

/** A program that does what tests do at their begin, lets a run begin, and never takes anything down: it is killed. */
final class Fixtures {
    /** What it says when traffic is on. */
    static final String MEASURING = "measuring";

    private static final String[] LONG = {"--duration", "90s", "--warmup", "0", "--interval", "200ms", "-o", "jsonl"};

    /** Those that start processes of more than one kind. */
    enum Fixture {
        FAULT_FLEET,
        BACKGROUND_FLEET,
        LAB
    }

    private Fixtures() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        switch (Fixture.valueOf(arguments[0])) {
            case FAULT_FLEET -> {
                FaultFleet fleet = new FaultFleet();
                String _ = fleet.running("duration: 90s\nwarmup: 0s\ninterval: 200ms\n", 2);
            }
            case BACKGROUND_FLEET -> {
                BackgroundFleet fleet = new BackgroundFleet();
                fleet.up();
                awaitIntervals(fleet.begin(run("host-a", "host-b")));
            }
            case LAB -> {
                Lab lab = Lab.open(TestFolders.create(_ -> {}), 2);
                lab.startHost(1);
                lab.startHost(2);
                awaitIntervals(lab.begin(run("lab-1", "lab-2")));
            }
        }
        System.out.println(MEASURING);
        new CountDownLatch(1).await();
    }

    private static String[] run(String source, String destination) {
        String[] arguments = new String[5 + LONG.length];
        System.arraycopy(new String[] {"run", "--source", source, "--destination", destination}, 0, arguments, 0, 5);
        System.arraycopy(LONG, 0, arguments, 5, LONG.length);
        return arguments;
    }

    private static void awaitIntervals(FlowlaneProcess run) {
        await("the run").atMost(FaultFleet.PATIENCE).until(() -> run.out().lines().count() >= 2);
    }
}
