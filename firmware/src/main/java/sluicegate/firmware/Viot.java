package sluicegate.firmware;

import java.util.List;
import java.util.Optional;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.types.IommuException;
import sluicegate.spec.acpi.ViotTable;

/**
 * The virtual I/O translation table: paravirtual IOMMUs and what is behind them (ACPI specification 5.2, VIOT).
 *
 * @param file path of the file it was read from
 * @param iommus the IOMMUs, in the order of the table
 * @param pciRanges PCI functions behind them
 * @param endpoints other devices behind them
 * @param warnings what was odd and what was done about it, one sentence each with file and offset
 */
public record Viot(String file, List<Iommu> iommus, List<PciRange> pciRanges, List<Endpoint> endpoints, List<String> warnings) {

    public Viot {
        iommus = List.copyOf(iommus);
        pciRanges = List.copyOf(pciRanges);
        endpoints = List.copyOf(endpoints);
        warnings = List.copyOf(warnings);
    }

    /**
     * Reads the table.
     *
     * <p>Nodes that pass the end of the table, or are shorter than their kind, are refused. What the kernel goes on with ({@code
     * drivers/acpi/viot.c}) is a warning: nodes of a type that is not known, devices behind what is no IOMMU.
     *
     * @throws IommuException EINVAL with file, offset and the rule that was broken
     */
    public static Viot parse(FirmwareFile file) {
        return new ViotParser(AcpiTable.check(file, ViotTable.SIGNATURE)).parse();
    }

    /** The range that a function is in, if its IOMMU is in the table: the first one, as for the kernel. */
    Optional<PciRange> rangeOf(int segment, int requesterId) {
        return pciRanges.stream().filter(range -> range.contains(segment, requesterId)).findFirst();
    }

    /**
     * A virtio-iommu.
     *
     * @param offset in the file, bytes
     * @param function the PCI function that it is, unless its registers are in memory
     * @param base physical address of its registers; 0 for a PCI function
     */
    public record Iommu(int offset, Optional<PciAddress> function, long base) {}

    /**
     * PCI functions behind an IOMMU.
     *
     * @param offset in the file, bytes
     * @param firstId the id of the lowest
     * @param iommu offset of its node
     */
    public record PciRange(int offset, long firstId, int firstSegment, int lastSegment, int firstRequester, int lastRequester, int iommu) {

        /** Whether a function is in it: the requester ids are those of each of its segments. */
        public boolean contains(int segment, int requesterId) {
            return segment >= firstSegment && segment <= lastSegment && requesterId >= firstRequester && requesterId <= lastRequester;
        }

        /** The id at the IOMMU of a function in it. */
        public long idOf(int segment, int requesterId) {
            return firstId + ((long) (segment - firstSegment) << 16) + (requesterId - firstRequester) & 0xffff_ffffL;
        }
    }

    /**
     * A device that is known by its registers.
     *
     * @param offset in the file, bytes
     * @param id at the IOMMU
     * @param base physical address of its registers
     * @param iommu offset of its node
     */
    public record Endpoint(int offset, long id, long base, int iommu) {}
}
