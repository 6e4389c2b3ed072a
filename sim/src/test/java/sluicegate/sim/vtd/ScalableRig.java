package sluicegate.sim.vtd;

import java.util.Set;
import sluicegate.api.types.Pasid;
import sluicegate.firmware.VtdInterrupts;
import sluicegate.firmware.VtdScalable;
import sluicegate.machine.memory.HeapMemory;
import sluicegate.spec.vtd.DescriptorType;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.FirstStageEntry;
import sluicegate.spec.vtd.GlobalCommandRegister;
import sluicegate.spec.vtd.GlobalStatusRegister;
import sluicegate.spec.vtd.InvalidationQueueAddressRegister;
import sluicegate.spec.vtd.InvalidationQueueTailRegister;
import sluicegate.spec.vtd.PasidCacheInvalidateDescriptor;
import sluicegate.spec.vtd.PasidDirectoryEntry;
import sluicegate.spec.vtd.PasidEntry;
import sluicegate.spec.vtd.PasidIotlbInvalidateDescriptor;
import sluicegate.spec.vtd.RootTableAddressRegister;
import sluicegate.spec.vtd.ScalableContextEntry;
import sluicegate.spec.vtd.ScalableRootEntry;

/** A unit on a small memory with tables of scalable mode, written by hand. */
final class ScalableRig implements AutoCloseable {
    static final long ROOT = 0x18_0000;
    static final long CONTEXTS = 0x18_1000;
    static final long DIRECTORY = 0x18_3000;
    static final long PASIDS = 0x18_4000;
    static final int SID = Rig.SID;
    static final int DID = Rig.DID;
    /** First-stage tables of a domain start at this plus {@link Rig#TABLES} times its number. */
    static final long FIRST = 0x100_0000;
    /** In nested translation a guest's tables lie this much lower in the guest's memory. */
    static final long GUEST = 0x80_0000;
    static final long P = FirstStageEntry.P.mask();
    static final long RW = FirstStageEntry.RW.mask();
    static final long US = FirstStageEntry.US.mask();
    static final long A = FirstStageEntry.A.mask();
    static final long D = FirstStageEntry.D.mask();
    static final long PS = FirstStageEntry.PS.mask();
    static final long XD = FirstStageEntry.XD.mask();
    static final long USER = P | RW | US;

    final Rig rig;
    final HeapMemory memory;
    final VtdUnit unit;
    private final int[] tables = new int[64];
    private int tail;

    /** All that the model knows. */
    static Rig.Features features() {
        var features = new Rig.Features();
        features.levels = Set.of(3, 4, 5);
        features.width = 57;
        features.deviceTlb = true;
        features.snoop = true;
        features.interrupts = new VtdInterrupts(true, true, true);
        features.scalable = new VtdScalable(true, true, true, true, true, true, 20, true, true, true, true, true, true, true,
                true);
        return features;
    }

    ScalableRig() {
        this(features());
    }

    ScalableRig(Rig.Features features) {
        this(VtdCapabilities.of(features.build(), 39));
    }

    ScalableRig(VtdCapabilities capabilities) {
        this(new Rig(capabilities));
    }

    ScalableRig(Rig rig) {
        this.rig = rig;
        memory = rig.memory;
        unit = rig.unit;
    }

    /** The capabilities of {@link #features} without some. */
    static VtdCapabilities without(sluicegate.spec.Field... capabilities) {
        var all = VtdCapabilities.of(features().build(), 39);
        long ecap = all.ecap();
        for (var capability : capabilities) {
            ecap = capability.clear(ecap);
        }
        return new VtdCapabilities(all.cap(), ecap, 39);
    }

    /** Tables, queue and translation on. {@link #SID} allows everything, and has no PASID entries yet. */
    ScalableRig start() {
        memory.set64(ROOT, CONTEXTS | ScalableRootEntry.LP.mask());
        memory.set64(ROOT + 8, CONTEXTS + 0x1000 | ScalableRootEntry.UP.mask());
        long flags = 0;
        long ecap = unit.registers().read64(ExtendedCapabilityRegister.OFFSET);
        if (ExtendedCapabilityRegister.PASID.isSet(ecap)) {
            flags |= ScalableContextEntry.PASIDE.mask();
        }
        if (ExtendedCapabilityRegister.DT.isSet(ecap)) {
            flags |= ScalableContextEntry.DTE.mask();
        }
        context(SID, flags, 0);
        setRoot(ROOT, RootTableAddressRegister.SCALABLE_MODE);
        rig.write64(InvalidationQueueTailRegister.OFFSET, 0);
        rig.write64(InvalidationQueueAddressRegister.OFFSET, InvalidationQueueAddressRegister.DW.mask() | Rig.QUEUE);
        rig.command(GlobalCommandRegister.QIE.mask());
        rig.command(GlobalCommandRegister.TE.mask());
        return this;
    }

    /** Translation goes off for a change of mode, as it has to where hardware is not said to know better. */
    void setRoot(long table, int mode) {
        boolean off = GlobalStatusRegister.TES.isSet(rig.status())
                && RootTableAddressRegister.TTM.get(rig.read64(RootTableAddressRegister.OFFSET)) != mode;
        if (off) {
            rig.commandOff(GlobalCommandRegister.TE.mask());
        }
        rig.setRoot(RootTableAddressRegister.TTM.set(table, mode));
        if (off) {
            rig.command(GlobalCommandRegister.TE.mask());
        }
    }

    // Configuration tables

    long contextAddress(int sourceId) {
        return CONTEXTS + (sourceId & 0xff) * 32L;
    }

    /** A present context entry whose directory serves PASIDs up to 2^13. */
    void context(int sourceId, long flags, long high) {
        memory.set64(contextAddress(sourceId) + 8, high);
        memory.set64(contextAddress(sourceId), DIRECTORY | flags | ScalableContextEntry.P.mask());
    }

    static long pasidAddress(int pasid) {
        return PASIDS + (pasid >>> 6) * 0x1000L + (pasid & 63) * 64L;
    }

    /** A PASID entry, and the directory entry that leads to it. */
    void pasid(int pasid, long first, long second, long third) {
        long entry = pasidAddress(pasid);
        memory.set64(entry + 16, third);
        memory.set64(entry + 8, second);
        memory.set64(entry, first);
        memory.set64(DIRECTORY + 8L * (pasid >>> 6), entry & -4096 | PasidDirectoryEntry.P.mask());
    }

    static long kind(int type) {
        return PasidEntry.AW.set(PasidEntry.PGTT.set(PasidEntry.P.mask(), type), 2);
    }

    static long top(int did) {
        return FIRST + Rig.top(did);
    }

    void firstStage(int pasid, int did) {
        firstStage(pasid, did, 0);
    }

    /** Flags of the third word, and PWSNP. */
    void firstStage(int pasid, int did, long flags) {
        pasid(pasid, kind(PasidContext.FIRST_STAGE), PasidEntry.DID.set(PasidEntry.PWSNP.mask(), did), top(did) | flags);
    }

    void secondStage(int pasid, int did, long flags) {
        pasid(pasid, kind(PasidContext.SECOND_STAGE) | Rig.top(did) | flags, PasidEntry.DID.set(PasidEntry.PWSNP.mask(), did), 0);
    }

    /** The guest's tables are the domain's first-stage tables, which {@link #guestTables} maps. */
    void nested(int pasid, int did, long flags) {
        pasid(pasid, kind(PasidContext.NESTED) | Rig.top(did) | flags, PasidEntry.DID.set(PasidEntry.PWSNP.mask(), did),
                top(did) - GUEST);
    }

    void passThrough(int pasid, int did) {
        pasid(pasid, kind(PasidContext.PASS_THROUGH), PasidEntry.DID.set(0, did), 0);
    }

    // Page tables; those of the second stage are the rig's

    /** Sets the entry for {@code iova} at {@code level} of a domain's four-level first-stage table; tables above are made. */
    long first(int did, long iova, int level, long value) {
        return first(did, 4, iova, level, value, 0);
    }

    /** The same for a guest's table, whose pointers are guest addresses. */
    long guest(int did, long iova, int level, long value) {
        return first(did, 4, iova, level, value, GUEST);
    }

    long first(int did, int levels, long iova, int level, long value, long guest) {
        long table = top(did);
        for (int at = levels; at > level; at--) {
            long address = table + (iova >>> 12 + 9 * (at - 1) & 511) * 8;
            long found = memory.get64(address);
            if (found == 0) {
                found = top(did) + ++tables[did] * 0x1000L - guest | USER;
                memory.set64(address, found);
            }
            table = FirstStageEntry.ADDR.inPlace(found) + guest;
        }
        long address = table + (iova >>> 12 + 9 * (level - 1) & 511) * 8;
        memory.set64(address, value);
        return address;
    }

    /** Maps a guest's table pages, of which there are a few, in the second stage of the domain; returns the topmost's entry. */
    long guestTables(int did, long flags) {
        for (int page = 7; page > 0; page--) {
            rig.entry(did, top(did) - GUEST + page * 0x1000L, 1, top(did) + page * 0x1000L | flags);
        }
        return rig.entry(did, top(did) - GUEST, 1, top(did) | flags);
    }

    // Requests

    long request(long iova, int access) {
        return unit.translate(SID, Pasid.NONE, iova, access);
    }

    long request(int pasid, long iova, int access) {
        return unit.translate(SID, pasid, iova, access);
    }

    // Queue of 256-bit descriptors

    void submit(long low, long high) {
        submit(low, high, 0, 0);
    }

    void submit(long low, long high, long third, long fourth) {
        memory.set64(Rig.QUEUE + tail, low);
        memory.set64(Rig.QUEUE + tail + 8, high);
        memory.set64(Rig.QUEUE + tail + 16, third);
        memory.set64(Rig.QUEUE + tail + 24, fourth);
        tail = (tail + 32) % 4096;
        rig.write64(InvalidationQueueTailRegister.OFFSET, tail);
    }

    int tail() {
        return tail;
    }

    static long pasidCache(int granularity, int did, int pasid) {
        long low = PasidCacheInvalidateDescriptor.TYPE.set(0, DescriptorType.PASID_CACHE);
        low = PasidCacheInvalidateDescriptor.G.set(low, granularity);
        low = PasidCacheInvalidateDescriptor.DID.set(low, did);
        return PasidCacheInvalidateDescriptor.PASID.set(low, pasid);
    }

    static long pasidIotlb(int granularity, int did, int pasid) {
        long low = PasidIotlbInvalidateDescriptor.TYPE.set(0, DescriptorType.PASID_IOTLB);
        low = PasidIotlbInvalidateDescriptor.G.set(low, granularity);
        low = PasidIotlbInvalidateDescriptor.DID.set(low, did);
        return PasidIotlbInvalidateDescriptor.PASID.set(low, pasid);
    }

    @Override
    public void close() {
        rig.close();
    }
}
