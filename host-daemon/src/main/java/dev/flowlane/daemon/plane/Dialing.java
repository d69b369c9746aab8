package dev.flowlane.daemon.plane;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.flowlane.daemon.machine.Endpoint;
import dev.flowlane.posix.ConnectOptions;
import dev.flowlane.posix.Errno;
import dev.flowlane.posix.PosixException;
import dev.flowlane.posix.Sockets;
import dev.flowlane.worker.protocol.SocketOptions;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/** Beginning a candidate connection, and what to say when that fails at once. */
final class Dialing {
    private Dialing() {}

    /**
     * Begins a connection.
     *
     * @param local where it comes from; port 0: the kernel chooses
     * @return its descriptor, which is the caller's
     * @throws PosixException when an option is refused or it fails at once, for one because the source port is in use
     */
    static int dial(InetSocketAddress remote, Endpoint local, SocketOptions options) {
        InetAddress source = InetAddress.ofLiteral(local.address());
        return Sockets.connect(remote, new InetSocketAddress(source, local.port()), beforeConnect(options));
    }

    /** The rest is for the worker. */
    private static ConnectOptions beforeConnect(SocketOptions options) {
        return new ConnectOptions(
                options.maxSegmentBytes(),
                options.sendBufferBytes(),
                options.receiveBufferBytes(),
                options.congestionControl(),
                options.dscp(),
                options.flowLabel(),
                options.sourceDevice());
    }

    /** Why a connection could not be begun, see {@link #refusal(RuntimeException, Endpoint, Scarce)}. */
    static String refusal(RuntimeException e, Endpoint local) {
        return refusal(e, local, Scarce.here());
    }

    /**
     * Why a connection could not be begun; without the port, so that ports refused alike are counted together. A
     * four-tuple in TIME_WAIT is no obstacle to a socket that is bound to its port, unless TCP timestamps are off
     * (tcp_twsk_unique in net/ipv4/tcp_ipv4.c).
     */
    static String refusal(RuntimeException e, Endpoint local, Scarce scarce) {
        boolean ownPort = local.port() != 0;
        return switch (e instanceof PosixException posix ? posix.errno() : 0) {
            case Errno.EADDRINUSE ->
                ownPort
                        ? "bind: EADDRINUSE, the source port is somebody else's at " + local.address()
                        : text(e);
            case Errno.EADDRNOTAVAIL ->
                ownPort
                        ? text(e) + ", a connection from the source port to it is open already, or ended less than a"
                                + " minute ago where net.ipv4.tcp_timestamps is 0"
                        : text(e) + ", no source port is left: net.ipv4.ip_local_port_range is "
                                + scarce.localPorts().get();
            case Errno.EMFILE, Errno.ENFILE ->
                text(e) + ", no descriptor is left: the daemon may have " + scarce.descriptors().get()
                        + "; raise ulimit -n, or LimitNOFILE of its unit, or ask for fewer candidates";
            default -> text(e);
        };
    }

    /**
     * What may run out, in words; asked for only when it has.
     *
     * @param localPorts which ports the kernel may choose
     * @param descriptors how many descriptors this process may have
     */
    record Scarce(Supplier<String> localPorts, Supplier<String> descriptors) {
        static Scarce here() {
            return new Scarce(Scarce::portRange, Scarce::descriptorLimit);
        }

        private static String portRange() {
            // Not Files.readString: it asks for one byte first, and a sysctl of numbers gives nothing after that.
            try (InputStream in = new FileInputStream("/proc/sys/net/ipv4/ip_local_port_range")) {
                String range = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
                return range.strip().replaceAll("\\s+", "-");
            } catch (IOException e) {
                return "not known";
            }
        }

        /** Not from /proc, which would take a descriptor. */
        private static String descriptorLimit() {
            return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                    ? Long.toString(system.getMaxFileDescriptorCount())
                    : "not known how many";
        }
    }

    static String text(RuntimeException e) {
        return e.getMessage() == null ? "unknown error" : e.getMessage();
    }
}
