package sluicegate.qemu.dma;

import sluicegate.api.platform.DmaMaster;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * The DMA of a device that only a driver of its own could make do it.
 *
 * @param function its name
 * @param others devices of the machine that can be made to
 */
record NoDma(String function, String others) implements DmaMaster {
    @Override
    public boolean usable() {
        return false;
    }

    @Override
    public DmaStatus read(int pasid, long iova, byte[] target, int offset, int length) {
        throw refusal();
    }

    @Override
    public DmaStatus write(int pasid, long iova, byte[] source, int offset, int length) {
        throw refusal();
    }

    private IommuException refusal() {
        return IommuException.of(Errno.EOPNOTSUPP, "%s can't be made to issue a DMA: that takes a driver of the device's own; "
                + "use %s", function, others.isEmpty() ? "another machine, this one has no such device" : others);
    }
}
