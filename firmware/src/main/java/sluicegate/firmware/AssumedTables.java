package sluicegate.firmware;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import sluicegate.api.platform.PciAddress;
import sluicegate.spec.acpi.AcpiHeader;
import sluicegate.spec.acpi.DmarTable;
import sluicegate.spec.acpi.Drhd;
import sluicegate.spec.acpi.Ivhd;
import sluicegate.spec.acpi.IvhdEntry;
import sluicegate.spec.acpi.IvhdEntryType;
import sluicegate.spec.acpi.IvrsBlockType;
import sluicegate.spec.acpi.IvrsTable;
import sluicegate.spec.pci.ConfigHeader;

/**
 * Tables for a machine of which only the PCI functions are known: the simplest that firmware of its maker writes. Intel's
 * machines get one VT-d unit in front of everything; AMD's, which show their IOMMU as a function, one in front of everything
 * from device 1 on, because the root complex itself and the IOMMU never are.
 */
final class AssumedTables {
    private static final int INTEL = 0x8086;
    private static final int AMD = 0x1022;
    /** Class and subclass of an IOMMU (PCI Code and ID Assignment 1.9). */
    private static final int IOMMU_CLASS = 0x0806;
    /** Where registers usually are. */
    private static final long VTD_BASE = 0xfed9_0000L;
    private static final long AMD_BASE = 0xfeb8_0000L;
    private static final int AMD_CAPABILITY = 0x40;
    private static final int HOST_BITS = 39;
    private static final int AMD_PHYSICAL_BITS = 48;
    private static final int AMD_VIRTUAL_BITS = 64;

    private AssumedTables() {}

    /**
     * A table and what is uncertain because it was assumed.
     *
     * @param name of the file that it stands for
     */
    record Assumed(String name, byte[] bytes, String warning) {}

    /** @return empty if nothing says that the machine has an IOMMU */
    static Optional<Assumed> of(List<PciConfigImage> functions) {
        var amd = functions.stream().filter(image -> image.classCode() >>> 8 == IOMMU_CLASS).findFirst();
        if (amd.isPresent()) {
            return Optional.of(new Assumed("assumed.ivrs.bin", ivrs(amd.get().address()), String.format(
                    "There is no IVRS table: taken to be one IOMMU, %s, in front of all functions from device 1 on. If firmware says otherwise,"
                    + " other functions have no group; memory that it reserves (IVMD) is not known. Put /sys/firmware/acpi/tables/IVRS beside"
                    + " the list as ivrs.bin", amd.get().address())));
        }
        boolean intel = functions.stream().anyMatch(image -> vendor(image) == INTEL && image.classCode() >>> 8 == 0x0600);
        return intel ? Optional.of(new Assumed("assumed.dmar.bin", dmar(), "There is no DMAR table: taken to be one VT-d unit in front of"
                + " everything. Whether VT-d is on, whether graphics have a unit of their own, and which memory firmware reserves (RMRR, for"
                + " graphics and USB as a rule) is not known. Put /sys/firmware/acpi/tables/DMAR beside the list as dmar.bin"))
                : Optional.empty();
    }

    /** Why there is none. */
    static String none(List<PciConfigImage> functions) {
        return functions.stream().anyMatch(image -> vendor(image) == AMD && image.classCode() >>> 8 == 0x0600)
                ? "There is no IVRS table, and no IOMMU among the functions: it is switched off in firmware, so there are no groups"
                : "There is no table of IOMMUs and nothing that shows one, so there are no groups: put DMAR, IVRS or IORT beside the list";
    }

    private static int vendor(PciConfigImage image) {
        return image.read16(ConfigHeader.VENDOR_ID.offset());
    }

    private static byte[] dmar() {
        var table = new byte[DmarTable.SIZE + Drhd.SIZE];
        DmarTable.HOST_ADDRESS_WIDTH.put(table, 0, HOST_BITS - 1);
        int at = DmarTable.SIZE;
        Drhd.LENGTH.put(table, at, Drhd.SIZE);
        Drhd.FLAGS.put(table, at, Drhd.INCLUDE_PCI_ALL.mask());
        Drhd.REGISTER_BASE.put(table, at, VTD_BASE);
        return finish(table, DmarTable.SIGNATURE, 1);
    }

    private static byte[] ivrs(PciAddress iommu) {
        var table = new byte[IvrsTable.SIZE + Ivhd.SIZE + 2 * IvhdEntry.SIZE];
        IvrsTable.IV_INFO.put(table, 0, IvrsTable.PHYSICAL_SIZE.set(0, AMD_PHYSICAL_BITS) | IvrsTable.VIRTUAL_SIZE.set(0, AMD_VIRTUAL_BITS));
        int at = IvrsTable.SIZE;
        Ivhd.TYPE.put(table, at, IvrsBlockType.IVHD_10.code());
        Ivhd.LENGTH.put(table, at, Ivhd.SIZE + 2 * IvhdEntry.SIZE);
        Ivhd.DEVICE_ID.put(table, at, iommu.requesterId());
        Ivhd.CAPABILITY_OFFSET.put(table, at, AMD_CAPABILITY);
        Ivhd.BASE_ADDRESS.put(table, at, AMD_BASE);
        Ivhd.SEGMENT.put(table, at, iommu.segment() & 0xffff);
        at += Ivhd.SIZE;
        IvhdEntry.TYPE.put(table, at, IvhdEntryType.RANGE_START.code());
        IvhdEntry.DEVICE_ID.put(table, at, new PciAddress(0, iommu.bus(), 1, 0).requesterId());
        at += IvhdEntry.SIZE;
        IvhdEntry.TYPE.put(table, at, IvhdEntryType.RANGE_END.code());
        IvhdEntry.DEVICE_ID.put(table, at, 0xffff);
        return finish(table, IvrsTable.SIGNATURE, 2);
    }

    private static byte[] finish(byte[] table, String signature, int revision) {
        System.arraycopy(signature.getBytes(StandardCharsets.US_ASCII), 0, table, 0, signature.length());
        Arrays.fill(table, AcpiHeader.OEM_ID.offset(), AcpiHeader.OEM_REVISION.offset(), (byte) ' ');
        AcpiHeader.LENGTH.put(table, 0, table.length);
        AcpiHeader.REVISION.put(table, 0, revision);
        AcpiHeader.CHECKSUM.put(table, 0, -AcpiHeader.checksum(table, 0, table.length) & 0xff);
        return table;
    }
}
