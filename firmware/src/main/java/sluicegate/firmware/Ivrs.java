package sluicegate.firmware;

import java.util.List;
import java.util.Optional;
import sluicegate.api.types.IommuException;
import sluicegate.spec.acpi.IvrsTable;

/**
 * The I/O virtualization reporting structure: the AMD IOMMUs of a machine and the devices behind each (AMD-Vi 5.2).
 *
 * <p>Lists are in the order of the table. Each part knows its offset in the file, so that later checks can point at it.
 * {@link IvrsDevices} says which unit is in front of which device.
 *
 * @param file path of the file it was read from
 * @param revision revision of the table
 * @param info what all units have in common
 * @param units the units, each from the block of the highest type that describes it
 * @param memory ranges that devices go on using after boot
 * @param warnings what was odd and what was done about it, one sentence each with file and offset
 */
public record Ivrs(String file, int revision, Info info, List<Unit> units, List<Memory> memory, List<String> warnings) {

    public Ivrs {
        units = List.copyOf(units);
        memory = List.copyOf(memory);
        warnings = List.copyOf(warnings);
    }

    /**
     * Reads the table.
     *
     * <p>A unit is described up to three times, for software of different ages: what counts is the block of type 40h,
     * else of 11h, else of 10h. The kernel takes the type that is best for the first unit for all of them; here each unit
     * has its own best, so that none is lost.
     *
     * <p>What cannot be trusted is refused: wrong signature, length or checksum, blocks or device entries that pass the end
     * of what they are in, entries whose length nothing tells, ranges that end without having begun, a unit without
     * registers. What the kernel goes on with ({@code drivers/iommu/amd/init.c}) is a warning: blocks and entries of a type
     * that is not known, ACPI devices without a name or in a block that has none, memory that is no range.
     *
     * @throws IommuException EINVAL with file, offset and the rule that was broken
     */
    public static Ivrs parse(FirmwareFile file) {
        return new IvrsParser(AcpiTable.check(file, IvrsTable.SIGNATURE)).parse();
    }

    /**
     * What all units have in common.
     *
     * @param featuresTold blocks of types 11h and 40h tell the feature registers
     * @param dmaRemap firmware asks the system to keep DMA protection on
     * @param guestVirtualBits bits of a guest virtual address, 0 if the table doesn't tell
     * @param physicalBits bits of a physical address
     * @param virtualBits bits of a virtual address
     * @param htAtsReserved the address range of HyperTransport translation requests is reserved
     */
    public record Info(boolean featuresTold, boolean dmaRemap, int guestVirtualBits, int physicalBits, int virtualBits,
            boolean htAtsReserved) {}

    /**
     * One unit (5.2.2).
     *
     * @param offset of the block in the file, bytes
     * @param type type of the block: 10h, 11h or 40h
     * @param flags flags of the block ({@link sluicegate.spec.acpi.Ivhd#FLAG_BITS})
     * @param deviceId requester id of the unit itself
     * @param capabilityOffset place of its capability in configuration space
     * @param base physical address of its registers
     * @param registerSize size of its register window in bytes: 16 KiB, or 512 KiB with performance counters
     * @param segment PCI segment of all its devices
     * @param msiNumber number of the message interrupt of logs
     * @param attributes feature information of a block of type 10h ({@link sluicegate.spec.acpi.Ivhd#FEATURE_BITS}),
     *     attributes of the others ({@link sluicegate.spec.acpi.IvhdExtended#ATTRIBUTE_BITS})
     * @param features what the feature registers hold, if the table tells
     * @param entries the devices behind it
     */
    public record Unit(int offset, int type, int flags, int deviceId, int capabilityOffset, long base, long registerSize,
            int segment, int msiNumber, long attributes, Optional<Features> features, List<Entry> entries) {
        public Unit {
            entries = List.copyOf(entries);
        }
    }

    /**
     * What the feature registers hold.
     *
     * @param extended the extended feature register (MMIO offset 30h)
     * @param extended2 the extended feature 2 register (MMIO offset 1A0h), 0 in older tables
     */
    public record Features(long extended, long extended2) {}

    /** Devices behind a unit. */
    public sealed interface Entry permits Devices, Special, AcpiDevice {

        /** In the file, bytes. */
        int offset();

        /** What their device table entries get ({@link sluicegate.spec.acpi.IvhdEntry#DTE_BITS}). */
        int setting();

        /** Whether it is about a device. */
        boolean contains(int deviceId);
    }

    /**
     * A range of devices, often a single one.
     *
     * @param first lowest requester id
     * @param last highest requester id
     * @param alias the id that their requests carry instead of their own
     * @param atsDisabled they must not use address translation services
     */
    public record Devices(int offset, int setting, int first, int last, Optional<Integer> alias, boolean atsDisabled)
            implements Entry {

        /** How many there are. */
        public int count() {
            return last - first + 1;
        }

        @Override
        public boolean contains(int deviceId) {
            return deviceId >= first && deviceId <= last;
        }
    }

    /**
     * A device that sends interrupts without being a PCI function.
     *
     * @param kind what it is
     * @param handle I/O APIC id or HPET number
     * @param deviceId the requester id that its interrupts carry
     */
    public record Special(int offset, int setting, Kind kind, int handle, int deviceId) implements Entry {

        /** What there is. */
        public enum Kind {
            IO_APIC,
            HPET
        }

        @Override
        public boolean contains(int id) {
            return id == deviceId;
        }
    }

    /**
     * A device that the ACPI name space names.
     *
     * @param hardwareId its _HID, such as {@code AMDI0020}
     * @param compatibleId its _CID, empty if it has none
     * @param uniqueId its _UID, a number in decimal or a text
     * @param deviceId the requester id that its requests carry
     */
    public record AcpiDevice(int offset, int setting, String hardwareId, String compatibleId, Optional<String> uniqueId,
            int deviceId) implements Entry {
        @Override
        public boolean contains(int id) {
            return id == deviceId;
        }
    }

    /**
     * Memory that devices go on using after boot (5.2.3), made of whole pages of 4 KiB.
     *
     * @param offset in the file, bytes
     * @param exclusion accesses are not translated; else the range is mapped one to one
     * @param segment PCI segment
     * @param first lowest requester id that it is for
     * @param last highest requester id that it is for
     * @param base first address
     * @param end last address, inclusive; unsigned not below {@code base}
     * @param readable devices may read; always for an exclusion range
     * @param writable devices may write; always for an exclusion range
     */
    public record Memory(int offset, boolean exclusion, int segment, int first, int last, long base, long end,
            boolean readable, boolean writable) {

        /** Whether it is for a device. */
        public boolean concerns(int ofSegment, int deviceId) {
            return ofSegment == segment && deviceId >= first && deviceId <= last;
        }
    }
}
