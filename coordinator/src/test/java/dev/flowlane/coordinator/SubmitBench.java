package dev.flowlane.coordinator;

import static org.awaitility.Awaitility.await;

import dev.flowlane.avro.RunStateName;
import dev.flowlane.bus.Bus;
import dev.flowlane.bus.BusSettings;
import dev.flowlane.bus.BusWriter;
import dev.flowlane.bus.Topic;
import dev.flowlane.coordinator.wire.RunCommandAvro;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/**
 * How long a run takes from its command to START, and what one transaction costs: a real broker, the coordinator's
 * process, and scripted daemons that answer at once, so nothing but the bus and the coordinator is measured. A main,
 * not a test: {@code java -cp ... dev.flowlane.coordinator.SubmitBench [RUNS]} in the module's folder.
 */
final class SubmitBench {
    private static final Duration PAUSE = Duration.ofMillis(200);

    private SubmitBench() {}

    public static void main(String[] arguments) throws Exception {
        int runs = arguments.length == 0 ? 60 : Integer.parseInt(arguments[0]);
        try (BrokerProcess broker = BrokerProcess.start(0)) {
            Bus bus = new Bus(BusSettings.of(broker.bootstrap(), "bench"));
            bus.admin().create(1);
            await("topics").until(() -> bus.admin().verify().isEmpty());
            try (JavaProcess coordinator = JavaProcess.coordinator(broker.bootstrap(), "bench");
                    ScriptedFleet fleet = new ScriptedFleet(bus, 2, "a", "b");
                    Onlooker onlooker = new Onlooker(bus);
                    BusWriter users = bus.writer("users")) {
                await("coordinator").atMost(Duration.ofSeconds(60)).until(() -> coordinator.http().isPresent());
                System.out.println("first runs, from a cold coordinator:");
                print(measure(5, 0, users, fleet, onlooker));
                System.out.println("the next " + runs + ":");
                print(measure(runs, 5, users, fleet, onlooker));
                transactions(coordinator.http().orElseThrow());
            }
        }
    }

    private static long[] measure(int runs, int from, BusWriter users, ScriptedFleet fleet, Onlooker onlooker) {
        long[] tookNs = new long[runs];
        for (int i = 0; i < runs; i++) {
            String runId = "run-" + (from + i);
            LockSupport.parkNanos(PAUSE.toNanos());
            long beganNs = System.nanoTime();
            users.send(Topic.COMMANDS, runId, RunCommandAvro.submit(
                            "c-" + runId, runId, "bench", CoordinatorIT.spec(1, Duration.ofSeconds(1)), null))
                    .join();
            onlooker.awaitState(runId, RunStateName.COMPLETED);
            tookNs[i] = fleet.startedAtNs(runId) - beganNs;
        }
        return tookNs;
    }

    private static void print(long[] tookNs) {
        long[] sorted = tookNs.clone();
        Arrays.sort(sorted);
        System.out.printf(Locale.ROOT, "  submit to START: first %.1f ms, median %.1f ms, p90 %.1f ms, max %.1f ms%n",
                tookNs[0] / 1e6, sorted[sorted.length / 2] / 1e6, sorted[sorted.length * 9 / 10] / 1e6,
                sorted[sorted.length - 1] / 1e6);
    }

    private static void transactions(String http) throws IOException, InterruptedException {
        String metrics = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create("http://" + http + "/metrics")).build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
        metrics.lines().filter(line -> line.startsWith("flowlane_transaction_seconds")).forEach(System.out::println);
    }
}
