package sluicegate.firmware;

import java.util.List;
import java.util.Optional;
import sluicegate.api.types.IommuException;
import sluicegate.spec.acpi.DmarTable;

/**
 * The DMA remapping reporting table: which VT-d units there are and which devices are behind which (VT-d chapter 8).
 *
 * <p>Lists are in the order of the table. Each part knows its offset in the file, so that later checks can point at it.
 *
 * @param file path of the file it was read from
 * @param hostAddressWidth bits of a physical address
 * @param interruptRemapping the platform supports interrupt remapping
 * @param x2apicOptOut firmware asks the system not to use x2APIC
 * @param dmaControlOptIn firmware asks the system to keep DMA protection on
 * @param units the remapping units
 * @param reservedMemory ranges that devices go on using after boot
 * @param rootPortAts root ports behind which ATS works
 * @param affinities units' NUMA nodes
 * @param namespaceDevices devices that scopes name by number
 * @param socAtc devices of the SoC with an address translation cache
 * @param socProperties devices of the SoC with further properties
 * @param warnings what was odd and what was done about it, one sentence each with file and offset
 */
public record Dmar(
        String file,
        int hostAddressWidth,
        boolean interruptRemapping,
        boolean x2apicOptOut,
        boolean dmaControlOptIn,
        List<Drhd> units,
        List<Rmrr> reservedMemory,
        List<Atsr> rootPortAts,
        List<Rhsa> affinities,
        List<Andd> namespaceDevices,
        List<Satc> socAtc,
        List<Sidp> socProperties,
        List<String> warnings) {

    public Dmar {
        units = List.copyOf(units);
        reservedMemory = List.copyOf(reservedMemory);
        rootPortAts = List.copyOf(rootPortAts);
        affinities = List.copyOf(affinities);
        namespaceDevices = List.copyOf(namespaceDevices);
        socAtc = List.copyOf(socAtc);
        socProperties = List.copyOf(socProperties);
        warnings = List.copyOf(warnings);
    }

    /**
     * Reads the table.
     *
     * <p>What cannot be trusted is refused: wrong signature, length or checksum, structures that pass the end of the table
     * or of one another, a unit whose registers cannot be there. What is odd but harmless is a warning, as it is for the kernel
     * ({@code drivers/iommu/intel/dmar.c}): structures and scopes of a type that is not known, a unit that is described
     * twice, reserved memory that is no range, a unit at address 0, with which a kernel goes on without any unit.
     *
     * @throws IommuException EINVAL with file, offset and the rule that was broken
     */
    public static Dmar parse(FirmwareFile file) {
        return new DmarParser(AcpiTable.check(file, DmarTable.SIGNATURE)).parse();
    }

    /** The NUMA node that an RHSA structure gives the unit at a register base. */
    public Optional<Integer> proximityDomain(Drhd unit) {
        return affinities.stream().filter(rhsa -> rhsa.base() == unit.base()).map(Rhsa::proximityDomain).findFirst();
    }

    /**
     * DMA remapping hardware unit definition (8.3).
     *
     * @param offset in the file, bytes
     * @param segment PCI segment
     * @param includeAll INCLUDE_PCI_ALL: all PCI devices of the segment that no other unit names
     * @param base physical address of its registers
     * @param registerSize size of its register window in bytes
     * @param scopes what is behind it
     */
    public record Drhd(
            int offset, int segment, boolean includeAll, long base, long registerSize, List<DeviceScope> scopes) {
        public Drhd {
            scopes = List.copyOf(scopes);
        }
    }

    /**
     * Reserved memory region reporting structure (8.4).
     *
     * @param offset in the file, bytes
     * @param segment PCI segment
     * @param base first address
     * @param end last address, inclusive; unsigned not below {@code base}
     * @param scopes the devices that use it
     */
    public record Rmrr(int offset, int segment, long base, long end, List<DeviceScope> scopes) {
        public Rmrr {
            scopes = List.copyOf(scopes);
        }
    }

    /**
     * Root port ATS capability reporting structure (8.5).
     *
     * @param offset in the file, bytes
     * @param segment PCI segment
     * @param allPorts all root ports of the segment
     * @param scopes the root ports otherwise
     */
    public record Atsr(int offset, int segment, boolean allPorts, List<DeviceScope> scopes) {
        public Atsr {
            scopes = List.copyOf(scopes);
        }
    }

    /**
     * Remapping hardware static affinity (8.6).
     *
     * @param offset in the file, bytes
     * @param base register base of the unit that it is about
     * @param proximityDomain NUMA node, as SRAT numbers them
     */
    public record Rhsa(int offset, long base, int proximityDomain) {}

    /**
     * ACPI name-space device declaration (8.7).
     *
     * @param offset in the file, bytes
     * @param deviceNumber what scopes call it by
     * @param objectName its ACPI path
     */
    public record Andd(int offset, int deviceNumber, String objectName) {}

    /**
     * SoC integrated address translation cache (8.8).
     *
     * @param offset in the file, bytes
     * @param segment PCI segment
     * @param atcRequired the devices do not work without ATS
     * @param scopes the devices
     */
    public record Satc(int offset, int segment, boolean atcRequired, List<DeviceScope> scopes) {
        public Satc {
            scopes = List.copyOf(scopes);
        }
    }

    /**
     * SoC integrated device property (8.9).
     *
     * @param offset in the file, bytes
     * @param segment PCI segment
     * @param scopes the devices
     */
    public record Sidp(int offset, int segment, List<DeviceScope> scopes) {
        public Sidp {
            scopes = List.copyOf(scopes);
        }
    }
}
