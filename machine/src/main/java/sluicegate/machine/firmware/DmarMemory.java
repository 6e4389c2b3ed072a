package sluicegate.machine.firmware;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import sluicegate.api.platform.FirmwareRegion;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Hex;
import sluicegate.api.types.Prot;
import sluicegate.api.types.ReservedRegion;
import sluicegate.firmware.Dmar;
import sluicegate.firmware.DmarScopes;
import sluicegate.firmware.PciTree;
import sluicegate.machine.memory.AddressMap;

/**
 * The reserved memory of a DMAR table (RMRR) as a machine has to treat it: kept from everybody else, and told to the units
 * in front of the devices that it is for. Immutable.
 */
public final class DmarMemory {
    private static final long PAGE = 4096;
    /** Base classes and subclasses whose reserved memory the kernel lets go of: graphics and USB. */
    private static final int CLASS_DISPLAY = 0x03;
    private static final int CLASS_USB = 0x0c03;

    private final Dmar dmar;
    private final DmarScopes scopes;
    private final PciTree tree;

    public DmarMemory(Dmar dmar, DmarScopes scopes, PciTree tree) {
        this.dmar = dmar;
        this.scopes = scopes;
        this.tree = tree;
    }

    /** The ranges that no allocator may hand out. */
    public static List<AddressMap.Range> ranges(Dmar dmar) {
        return dmar.reservedMemory().stream().filter(DmarMemory::isRange)
                .map(rmrr -> new AddressMap.Range(rmrr.base(), length(rmrr))).toList();
    }

    /** Whole pages and not empty (the kernel's {@code rmrr_sanity_check}, whose complaint is firmware's reader's). */
    private static boolean isRange(Dmar.Rmrr rmrr) {
        return rmrr.base() >= 0 && rmrr.end() > rmrr.base() && rmrr.base() % PAGE == 0 && (rmrr.end() + 1) % PAGE == 0;
    }

    private static long length(Dmar.Rmrr rmrr) {
        return rmrr.end() - rmrr.base() + 1;
    }

    /**
     * What to tell the unit of a DRHD.
     *
     * @param segments gives devices the names that they have on the platform
     * @param memory of the machine; ranges that are not in it are told all the same
     * @param warnings where to say that a range is not in memory
     */
    public List<FirmwareRegion> regionsOf(Dmar.Drhd unit, SegmentBase segments, PhysicalMemory memory,
            Consumer<String> warnings) {
        var regions = new ArrayList<FirmwareRegion>();
        for (var rmrr : dmar.reservedMemory()) {
            if (!isRange(rmrr)) {
                continue;
            }
            var direct = new LinkedHashSet<String>();
            var relaxable = new LinkedHashSet<String>();
            for (var function : devicesBehind(rmrr, unit)) {
                (isRelaxable(function) ? relaxable : direct).add(segments.onPlatform(function).toString());
            }
            if (!memory.contains(rmrr.base(), length(rmrr)) && !(direct.isEmpty() && relaxable.isEmpty())) {
                warnings.accept(String.format("%s, offset %s: reserved memory %s is not in this machine's memory; devices that "
                        + "use it reach nothing", dmar.file(), Hex.of(rmrr.offset()), Hex.range(rmrr.base(), length(rmrr))));
            }
            add(regions, rmrr, ReservedRegion.Type.DIRECT, direct);
            add(regions, rmrr, ReservedRegion.Type.DIRECT_RELAXABLE, relaxable);
        }
        return List.copyOf(regions);
    }

    private List<PciAddress> devicesBehind(Dmar.Rmrr rmrr, Dmar.Drhd unit) {
        return scopes.devicesOf(rmrr).stream()
                .filter(function -> scopes.unitOf(function).filter(unit::equals).isPresent())
                .sorted().toList();
    }

    /** The kernel's {@code device_rmrr_is_relaxable}. */
    private boolean isRelaxable(PciAddress function) {
        int classCode = tree.find(function).map(node -> node.image().classCode()).orElse(0);
        return classCode >>> 16 == CLASS_DISPLAY || classCode >>> 8 == CLASS_USB;
    }

    private static void add(List<FirmwareRegion> regions, Dmar.Rmrr rmrr, ReservedRegion.Type type, Set<String> devices) {
        if (!devices.isEmpty()) {
            regions.add(new FirmwareRegion(
                    new ReservedRegion(rmrr.base(), length(rmrr), Prot.READ | Prot.WRITE, type), devices));
        }
    }
}
