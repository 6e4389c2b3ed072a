package sluicegate.sim.amdvi;

import sluicegate.sim.interrupt.InterruptController;
import sluicegate.sim.register.RegisterFile.Writer;
import sluicegate.spec.amdvi.MsiAddressHighRegister;
import sluicegate.spec.amdvi.MsiAddressLowRegister;
import sluicegate.spec.amdvi.MsiCapabilityRegister;
import sluicegate.spec.amdvi.MsiDataRegister;
import sluicegate.spec.amdvi.XtInterruptRegister;

/**
 * How the unit interrupts (2.7): by the MSI capability in its configuration space, which may be in its register window as well
 * (MMIO 0158h to 0164h), or with ControlRegister.INTCAPXTEN as the x2APIC interrupt registers say. It has one message for all
 * its interrupts; the x2APIC registers tell the event log, the PPR log and the guest log apart.
 *
 * <p>Thread-safe; sending never blocks.
 */
public final class Messages {
    private static final long CAPABILITY_FIXED = MsiCapabilityRegister.ADDR64.mask() | MsiCapabilityRegister.CAPID.set(0, 0x05);
    private static final long CAPABILITY_WRITABLE =
            MsiCapabilityRegister.MSIEN.mask() | MsiCapabilityRegister.MULTMESSEN.mask();
    private static final long XT_BITS = ~XtInterruptRegister.LAYOUT.reservedMask(0);
    private static final int DESTINATION_SHIFT = 12;

    private final InterruptController interrupts;
    private volatile long capability = CAPABILITY_FIXED;
    private volatile long addressLow;
    private volatile long addressHigh;
    private volatile long data;
    private volatile long xtGeneral;
    private volatile long xtPageRequests;
    private volatile long xtGuests;
    private volatile boolean xt;

    Messages(InterruptController interrupts) {
        this.interrupts = interrupts;
    }

    /**
     * What software wrote into the MSI capability in the configuration space of the unit.
     *
     * @param enabled whether messages are sent
     */
    public void configure(boolean enabled, long address, int message) {
        addressLow = MsiAddressLowRegister.ADDR.inPlace(address);
        addressHigh = address >>> 32;
        data = MsiDataRegister.DATA.get(message);
        capability = MsiCapabilityRegister.MSIEN.set(capability, enabled ? 1 : 0);
    }

    void useXt(boolean on) {
        xt = on;
    }

    /** Of the event log and of COMPLETION_WAIT. */
    void sendGeneral() {
        send(xtGeneral);
    }

    /** Of the PPR log. */
    void sendPageRequest() {
        send(xtPageRequests);
    }

    /** Of the guest log. */
    void sendGuest() {
        send(xtGuests);
    }

    private void send(long xtRegister) {
        if (xt) {
            long destination = XtInterruptRegister.DESTLO.get(xtRegister) & 0xff;
            interrupts.raise(InterruptController.BASE | destination << DESTINATION_SHIFT,
                    (int) XtInterruptRegister.VECTOR.get(xtRegister));
        } else if (MsiCapabilityRegister.MSIEN.isSet(capability)) {
            interrupts.raise(addressHigh << 32 | addressLow, (int) data);
        }
    }

    long capability() {
        return capability;
    }

    long addressLow() {
        return addressLow;
    }

    long addressHigh() {
        return addressHigh;
    }

    long data() {
        return data;
    }

    long xtGeneral() {
        return xtGeneral;
    }

    long xtPageRequests() {
        return xtPageRequests;
    }

    long xtGuests() {
        return xtGuests;
    }

    Writer capabilityWriter() {
        return (value, mask) -> capability = CAPABILITY_FIXED | value & CAPABILITY_WRITABLE;
    }

    Writer addressLowWriter() {
        return (value, mask) -> addressLow = MsiAddressLowRegister.ADDR.inPlace(value);
    }

    Writer addressHighWriter() {
        return (value, mask) -> addressHigh = MsiAddressHighRegister.ADDR.get(value);
    }

    Writer dataWriter() {
        return (value, mask) -> data = MsiDataRegister.DATA.get(value);
    }

    Writer xtGeneralWriter() {
        return (value, mask) -> xtGeneral = (xtGeneral & ~mask | value) & XT_BITS;
    }

    Writer xtPageRequestWriter() {
        return (value, mask) -> xtPageRequests = (xtPageRequests & ~mask | value) & XT_BITS;
    }

    Writer xtGuestWriter() {
        return (value, mask) -> xtGuests = (xtGuests & ~mask | value) & XT_BITS;
    }
}
