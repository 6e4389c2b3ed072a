package sluicegate.qemu;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import sluicegate.api.platform.FirmwareRegion;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.machine.firmware.SegmentBase;
import sluicegate.machine.memory.AddressMap;

/** What a machine's tables say about its units. Addresses and segments are those in the machine. Immutable. */
public interface UnitPlan {

    /**
     * One unit.
     *
     * @param name such as {@code dmar0}
     * @param compatible which hardware it is
     * @param base physical address of its registers
     * @param size of its register window in bytes
     * @param segment whose devices it serves
     * @param properties further facts
     */
    record Unit(String name, String compatible, long base, long size, int segment, Map<String, String> properties) {
        public Unit {
            properties = Map.copyOf(properties);
        }
    }

    /** In the order of the table. */
    List<Unit> units();

    /** The unit in front of a function, as a place in {@link #units}; empty if there is none. */
    Optional<Integer> unitOf(PciAddress function);

    /** Whether a function may use ATS. */
    boolean atsAllowed(PciAddress function);

    /** Memory that no allocator may hand out. */
    List<AddressMap.Range> reserved();

    /** What firmware reserves for devices behind a unit. */
    List<FirmwareRegion> regionsOf(int unit, SegmentBase segments, PhysicalMemory memory, Consumer<String> warnings);

    /** What was odd in the tables. */
    List<String> warnings();
}
