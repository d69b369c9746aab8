package dev.flowlane.cli;

import picocli.CommandLine.Option;

/** Option {@code -o} of the commands that print data. */
final class OutputOptions {
    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "table",
            completionCandidates = Formats.class,
            converter = FormatConverter.class,
            description = "Output: " + OutputFormat.DESCRIPTION + " Default: table.")
    OutputFormat format = OutputFormat.TABLE;

    /** For the shell's completion. */
    static final class Formats implements Iterable<String> {
        @Override
        public java.util.Iterator<String> iterator() {
            return java.util.Arrays.stream(OutputFormat.values())
                    .map(OutputFormat::toString)
                    .iterator();
        }
    }

    /** Text to format. */
    static final class FormatConverter implements picocli.CommandLine.ITypeConverter<OutputFormat> {
        @Override
        public OutputFormat convert(String text) {
            try {
                return OutputFormat.parse(text);
            } catch (CliException e) {
                throw new picocli.CommandLine.TypeConversionException(
                        e.getMessage() + "; " + String.join("; ", e.mend()));
            }
        }
    }
}
