package sluicegate.firmware;

import java.util.Optional;
import sluicegate.api.platform.PciAddress;

/** The highest addresses that devices' requests can have on their way, whatever the devices themselves can name. Immutable. */
final class DmaLimits {
    private final int settingBits;
    private final Optional<Iort> iort;
    private final Optional<DeviceTreeIommus> tree;

    DmaLimits(MachineDescription machine) {
        settingBits = machine.buses().dmaBits();
        iort = machine.iort();
        tree = iort.isPresent() || machine.dmar().isPresent() || machine.ivrs().isPresent() ? Optional.empty() : machine.deviceTree();
    }

    /** By the settings alone. */
    long general() {
        return ofBits(settingBits);
    }

    long of(PciAddress function) {
        long host = iort.flatMap(table -> table.rootComplex(function.segment())).map(root -> ofBits(root.memory().addressSize()))
                .or(() -> tree.flatMap(iommus -> iommus.pciHost(function.segment())).map(DeviceTreeIommus.PciHost::dmaLimit)).orElse(-1L);
        return lower(host, general());
    }

    long of(Iort.NamedComponent component) {
        return lower(ofBits(component.memory().addressSize()), general());
    }

    long of(DeviceTreeIommus.Master master) {
        return lower(master.dmaLimit(), general());
    }

    /** A table that says 0, or more than there are, does not limit ({@code iort_dma_get_ranges}). */
    private static long ofBits(int bits) {
        return bits <= 0 || bits >= Long.SIZE ? -1L : (1L << bits) - 1;
    }

    private static long lower(long one, long other) {
        return Long.compareUnsigned(one, other) < 0 ? one : other;
    }
}
