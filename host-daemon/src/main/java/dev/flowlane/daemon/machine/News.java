package dev.flowlane.daemon.machine;

import java.util.List;

/** What the coordinator is told; one kind per type of HostEvent.avsc. */
public sealed interface News {

    /** Commands are being read from now on. */
    record Hello(List<String> liveRunIds, int warmWorkers) implements News {}

    record Heartbeat(List<String> liveRunIds, int warmWorkers) implements News {}

    record Goodbye() implements News {}

    record Candidates(RunRef run, List<Candidate> candidates) implements News {}

    record Ready(RunRef run, List<ReadyEnd> ends) implements News {}

    record Ended(RunRef run, EndedFlow flow) implements News {}

    record Drifted(RunRef run, LaneDrift drift) implements News {}

    record Refused(RunRef run, String commandId, String commandType, RefusalCode code, String message)
            implements News {}
}
