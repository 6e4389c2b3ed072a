package sluicegate.hw.vtd;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.platform.RegisterWindow;
import sluicegate.hw.common.rig.WindowFilter;
import sluicegate.spec.vtd.DescriptorType;
import sluicegate.spec.vtd.InvalidationQueueAddressRegister;
import sluicegate.spec.vtd.InvalidationQueueTailRegister;
import sluicegate.spec.vtd.InvalidationWaitDescriptor;
import sluicegate.spec.vtd.IotlbInvalidateDescriptor;

/**
 * Stands between driver and unit on the way of invalidation descriptors: sees each one when the driver tells the unit of it, and
 * may change it there, before the unit fetches it.
 */
final class DescriptorTap extends WindowFilter {
    /** A domain id that no test uses. */
    private static final int NOBODY = 0x3ff;

    private final PhysicalMemory memory;
    private final List<Descriptor> seen = new ArrayList<>();
    private final List<Descriptor> waits = new ArrayList<>();
    private LongUnaryOperator change = LongUnaryOperator.identity();
    private Runnable beforeIotlb = () -> {};
    private long ring;
    private int width;
    private int bytes;
    private long tail;

    record Descriptor(long low, long high) {
        int type() {
            return DescriptorType.of(low);
        }
    }

    DescriptorTap(RegisterWindow real, PhysicalMemory memory) {
        super(real);
        this.memory = memory;
    }

    /** From now on IOTLB invalidations are for a domain that does not exist: hardware completes them and forgets nothing. */
    void neutraliseIotlbInvalidations() {
        change = low -> DescriptorType.of(low) == DescriptorType.IOTLB ? IotlbInvalidateDescriptor.DID.set(low, NOBODY) : low;
    }

    void beforeIotlbInvalidation(Runnable action) {
        beforeIotlb = action;
    }

    /** The descriptors since the last call, without waits. */
    List<Descriptor> take() {
        var taken = List.copyOf(seen);
        seen.clear();
        return taken;
    }

    /** As {@link #take}, in their order, with those waits that ask for more than a status: a fence or a drain of page requests. */
    List<Descriptor> takeWithWaits() {
        var taken = List.copyOf(waits);
        waits.clear();
        return taken;
    }

    @Override
    public void write64(long offset, long value) {
        if (offset == InvalidationQueueAddressRegister.OFFSET) {
            ring = InvalidationQueueAddressRegister.IQA.inPlace(value);
            width = InvalidationQueueAddressRegister.descriptorBytes(value);
            bytes = InvalidationQueueAddressRegister.queueBytes(value);
            tail = 0;
        } else if (offset == InvalidationQueueTailRegister.OFFSET) {
            for (; tail != value; tail = (tail + width) % bytes) {
                inspect(ring + tail);
            }
        }
        super.write64(offset, value);
    }

    private void inspect(long slot) {
        long low = memory.get64(slot);
        boolean wait = DescriptorType.of(low) == DescriptorType.WAIT;
        if (!wait || InvalidationWaitDescriptor.FN.isSet(low) || InvalidationWaitDescriptor.PD.isSet(low)) {
            waits.add(new Descriptor(low, memory.get64(slot + 8)));
        }
        if (!wait) {
            seen.add(new Descriptor(low, memory.get64(slot + 8)));
            if (DescriptorType.of(low) == DescriptorType.IOTLB) {
                beforeIotlb.run();
            }
            memory.set64(slot, change.applyAsLong(low));
        }
    }
}
