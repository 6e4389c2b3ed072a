package sluicegate.capture;

import sluicegate.api.platform.BusDevice;
import sluicegate.api.platform.DmaMaster;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.platform.Interrupts;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/** What the parts of a captured machine answer when they are to do something. */
final class ReadOnly {
    private ReadOnly() {}

    /** @param what would have to change, such as {@code memory of machine m} */
    static IommuException refusal(String what) {
        return IommuException.of(Errno.EROFS, "%s can't be changed: it is a capture, which shows what a kernel left and nothing else",
                what);
    }

    /** An arena that holds nothing: who would write a table into a capture? */
    static MemoryArena arena(String unit) {
        return new MemoryArena() {
            @Override
            public long allocate(long size) {
                throw refusal("Memory of unit " + unit);
            }

            @Override
            public void free(long address, long size) {
                throw refusal("Memory of unit " + unit);
            }

            @Override
            public long allocatedBytes() {
                return 0;
            }
        };
    }

    /** Interrupts that never come. */
    static Interrupts interrupts(String unit) {
        return (name, handler) -> {
            throw IommuException.of(Errno.EOPNOTSUPP, "Unit %s is captured and raises no interrupt; %s can't be connected", unit,
                    name);
        };
    }

    /** The DMA engine of a device that is not there. */
    static DmaMaster dma(BusDevice device) {
        return new DmaMaster() {
            @Override
            public boolean usable() {
                return false;
            }

            @Override
            public DmaStatus read(int pasid, long iova, byte[] target, int offset, int length) {
                throw noDma();
            }

            @Override
            public DmaStatus write(int pasid, long iova, byte[] source, int offset, int length) {
                throw noDma();
            }

            @Override
            public AtsCompletion translate(int pasid, long iova, boolean noWrite) {
                throw noDma();
            }

            @Override
            public void requestPage(int pasid, long iova, int prot, int group, boolean last) {
                throw noDma();
            }

            private IommuException noDma() {
                return IommuException.of(Errno.EOPNOTSUPP, "%s is a device of a capture and issues no DMA; iommu:translate says "
                        + "where a request of it would have led", device.name());
            }
        };
    }
}
