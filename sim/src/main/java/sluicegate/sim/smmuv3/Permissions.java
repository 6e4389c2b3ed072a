package sluicegate.sim.smmuv3;

import sluicegate.spec.vmsa.Stage1Descriptor;
import sluicegate.spec.vmsa.Stage2Descriptor;

/** What a page or block descriptor grants (DDI 0487, D8.4; 13.4.1), as {@link StreamAccess} bits, and what else matters of it. */
final class Permissions {
    private static final int RW = StreamAccess.READ | StreamAccess.WRITE;
    private static final long AP_UNPRIVILEGED = (long) Stage1Descriptor.AP_UNPRIVILEGED << Stage1Descriptor.AP.low();
    private static final long AP_READ_ONLY = (long) Stage1Descriptor.AP_READ_ONLY << Stage1Descriptor.AP.low();
    /** APTable stands so that bit 61 forbids unprivileged accesses and bit 62 writes. */
    private static final long TABLE_NO_UNPRIVILEGED = 1L << Stage1Descriptor.APTABLE.low();
    private static final long TABLE_READ_ONLY = 1L << Stage1Descriptor.APTABLE.high();
    private static final long S2AP_WRITE = (long) Stage2Descriptor.S2AP_WRITE << Stage2Descriptor.S2AP.low();

    private Permissions() {}

    /**
     * @param hierarchy the attributes of tables on the way, or-ed
     */
    static int of(StageTables tables, long descriptor, long hierarchy) {
        return tables.has(StageTables.STAGE2) ? stage2(tables, descriptor) : stage1(tables, descriptor, hierarchy);
    }

    private static int stage1(StageTables tables, long descriptor, long hierarchy) {
        boolean writable = (descriptor & AP_READ_ONLY) == 0 && (hierarchy & TABLE_READ_ONLY) == 0;
        int data = writable ? RW : StreamAccess.READ;
        boolean uxn = Stage1Descriptor.UXN.isSet(descriptor) || Stage1Descriptor.UXNTABLE.isSet(hierarchy)
                || writable && tables.has(StageTables.WXN);
        if (tables.has(StageTables.EL2)) {
            // One set of permissions, whatever the privilege.
            int all = data | (uxn ? 0 : StreamAccess.EXECUTE);
            return all | all << StreamAccess.PRIVILEGE_SHIFT;
        }
        boolean unprivileged = (descriptor & AP_UNPRIVILEGED) != 0 && (hierarchy & TABLE_NO_UNPRIVILEGED) == 0;
        // What unprivileged software can write, privileged software does not execute.
        boolean pxn = Stage1Descriptor.PXN.isSet(descriptor) || Stage1Descriptor.PXNTABLE.isSet(hierarchy)
                || writable && (unprivileged || tables.has(StageTables.WXN));
        int user = (unprivileged ? data : 0) | (uxn ? 0 : StreamAccess.EXECUTE);
        int privileged = (unprivileged && tables.has(StageTables.PAN) ? 0 : data) | (pxn ? 0 : StreamAccess.EXECUTE);
        return user | privileged << StreamAccess.PRIVILEGE_SHIFT;
    }

    private static int stage2(StageTables tables, long descriptor) {
        long ap = Stage2Descriptor.S2AP.get(descriptor);
        int data = ((ap & Stage2Descriptor.S2AP_READ) != 0 ? StreamAccess.READ : 0)
                | ((ap & Stage2Descriptor.S2AP_WRITE) != 0 ? StreamAccess.WRITE : 0);
        int xn = (int) Stage2Descriptor.XN.get(descriptor);
        if (!tables.has(StageTables.XNX)) {
            xn &= 0b10;
        }
        boolean user = xn == 0b00 || xn == 0b01;
        boolean privileged = xn == 0b00 || xn == 0b11;
        return data | data << StreamAccess.PRIVILEGE_SHIFT
                | (user ? StreamAccess.EXECUTE : 0)
                | (privileged ? StreamAccess.EXECUTE << StreamAccess.PRIVILEGE_SHIFT : 0);
    }

    /** A descriptor with its write permission given back: dirty. */
    static long writable(StageTables tables, long descriptor) {
        return tables.has(StageTables.STAGE2) ? descriptor | S2AP_WRITE : descriptor & ~AP_READ_ONLY;
    }

    /** {@link LeafWord#GLOBAL} and {@link LeafWord#DEVICE}. */
    static long properties(StageTables tables, long descriptor) {
        if (tables.has(StageTables.STAGE2)) {
            return isDevice(tables, Stage2Descriptor.MEMATTR.get(descriptor)) ? LeafWord.DEVICE : 0;
        }
        boolean device = tables.has(1 << StageTables.DEVICE_SHIFT + (int) Stage1Descriptor.ATTRINDX.get(descriptor));
        boolean global = !Stage1Descriptor.NG.isSet(descriptor) && !tables.has(StageTables.EL2);
        return (device ? LeafWord.DEVICE : 0) | (global ? LeafWord.GLOBAL : 0);
    }

    private static boolean isDevice(StageTables tables, long memoryType) {
        // With forced write-back bit 2 tells normal memory from device memory, without it the upper two bits do.
        return tables.has(StageTables.FWB) ? (memoryType & 0b0100) == 0 : memoryType >>> 2 == 0;
    }
}
