package dev.flowlane.coordinator;

import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The page's files: a fixed list out of this program's jar, so that no path of a request ever names a file. */
final class PageFiles {
    /**
     * Everything comes from this server, nothing is put together from text: a string from a topic that got past the
     * escaping would still do nothing.
     */
    static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
            + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
            + " require-trusted-types-for 'script'; trusted-types 'none'";

    private static final String HTML = "text/html; charset=utf-8";
    private static final String SCRIPT = "text/javascript; charset=utf-8";

    private static final Map<String, File> FILES = Map.ofEntries(
            Map.entry("/", new File("index.html", HTML)),
            Map.entry("/page/page.css", new File("page.css", "text/css; charset=utf-8")),
            Map.entry("/page/icon.svg", new File("icon.svg", "image/svg+xml")),
            Map.entry("/page/app.js", new File("app.js", SCRIPT)),
            Map.entry("/page/api.js", new File("api.js", SCRIPT)),
            Map.entry("/page/dom.js", new File("dom.js", SCRIPT)),
            Map.entry("/page/format.js", new File("format.js", SCRIPT)),
            Map.entry("/page/charts.js", new File("charts.js", SCRIPT)),
            Map.entry("/page/lanes.js", new File("lanes.js", SCRIPT)),
            Map.entry("/page/fleet.js", new File("fleet.js", SCRIPT)),
            Map.entry("/page/runs.js", new File("runs.js", SCRIPT)),
            Map.entry("/page/run.js", new File("run.js", SCRIPT)),
            Map.entry("/page/submit.js", new File("submit.js", SCRIPT)));

    private final Map<String, Buffer> read = new ConcurrentHashMap<>();

    /** A file beside the package {@code page}. */
    record File(String name, String type) {}

    /** The file of that path; null when there is none. */
    static @Nullable File find(String path) {
        return FILES.get(path);
    }

    /** What is in it; read when it is first asked for. */
    Buffer content(File file) {
        return read.computeIfAbsent(file.name(), PageFiles::load);
    }

    private static Buffer load(String name) {
        try (InputStream in = PageFiles.class.getResourceAsStream("/dev/flowlane/page/" + name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is not in this build");
            }
            return Buffer.buffer(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
