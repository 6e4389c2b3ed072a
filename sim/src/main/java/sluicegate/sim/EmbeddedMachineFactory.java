package sluicegate.sim;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.MachineFactory;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.FirmwareFolder;
import sluicegate.firmware.MachineDescription;
import sluicegate.firmware.MachineParts;
import sluicegate.machine.RunningMachines;

/**
 * Boots embedded machines: from the descriptions that this bundle ships under {@code machines/}, and from folders.
 * Machines that still run when the component goes are powered off.
 */
@Component(service = MachineFactory.class, immediate = true) // machines outlive a core that is restarted
public final class EmbeddedMachineFactory implements MachineFactory {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedMachineFactory.class);
    private static final String SHIPPED = "machines";

    private final SortedMap<String, FirmwareFolder> shipped;
    private final RunningMachines running;

    @Activate
    public EmbeddedMachineFactory(BundleContext context) {
        this.running = new RunningMachines(context, EmbeddedMachine.KIND);
        this.shipped = shippedIn(context.getBundle());
    }

    private static SortedMap<String, FirmwareFolder> shippedIn(Bundle bundle) {
        var files = new TreeMap<String, Map<String, URL>>();
        var entries = Optional.ofNullable(bundle.findEntries(SHIPPED, "*", true)).map(Collections::list)
                .orElseGet(ArrayList::new);
        for (var entry : entries) {
            var path = entry.getPath().split("/");
            if (!entry.getPath().endsWith("/") && path.length >= 3 && path[path.length - 3].equals(SHIPPED)) {
                files.computeIfAbsent(path[path.length - 2], name -> new HashMap<>()).put(path[path.length - 1], entry);
            }
        }
        var folders = new TreeMap<String, FirmwareFolder>();
        files.forEach((name, urls) -> {
            var folder = FirmwareFolder.of(SHIPPED + "/" + name, urls.keySet(), file -> read(urls.get(file)));
            if (isMachine(folder)) {
                folders.put(name, folder);
            }
        });
        return Collections.unmodifiableSortedMap(folders);
    }

    private static boolean isMachine(FirmwareFolder folder) {
        return MachineParts.accepts(folder) || MachineDescription.accepts(folder);
    }

    private static byte[] read(URL url) {
        try (var stream = url.openStream()) {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public List<Description> descriptions() {
        return shipped.values().stream()
                .map(folder -> new Description(folder.name(), EmbeddedMachine.KIND,
                        MachineParts.accepts(folder) ? MachineParts.describe(folder) : MachineDescription.describe(folder)))
                .toList();
    }

    @Override
    public boolean accepts(String nameOrFolder) {
        if (shipped.containsKey(nameOrFolder)) {
            return true;
        }
        try {
            return isMachine(FirmwareFolder.of(Path.of(nameOrFolder)));
        } catch (IommuException | InvalidPathException e) {
            return false;
        }
    }

    @Override
    public Machine boot(String nameOrFolder, int segment) {
        var folder = folder(nameOrFolder);
        if (MachineParts.accepts(folder)) {
            var parts = MachineParts.read(folder);
            var described = parts.parts().stream().map(this::folder).map(MachineDescription::read).toList();
            return running.boot(parts.name(), () -> EmbeddedMachine.boot(parts, described, parts.name(), segment));
        }
        var description = MachineDescription.read(folder);
        var name = description.name();
        return running.boot(name, () -> EmbeddedMachine.boot(description, name, segment));
    }

    private FirmwareFolder folder(String nameOrFolder) {
        var inBundle = shipped.get(nameOrFolder);
        if (inBundle != null) {
            return inBundle;
        }
        try {
            var path = Path.of(nameOrFolder);
            if (Files.isDirectory(path)) {
                // A relative name such as "." is no name for a machine.
                return FirmwareFolder.of(path.toRealPath());
            }
        } catch (InvalidPathException e) {
            LOG.debug("'{}' is no path", nameOrFolder, e);
        } catch (IOException e) {
            throw new IommuException(Errno.EIO, nameOrFolder + " cannot be read: " + e.getMessage(), e);
        }
        throw IommuException.of(Errno.ENOENT, "There is no machine description '%s': give one of %s, or a folder",
                nameOrFolder, String.join(", ", shipped.keySet()));
    }

    @Deactivate
    void close() {
        running.close();
    }
}
