package dev.flowlane.coordinator;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/**
 * Which build this is.
 *
 * @param version the module's version; {@code dev} when the classes do not come from its jar
 * @param java version of the running Java
 */
record BuildInfo(String version, String java) {
    /** Maven puts this file into every jar. */
    private static final String POM_PROPERTIES = "/META-INF/maven/dev.flowlane/flowlane-coordinator/pom.properties";

    static BuildInfo read() {
        return new BuildInfo(moduleVersion(), Runtime.version().toString());
    }

    private static String moduleVersion() {
        try (InputStream in = BuildInfo.class.getResourceAsStream(POM_PROPERTIES)) {
            if (in == null) {
                return "dev";
            }
            Properties properties = new Properties();
            properties.load(in);
            return properties.getProperty("version", "dev");
        } catch (IOException e) {
            return "dev";
        }
    }
}
