package sluicegate.firmware;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.spec.pci.ConfigHeader;

/**
 * What people have of a machine, as a folder that {@link MachineDescription#read} understands: a machine description, a text
 * that {@code lspci} printed, or a sysfs tree, the running machine's ({@code /sys}) or a copy of one.
 */
public final class MachineImport {
    /** The name under which a list of functions stands in a folder. */
    public static final String LSPCI = "lspci.txt";
    private static final Pattern FUNCTION = Pattern.compile("[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]");
    private static final Map<String, String> TABLES =
            Map.of("DMAR", "dmar.bin", "IVRS", "ivrs.bin", "IORT", "iort.bin", "VIOT", "viot.bin", "RIMT", "rimt.bin", "MCFG",
                    "mcfg.bin");
    private static final int SIZE_LIMIT = 16 << 20;
    private static final int DEVICE_LIMIT = 65_536;

    private MachineImport() {}

    /**
     * Whether something is there that looks like one of the three.
     */
    public static boolean accepts(Path source) {
        return Files.isRegularFile(source) || Files.isDirectory(source)
                && (devices(source).isPresent() || MachineDescription.accepts(FirmwareFolder.of(source)));
    }

    /**
     * Reads the list of what is there; files are read when asked for.
     *
     * @throws IommuException ENOENT if there is nothing, EINVAL if it is none of the three; EIO
     */
    public static FirmwareFolder folder(Path source) {
        if (Files.isRegularFile(source)) {
            var name = source.getFileName().toString();
            return FirmwareFolder.ofFile(source.toString(), LSPCI, file -> bytes(source, name));
        }
        if (!Files.isDirectory(source)) {
            throw IommuException.of(Errno.ENOENT, "There is no file or folder %s", source);
        }
        var folder = FirmwareFolder.of(source);
        if (MachineDescription.accepts(folder)) {
            return folder;
        }
        return devices(source).map(devices -> sysfs(source, devices)).orElseThrow(() -> IommuException.of(Errno.EINVAL,
                "%s is no machine: it has neither a list of PCI functions (lspci.txt, pci.txt or *topology.txt) nor bus/pci/devices or"
                + " devices/pci* as /sys has them", source));
    }

    /** Where a sysfs tree has its functions: by bus, or, in a copy without links, in the tree of devices. */
    private static Optional<Path> devices(Path root) {
        for (var place : new String[] {"bus/pci/devices", "sys/bus/pci/devices"}) {
            if (holdsFunctions(root.resolve(place))) {
                return Optional.of(root.resolve(place));
            }
        }
        for (var place : new String[] {"devices", "sys/devices"}) {
            var tree = root.resolve(place);
            try (var entries = Files.isDirectory(tree) ? Files.newDirectoryStream(tree, "pci*") : null) {
                if (entries != null && entries.iterator().hasNext()) {
                    return Optional.of(tree);
                }
            } catch (IOException e) {
                throw new IommuException(Errno.EIO, tree + " cannot be listed: " + e.getMessage(), e);
            }
        }
        return holdsFunctions(root) ? Optional.of(root) : Optional.empty();
    }

    private static boolean holdsFunctions(Path folder) {
        if (!Files.isDirectory(folder)) {
            return false;
        }
        try (var entries = Files.newDirectoryStream(folder)) {
            int seen = 0;
            for (var entry : entries) {
                if (FUNCTION.matcher(entry.getFileName().toString()).matches() && Files.isRegularFile(entry.resolve("config"))) {
                    return true;
                }
                if (++seen > 1000) {
                    return false;
                }
            }
            return false;
        } catch (IOException e) {
            throw new IommuException(Errno.EIO, folder + " cannot be listed: " + e.getMessage(), e);
        }
    }

    private static FirmwareFolder sysfs(Path root, Path devices) {
        var functions = new TreeMap<String, Path>();
        collect(devices, functions, 0);
        var files = new HashMap<String, Path>();
        for (var base : new String[] {"firmware/acpi/tables", "sys/firmware/acpi/tables"}) {
            TABLES.forEach((table, name) -> {
                var file = root.resolve(base).resolve(table);
                if (Files.isReadable(file)) {
                    files.put(name, file);
                }
            });
        }
        var names = new java.util.ArrayList<>(files.keySet());
        names.add(LSPCI);
        return FirmwareFolder.of(root.toString(), names, name -> name.equals(LSPCI) ? text(functions) : bytes(files.get(name), name));
    }

    /** In the tree of devices, functions lie inside the bridges that lead to them; other links are not followed. */
    private static void collect(Path folder, Map<String, Path> functions, int depth) {
        if (depth > 64 || functions.size() > DEVICE_LIMIT) {
            return;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (var entry : entries) {
                var name = entry.getFileName().toString();
                if (FUNCTION.matcher(name).matches() && Files.isRegularFile(entry.resolve("config"))) {
                    functions.putIfAbsent(name, entry);
                    if (!Files.isSymbolicLink(entry)) {
                        collect(entry, functions, depth + 1);
                    }
                } else if (depth == 0 && name.startsWith("pci") && Files.isDirectory(entry)) {
                    collect(entry, functions, depth + 1);
                }
            }
        } catch (IOException e) {
            throw new IommuException(Errno.EIO, folder + " cannot be listed: " + e.getMessage(), e);
        }
    }

    /** The functions as {@code lspci -nxxxx} prints them. Without privileges only the header of each can be read. */
    private static byte[] text(Map<String, Path> functions) {
        var text = new StringBuilder();
        functions.forEach((name, folder) -> {
            var config = bytes(folder.resolve("config"), name);
            if (config.length < ConfigHeader.SIZE) {
                throw IommuException.of(Errno.EINVAL, "%s has %d bytes: configuration space has at least %d", folder.resolve("config"),
                        config.length, ConfigHeader.SIZE);
            }
            var image = new PciConfigImage(sluicegate.api.platform.PciAddress.parse(name), "",
                    Arrays.copyOf(config, ConfigHeader.CONFIG_SPACE), name);
            text.append(String.format("%s %04x: %04x:%04x%n", name, image.classCode() >>> 8, image.read16(0), image.read16(2)));
            if (config.length < ConfigHeader.CONFIG_SPACE) {
                text.append("\tCapabilities: <access denied>\n");
            }
            for (int at = 0; at + 16 <= Math.min(config.length, ConfigHeader.EXTENDED_CONFIG_SPACE); at += 16) {
                text.append(String.format("%02x:", at));
                for (int i = 0; i < 16; i++) {
                    text.append(' ').append(Character.forDigit(config[at + i] >> 4 & 0xf, 16)).append(Character.forDigit(config[at + i] & 0xf, 16));
                }
                text.append('\n');
            }
            text.append('\n');
        });
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] bytes(Path file, String name) {
        try (var in = Files.newInputStream(file)) {
            var bytes = in.readNBytes(SIZE_LIMIT + 1);
            if (bytes.length > SIZE_LIMIT) {
                throw IommuException.of(Errno.EINVAL, "%s has more than %d bytes: it is no list of functions and no table", name, SIZE_LIMIT);
            }
            return bytes;
        } catch (IOException e) {
            throw new IommuException(Errno.EIO, file + " cannot be read: " + e.getMessage(), e);
        }
    }
}
