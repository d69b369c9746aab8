package dev.flowlane.worker;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/** An AOT cache needs a class path of jars; in a build the classes may still lie in a folder. */
final class JarOfClasses {
    private JarOfClasses() {}

    static String classPathOfJars(Path target, String classPath) throws IOException {
        List<String> jars = new ArrayList<>();
        for (String element : classPath.split(":", -1)) {
            Path path = Path.of(element);
            if (Files.isDirectory(path)) {
                jars.add(jar(path, target.resolve("classes-" + jars.size() + ".jar")).toString());
            } else if (element.endsWith(".jar")) {
                jars.add(element);
            }
        }
        return String.join(":", jars);
    }

    private static Path jar(Path folder, Path target) throws IOException {
        try (OutputStream out = Files.newOutputStream(target);
                JarOutputStream jar = new JarOutputStream(out);
                var files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                jar.putNextEntry(new JarEntry(folder.relativize(file).toString()));
                Files.copy(file, jar);
            }
        }
        return target;
    }
}
