package sluicegate.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;

/** A bundle once more, as a jar with another symbolic name or version: a second driver for the same hardware, or an update. */
final class BundleCopy {
    private static final String MANIFEST = "META-INF/MANIFEST.MF";

    private BundleCopy() {}

    static byte[] jar(Bundle bundle, String symbolicName, String version) {
        var bytes = new ByteArrayOutputStream();
        try (var in = bundle.getEntry(MANIFEST).openStream()) {
            var manifest = new Manifest(in);
            manifest.getMainAttributes().putValue(Constants.BUNDLE_SYMBOLICNAME, symbolicName);
            manifest.getMainAttributes().putValue(Constants.BUNDLE_VERSION, version);
            try (var jar = new JarOutputStream(bytes, manifest)) {
                for (var url : Collections.list(bundle.findEntries("/", "*", true))) {
                    var path = url.getPath().substring(1);
                    if (!path.endsWith("/") && !path.equals(MANIFEST)) {
                        jar.putNextEntry(new JarEntry(path));
                        try (var entry = url.openStream()) {
                            entry.transferTo(jar);
                        }
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** Installs and starts a copy of the same version under another name, until it is uninstalled. */
    static Bundle start(Bundle bundle) throws BundleException {
        var name = bundle.getSymbolicName() + ".copy";
        var context = FrameworkUtil.getBundle(BundleCopy.class).getBundleContext();
        var copy = context.installBundle("copy:" + name, new ByteArrayInputStream(jar(bundle, name, bundle.getVersion().toString())));
        copy.start();
        assertThat(copy.getState()).isEqualTo(Bundle.ACTIVE);
        return copy;
    }
}
