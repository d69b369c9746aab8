package dev.flowlane.posix;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What only a second process can show. */
final class ProcessesIT {
    @Test
    void aConnectionIsPassedToAnotherProcessWhichUsesIt(@TempDir Path folder) throws Exception {
        Path path = folder.resolve("daemon.sock");
        int listener = UnixSeqpacket.listen(path);
        Process child = start("echo", path.toString());
        Loopback.awaitReady(listener, FlowSocket.POLLIN);
        int control = UnixSeqpacket.accept(listener);

        assertThat(UnixSeqpacket.peer(control).pid()).isEqualTo((int) child.pid());
        try (Loopback tcp = Loopback.open()) {
            InetSocketAddress passed = Sockets.localAddress(tcp.client());
            UnixSeqpacket.send(control, new byte[] {1}, tcp.client());
            MemorySegment buffer = Arena.ofAuto().allocate(16);
            Loopback.awaitReady(tcp.server(), FlowSocket.POLLIN);

            assertThat(FlowSocket.recv(tcp.server(), buffer, 0, 16, 0)).isEqualTo(3);
            assertThat(Sockets.remoteAddress(tcp.server())).isEqualTo(passed);
        }
        // The child sees end of file and leaves.
        Sockets.close(control);
        Sockets.close(listener);
        assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(child.exitValue()).isZero();
    }

    @Test
    void aProcessDiesWithItsParentWhenItAskedTo() throws Exception {
        Process parent = start("parent");
        try (BufferedReader lines = parent.inputReader()) {
            ProcessHandle child =
                    ProcessHandle.of(Long.parseLong(lines.readLine())).orElseThrow();

            parent.destroyForcibly();

            assertThat(child.onExit().get(60, TimeUnit.SECONDS).isAlive()).isFalse();
        }
    }

    private static Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    /** What the other processes run. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) throws IOException {
            switch (arguments[0]) {
                case "echo" -> echo(Path.of(arguments[1]));
                case "parent" -> parent();
                case "mortal" -> mortal();
                default -> throw new IllegalArgumentException(arguments[0]);
            }
        }

        private static void echo(Path path) {
            int control = UnixSeqpacket.connect(path);
            MemorySegment buffer = Arena.global().allocate(16);
            UnixSeqpacket.Received received = UnixSeqpacket.receive(control, buffer);
            FlowSocket.send(received.passedFd(), buffer, 0, 3, 0);
            Sockets.close(received.passedFd());
            UnixSeqpacket.receive(control, buffer);
        }

        /** Passes on the child's line, which is its process id, and lives until killed. */
        private static void parent() throws IOException {
            InputStream fromChild = start("mortal").getInputStream();
            byte[] line = new byte[32];
            int length = fromChild.read(line);
            System.out.print(new String(line, 0, length, StandardCharsets.US_ASCII));
            System.out.flush();
            fromChild.read();
        }

        /** Would live for ever: nobody writes to its event. */
        private static void mortal() {
            Processes.setParentDeathSignal(Processes.SIGKILL);
            System.out.println(Processes.processId());
            EventFd never = EventFd.create();
            FlowSocket.poll(never.fd(), FlowSocket.POLLIN, -1);
        }
    }
}
