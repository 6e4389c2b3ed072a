package sluicegate.capture;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.capture.files.CaptureFile;
import sluicegate.capture.files.MemoryPages;
import sluicegate.capture.files.RegisterFile;
import sluicegate.firmware.FirmwareFolder;
import sluicegate.firmware.MachineDescription;
import sluicegate.firmware.PciTree;

/**
 * A capture folder, read and checked file by file.
 *
 * @param name of the folder
 * @param tree the PCI functions
 * @param firmware what the tables say
 */
record CaptureFolder(String name, CaptureFile file, RegisterFile registers, List<MemoryPages.Page> memory,
        PciTree tree, MachineDescription firmware) {
    private static final String TABLES = "tables";
    private static final String DEVICE_TREE = "fdt.dtb";

    /** Whether a folder is a capture. */
    static boolean accepts(String folder) {
        try {
            return FirmwareFolder.of(Path.of(folder)).contains(CaptureFile.NAME);
        } catch (IommuException | InvalidPathException e) {
            return false;
        }
    }

    /**
     * Reads a folder.
     *
     * @throws IommuException EINVAL with file, line or offset and rule; ENOENT for a missing file; EIO
     */
    static CaptureFolder read(String path) {
        try {
            // A relative name such as "." is no name for a machine.
            return read(Path.of(path).toRealPath());
        } catch (InvalidPathException e) {
            throw new IommuException(Errno.ENOENT, "'" + path + "' is no path", e);
        } catch (IOException e) {
            throw new IommuException(Errno.ENOENT, "There is no folder '" + path + "' that can be read: " + e.getMessage(), e);
        }
    }

    private static CaptureFolder read(Path path) {
        var folder = FirmwareFolder.of(path);
        var file = CaptureFile.parse(folder.read(CaptureFile.NAME));
        var registers = RegisterFile.parse(folder.read(RegisterFile.NAME));
        var memory = MemoryPages.parse(folder.read(MemoryPages.NAME));
        var tables = FirmwareFolder.of(path.resolve(TABLES));
        var table = switch (file.kind()) {
            case INTEL_VTD -> "dmar.bin";
            case AMD_VI -> "ivrs.bin";
            case ARM_SMMUV3 -> "iort.bin";
        };
        if (file.kind() != CaptureFile.Kind.ARM_SMMUV3 || !tables.contains(DEVICE_TREE)) {
            // Says which table is missing.
            tables.read(table);
        }
        var tree = PciTree.of(file.devices().stream().map(CaptureFile.Device::image).toList());
        return new CaptureFolder(folder.name(), file, registers, memory, tree,
                MachineDescription.of(folder.name(), tables, tree, file.ram()));
    }
}
