package dev.flowlane.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flowlane.bus.BusSettings;
import dev.flowlane.cli.Chromium;
import dev.flowlane.core.placement.Claim;
import dev.flowlane.core.placement.CpuTopology;
import dev.flowlane.core.placement.HostCpus;
import dev.flowlane.core.placement.HostPair;
import dev.flowlane.core.placement.Steering;
import dev.flowlane.core.run.EndLane;
import dev.flowlane.core.run.FleetState;
import dev.flowlane.core.run.FlowEnd;
import dev.flowlane.core.run.FlowLane;
import dev.flowlane.core.run.FlowRole;
import dev.flowlane.core.run.History;
import dev.flowlane.core.run.HostAnnouncement;
import dev.flowlane.core.run.HostView;
import dev.flowlane.core.run.LaneDrift;
import dev.flowlane.core.run.RunRecord;
import dev.flowlane.core.run.RunState;
import dev.flowlane.core.run.Runs;
import dev.flowlane.core.run.StateName;
import dev.flowlane.core.spec.Exclusive;
import dev.flowlane.core.spec.RunSpec;
import dev.flowlane.core.spec.SpecParser;
import dev.flowlane.core.spec.SpecResult;
import dev.flowlane.grafana.Tool;
import dev.flowlane.page.AccessRules;
import dev.flowlane.posix.CpuSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pcollections.TreePMap;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * The page of a fleet of 1,000 machines with 64 CPUs each and 8,000 flows, in a real Chromium: the server and the page
 * are the real ones, the fleet is a state of the core that nobody runs. Pictures are in {@code target/page}, figures in
 * the test's output.
 */
final class PageScaleIT {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
    private static final int HOSTS = 1_000;
    private static final int CPUS = 64;
    private static final int FLOWS_PER_PAIR = 16;
    private static final int PAIRS_PER_RUN = 125;
    private static final int MACHINES_PER_PAGE = 24;

    /** Many times what it takes: a machine that stands still for a while is not the page's fault. */
    private static final double LONGEST_TASK_MS = 2_000;

    private static final double FIRST_PAINT_MS = 20_000;

    /** Written before any script of the page runs. */
    private static final String WATCH = "window.tasks = []; new PerformanceObserver(list => list.getEntries()"
            + ".forEach(entry => window.tasks.push(entry.duration))).observe({type: 'longtask', buffered: true});";

    @TempDir
    Path folder = Path.of(".");

    @Test
    void aThousandMachinesStayUsable() throws Exception {
        Tool.require("chromium", "chromium");
        // Two states that differ in every host, so that every second brings a whole new view.
        List<Snapshot> states = List.of(snapshot(NOON), snapshot(NOON.plusSeconds(1)));
        AtomicLong asked = new AtomicLong();
        Supplier<Snapshot> changing = () -> states.get((int) (asked.incrementAndGet() / 8 % 2));
        BuildInfo build = BuildInfo.read();
        Path pictures = Files.createDirectories(Path.of("target", "page").toAbsolutePath());
        try (Metrics metrics = new Metrics(changing, build, new ClientMetrics(), 100);
                HttpApi http = HttpApi.start(
                        HttpAddress.parse("127.0.0.1:0"), new HttpSecurity(AccessRules.open(true), null),
                        BusSettings.of("127.0.0.1:1", "flowlane"), changing, metrics, build, System::nanoTime);
                Chromium chromium = Chromium.start(folder.resolve("chromium"))) {
            chromium.call("Page.addScriptToEvaluateOnNewDocument", Map.of("source", WATCH));
            chromium.look(1280, "light");
            chromium.open("http://" + http.address() + "/#/fleet");
            chromium.awaitTrue("document.querySelectorAll('.machine').length === " + MACHINES_PER_PAGE);
            JsonNode first = chromium.eval("({paint: performance.getEntriesByName('first-contentful-paint')[0]"
                    + ".startTime, shown: performance.now()})");
            assertThat(chromium.text()).contains("1000 hosts on 1000 machines", "Page 1 of 42");
            assertThat(chromium.eval("document.querySelectorAll('.cell').length").intValue())
                    .isEqualTo(MACHINES_PER_PAGE * CPUS);
            assertThat(first.path("paint").doubleValue()).isLessThan(FIRST_PAINT_MS);
            report("first paint", first.path("paint").doubleValue());
            report("first page of machines shown", first.path("shown").doubleValue());

            chromium.eval("window.tasks.length = 0, true");
            chromium.eval("new Promise(done => { let left = 5; new MutationObserver((_, self) => {"
                    + " if (--left === 0) { self.disconnect(); done(true); } }).observe("
                    + "document.querySelector('.machines'),"
                    + " {subtree: true, childList: true, characterData: true}); })");
            reportTasks(chromium, "five live updates");

            pressButton(chromium, "Next");
            chromium.awaitTrue("document.body.innerText.includes('Page 2 of 42')");
            chromium.awaitTrue("document.querySelector('.machine-name').textContent === 'host-0024'");
            search(chromium, "host-0777");
            chromium.awaitTrue("document.querySelectorAll('.machine').length === 1");
            assertThat(chromium.eval("document.querySelectorAll('.cell.used').length").intValue())
                    .isEqualTo(2 * FLOWS_PER_PAIR);
            search(chromium, "");
            chromium.awaitTrue("document.querySelectorAll('.machine').length === " + MACHINES_PER_PAGE);
            chromium.eval("(() => { const show = document.getElementById('show'); show.value = 'trouble';"
                    + " show.dispatchEvent(new Event('change')); return true; })()");
            chromium.awaitTrue("document.querySelectorAll('.machine').length === 2"
                    + " && document.querySelectorAll('.cell.drifted').length > 0");
            reportTasks(chromium, "paging, searching and choosing");

            chromium.eval("(() => { const show = document.getElementById('show'); show.value = 'all';"
                    + " show.dispatchEvent(new Event('change')); return true; })()");
            chromium.awaitTrue("document.querySelectorAll('.machine').length === " + MACHINES_PER_PAGE);
            chromium.screenshot(pictures.resolve("fleet-1000-light.png"));
            chromium.look(375, "dark");
            chromium.screenshot(pictures.resolve("fleet-1000-narrow.png"));
            assertThat(chromium.eval("document.documentElement.scrollWidth").intValue()).isEqualTo(375);

            chromium.look(1280, "light");
            chromium.open("http://" + http.address() + "/#/runs/run-0");
            chromium.awaitTrue("document.querySelectorAll('.cards tbody tr').length > 0");
            assertThat(chromium.text()).contains("Page 1 of ");
            reportTasks(chromium, "a run with 2,000 flows");
            assertThat(chromium.takeComplaints()).isEmpty();
        }
    }

    private static void reportTasks(Chromium chromium, String what) {
        double longest = chromium.eval("Math.max(0, ...window.tasks)").doubleValue();
        report("longest task in " + what + " (0: none over 50 ms)", longest);
        assertThat(longest).as(what).isLessThan(LONGEST_TASK_MS);
        chromium.eval("window.tasks.length = 0, true");
    }

    private static void report(String what, double milliseconds) {
        System.out.printf(Locale.ROOT, "page of %d machines: %s: %.0f ms%n", HOSTS, what, milliseconds);
    }

    private static void search(Chromium chromium, String text) {
        chromium.eval("(() => { const filter = document.getElementById('filter'); filter.value = '" + text
                + "'; filter.dispatchEvent(new Event('input')); return true; })()");
    }

    private static void pressButton(Chromium chromium, String name) {
        chromium.eval("[...document.querySelectorAll('main button')].find(b => b.textContent === '" + name
                + "').click(), true");
    }

    private static Snapshot snapshot(Instant lastWord) {
        TreeMap<String, HostView> hosts = new TreeMap<>();
        for (int host = 0; host < HOSTS; host++) {
            hosts.put(name(host), host(host, lastWord));
        }
        List<RunRecord> runs = new ArrayList<>();
        for (int run = 0; run * PAIRS_PER_RUN * 2 < HOSTS; run++) {
            runs.add(run(run));
        }
        FleetState empty = FleetState.INITIAL;
        FleetState fleet = new FleetState(
                1, empty.secret(), 0, TreePMap.from(hosts), Runs.of(runs), empty.trust(), empty.limits());
        return new Snapshot(Phase.READY, "", fleet, Map.of(), Duration.ZERO);
    }

    private static String name(int host) {
        return String.format(Locale.ROOT, "host-%04d", host);
    }

    /** The last word of a host that is online is not shown: the address is, and changes here with it. */
    private static HostView host(int number, Instant lastWord) {
        List<CpuTopology> topology = new ArrayList<>();
        for (int cpu = 0; cpu < CPUS; cpu++) {
            topology.add(new CpuTopology(cpu, cpu, 0, cpu / (CPUS / 2), CpuSet.of(cpu)));
        }
        int port = 7_411 + (int) (lastWord.getEpochSecond() - NOON.getEpochSecond());
        HostAnnouncement announcement = new HostAnnouncement(
                name(number), "i", NOON, true, Duration.ofSeconds(15),
                List.of(new HostAnnouncement.DataAddress(
                        "10.0." + number / 250 + "." + (number % 250 + 1), port, "eth0", Steering.HASHED)),
                new HostCpus(
                        name(number), "machine-" + number, CpuSet.parse("0-" + (CPUS - 1)), CpuSet.empty(), topology),
                Set.of());
        return new HostView(
                announcement, "i", HostView.Liveness.ONLINE, lastWord, NOON, NOON, 0L, 2, Set.of(), Set.of(), null);
    }

    private static RunRecord run(int number) {
        String id = "run-" + number;
        List<FlowLane> flows = new ArrayList<>();
        for (int pair = 0; pair < PAIRS_PER_RUN; pair++) {
            int source = 2 * (number * PAIRS_PER_RUN + pair);
            for (int i = 0; i < FLOWS_PER_PAIR; i++) {
                flows.add(flow(id + "." + flows.size(), source, i, number == 0 && pair == 0 && i == 0));
            }
        }
        RunState state = RunState.replayed(
                StateName.RUNNING, NOON, NOON.plusSeconds(600), List.of(), flows, List.of(), null, false);
        return new RunRecord(id, "c", "tester", spec(), NOON, 1, 1, 0, NOON, History.NONE, state);
    }

    private static FlowLane flow(String id, int source, int number, boolean drifted) {
        int receive = 2 * number;
        int application = receive + 1;
        List<Claim> claims = new ArrayList<>();
        for (int host : List.of(source, source + 1)) {
            for (int cpu : List.of(receive, application)) {
                claims.add(new Claim("machine-" + host, cpu, id, Exclusive.STRICT));
            }
        }
        LaneDrift drift = drifted
                ? new LaneDrift(id, FlowRole.SOURCE, 3, false, LaneDrift.Kind.APPLICATION_CPU, "0-1", "9")
                : null;
        LaneDrift other = drifted
                ? new LaneDrift(id, FlowRole.DESTINATION, 3, false, LaneDrift.Kind.RECEIVE_CPU, "0-1", "9")
                : null;
        return new FlowLane(
                id,
                new HostPair(name(source), name(source + 1)),
                number,
                new FlowEnd(FlowRole.SOURCE, name(source), "10.0.0.1", 1, application, receive,
                        lane(id, FlowRole.SOURCE, application, receive), drift, null),
                new FlowEnd(FlowRole.DESTINATION, name(source + 1), "10.0.0.2", 2, application, receive,
                        lane(id, FlowRole.DESTINATION, application, receive), other, null),
                claims);
    }

    private static EndLane lane(String id, FlowRole role, int application, int receive) {
        return new EndLane(id, role, application, receive, Integer.toString(application), Steering.HASHED, 1, 1);
    }

    private static RunSpec spec() {
        return switch (SpecParser.parse("{sources: [a], destinations: [b], duration: 10m}")) {
            case SpecResult.Parsed parsed -> parsed.spec();
            case SpecResult.Invalid invalid -> throw new AssertionError(invalid.problems());
        };
    }
}
