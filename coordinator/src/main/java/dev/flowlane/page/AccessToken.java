package dev.flowlane.page;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A secret word that gives a role. Only its SHA-256 is kept, so that it cannot get into a log or a message, and so that
 * comparing takes the same time whatever was offered.
 */
public final class AccessToken {
    /** Shortest token: 16 characters, 64 bits when they are hexadecimal digits. */
    public static final int CHARACTERS_MIN = 16;

    /** Longest token; a longer one would not fit into a request's headers beside the rest. */
    public static final int CHARACTERS_MAX = 4096;

    private final byte[] digest;

    private AccessToken(byte[] digest) {
        this.digest = digest;
    }

    /**
     * A token from its text; white space around it does not count.
     *
     * @param where names the source in messages, such as the option or the variable
     * @throws IllegalArgumentException if it is too short, too long, or has characters that no header takes; the
     *     message never has the text itself
     */
    public static AccessToken of(String where, String text) {
        String token = text.strip();
        if (token.length() < CHARACTERS_MIN || token.length() > CHARACTERS_MAX) {
            throw new IllegalArgumentException(where + ": the token has " + token.length() + " characters; allowed: "
                    + CHARACTERS_MIN + " to " + CHARACTERS_MAX + "; make one with: openssl rand -hex 32");
        }
        if (!token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IllegalArgumentException(where + ": the token has characters that are not allowed; allowed:"
                    + " printable ASCII without spaces, in one line; make one with: openssl rand -hex 32");
        }
        return new AccessToken(sha256(token));
    }

    /** Whether this is the token; in constant time. */
    boolean is(String offered) {
        return MessageDigest.isEqual(digest, sha256(offered));
    }

    /** Whether the two are the same token. */
    public boolean sameAs(AccessToken other) {
        return MessageDigest.isEqual(digest, other.digest);
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return "AccessToken[...]";
    }
}
