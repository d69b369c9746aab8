package dev.flowlane.core.spec;

import java.time.Duration;
import java.util.List;

/**
 * One requested measurement, every default filled in. Holds whatever it is given: {@link SpecValidator} judges it.
 *
 * @param sources host ids of the sending side, in order
 * @param destinations host ids of the receiving side; may be empty for {@link Topology#MESH} and {@link Topology#RING},
 *     which then stay among the sources
 * @param flowsPerPair flows between each pair of hosts, 1 to 1024
 * @param duration measured window, 10 ms to 30 days; where the course limits it, the longest it may be
 * @param warmup traffic before it that is published but not summed, 0 to 1 h
 * @param interval reporting period, 10 ms to 1 h
 * @param ipVersion 4, 6, or {@link #ANY_IP_VERSION}
 */
public record RunSpec(
        List<String> sources,
        List<String> destinations,
        Topology topology,
        int flowsPerPair,
        Traffic traffic,
        Duration duration,
        Duration warmup,
        Duration interval,
        int ipVersion,
        PlacementPolicy placement,
        IoSettings io,
        SocketSettings socket,
        WhenBusy whenBusy,
        Conduct conduct,
        Course course) {

    /** Whichever IP version both hosts announce. */
    public static final int ANY_IP_VERSION = 0;

    public RunSpec {
        sources = List.copyOf(sources);
        destinations = List.copyOf(destinations);
    }

    /** A spec of traffic that goes the usual way, for its whole duration. */
    public RunSpec(
            List<String> sources,
            List<String> destinations,
            Topology topology,
            int flowsPerPair,
            Traffic traffic,
            Duration duration,
            Duration warmup,
            Duration interval,
            int ipVersion,
            PlacementPolicy placement,
            IoSettings io,
            SocketSettings socket,
            WhenBusy whenBusy,
            Conduct conduct) {
        this(
                sources,
                destinations,
                topology,
                flowsPerPair,
                traffic,
                duration,
                warmup,
                interval,
                ipVersion,
                placement,
                io,
                socket,
                whenBusy,
                conduct,
                Course.USUAL);
    }

    /** A spec that says nothing of when and how often. */
    public RunSpec(
            List<String> sources,
            List<String> destinations,
            Topology topology,
            int flowsPerPair,
            Traffic traffic,
            Duration duration,
            Duration warmup,
            Duration interval,
            int ipVersion,
            PlacementPolicy placement,
            IoSettings io,
            SocketSettings socket,
            WhenBusy whenBusy) {
        this(
                sources,
                destinations,
                topology,
                flowsPerPair,
                traffic,
                duration,
                warmup,
                interval,
                ipVersion,
                placement,
                io,
                socket,
                whenBusy,
                Conduct.DEFAULT);
    }

    /** The same with another conduct. */
    public RunSpec with(Conduct newConduct) {
        return new RunSpec(
                sources,
                destinations,
                topology,
                flowsPerPair,
                traffic,
                duration,
                warmup,
                interval,
                ipVersion,
                placement,
                io,
                socket,
                whenBusy,
                newConduct,
                course);
    }

    /** The same with another course. */
    public RunSpec with(Course newCourse) {
        return new RunSpec(
                sources,
                destinations,
                topology,
                flowsPerPair,
                traffic,
                duration,
                warmup,
                interval,
                ipVersion,
                placement,
                io,
                socket,
                whenBusy,
                conduct,
                newCourse);
    }

    /** Flows of the whole run: pairs of its topology times flows per pair. */
    public long flowCount() {
        return topology.pairCount(sources, destinations) * flowsPerPair;
    }
}
