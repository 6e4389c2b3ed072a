package sluicegate.firmware;

import java.util.List;
import java.util.Optional;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.types.IommuException;
import sluicegate.spec.acpi.RimtTable;

/**
 * The RISC-V I/O mapping table: IOMMUs and what is behind them (RISC-V IO Mapping Table Specification 1.0).
 *
 * @param file path of the file it was read from
 * @param iommus the IOMMUs, in the order of the table
 * @param rootComplexes PCI root complexes
 * @param devices devices that the ACPI name space names
 * @param warnings what was odd and what was done about it, one sentence each with file and offset
 */
public record Rimt(String file, List<Iommu> iommus, List<RootComplex> rootComplexes, List<Device> devices, List<String> warnings) {

    public Rimt {
        iommus = List.copyOf(iommus);
        rootComplexes = List.copyOf(rootComplexes);
        devices = List.copyOf(devices);
        warnings = List.copyOf(warnings);
    }

    /**
     * Reads the table.
     *
     * <p>Nodes, interrupt wires and mappings that pass the end of what they are in are refused. What the kernel goes on with ({@code
     * drivers/acpi/riscv/rimt.c}) is a warning: nodes of a type that is not known, mappings to what is no IOMMU.
     *
     * @throws IommuException EINVAL with file, offset and the rule that was broken
     */
    public static Rimt parse(FirmwareFile file) {
        return new RimtParser(AcpiTable.check(file, RimtTable.SIGNATURE)).parse();
    }

    /** The root complex of a PCI segment: the first one in the table. */
    Optional<RootComplex> rootComplex(int segment) {
        return rootComplexes.stream().filter(root -> root.segment() == segment).findFirst();
    }

    /**
     * An IOMMU.
     *
     * @param offset in the file, bytes
     * @param hardwareId such as {@code RSCV0004}
     * @param function the PCI function that it is, unless its registers are in memory
     * @param base physical address of its registers; of a PCI function what the table says all the same
     * @param proximityDomain NUMA node, if the table tells
     * @param wires its wired interrupts
     */
    public record Iommu(int offset, String hardwareId, Optional<PciAddress> function, long base, Optional<Long> proximityDomain,
            List<Wire> wires) {
        public Iommu {
            wires = List.copyOf(wires);
        }
    }

    /** A wired interrupt. */
    public record Wire(long number, boolean level, boolean activeHigh) {}

    /**
     * How ids become ids at an IOMMU.
     *
     * @param offset in the file, bytes
     * @param first lowest id that comes in
     * @param count how many
     * @param firstId what the lowest becomes
     * @param iommu offset of the node that they go to
     */
    public record Mapping(int offset, long first, long count, long firstId, int iommu) {

        /** Whether an id is one that comes in. The kernel takes one more than there are ({@code rimt_id_map}). */
        public boolean contains(long id) {
            return id >= first && id <= first + count;
        }

        /** What an id in it becomes. */
        public long idOf(long id) {
            return firstId + (id - first) & 0xffff_ffffL;
        }
    }

    /** A PCI root complex; its ids are requester ids. */
    public record RootComplex(int offset, int segment, boolean ats, boolean pri, List<Mapping> mappings) {
        public RootComplex {
            mappings = List.copyOf(mappings);
        }

        /** The mapping of a requester id: the first one, as for the kernel. */
        Optional<Mapping> mappingOf(int requesterId) {
            return mappings.stream().filter(mapping -> mapping.contains(requesterId)).findFirst();
        }
    }

    /** A device that the ACPI name space names. */
    public record Device(int offset, String path, List<Mapping> mappings) {
        public Device {
            mappings = List.copyOf(mappings);
        }
    }
}
