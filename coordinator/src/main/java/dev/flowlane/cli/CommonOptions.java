package dev.flowlane.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of every command. */
final class CommonOptions {
    @Option(names = {"-q", "--quiet"}, description = "Errors only on standard error.")
    boolean quiet;

    @Option(names = {"-v", "--verbose"},
            description = "Say more: warnings of the Kafka client, stack traces of failures.")
    boolean verbose;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "File of settings, before ./flowlane.yaml and ~/.config/flowlane/config.yaml"
                    + " (also: FLOWLANE_CONFIG); none: read none of them.")
    @Nullable String config;

    @Option(names = "--no-color", description = "No colours (also: NO_COLOR=1).")
    boolean noColor;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "This help.")
    boolean help;
}
