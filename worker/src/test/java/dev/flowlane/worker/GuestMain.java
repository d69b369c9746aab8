package dev.flowlane.worker;

import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

import java.util.Arrays;

/**
 * Runs tests without Maven, under another kernel: classes, or methods ({@code CLASS#METHOD(PARAMETER-TYPE,...)}, all
 * names in full). Prints a line for each test, {@code PASSED}, {@code FAILED} or
 * {@code SKIPPED} first, and how it failed below it.
 */
final class GuestMain {
    private GuestMain() {}

    public static void main(String[] names) {
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(Arrays.stream(names)
                        .map(GuestMain::selector)
                        .toArray(DiscoverySelector[]::new))
                .build();
        Launcher launcher = LauncherFactory.create();
        launcher.execute(request, new Lines());
    }

    private static DiscoverySelector selector(String name) {
        return name.contains("#") ? DiscoverySelectors.selectMethod(name) : DiscoverySelectors.selectClass(name);
    }

    private static final class Lines implements TestExecutionListener {
        @Override
        public void executionSkipped(TestIdentifier test, String reason) {
            System.out.println("SKIPPED " + test.getUniqueId() + ": " + reason);
        }

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            boolean passed = result.getStatus() == TestExecutionResult.Status.SUCCESSFUL;
            if (passed && test.isContainer()) {
                return;
            }
            String word =
                    switch (result.getStatus()) {
                        case SUCCESSFUL -> "PASSED";
                        case ABORTED -> "SKIPPED";
                        case FAILED -> "FAILED";
                    };
            System.out.println(word + " " + test.getUniqueId());
            result.getThrowable().ifPresent(failure -> failure.printStackTrace(System.out));
        }
    }
}
