package dev.flowlane.daemon;

import dev.flowlane.avro.Host;
import dev.flowlane.daemon.inventory.EnvironmentReader;
import dev.flowlane.daemon.inventory.FeatureReader;
import dev.flowlane.daemon.inventory.Machine;
import dev.flowlane.daemon.inventory.NicReader;
import dev.flowlane.daemon.inventory.SteeringLookup;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.io.JsonEncoder;
import org.apache.avro.specific.SpecificDatumWriter;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * This host as a daemon on it would announce it, without one: no listener, no Kafka, no worker. {@code flowlane doctor}
 * starts it to see what a daemon sees.
 */
final class Inventory {
    /** Selects it, in place of all options. */
    static final String OPTION = "--print-inventory";

    private static final int INTERFACES_MAX = 64;

    private Inventory() {}

    /**
     * Writes a host record in Avro's JSON encoding.
     *
     * @param interfaces those to look at; empty: all there are
     */
    static void print(Path root, List<String> interfaces, String version, OutputStream out) throws IOException {
        Machine machine = Machine.read(root);
        HostRecord record = new HostRecord(
                machine.hostname(), "", machine.bootId(), version, Instant.EPOCH, machine, List.of());
        var nics = NicReader.ofSystem().read(interfaces.isEmpty() ? names(root) : interfaces);
        Host host = record.avro(
                true,
                new SteeringLookup(root, System::nanoTime).fresh(),
                new HostRecord.Observed(
                        nics, FeatureReader.ofSystem().read(), EnvironmentReader.ofSystem().read(machine, nics)),
                Instant.now());
        DatumWriter<Host> writer = new SpecificDatumWriter<>(Host.class);
        JsonEncoder encoder = EncoderFactory.get().jsonEncoder(Host.getClassSchema(), out);
        writer.write(host, encoder);
        encoder.flush();
    }

    private static List<String> names(Path root) throws IOException {
        try (Stream<Path> links = Files.list(root.resolve("sys/class/net"))) {
            return links.map(link -> String.valueOf(link.getFileName())).sorted().limit(INTERFACES_MAX).toList();
        }
    }
}
