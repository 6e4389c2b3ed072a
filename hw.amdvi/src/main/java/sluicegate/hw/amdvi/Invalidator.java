package sluicegate.hw.amdvi;

import sluicegate.api.types.Pasid;
import sluicegate.hw.common.CommandCombiner;

/**
 * Makes the hardware forget: device table entries, translations, and what devices have cached themselves. Each call returns when
 * the hardware has done it. Thread-safe; allocates nothing.
 *
 * <p>A device could fetch again what the unit has not forgotten yet, so devices are told behind a barrier.
 */
final class Invalidator {
    private static final int DOMAIN_IDS = 1 << 16;

    private final CommandBuffer commands;
    /** For what every unmap needs: one command that names pages. */
    private final CommandCombiner pages;
    private final boolean invalidateAll;

    Invalidator(CommandBuffer commands, boolean invalidateAll) {
        this.commands = commands;
        this.pages = new CommandCombiner(commands);
        this.invalidateAll = invalidateAll;
    }

    CommandBuffer commands() {
        return commands;
    }

    /** Everything, as at a reset ({@code amd_iommu_flush_all_caches}). */
    void everything() {
        if (invalidateAll) {
            commands.run(Commands.everything(), 0);
            return;
        }
        for (int from = 0; from < DeviceTable.ENTRIES; from += CommandBuffer.most()) {
            int count = Math.min(CommandBuffer.most(), DeviceTable.ENTRIES - from);
            long ticket = commands.take(count);
            for (int i = 0; i < count; i++) {
                commands.put(ticket, i, Commands.deviceEntry(from + i), 0);
            }
            commands.finish(ticket, count, false);
        }
        for (int from = 0; from < DOMAIN_IDS; from += CommandBuffer.most()) {
            int count = Math.min(CommandBuffer.most(), DOMAIN_IDS - from);
            long ticket = commands.take(count);
            for (int i = 0; i < count; i++) {
                commands.put(ticket, i, Commands.pages(from + i, Pasid.NONE), Commands.allPagesHigh(Pasid.NONE));
            }
            commands.finish(ticket, count, false);
        }
    }

    /** A device table entry. */
    void deviceEntry(int deviceId) {
        commands.run(Commands.deviceEntry(deviceId), 0);
    }

    /** All translations of a domain id; those with PASIDs go too where no host tables are. */
    void domain(int domainId) {
        commands.run(Commands.pages(domainId, Pasid.NONE), Commands.allPagesHigh(Pasid.NONE));
    }

    /** All translations of a PASID. */
    void pasid(int domainId, int pasid) {
        commands.run(Commands.pages(domainId, pasid), Commands.allPagesHigh(pasid));
    }

    /** All that a device has cached itself. */
    void deviceTlb(long target) {
        deviceTlb(target, Commands.wholeDeviceTlbHigh(FlushTargets.pasid(target)));
    }

    /** What the upper word of the command says of it. */
    void deviceTlb(long target, long high) {
        long ticket = commands.take(1);
        commands.put(ticket, 0, Commands.deviceTlb(FlushTargets.deviceId(target), FlushTargets.queueDepth(target),
                FlushTargets.pasid(target)), high);
        commands.finish(ticket, 1, true);
    }

    /**
     * The pages of {@code [first, last]} of host tables.
     *
     * @param targets the devices with a TLB
     * @param tables whether tables have gone, and not only pages
     */
    void hostPages(int domainId, long[] targets, long first, long last, boolean tables) {
        long high = Commands.pagesHigh(first, last, Pasid.NONE, tables);
        if (targets.length == 0) {
            pages.run(Commands.pages(domainId, Pasid.NONE), high);
            return;
        }
        for (int from = 0; from < targets.length; from += devices()) {
            int count = Math.min(devices(), targets.length - from);
            long ticket = commands.take(count + 2);
            commands.put(ticket, 0, Commands.pages(domainId, Pasid.NONE), high);
            putDevices(ticket, 1, targets, from, count, first, last);
            commands.finish(ticket, count + 2, true);
        }
    }

    /**
     * The pages of {@code [first, last]} of guest tables, which every device caches under a domain id of its own.
     *
     * @param tables whether tables have gone, and not only pages
     */
    void guestPages(long[] targets, long first, long last, boolean tables) {
        for (int from = 0; from < targets.length; from += devices()) {
            int count = Math.min(devices(), targets.length - from);
            boolean deviceTlbs = false;
            for (int i = 0; i < count; i++) {
                deviceTlbs |= FlushTargets.hasDeviceTlb(targets[from + i]);
            }
            int all = deviceTlbs ? 2 * count + 1 : count;
            long ticket = commands.take(all);
            for (int i = 0; i < count; i++) {
                long target = targets[from + i];
                // Requests without a PASID go where those with PASID 0 go (DTE.GIOV).
                int pasid = Math.max(0, FlushTargets.pasid(target));
                commands.put(ticket, i, Commands.pages(FlushTargets.domainId(target), pasid),
                        Commands.pagesHigh(first, last, pasid, tables));
            }
            if (deviceTlbs) {
                putDevices(ticket, count, targets, from, count, first, last);
            }
            commands.finish(ticket, all, deviceTlbs);
        }
    }

    /** A barrier and then an invalidation for each target. */
    private void putDevices(long ticket, int index, long[] targets, int from, int count, long first, long last) {
        commands.put(ticket, index, Commands.barrier(), 0);
        for (int i = 0; i < count; i++) {
            long target = targets[from + i];
            int pasid = FlushTargets.pasid(target);
            if (FlushTargets.hasDeviceTlb(target)) {
                commands.put(ticket, index + 1 + i, Commands.deviceTlb(FlushTargets.deviceId(target),
                        FlushTargets.queueDepth(target), pasid), Commands.deviceTlbHigh(first, last, pasid));
            } else {
                commands.put(ticket, index + 1 + i, Commands.barrier(), 0);
            }
        }
    }

    /** How many devices fit into one round. */
    private static int devices() {
        return CommandBuffer.most() / 2 - 1;
    }

    /** Answers a page request group. */
    void answer(int deviceId, int pasid, int group, int code) {
        commands.run(Commands.pageResponse(deviceId, pasid), Commands.pageResponseHigh(pasid, group, code));
    }
}
