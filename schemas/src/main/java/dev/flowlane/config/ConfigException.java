package dev.flowlane.config;

/** Settings that cannot be gone by; the message says where, what is wrong, what is allowed and what to do. */
public final class ConfigException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    ConfigException(String message) {
        super(message);
    }
}
