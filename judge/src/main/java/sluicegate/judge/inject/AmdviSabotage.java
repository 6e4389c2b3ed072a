package sluicegate.judge.inject;

import sluicegate.judge.run.DriverView;
import sluicegate.spec.amdvi.CommandBufferBaseRegister;
import sluicegate.spec.amdvi.CommandCode;
import sluicegate.spec.amdvi.CommandRecord;
import sluicegate.spec.amdvi.DeviceTableEntry;
import sluicegate.spec.amdvi.HostPageEntry;
import sluicegate.spec.amdvi.InvalidateIommuPagesCommand;

/** What the AMD-Vi driver could do wrong: commands and tables other than those that it means. */
public abstract class AmdviSabotage extends Sabotage {
    private static final int NOBODY = 0xffff;

    private long commands = -1;
    private long commandBytes;

    private AmdviSabotage() {
    }

    @Override
    final void register(long offset, long value) {
        if (offset == CommandBufferBaseRegister.OFFSET) {
            commands = CommandBufferBaseRegister.COMBASE.inPlace(value);
            commandBytes = CommandRecord.BYTES << CommandBufferBaseRegister.COMLEN.get(value);
        }
    }

    final boolean inCommands(long address) {
        return commands != -1 && address >= commands && address < commands + commandBytes;
    }

    /** Bits of each page's entry are inverted. @param bits which, such as {@code HostPageEntry.IW.mask()} */
    public static Sabotage flippedLeafBits(long bits, long buffer, long bufferSize) {
        return new AmdviSabotage() {
            @Override
            long written(long address, long value) {
                long page = HostPageEntry.ADDR.inPlace(value);
                boolean leaf = !inCommands(address) && HostPageEntry.PR.isSet(value) && !DeviceTableEntry.TV.isSet(value)
                        && HostPageEntry.isLeaf(value) && page >= buffer && page < buffer + bufferSize;
                return leaf ? value ^ bits : value;
            }
        };
    }

    /** The first word of each command may be another one. */
    private abstract static class OfCommands extends AmdviSabotage {
        @Override
        final long written(long address, long value) {
            return inCommands(address) && (address & 8) == 0 ? command(CommandCode.of(value), value) : value;
        }

        abstract long command(int code, long low);
    }

    /** Invalidations of pages go to a domain that nobody uses. */
    public static Sabotage lostInvalidations() {
        return new OfCommands() {
            @Override
            long command(int code, long low) {
                return code == CommandCode.INVALIDATE_IOMMU_PAGES ? InvalidateIommuPagesCommand.DOMAINID.set(low, NOBODY) : low;
            }
        };
    }

    /**
     * No sabotage but a crutch: invalidations of device table entries are such of everything. QEMU 7.2 takes no notice of the first,
     * and goes on using pages of the domain that a device has left.
     */
    public static DriverView entriesAsEverything() {
        return new OfCommands() {
            @Override
            long command(int code, long low) {
                return code == CommandCode.INVALIDATE_DEVTAB_ENTRY ? CommandRecord.OPCODE.set(0, CommandCode.INVALIDATE_IOMMU_ALL) : low;
            }
        }.view();
    }
}
