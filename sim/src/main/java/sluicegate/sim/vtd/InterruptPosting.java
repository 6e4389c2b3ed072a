package sluicegate.sim.vtd;

import sluicegate.api.platform.PhysicalMemory;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.PostedInterruptDescriptor;
import sluicegate.spec.vtd.PostedInterruptEntry;

/** Interrupt posting (VT-d 5.2.3): sets the bit of a vector in a posted interrupt descriptor. Stateless. */
final class InterruptPosting {
    private static final long ON = PostedInterruptDescriptor.ON.mask();
    private static final int CONTROL_WORD = 4;
    private static final long CONTROL_RESERVED = PostedInterruptDescriptor.LAYOUT.reservedMask(CONTROL_WORD);
    /** What is reserved of NDST besides, without extended mode: all but an APIC id. */
    private static final long XAPIC_RESERVED = PostedInterruptDescriptor.NDST.mask() & ~(0xffL << 40);

    private final PhysicalMemory memory;

    InterruptPosting(PhysicalMemory memory) {
        this.memory = memory;
    }

    /**
     * What became of an interrupt.
     *
     * @param faultCode 0 if it was posted
     * @param notification whether a processor is to be told
     * @param destination NDST
     * @param vector NV
     */
    record Posted(int faultCode, boolean notification, long destination, int vector) {
        private static final Posted SILENT = new Posted(0, false, 0, 0);

        private static Posted fault(FaultReason reason) {
            return new Posted(reason.code(), false, 0, 0);
        }
    }

    /**
     * Posts an interrupt.
     *
     * @param low first word of a {@link PostedInterruptEntry}, {@code high} the second
     */
    Posted post(long low, long high, boolean extended) {
        long at = PostedInterruptEntry.descriptor(low, high);
        if (!memory.contains(at, PostedInterruptDescriptor.BYTES)) {
            return Posted.fault(FaultReason.POSTED_DESCRIPTOR_UNREADABLE);
        }
        long reserved = CONTROL_RESERVED | (extended ? 0 : XAPIC_RESERVED);
        long control = at + 8 * CONTROL_WORD;
        if ((memory.get64Acquire(control) & reserved) != 0 || (memory.get64Acquire(at + 40) | memory.get64Acquire(at + 48)
                | memory.get64Acquire(at + 56)) != 0) {
            return Posted.fault(FaultReason.POSTED_DESCRIPTOR_RESERVED);
        }
        int vector = (int) PostedInterruptEntry.VV.get(low);
        set(at + 8L * (vector >>> 6), 1L << vector);
        while (true) {
            long found = memory.get64Acquire(control);
            boolean silent = (found & ON) != 0
                    || PostedInterruptDescriptor.SN.isSet(found) && !PostedInterruptEntry.URG.isSet(low);
            if (silent) {
                return Posted.SILENT;
            }
            if (memory.compareAndSet64(control, found, found | ON)) {
                return new Posted(0, true, PostedInterruptDescriptor.NDST.get(found),
                        (int) PostedInterruptDescriptor.NV.get(found));
            }
        }
    }

    private void set(long word, long bit) {
        long found;
        do {
            found = memory.get64Acquire(word);
        } while (!memory.compareAndSet64(word, found, found | bit));
    }
}
