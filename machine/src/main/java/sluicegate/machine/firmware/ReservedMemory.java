package sluicegate.machine.firmware;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import sluicegate.api.platform.FirmwareRegion;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Hex;
import sluicegate.api.types.Prot;
import sluicegate.api.types.ReservedRegion;
import sluicegate.api.types.ReservedRegion.Type;
import sluicegate.firmware.DeviceTreeIommus;
import sluicegate.firmware.Iort;
import sluicegate.firmware.IortPaths;
import sluicegate.firmware.Ivrs;
import sluicegate.firmware.MachineDescription;
import sluicegate.firmware.UnitDescription;
import sluicegate.machine.memory.AddressMap;

/**
 * Memory that firmware reserves for devices (RMRR, IVMD, RMR, {@code iommu-addresses}) as a machine has to treat it: kept
 * from everybody else, and told to the units in front of the devices that it is for. Immutable.
 */
public final class ReservedMemory {
    private final MachineDescription described;
    private final SegmentBase segments;
    private final PlatformNames names;

    public ReservedMemory(MachineDescription described, SegmentBase segments, PlatformNames names) {
        this.described = described;
        this.segments = segments;
        this.names = names;
    }

    /** The ranges that no allocator may hand out. */
    public static List<AddressMap.Range> ranges(MachineDescription described) {
        var ranges = new ArrayList<AddressMap.Range>();
        described.dmar().map(DmarMemory::ranges).ifPresent(ranges::addAll);
        described.ivrs().ifPresent(ivrs -> ivrs.memory().forEach(range -> add(ranges, range.base(), length(range))));
        described.iort().ifPresent(iort -> iort.nodes(Iort.Rmr.class).forEach(rmr -> rmr.ranges()
                .forEach(range -> add(ranges, range.base(), range.end() - range.base() + 1))));
        described.deviceTree().ifPresent(tree -> tree.reserved()
                .forEach(node -> node.memory().forEach(range -> add(ranges, range.start(), range.size()))));
        return List.copyOf(ranges);
    }

    private static void add(List<AddressMap.Range> ranges, long start, long length) {
        if (start >= 0 && length > 0 && start + length > 0) {
            ranges.add(new AddressMap.Range(start, length));
        }
    }

    private static long length(Ivrs.Memory range) {
        return range.end() - range.base() + 1;
    }

    /**
     * What to tell a unit.
     *
     * @param memory of the machine; ranges that are not in it are told all the same
     * @param warnings where to say that a range is not in memory
     */
    public List<FirmwareRegion> regionsOf(UnitDescription unit, PhysicalMemory memory, Consumer<String> warnings) {
        if (unit instanceof UnitDescription.Vtd vtd) {
            return new DmarMemory(described.dmar().orElseThrow(), described.dmarScopes().orElseThrow(), described.pci())
                    .regionsOf(vtd.drhd(), segments, memory, warnings);
        }
        var regions = new Regions(memory, warnings);
        described.ivrs().ifPresent(ivrs -> ivrs.memory().stream().filter(range -> inSegment(unit, range))
                .forEach(range -> regions.add(origin(ivrs.file(), range.offset()), range.base(), length(range), type(range),
                        (range.readable() ? Prot.READ : 0) | (range.writable() ? Prot.WRITE : 0),
                        devicesOf(unit, id -> id >= range.first() && id <= range.last()))));
        described.iort().ifPresent(iort -> addRmrs(iort, unit, regions));
        if (described.iort().isEmpty() && described.ivrs().isEmpty()) {
            described.deviceTree().ifPresent(tree -> addDeviceTree(tree, unit, regions));
        }
        return List.copyOf(regions.all);
    }

    private static boolean inSegment(UnitDescription unit, Ivrs.Memory range) {
        return unit instanceof UnitDescription.Amdvi amdvi && amdvi.ivhd().segment() == range.segment();
    }

    /** Exclusion ranges are kept free, all others mapped one to one ({@code amd_iommu_get_resv_regions}). */
    private static Type type(Ivrs.Memory range) {
        return range.exclusion() ? Type.RESERVED : Type.DIRECT;
    }

    private void addRmrs(Iort iort, UnitDescription unit, Regions regions) {
        var nodes = iort.nodes(Iort.SmmuV3.class).stream().filter(node -> node.base() == unit.base()).toList();
        for (var node : nodes) {
            for (var reservation : new IortPaths(iort).reservationsOf(node)) {
                var rmr = reservation.ranges();
                for (var range : rmr.ranges()) {
                    regions.add(origin(iort.file(), range.offset()), range.base(), range.end() - range.base() + 1,
                            rmr.remapPermitted() ? Type.DIRECT_RELAXABLE : Type.DIRECT, Prot.READ | Prot.WRITE,
                            devicesOf(unit, reservation::concerns));
                }
            }
        }
    }

    /** Where the addresses are those of the memory, it is mapped one to one; others are kept free. */
    private void addDeviceTree(DeviceTreeIommus tree, UnitDescription unit, Regions regions) {
        for (var node : tree.reserved()) {
            for (var there : node.addresses()) {
                var devices = new LinkedHashSet<String>();
                described.devices().stream().filter(device -> device.name().equals(there.device().path())
                        && device.inputs().stream().anyMatch(input -> input.unit().equals(unit)))
                        .forEach(device -> devices.add(names.of(device)));
                regions.add(node.node().at(), there.range().start(), there.range().size(),
                        node.direct(there) ? Type.DIRECT : Type.RESERVED, Prot.READ | Prot.WRITE, devices);
            }
        }
    }

    /** Names of the devices that a unit knows by certain ids. */
    private Set<String> devicesOf(UnitDescription unit, LongPredicate concerned) {
        var devices = new LinkedHashSet<String>();
        for (var function : described.pci().functions()) {
            described.inputOf(function.address()).filter(input -> input.unit().equals(unit) && concerned.test(input.id()))
                    .ifPresent(input -> devices.add(segments.onPlatform(function.address()).toString()));
        }
        for (var device : described.devices()) {
            if (device.inputs().stream().anyMatch(input -> input.unit().equals(unit) && concerned.test(input.id()))) {
                devices.add(names.of(device));
            }
        }
        return devices;
    }

    private static String origin(String file, int offset) {
        return file + ", offset " + Hex.of(offset);
    }

    private static final class Regions {
        private final List<FirmwareRegion> all = new ArrayList<>();
        private final PhysicalMemory memory;
        private final Consumer<String> warnings;

        Regions(PhysicalMemory memory, Consumer<String> warnings) {
            this.memory = memory;
            this.warnings = warnings;
        }

        void add(String origin, long start, long length, Type type, int prot, Set<String> devices) {
            if (devices.isEmpty() || length <= 0) {
                return;
            }
            if (type != Type.RESERVED && !memory.contains(start, length)) {
                warnings.accept(String.format("%s: reserved memory %s is not in this machine's memory; devices that use it "
                        + "reach nothing", origin, Hex.range(start, length)));
            }
            all.add(new FirmwareRegion(new ReservedRegion(start, length, prot, type), devices));
        }
    }
}
