package dev.flowlane.coordinator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flowlane.page.PageProblem;
import dev.flowlane.page.SlowReader;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.impl.HttpServerConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Server-Sent Events: each client gets its view whenever that has changed, once a second at most. The number of clients
 * and what is buffered for each are bounded; whoever does not read is dropped. For the event loop's thread.
 */
final class EventStreams implements AutoCloseable {
    /** Clients at a time; the next one is turned away with 503. */
    static final int CLIENTS_MAX = 64;

    /** Beyond this nothing more is written to a client until it has read; one event may come on top. */
    private static final int BUFFER_BYTES_MAX = 256 * 1024;

    /** Something is written at least so often, so that a connection that is gone is noticed. */
    private static final long SIGN_OF_LIFE_NS = 15_000_000_000L;

    private static final Logger LOG = LoggerFactory.getLogger(EventStreams.class);

    private final LongSupplier nanoTime;
    private final List<Client> clients = new ArrayList<>();

    /** What a client looks at. */
    interface View {
        /** Clients with the same key at the same position see the same. */
        String key();

        /** How it looks now, for a client that has everything before {@code from}. */
        Shown show(int from);
    }

    /**
     * How a view looks.
     *
     * @param nextFrom from where on the client needs everything the next time
     */
    record Shown(ObjectNode json, int nextFrom) {}

    private static final class Client {
        private final HttpServerResponse response;
        private final HttpServerRequest request;
        private final View view;
        private final SlowReader pace = new SlowReader();
        private String last = "";
        private int from;
        private long wroteNs;
        /** Not taken by the kernel yet. Counted here: the server's own queue counts messages, however long. */
        private long unreadBytes;

        private Client(HttpServerRequest request, View view) {
            this.request = request;
            this.response = request.response();
            this.view = view;
        }
    }

    EventStreams(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Begins to send a view to whoever asked for it. */
    void open(HttpServerRequest request, View view) {
        if (clients.size() >= CLIENTS_MAX) {
            request.response().putHeader("Retry-After", "10");
            throw new PageProblem(503, "", "too many pages are open at this coordinator; close one, or try again later",
                    "at most " + CLIENTS_MAX);
        }
        Client client = new Client(request, view);
        client.response.setChunked(true);
        client.response.putHeader("Content-Type", "text/event-stream; charset=utf-8");
        HttpAnswer.common(client.response);
        client.response.closeHandler(_ -> clients.remove(client));
        client.response.exceptionHandler(_ -> clients.remove(client));
        clients.add(client);
        try {
            send(client, new HashMap<>());
        } catch (RuntimeException e) {
            clients.remove(client);
            throw e;
        }
    }

    /** Whether nobody looks. */
    boolean isEmpty() {
        return clients.isEmpty();
    }

    /** Sends every client what has changed for it. */
    void tick() {
        Map<String, Shown> shown = new HashMap<>();
        for (Client client : List.copyOf(clients)) {
            try {
                send(client, shown);
            } catch (PageProblem e) {
                // What it looks at is gone; when it comes again, it is told so.
                drop(client);
            } catch (RuntimeException e) {
                LOG.atError().setCause(e).log("a view of the page failed");
                drop(client);
            }
        }
    }

    private void send(Client client, Map<String, Shown> shownNow) {
        long nowNs = nanoTime.getAsLong();
        switch (client.pace.decide(client.unreadBytes > BUFFER_BYTES_MAX, nowNs)) {
            case SEND -> {
                Shown shown = shownNow.computeIfAbsent(
                        client.from + " " + client.view.key(), _ -> client.view.show(client.from));
                String text = HttpAnswer.text(shown.json());
                if (!text.equals(client.last)) {
                    write(client, "event: view\ndata: " + text + "\n\n");
                    client.last = text;
                    client.wroteNs = nowNs;
                } else if (nowNs - client.wroteNs > SIGN_OF_LIFE_NS) {
                    write(client, ": still here\n\n");
                    client.wroteNs = nowNs;
                }
                client.from = shown.nextFrom();
            }
            case SKIP -> {}
            case DROP -> {
                LOG.atInfo().addKeyValue("client", String.valueOf(client.request.remoteAddress()))
                        .log("a page that does not read its events is dropped");
                drop(client);
            }
        }
    }

    private static void write(Client client, String text) {
        Buffer buffer = Buffer.buffer(text);
        client.unreadBytes += buffer.length();
        client.response.write(buffer).onComplete(_ -> client.unreadBytes -= buffer.length());
    }

    /**
     * At once: an orderly close would wait until the client has read what it does not read. Closed from the
     * connection's own handler on, since before it closing is made orderly.
     */
    private void drop(Client client) {
        clients.remove(client);
        if (client.request.connection() instanceof HttpServerConnection connection) {
            var _ = connection.channelHandlerContext().close();
        } else {
            client.request.connection().close();
        }
    }

    @Override
    public void close() {
        List.copyOf(clients).forEach(this::drop);
    }
}
