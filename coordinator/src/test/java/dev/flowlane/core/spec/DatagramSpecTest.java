package dev.flowlane.core.spec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.List;

/** Specs of traffic over UDP: what they may say, and what is said to those that say something else. */
final class DatagramSpecTest {
    private static final String HOSTS = "sources: [host-a]\ndestinations: [host-b]\n";

    private static RunSpec parsed(String text) {
        return ((SpecResult.Parsed) SpecParser.parse(text)).spec();
    }

    private static Traffic traffic(String text) {
        return parsed(HOSTS + text).traffic();
    }

    private static List<String> faults(String text) {
        return switch (SpecParser.parse(HOSTS + text)) {
            case SpecResult.Parsed _ -> List.of();
            case SpecResult.Invalid(List<Problem> problems) ->
                problems.stream().map(Problem::toString).toList();
        };
    }

    @Test
    void datagramsHaveDefaultsOfTheirOwn() {
        assertThat(traffic("traffic: {kind: datagram-stream}")).isEqualTo(new Traffic.DatagramStream(1400, null));
        assertThat(traffic("traffic: {kind: datagram-stream, message-size: 24, rate: 1k/s}"))
                .isEqualTo(new Traffic.DatagramStream(
                        24, new Pace(1000, Pace.Unit.MESSAGES, Pace.Arrival.CONSTANT, 1)));
        assertThat(traffic("traffic: {kind: datagram-request-response}"))
                .isEqualTo(new Traffic.DatagramRequestResponse(24, 24, 1, Duration.ofSeconds(1), null));
        assertThat(traffic("traffic: {kind: datagram-request-response, request-size: 100, response-size: 1kB,"
                        + " outstanding: 8, timeout: 20ms}"))
                .isEqualTo(new Traffic.DatagramRequestResponse(100, 1000, 8, Duration.ofMillis(20), null));
        assertThat(parsed(HOSTS + "traffic: {kind: datagram-stream}\nio: {segmentation-offload: false}")
                        .io()
                        .segmentationOffload())
                .isFalse();
    }

    @Test
    void datagramsThatCannotBeAreRefusedWithWhatIsAllowed() {
        assertThat(faults("traffic: {kind: datagram-stream, message-size: 23}"))
                .singleElement()
                .asString()
                .contains("traffic.message-size", "23", "24 to");
        assertThat(faults("traffic: {kind: datagram-stream, message-size: 65508}"))
                .singleElement()
                .asString()
                .contains("traffic.message-size", "65507");
        assertThat(faults("traffic: {kind: datagram-request-response, request-size: 1}"))
                .singleElement()
                .asString()
                .contains("traffic.request-size", "header of 24 bytes");
        assertThat(faults("traffic: {kind: datagram-request-response, timeout: 5s}"))
                .singleElement()
                .asString()
                .contains("traffic.timeout");
        assertThat(faults("traffic: {kind: datagram-request-response, outstanding: 0}"))
                .singleElement()
                .asString()
                .contains("traffic.outstanding");
        assertThat(faults("traffic: {kind: datagram-stream, message-size: 40000}\nio: {segmentation-offload: true}"))
                .singleElement()
                .asString()
                .contains("io.segmentation-offload", "65507", "32753");
        assertThat(faults("traffic: {kind: datagram-request-response}\nio: {segmentation-offload: true}"))
                .singleElement()
                .asString()
                .contains("one by one");
        assertThat(faults("io: {segmentation-offload: true}")).singleElement().asString().contains("datagram");
    }

    @Test
    void whatOnlyTcpHasIsRefusedForDatagrams() {
        assertThat(faults("""
                traffic: {kind: datagram-stream}
                socket: {congestion-control: bbr, mss: 1448, quick-ack: true, user-timeout: 1s, not-sent-low-water: 1}
                io: {truncate-receive: true, validate: false, zerocopy-send: true, write-size: 1}
                """))
                .hasSize(8)
                .allSatisfy(fault -> assertThat(fault).contains("leave it out"));
        assertThat(faults("traffic: {kind: datagram-stream, outstanding: 2}"))
                .singleElement()
                .asString()
                .contains("traffic.outstanding", "a stream has no outstanding");
        assertThat(faults("traffic: {message-size: 100}")).singleElement().asString().contains("over TCP");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "traffic: {kind: datagram-stream, message-size: 9000, rate: 1Gbit/s}\nio: {segmentation-offload: true}",
        "traffic: {kind: datagram-request-response, request-size: 1kB, timeout: 1500us, outstanding: 3}"
    })
    void aSpecOfDatagramsIsWrittenAsItIsRead(String text) {
        RunSpec spec = parsed(HOSTS + text);
        assertThat(SpecParser.parse(SpecText.yaml("r1", spec))).isEqualTo(new SpecResult.Parsed("r1", spec));
    }
}
