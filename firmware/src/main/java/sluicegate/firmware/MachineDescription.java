package sluicegate.firmware;

import java.util.List;
import java.util.Optional;
import sluicegate.api.types.IommuException;

/**
 * What a machine is made of, read from a folder of native files. The package documentation says which.
 *
 * @param name name of the folder
 * @param description one line for people
 * @param memory RAM, ascending, without overlap, at least one range
 * @param dmar VT-d units, if the machine has some
 * @param vtd features of each unit, in the order of {@link Dmar#units}
 * @param mcfg where configuration space is, if a table says so
 * @param pci the PCI functions
 * @param dmarScopes the table's scopes in this tree; there if {@code dmar} is
 * @param warnings what is odd in all of these files, one sentence each
 */
public record MachineDescription(
        String name,
        String description,
        List<MemoryRange> memory,
        Optional<Dmar> dmar,
        List<VtdFeatures> vtd,
        Optional<Mcfg> mcfg,
        PciTree pci,
        Optional<DmarScopes> dmarScopes,
        List<String> warnings) {

    public MachineDescription {
        memory = List.copyOf(memory);
        vtd = List.copyOf(vtd);
        warnings = List.copyOf(warnings);
    }

    /** Whether a folder looks like a machine description: it has PCI functions as text, and is no capture of a kernel. */
    public static boolean accepts(FirmwareFolder folder) {
        return MachineReader.accepts(folder);
    }

    /**
     * Reads a folder.
     *
     * @throws IommuException EINVAL with file, offset or line and rule for anything malformed; ENOENT for a missing file; EIO
     */
    public static MachineDescription read(FirmwareFolder folder) {
        return new MachineReader(folder).read();
    }

    /**
     * Only the line for people: the {@code description} of {@code machine.properties}, or else the name of the folder.
     *
     * @throws IommuException EINVAL if {@code machine.properties} is malformed; EIO
     */
    public static String describe(FirmwareFolder folder) {
        return new MachineReader(folder).description();
    }
}
