package dev.flowlane.broker;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;

/**
 * The command line.
 *
 * @param dataDir where everything of the broker is kept
 * @param address IP address that clients connect to; the controller is on loopback
 * @param port port for clients, 0: any free one
 * @param controllerPort port of the controller, 0: any free one
 * @param portFile file that gets the client port once the broker serves, or null
 * @param exitWithStdin whether the end of standard input is an order to stop
 */
record BrokerArguments(
        Path dataDir,
        InetAddress address,
        int port,
        int controllerPort,
        @Nullable Path portFile,
        boolean exitWithStdin) {
    static final String USAGE = "usage: BrokerMain --data-dir DIR [--address IP] [--port N] [--controller-port N]"
            + " [--port-file FILE] [--exit-with-stdin]";

    private static final String LOOPBACK = "127.0.0.1";

    /**
     * Reads the command line.
     *
     * @throws IllegalArgumentException with a message for the user
     */
    static BrokerArguments parse(List<String> arguments) {
        Path dataDir = null;
        InetAddress address = InetAddress.ofLiteral(LOOPBACK);
        int port = 0;
        int controllerPort = 0;
        Path portFile = null;
        boolean exitWithStdin = false;
        Iterator<String> rest = arguments.iterator();
        while (rest.hasNext()) {
            String option = rest.next();
            switch (option) {
                case "--data-dir" -> dataDir = Path.of(value(option, rest)).toAbsolutePath();
                case "--address" -> address = address(option, value(option, rest));
                case "--port" -> port = port(option, value(option, rest));
                case "--controller-port" -> controllerPort = port(option, value(option, rest));
                case "--port-file" -> portFile = Path.of(value(option, rest)).toAbsolutePath();
                case "--exit-with-stdin" -> exitWithStdin = true;
                default -> throw new IllegalArgumentException("unknown option " + option + "\n" + USAGE);
            }
        }
        if (dataDir == null) {
            throw new IllegalArgumentException("--data-dir is missing\n" + USAGE);
        }
        if (port != 0 && port == controllerPort) {
            throw new IllegalArgumentException("--port and --controller-port are both " + port);
        }
        return new BrokerArguments(dataDir, address, port, controllerPort, portFile, exitWithStdin);
    }

    private static String value(String option, Iterator<String> rest) {
        if (!rest.hasNext()) {
            throw new IllegalArgumentException(option + " needs a value\n" + USAGE);
        }
        return rest.next();
    }

    private static InetAddress address(String option, String text) {
        try {
            InetAddress address = InetAddress.ofLiteral(text);
            if (!address.isAnyLocalAddress()) {
                return address;
            }
        } catch (IllegalArgumentException e) {
            // Told below, as every other wrong value.
        }
        throw new IllegalArgumentException(option + ": '" + text + "' is not the IP address of an interface");
    }

    private static int port(String option, String text) {
        try {
            int port = Integer.parseInt(text);
            if (port >= 0 && port <= 65_535) {
                return port;
            }
        } catch (NumberFormatException e) {
            // Told below, as every other wrong value.
        }
        throw new IllegalArgumentException(option + ": '" + text + "' is not a port, 0 to 65535");
    }
}
