package sluicegate.capture.files;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.ReservedRegion;
import sluicegate.firmware.FirmwareFile;
import sluicegate.firmware.MemoryRange;
import sluicegate.firmware.PciConfigImage;

/**
 * What {@code capture.json} says: the machine, and what the kernel had made of it when it was stopped. Groups and devices fit
 * each other: every member is a device, and every device that names a group is its member.
 *
 * @param path of the file, for messages
 * @param kind of IOMMU
 * @param kernel its release
 * @param qemu the version of the QEMU under which it ran; empty for real hardware
 * @param units physical addresses of the units' registers, ascending
 * @param ram the machine's memory, of which the capture holds little
 * @param groups by number
 * @param devices by address
 */
public record CaptureFile(String path, Kind kind, String kernel, Optional<String> qemu, List<Long> units,
        List<MemoryRange> ram, List<Group> groups, List<Device> devices) {
    /** Name of the file, by which a capture folder is known. */
    public static final String NAME = "capture.json";

    public CaptureFile {
        units = List.copyOf(units);
        ram = List.copyOf(ram);
        groups = List.copyOf(groups);
        devices = List.copyOf(devices);
    }

    /** Kinds of IOMMU. */
    public enum Kind {
        INTEL_VTD("intel-vtd", "dmar"),
        AMD_VI("amd-vi", "ivhd"),
        ARM_SMMUV3("arm-smmuv3", "smmu3.");

        private final String word;
        private final String unit;

        Kind(String word, String unit) {
            this.word = word;
            this.unit = unit;
        }

        /** As the file names it. */
        public String word() {
            return word;
        }

        /** What units are called, before their number. */
        public String unit() {
            return unit;
        }
    }

    /**
     * A group as the kernel had it.
     *
     * @param id its number there
     * @param type of its default domain, the word in sysfs
     * @param members in the kernel's order
     * @param reserved its reserved regions
     */
    public record Group(int id, String type, List<PciAddress> members, List<ReservedRegion> reserved) {
        public Group {
            members = List.copyOf(members);
            reserved = List.copyOf(reserved);
        }
    }

    /**
     * A PCI function.
     *
     * @param image its configuration space
     * @param group number of its group; empty if it had none
     * @param driver that was bound to it
     * @param path in sysfs
     * @param dmaMaskBits width of its DMA mask; empty if the file does not say
     */
    public record Device(PciConfigImage image, OptionalInt group, Optional<String> driver, Optional<String> path,
            OptionalInt dmaMaskBits) {
        public PciAddress address() {
            return image.address();
        }
    }

    /**
     * Reads the file. Keys that are not known are left alone.
     *
     * @throws IommuException EINVAL with file, line and rule
     */
    public static CaptureFile parse(FirmwareFile file) {
        return new CaptureFileReader(file).read();
    }

    /** The group of that number. */
    public Optional<Group> group(int id) {
        return groups.stream().filter(group -> group.id() == id).findFirst();
    }
}
