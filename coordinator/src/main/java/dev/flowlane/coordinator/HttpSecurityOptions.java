package dev.flowlane.coordinator;

import dev.flowlane.page.AccessRules;
import dev.flowlane.page.AccessToken;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

import javax.security.auth.x500.X500Principal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Options that say who may reach the HTTP server. Tokens come from files or variables, never from arguments: everybody
 * on a host sees those.
 */
final class HttpSecurityOptions {
    private static final String VIEWER = "FLOWLANE_HTTP_VIEWER_TOKEN";
    private static final String OPERATOR = "FLOWLANE_HTTP_OPERATOR_TOKEN";
    private static final String CERTIFICATE = "FLOWLANE_HTTP_TLS_CERTIFICATE";
    private static final String KEY = "FLOWLANE_HTTP_TLS_KEY";
    private static final String CLIENT_CA = "FLOWLANE_HTTP_TLS_CLIENT_CA";
    private static final String SUBJECTS = "FLOWLANE_HTTP_OPERATOR_SUBJECTS";

    @Option(
            names = "--http-viewer-token-file",
            paramLabel = "FILE",
            description = "File with the token of viewers, who may look at everything"
                    + " (also: " + VIEWER + "_FILE, or " + VIEWER + " with the token itself).")
    @Nullable Path viewerTokenFile;

    @Option(
            names = "--http-operator-token-file",
            paramLabel = "FILE",
            description = "File with the token of operators, who may submit and cancel runs as well"
                    + " (also: " + OPERATOR + "_FILE, or " + OPERATOR + " with the token itself).")
    @Nullable Path operatorTokenFile;

    @Option(
            names = "--http-tls-certificate",
            paramLabel = "FILE",
            description = "The server's certificate chain in PEM; HTTPS instead of HTTP (also: " + CERTIFICATE + ").")
    @Nullable Path certificate;

    @Option(
            names = "--http-tls-key",
            paramLabel = "FILE",
            description = "The server's private key in PEM, PKCS #8 (also: " + KEY + ").")
    @Nullable Path key;

    @Option(
            names = "--http-tls-client-ca",
            paramLabel = "FILE",
            description = "Who signs the certificates of clients, in PEM. Whoever has one is a viewer"
                    + " (also: " + CLIENT_CA + ").")
    @Nullable Path clientCa;

    @Option(
            names = "--http-operator-subject",
            paramLabel = "SUBJECT",
            description = "Whole subject of a client certificate that makes an operator, such as CN=alice,OU=lab;"
                    + " may be given several times (also: " + SUBJECTS + ", separated by semicolons).")
    List<String> operatorSubjects = new ArrayList<>();

    /**
     * What the options and variables come to.
     *
     * @throws IllegalArgumentException naming the first one that is wrong, and what to do; never with a token in it
     */
    HttpSecurity security(Map<String, String> environment, boolean loopback) {
        Path certificateFile = path(certificate, environment, CERTIFICATE);
        Path keyFile = path(key, environment, KEY);
        Path clientCaFile = path(clientCa, environment, CLIENT_CA);
        if ((certificateFile == null) != (keyFile == null)) {
            throw new IllegalArgumentException(
                    "--http-tls-certificate and --http-tls-key belong together; give both or neither");
        }
        if (clientCaFile != null && certificateFile == null) {
            throw new IllegalArgumentException(
                    "--http-tls-client-ca needs --http-tls-certificate and --http-tls-key");
        }
        HttpSecurity.Tls tls = certificateFile == null || keyFile == null
                ? null
                : new HttpSecurity.Tls(
                        readable("--http-tls-certificate", certificateFile),
                        readable("--http-tls-key", keyFile),
                        clientCaFile == null ? null : readable("--http-tls-client-ca", clientCaFile));
        AccessRules rules = new AccessRules(
                loopback,
                token("--http-viewer-token-file", viewerTokenFile, environment, VIEWER),
                token("--http-operator-token-file", operatorTokenFile, environment, OPERATOR),
                clientCaFile != null,
                subjects(environment));
        return new HttpSecurity(rules, tls);
    }

    private static @Nullable AccessToken token(
            String option, @Nullable Path file, Map<String, String> environment, String variable) {
        Path named = path(file, environment, variable + "_FILE");
        if (named != null) {
            String where = file == null ? variable + "_FILE" : option;
            try {
                // More than any token has, so that the wrong file is told from a token and not read as a whole.
                byte[] bytes;
                try (var in = Files.newInputStream(named)) {
                    bytes = in.readNBytes(AccessToken.CHARACTERS_MAX + 1024);
                }
                return AccessToken.of(where + " " + named, new String(bytes, StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new IllegalArgumentException(where + ": cannot read " + named + ": " + e.getMessage(), e);
            }
        }
        String text = environment.getOrDefault(variable, "");
        return text.isBlank() ? null : AccessToken.of(variable, text);
    }

    private Set<X500Principal> subjects(Map<String, String> environment) {
        List<String> given =
                operatorSubjects.isEmpty() ? List.of(environment.getOrDefault(SUBJECTS, "")) : operatorSubjects;
        List<String> texts = new ArrayList<>();
        given.forEach(text -> texts.addAll(List.of(text.split(";", -1))));
        Set<X500Principal> subjects = new LinkedHashSet<>();
        for (String text : texts) {
            if (!text.isBlank()) {
                try {
                    subjects.add(new X500Principal(text.strip()));
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException("--http-operator-subject: '" + text
                            + "' is no distinguished name; allowed: such as CN=alice,OU=lab", e);
                }
            }
        }
        return subjects;
    }

    private static @Nullable Path path(@Nullable Path option, Map<String, String> environment, String variable) {
        String value = environment.getOrDefault(variable, "");
        return option != null || value.isBlank() ? option : Path.of(value);
    }

    private static Path readable(String option, Path file) {
        if (!Files.isReadable(file)) {
            throw new IllegalArgumentException(option + ": cannot read " + file);
        }
        return file;
    }
}
