package sluicegate.firmware;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Which unit is in front of which device, and as whom its requests pass: the device entries of an {@link Ivrs}. Immutable.
 *
 * <p>Where two entries are about one device, the later one says which unit and which alias it has, as the kernel's tables
 * do that each entry overwrites.
 */
public final class IvrsDevices {
    private final Ivrs table;

    public IvrsDevices(Ivrs table) {
        this.table = Objects.requireNonNull(table, "table");
    }

    /** The unit in front of a device; the unit of an alias is that of the devices that use it. */
    public Optional<Ivrs.Unit> unitOf(int segment, int deviceId) {
        for (int i = table.units().size() - 1; i >= 0; i--) {
            var unit = table.units().get(i);
            if (unit.segment() == segment && unit.entries().stream().anyMatch(entry -> isAbout(entry, deviceId))) {
                return Optional.of(unit);
            }
        }
        return Optional.empty();
    }

    /** The id that a device's requests carry: its own if nothing else is said. */
    public int aliasOf(int segment, int deviceId) {
        int alias = deviceId;
        for (var unit : table.units()) {
            if (unit.segment() == segment) {
                for (var entry : unit.entries()) {
                    if (entry instanceof Ivrs.Devices range && range.contains(deviceId) && range.alias().isPresent()) {
                        alias = range.alias().get();
                    }
                }
            }
        }
        return alias;
    }

    /**
     * What the device table entry of a device gets ({@link sluicegate.spec.acpi.IvhdEntry#DTE_BITS}), 0 for nothing: the
     * setting of the smallest range that has one, the first of several ({@code amd_iommu_get_ivhd_dte_flags}).
     */
    public int settingOf(int segment, int deviceId) {
        int setting = 0;
        int best = Integer.MAX_VALUE;
        for (var unit : table.units()) {
            for (var entry : unit.segment() == segment ? unit.entries() : List.<Ivrs.Entry>of()) {
                int size = entry instanceof Ivrs.Devices range && range.contains(deviceId) ? range.count() : 1;
                if (entry.setting() != 0 && size < best && isAbout(entry, deviceId)) {
                    setting = entry.setting();
                    best = size;
                }
            }
        }
        return setting;
    }

    /** Whether firmware allows a device to use address translation services: no entry about it says otherwise. */
    public boolean atsAllowed(int segment, int deviceId) {
        return table.units().stream().filter(unit -> unit.segment() == segment).flatMap(unit -> unit.entries().stream())
                .noneMatch(entry -> entry instanceof Ivrs.Devices range && range.atsDisabled() && range.contains(deviceId));
    }

    /** The reserved memory that is for a device, in the order of the table. */
    public List<Ivrs.Memory> memoryOf(int segment, int deviceId) {
        return table.memory().stream().filter(memory -> memory.concerns(segment, deviceId)).toList();
    }

    /** An entry is about the alias of its devices too. */
    private static boolean isAbout(Ivrs.Entry entry, int deviceId) {
        return entry.contains(deviceId)
                || entry instanceof Ivrs.Devices range && range.alias().equals(Optional.of(deviceId));
    }
}
