package dev.flowlane.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The page's files: all are served, none asks another server, none makes markup out of text. */
final class PageFilesTest {
    private static final Pattern ADDRESS = Pattern.compile("https?://[^'\"\\s]+");
    private static final Pattern IMPORT = Pattern.compile("from '\\./([a-z]+\\.js)'|(?:href|src)=\"(/page/[^\"]+)\"");
    private static final List<String> MARKUP_OUT_OF_TEXT =
            List.of("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "eval(",
                    "new Function", "javascript:", "srcdoc", "style=\"", "onclick=\"");

    @Test
    void everyFileIsServedAndWhatItAsksForIsThereToo() throws Exception {
        PageFiles files = new PageFiles();
        for (Path path : all()) {
            String name = path.getFileName().toString();
            PageFiles.File file = PageFiles.find(name.equals("index.html") ? "/" : "/page/" + name);
            assertThat(file).as(name).isNotNull();
            assertThat(files.content(Objects.requireNonNull(file)).getBytes()).isEqualTo(Files.readAllBytes(path));
            Matcher asked = IMPORT.matcher(Files.readString(path));
            while (asked.find()) {
                String wanted = asked.group(1) == null ? asked.group(2) : "/page/" + asked.group(1);
                assertThat(PageFiles.find(wanted)).as("%s asks for %s", name, wanted).isNotNull();
            }
        }
        assertThat(PageFiles.find("/page/../page/app.js")).isNull();
        assertThat(PageFiles.find("/page/PageFiles.class")).isNull();
    }

    @Test
    void noFileAsksAnotherServer() throws Exception {
        for (Path path : all()) {
            // A namespace is a name, and nobody fetches it.
            assertThat(ADDRESS.matcher(Files.readString(path)).results().map(found -> found.group()).toList())
                    .as(path.toString())
                    .allMatch(address -> address.startsWith("http://www.w3.org/"));
        }
    }

    @Test
    void noScriptMakesMarkupOutOfText() throws Exception {
        for (Path path : all()) {
            assertThat(Files.readString(path)).as(path.toString()).doesNotContain(MARKUP_OUT_OF_TEXT);
        }
        assertThat(PageFiles.POLICY).contains("default-src 'none'", "script-src 'self'", "trusted-types 'none'")
                .doesNotContain("unsafe");
    }

    private static List<Path> all() throws IOException, URISyntaxException {
        Path folder = Path.of(Objects.requireNonNull(PageFiles.class.getResource("/dev/flowlane/page/app.js")).toURI())
                .resolveSibling("");
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> !file.toString().endsWith(".class") && Files.isRegularFile(file)).toList();
        }
    }
}
