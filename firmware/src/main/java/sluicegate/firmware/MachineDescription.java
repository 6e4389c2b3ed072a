package sluicegate.firmware;

import java.util.List;
import java.util.Optional;
import sluicegate.api.platform.PciAddress;
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
 * @param ivrs AMD IOMMUs, if the machine has some
 * @param iort SMMUs, if ACPI describes some
 * @param others IOMMUs of which there is no model
 * @param deviceTree the board without ACPI; with a table beside it, only memory counts
 * @param units the IOMMUs, in the order in which firmware has them
 * @param buses what is said about buses beside firmware
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
        Optional<Ivrs> ivrs,
        Optional<Iort> iort,
        OtherIommus others,
        Optional<DeviceTreeIommus> deviceTree,
        List<UnitDescription> units,
        BusSettings buses,
        List<String> warnings) {

    public MachineDescription {
        memory = List.copyOf(memory);
        vtd = List.copyOf(vtd);
        units = List.copyOf(units);
        warnings = List.copyOf(warnings);
    }

    /** A machine with VT-d units, or with none. */
    public MachineDescription(String name, String description, List<MemoryRange> memory, Optional<Dmar> dmar,
            List<VtdFeatures> vtd, Optional<Mcfg> mcfg, PciTree pci, Optional<DmarScopes> dmarScopes, List<String> warnings) {
        this(name, description, memory, dmar, vtd, mcfg, pci, dmarScopes, Optional.empty(), Optional.empty(), OtherIommus.NONE, Optional.empty(),
                dmar.map(table -> UnitReader.vtdUnits(table, vtd)).orElse(List.of()), BusSettings.NONE, warnings);
    }

    /**
     * Describes a machine of which only the firmware comes from files.
     *
     * @param tables files as in a machine description, without functions and settings; units have the usual features
     * @throws IommuException EINVAL with file, offset or path, and rule
     */
    public static MachineDescription of(String name, FirmwareFolder tables, PciTree pci, List<MemoryRange> memory) {
        return new MachineReader(tables).readTables(name, pci, memory);
    }

    MachineDescription with(List<String> otherWarnings) {
        return new MachineDescription(name, description, memory, dmar, vtd, mcfg, pci, dmarScopes, ivrs, iort, others, deviceTree,
                units, buses, otherWarnings);
    }

    /**
     * The unit in front of a function, and as whom a request arrives there; empty if no unit is in front of it.
     *
     * @param requesterId the id that the request carries: the function's own, or that of a bridge on the way
     */
    public Optional<UnitInput> inputOf(PciAddress function, int requesterId) {
        return new UnitPaths(this).inputOf(function, requesterId);
    }

    /** The unit in front of a function, and as whom its own requests arrive there. */
    public Optional<UnitInput> inputOf(PciAddress function) {
        return inputOf(function, function.requesterId());
    }

    /**
     * By which ids its unit knows a function: those of all ids under which its requests may arrive, each once, the one under
     * which they do arrive last. The ids of several units, if firmware says so, which makes no sense.
     *
     * @param requesterIds the function's own, then that of each bridge that puts its own in its place
     */
    public List<UnitInput> inputsOf(PciAddress function, List<Integer> requesterIds) {
        return new UnitPaths(this).inputsOf(function, requesterIds);
    }

    /** Whether firmware, or who wrote the description, allows a function to use address translation services. */
    public boolean atsAllowed(PciAddress function) {
        return new UnitPaths(this).atsAllowed(function);
    }

    /**
     * The highest address that a function's requests can have on their way to memory, or to the unit in front of it ({@code
     * device::bus_dma_limit}), by the settings, the IORT's root complex or {@code dma-ranges} of the device tree.
     */
    public long dmaLimit(PciAddress function) {
        return new DmaLimits(this).of(function);
    }

    /** The devices behind units that no bus discovers, in the order in which firmware has them. */
    public List<DeviceDescription> devices() {
        return new UnitPaths(this).devices();
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
