package dev.flowlane.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;

/** What each role is granted, as calls of Kafka's own tool; SecureFleetIT shows that it is enough and not too much. */
final class AccessRightsTest {
    private static final BusSettings SETTINGS = BusSettings.of("kafka:9093", "lab");

    private static List<String> commands(BusRole role) {
        return new AccessRights(SETTINGS, Map.of(role, "User:x")).commands();
    }

    @Test
    void onlyTheCoordinatorAndTheDaemonsSeeTheKeysOfRuns() {
        String keys = "--topic lab.host-commands";
        assertThat(commands(BusRole.COORDINATOR)).filteredOn(command -> command.endsWith(keys))
                .containsExactly("kafka-acls.sh --bootstrap-server kafka:9093 --add --allow-principal User:x"
                        + " --operation Write --operation DescribeConfigs " + keys);
        assertThat(commands(BusRole.DAEMON)).filteredOn(command -> command.endsWith(keys))
                .containsExactly("kafka-acls.sh --bootstrap-server kafka:9093 --add --allow-principal User:x"
                        + " --operation Read " + keys);
        assertThat(commands(BusRole.USER)).noneMatch(command -> command.contains("host-commands"));
        assertThat(commands(BusRole.ANALYTICS)).noneMatch(command -> command.contains("host-commands"));
    }

    @Test
    void onlyUsersWriteCommandsAndAnalyticsWriteNothing() {
        for (BusRole role : BusRole.values()) {
            assertThat(commands(role)).filteredOn(command -> command.endsWith("lab.commands")
                            && command.contains("--operation Write"))
                    .hasSize(role == BusRole.USER ? 1 : 0);
        }
        assertThat(commands(BusRole.ANALYTICS))
                .noneMatch(command -> command.contains("Write") || command.contains("Create"))
                .anyMatch(command -> command.endsWith("--group lab-analytics --resource-pattern-type prefixed"));
    }

    @Test
    void noRoleMayCreateDeleteOrAlterAnything() {
        for (BusRole role : BusRole.values()) {
            assertThat(commands(role)).noneMatch(command ->
                    command.matches(".*--operation (All|Create|Delete|Alter|AlterConfigs|ClusterAction) .*"));
        }
    }

    @Test
    void aPrincipalIsSafeInAShell() {
        var rights = new AccessRights(SETTINGS, Map.of(BusRole.ANALYTICS, "User:CN=it's me, O=Example"));

        assertThat(rights.commands()).allMatch(command ->
                command.contains(" --allow-principal 'User:CN=it'\\''s me, O=Example' "));
    }

    @Test
    void aPrincipalWithoutATypeIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AccessRights(SETTINGS, Map.of(BusRole.DAEMON, "flowlane-daemon")))
                .withMessage("principal of daemon: not TYPE:NAME; for example User:flowlane-daemon");
    }
}
