package dev.flowlane.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

/** {@code completion}: a script for the shell. */
@Command(
        name = "completion",
        sortOptions = false,
        header = {
            "Prints the completion script for bash and zsh.",
            "",
            "Examples:",
            "  source <(flowlane completion)",
            "  flowlane completion > /etc/bash_completion.d/flowlane",
            ""
        })
final class CompletionVerb implements Callable<Integer> {
    private final CliContext context;

    @Mixin CommonOptions common = new CommonOptions();

    @Spec CommandSpec spec = CommandSpec.create();

    CompletionVerb(CliContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        context.out().print(AutoComplete.bash("flowlane", spec.root().commandLine()));
        context.out().flush();
        return ExitCode.OK;
    }
}
