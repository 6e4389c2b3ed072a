package sluicegate.examples.tinyvtd;

import java.util.function.BooleanSupplier;
import sluicegate.api.platform.RegisterWindow;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.spec.Field;
import sluicegate.spec.vtd.AddressWidth;
import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.ContextCommandRegister;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.GlobalCommandRegister;
import sluicegate.spec.vtd.GlobalStatusRegister;
import sluicegate.spec.vtd.IotlbInvalidateRegister;
import sluicegate.spec.vtd.RootTableAddressRegister;
import sluicegate.spec.vtd.VersionRegister;

/** The registers of one unit: what it can do, commands, invalidation. Every wait ends. Thread-safe. */
final class Hardware {
    private static final long PATIENCE_NANOS = 1_000_000_000L;

    private final String name;
    private final RegisterWindow registers;
    private final long cap;
    private final long ecap;

    /** @throws IommuException ENODEV if this driver can't use the unit; nothing was written then */
    Hardware(String name, RegisterWindow registers) {
        this.name = name;
        this.registers = registers;
        this.cap = registers.read64(CapabilityRegister.OFFSET);
        this.ecap = registers.read64(ExtendedCapabilityRegister.OFFSET);
        if (VersionRegister.MAX.get(registers.read32(VersionRegister.OFFSET)) == 0
                || !CapabilityRegister.supports(cap, AddressWidth.BITS_48)) {
            throw IommuException.of(Errno.ENODEV, "%s: this driver needs a unit that walks tables of four levels (CAP_REG.SAGAW)", name);
        }
    }

    String name() {
        return name;
    }

    RegisterWindow registers() {
        return registers;
    }

    int domainIds() {
        return CapabilityRegister.domainCount(cap);
    }

    /** The last address that devices may use: four levels translate 48 bits, and the unit may know fewer. */
    long lastAddress() {
        return (1L << Math.min(AddressWidth.BITS_48.bits(), CapabilityRegister.guestAddressWidth(cap))) - 1;
    }

    boolean passesThrough() {
        return ExtendedCapabilityRegister.PT.isSet(ecap);
    }

    /** What a context entry for pass-through has to name: the largest width (section 9.3). */
    AddressWidth largestWidth() {
        return CapabilityRegister.supports(cap, AddressWidth.BITS_57) ? AddressWidth.BITS_57 : AddressWidth.BITS_48;
    }

    /** Whether it remembers that something was not present (section 6.1). */
    boolean cachesAbsence() {
        return CapabilityRegister.CM.isSet(cap);
    }

    int faultRecords() {
        return CapabilityRegister.faultRecordingCount(cap);
    }

    long cap() {
        return cap;
    }

    boolean status(Field field) {
        return field.isSet(registers.read32(GlobalStatusRegister.OFFSET));
    }

    /** One command at a time, the other functions as they are; the status says when it is done (section 11.4.4). */
    synchronized void command(Field command, boolean on, Field status, boolean expected) {
        int now = registers.read32(GlobalStatusRegister.OFFSET);
        registers.write32(GlobalCommandRegister.OFFSET, GlobalCommandRegister.command(now, command, on));
        await(() -> status(status) == expected, "GSTS_REG." + status.name());
    }

    /** Where the tables begin; caches are as they were. */
    void useRootTable(long address) {
        registers.write64(RootTableAddressRegister.OFFSET, RootTableAddressRegister.RTA.setInPlace(0, address));
        command(GlobalCommandRegister.SRTP, true, GlobalStatusRegister.RTPS, true);
    }

    boolean usesRootTable(long address) {
        return RootTableAddressRegister.RTA.inPlace(registers.read64(RootTableAddressRegister.OFFSET)) == address;
    }

    /** Where the tables begin, after those of another mode: nothing is translated for a moment. */
    void restart(long root) {
        command(GlobalCommandRegister.TE, false, GlobalStatusRegister.TES, false);
        useRootTable(root);
        forgetAll();
        command(GlobalCommandRegister.TE, true, GlobalStatusRegister.TES, true);
    }

    /** Hardware that does not look into the write buffer by itself has to be told (section 6.8). */
    void publish() {
        if (CapabilityRegister.RWBF.isSet(cap)) {
            command(GlobalCommandRegister.WBF, true, GlobalStatusRegister.WBFS, false);
        }
    }

    /** Forgets everything. */
    void forgetAll() {
        invalidateContexts(ContextCommandRegister.CIRG.set(0, ContextCommandRegister.GLOBAL));
        invalidateIotlb(IotlbInvalidateRegister.IIRG.set(0, IotlbInvalidateRegister.GLOBAL));
    }

    /** Forgets the context entry of a device. @param domainId what it was cached under */
    void forgetContext(int sourceId, int domainId) {
        long command = ContextCommandRegister.CIRG.set(0, ContextCommandRegister.DEVICE);
        invalidateContexts(ContextCommandRegister.DID.set(ContextCommandRegister.SID.set(command, sourceId), domainId));
    }

    /** Forgets all translations of a domain. */
    void forgetDomain(int domainId) {
        long command = IotlbInvalidateRegister.IIRG.set(0, IotlbInvalidateRegister.DOMAIN);
        invalidateIotlb(IotlbInvalidateRegister.DID.set(command, domainId));
    }

    private void invalidateContexts(long command) {
        invalidate(ContextCommandRegister.OFFSET, command, ContextCommandRegister.ICC, ContextCommandRegister.CAIG);
    }

    /** With accesses that are under way: when it is done, nothing goes by the old tables any more. */
    private void invalidateIotlb(long command) {
        long drain = IotlbInvalidateRegister.DR.set(0, CapabilityRegister.DRD.get(cap))
                | IotlbInvalidateRegister.DW.set(0, CapabilityRegister.DWD.get(cap));
        invalidate(ExtendedCapabilityRegister.iotlbInvalidateOffset(ecap), command | drain, IotlbInvalidateRegister.IVT,
                IotlbInvalidateRegister.IAIG);
    }

    /** One at a time (section 6.5.1). */
    private synchronized void invalidate(int offset, long command, Field busy, Field done) {
        registers.write64(offset, command | busy.mask());
        await(() -> !busy.isSet(registers.read64(offset)), "an invalidation");
        if (done.get(registers.read64(offset)) == 0) {
            throw IommuException.of(Errno.EIO, "%s: the unit did not perform the invalidation %x", name, command);
        }
    }

    private void await(BooleanSupplier done, String what) {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (!done.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw IommuException.of(Errno.ETIMEDOUT, "%s: waited in vain for %s", name, what);
            }
            Thread.onSpinWait();
        }
    }
}
