package sluicegate.qemu.dma;

import java.util.Objects;
import sluicegate.api.platform.DmaMaster;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.machine.memory.MachineMemory;
import sluicegate.qemu.pci.QemuFunction;
import sluicegate.qemu.qtest.QtestChannel;

/**
 * What the DMA engines of QEMU's devices have in common: requests are cut at pages, and each page's part is one access of at
 * most four bytes and then the rest. QEMU cuts what it refuses into accesses of four bytes and reports a fault for each; so
 * a refused part is one fault, as it is elsewhere, and the rest is not tried.
 *
 * <p>Thread-safe: a part is issued under the channel's lock. A bus master bit that is cleared holds from the return of the
 * write that clears it.
 */
abstract class PagewiseDma implements DmaMaster {
    private static final int PAGE = 4096;
    private static final int WORD = 4;

    private final QemuFunction function;
    private final QtestChannel channel;
    private final DmaTrace trace;
    private final MachineMemory memory;

    /** What every engine needs. */
    record Parts(QemuFunction function, QtestChannel channel, DmaTrace trace, MachineMemory memory) {}

    PagewiseDma(Parts parts) {
        function = parts.function();
        channel = parts.channel();
        trace = parts.trace();
        memory = parts.memory();
    }

    final String name() {
        return function.name();
    }

    final QtestChannel channel() {
        return channel;
    }

    final DmaTrace trace() {
        return trace;
    }

    final MachineMemory memory() {
        return memory;
    }

    /** Issues one read that stays in a page; called with the channel begun and the trace reset. */
    abstract void issueRead(long iova, byte[] target, int offset, int length);

    /** Issues one write that stays in a page; called with the channel begun and the trace reset. */
    abstract void issueWrite(long iova, byte[] source, int offset, int length);

    /** The highest address that the device can put on its bus. */
    abstract long lastAddress();

    @Override
    public final DmaStatus read(int pasid, long iova, byte[] target, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            throw IommuException.of(Errno.EOPNOTSUPP, "%s can't read zero bytes: devices of QEMU's have no such request", name());
        }
        return transfer(false, pasid, iova, target, offset, length);
    }

    @Override
    public final DmaStatus write(int pasid, long iova, byte[] source, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, source.length);
        return transfer(true, pasid, iova, source, offset, length);
    }

    private DmaStatus transfer(boolean write, int pasid, long iova, byte[] bytes, int offset, int length) {
        check(pasid, iova, length);
        int done = 0;
        var status = DmaStatus.OK;
        while (done < length && status == DmaStatus.OK) {
            int part = Math.min(length - done, PAGE - (int) (iova + done & PAGE - 1));
            status = part(write, iova + done, bytes, offset + done, part);
            done += part;
        }
        return status;
    }

    private DmaStatus part(boolean write, long iova, byte[] bytes, int offset, int length) {
        try {
            channel.begin();
        } catch (IommuException e) {
            if (e.errno() == Errno.ENODEV) {
                return DmaStatus.GONE;
            }
            throw e;
        }
        try {
            if (!function.isOpen()) {
                return DmaStatus.BUS_MASTER_OFF;
            }
            int first = (int) Math.min(length, Long.lowestOneBit(iova | WORD));
            var status = issue(write, iova, bytes, offset, first);
            return status == DmaStatus.OK && length > first
                    ? issue(write, iova + first, bytes, offset + first, length - first)
                    : status;
        } finally {
            channel.end();
        }
    }

    private DmaStatus issue(boolean write, long iova, byte[] bytes, int offset, int length) {
        trace.reset();
        if (write) {
            issueWrite(iova, bytes, offset, length);
        } else {
            issueRead(iova, bytes, offset, length);
        }
        if (trace.refused()) {
            return trace.refusedByUnit(iova, length, memory) ? DmaStatus.FAULT : DmaStatus.NO_TARGET;
        }
        return isTarget(iova) ? DmaStatus.OK : DmaStatus.NO_TARGET;
    }

    /** Memory, or the interrupt controller; QEMU also lets devices at each other's registers. */
    private boolean isTarget(long iova) {
        return trace.sawMessage() || memory.contains(trace.target(iova), 1);
    }

    private void check(int pasid, long iova, int length) {
        if (length > 0 && Long.compareUnsigned(iova + length - 1, iova) < 0) {
            throw IommuException.of(Errno.EINVAL, "%s: a DMA of %d bytes at %s passes 2^64", name(), length, Hex.of(iova));
        }
        if (pasid != Pasid.NONE) {
            throw IommuException.of(Errno.EOPNOTSUPP, "%s has no PASID capability, so it can't send PASID %d", name(), pasid);
        }
        if (length > 0 && Long.compareUnsigned(iova + length - 1, lastAddress()) > 0) {
            throw IommuException.of(Errno.EOPNOTSUPP, "%s can't reach %s: its addresses end at %s; use a device with wider ones",
                    name(), Hex.range(iova, length), Hex.of(lastAddress()));
        }
    }
}
