package sluicegate.capture;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.capture.files.CaptureFile;
import sluicegate.capture.files.MemoryPages;
import sluicegate.capture.files.RegisterFile;
import sluicegate.firmware.Dmar;
import sluicegate.firmware.FirmwareFolder;

/**
 * A capture folder, read and checked file by file.
 *
 * @param name of the folder
 * @param dmar of a VT-d machine
 */
record CaptureFolder(String name, CaptureFile file, RegisterFile registers, List<MemoryPages.Page> memory,
        Optional<Dmar> dmar) {
    private static final String TABLES = "tables";
    private static final String DMAR = "dmar.bin";

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
        Optional<Dmar> dmar = file.kind() == CaptureFile.Kind.INTEL_VTD
                ? Optional.of(Dmar.parse(FirmwareFolder.of(path.resolve(TABLES)).read(DMAR)))
                : Optional.empty();
        return new CaptureFolder(folder.name(), file, registers, memory, dmar);
    }
}
