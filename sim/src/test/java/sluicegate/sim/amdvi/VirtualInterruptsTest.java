package sluicegate.sim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.platform.DmaStatus;
import sluicegate.firmware.AmdviFlag;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.spec.amdvi.ControlRegister;
import sluicegate.spec.amdvi.DeviceTableEntry;
import sluicegate.spec.amdvi.EventCode;
import sluicegate.spec.amdvi.GuestInterruptEntry;
import sluicegate.spec.amdvi.GuestLogBaseRegister;
import sluicegate.spec.amdvi.GuestLogHeadRegister;
import sluicegate.spec.amdvi.GuestLogRecord;
import sluicegate.spec.amdvi.GuestLogTailAddressRegister;
import sluicegate.spec.amdvi.GuestLogTailRegister;
import sluicegate.spec.amdvi.StatusRegister;
import sluicegate.spec.amdvi.VirtualApicPage;
import sluicegate.spec.amdvi.VirtualInterruptEntry;
import sluicegate.spec.amdvi.XtGuestLogInterruptRegister;

/** Interrupts for virtual processors (2.2.5) and their log (2.7); indexes of 11 bits, as many as software gives to guests. */
class VirtualInterruptsTest {
    private static final long TABLE = 0x70_0000;
    private static final long LOG = 0x48_0000;
    private static final long LOG_TAIL = 0x49_0000;
    private static final long BACKING_PAGE = 0x4a_0000;
    private static final int ENTRIES = 256;
    private static final int INDEX = 0x51;
    private static final int VECTOR = 0xa7;
    private static final long TAG = 0xdead_beefL;
    private static final long PRESENT = VirtualInterruptEntry.REMAPEN.mask() | VirtualInterruptEntry.GUESTMODE.mask();
    private static final long RUNNING = PRESENT | VirtualInterruptEntry.ISRUN.mask();
    private static final long SLEEPING = VirtualInterruptEntry.GATAG.set(PRESENT | VirtualInterruptEntry.GALOGINTR.mask(), TAG);
    private static final int RESERVED_BIT_OF_AN_INTERRUPT = 0x98;

    private Rig rig;

    @BeforeEach
    void start() {
        with(new Rig());
    }

    private void with(Rig other) {
        close();
        rig = other.start();
        rig.changeDte(Rig.DEVICE, 2, DeviceTableEntry.INTTABLEN.set(DeviceTableEntry.IV.mask() | TABLE,
                DeviceTableEntry.MAX_INTTABLEN) | DeviceTableEntry.INTCTL.set(0, DeviceTableEntry.INTCTL_REMAP), -1L);
        rig.invalidateEntry(Rig.DEVICE);
        rig.setRegister(GuestLogBaseRegister.OFFSET, GuestLogBaseRegister.GALEN.set(LOG, GuestLogBaseRegister.MIN_LENGTH));
        rig.setRegister(GuestLogTailAddressRegister.OFFSET, LOG_TAIL);
        rig.control(ControlRegister.GAEN.mask() | ControlRegister.GAMEN.set(0, VirtualInterruptEntry.MODE_VIRTUAL_APIC)
                | ControlRegister.GALOGEN.mask());
    }

    @AfterEach
    void close() {
        if (rig != null) {
            rig.close();
        }
    }

    private void entry(long low) {
        entry(low, high(VECTOR));
    }

    private void entry(long low, long high) {
        rig.memory.set64(TABLE + 16L * INDEX + 8, high);
        rig.memory.set64(TABLE + 16L * INDEX, low);
    }

    private static long high(int vector) {
        return VirtualInterruptEntry.ROOT.setInPlace(VirtualInterruptEntry.VECTOR.set(0, vector), BACKING_PAGE);
    }

    private void assertDelivered() {
        assertThat(rig.interrupt(INDEX)).isEqualTo(DmaStatus.OK);
        assertThat(rig.events()).isEmpty();
        assertThat(rig.interrupts.spurious()).as("interrupts of the machine's own processors").isZero();
    }

    private Rig.Event assertRefused() {
        assertThat(rig.interrupt(INDEX)).isEqualTo(DmaStatus.FAULT);
        return rig.event();
    }

    /** Which vectors are requested; the backing page is empty afterwards. */
    private List<Integer> requested() {
        var vectors = new ArrayList<Integer>();
        for (int vector = 0; vector < 256; vector++) {
            if ((rig.memory.get32(BACKING_PAGE + VirtualApicPage.offset(vector)) & VirtualApicPage.bit(vector)) != 0) {
                vectors.add(vector);
            }
        }
        for (int at = 0; at < VirtualApicPage.BYTES; at += 8) {
            rig.memory.set64(BACKING_PAGE + at, 0);
        }
        return vectors;
    }

    /** What is in the log; it is empty afterwards. */
    private List<Long> logged() {
        var records = new ArrayList<Long>();
        long at = rig.register(GuestLogHeadRegister.OFFSET);
        for (; at != rig.register(GuestLogTailRegister.OFFSET); at = at + 8 & ENTRIES * 8 - 1) {
            records.add(rig.memory.get64(LOG + at));
        }
        rig.setRegister(GuestLogHeadRegister.OFFSET, at);
        return records;
    }

    @Test
    void aVirtualProcessorThatRunsHasItsVectorNotedAndItsProcessorGetsADoorbell() {
        entry(VirtualInterruptEntry.DESTINATION_LO.set(RUNNING | VirtualInterruptEntry.GALOGINTR.mask(), 0x33));
        assertDelivered();
        assertThat(requested()).containsExactly(VECTOR);
        assertThat(rig.interrupts.doorbells()).isOne();
        assertThat(rig.interrupts.lastDoorbell()).isEqualTo(0x33);
        assertThat(logged()).isEmpty();
    }

    @Test
    void whatIsRequestedAlreadyStaysSo() {
        rig.memory.set64(BACKING_PAGE + VirtualApicPage.offset(0x20), -1L);
        entry(PRESENT, high(0));
        assertDelivered();
        entry(PRESENT, high(255));
        rig.invalidateInterrupts(Rig.DEVICE);
        assertDelivered();
        assertThat(requested()).hasSize(34).startsWith(0, 32).endsWith(63, 255);
    }

    @Test
    void aVirtualProcessorThatDoesNotRunIsNamedByTheLog() {
        entry(SLEEPING);
        assertDelivered();
        assertThat(requested()).containsExactly(VECTOR);
        assertThat(rig.interrupts.doorbells()).isZero();
        assertThat(rig.memory.get64(LOG_TAIL)).as("the tail, in memory too").isEqualTo(8);
        assertThat(logged()).containsExactly(0x1000_0000_0000_0000L | (long) Rig.DEVICE << 32 | TAG);
        entry(PRESENT);
        assertDelivered();
        assertThat(requested()).containsExactly(VECTOR);
        assertThat(logged()).as("nobody wants to know").isEmpty();
    }

    /** Each time it is scheduled: the kernel invalidates nothing for that (amd_iommu_update_ga). */
    @Test
    void whereItRunsIsReadEachTimeAndTheRestStaysUntilItIsInvalidated() {
        entry(SLEEPING);
        assertDelivered();
        assertThat(logged()).hasSize(1);
        entry(VirtualInterruptEntry.DESTINATION_LO.set(RUNNING, 5), high(VECTOR + 1));
        assertDelivered();
        assertThat(rig.interrupts.lastDoorbell()).isEqualTo(5);
        assertThat(requested()).containsExactly(VECTOR);
        entry(VirtualInterruptEntry.GATAG.set(SLEEPING, 7), high(VECTOR + 1));
        assertDelivered();
        assertThat(logged()).extracting(GuestLogRecord.GATAG::get).containsExactly(7L);
        requested();
        rig.invalidateInterrupts(Rig.DEVICE);
        assertDelivered();
        assertThat(requested()).containsExactly(VECTOR + 1);
    }

    @Test
    void theLogInterruptsOnceUntilItsStatusIsCleared() {
        var interrupts = rig.countInterrupts();
        entry(SLEEPING);
        assertDelivered();
        assertThat(rig.status(StatusRegister.GAINT)).as("interrupts are off").isFalse();
        rig.control(ControlRegister.GAINTEN.mask());
        assertDelivered();
        assertDelivered();
        Rig.await(interrupts, 1);
        rig.setRegister(StatusRegister.OFFSET, StatusRegister.GAINT.mask());
        assertDelivered();
        Rig.await(interrupts, 2);
    }

    @Test
    void theLogHasAnX2apicRegisterOfItsOwn() {
        var count = new AtomicInteger();
        var vector = rig.interrupts.allocate("guests", count::incrementAndGet);
        rig.setRegister(XtGuestLogInterruptRegister.OFFSET, XtGuestLogInterruptRegister.VECTOR.set(0, vector.data()));
        rig.control(ControlRegister.INTCAPXTEN.mask() | ControlRegister.GAINTEN.mask());
        entry(SLEEPING);
        assertDelivered();
        Rig.await(count, 1);
    }

    @Test
    void aFullLogStopsAndIsRestartedAsTheManualSays() {
        entry(SLEEPING);
        for (int i = 0; i < ENTRIES - 1; i++) {
            assertDelivered();
        }
        assertThat(rig.status(StatusRegister.GALOVERFLOW)).isFalse();
        assertDelivered();
        assertThat(rig.status(StatusRegister.GALOVERFLOW)).isTrue();
        assertThat(rig.status(StatusRegister.GALOGRUN)).isFalse();
        assertThat(logged()).hasSize(ENTRIES - 1);
        assertDelivered();
        assertThat(logged()).as("room alone does not make it go on").isEmpty();
        rig.clearControl(ControlRegister.GALOGEN.mask());
        rig.setRegister(StatusRegister.OFFSET, StatusRegister.GALOVERFLOW.mask());
        rig.control(ControlRegister.GALOGEN.mask());
        assertDelivered();
        assertThat(logged()).hasSize(1);
    }

    @Test
    void reservedBitsAreRefused() {
        for (int bit = 0; bit < 128; bit++) {
            boolean narrow = bit >= 16 && bit < 32 || bit >= 120;
            if (narrow || bit >= 3 && bit < 6 || bit >= 72 && bit < 76 || bit >= 116 && bit < 120) {
                entry(PRESENT | (bit < 64 ? 1L << bit : 0), high(VECTOR) | (bit < 64 ? 0 : 1L << bit));
                var event = assertRefused();
                assertThat(event.code()).isEqualTo(EventCode.IO_PAGE_FAULT);
                assertThat(event.flags()).as("bit %d", bit).isEqualTo(RESERVED_BIT_OF_AN_INTERRUPT);
            }
        }
        entry(VirtualInterruptEntry.SUPIOPF.mask() | PRESENT | 1 << 3);
        assertThat(rig.interrupt(INDEX)).isEqualTo(DmaStatus.FAULT);
        entry(PRESENT & ~VirtualInterruptEntry.REMAPEN.mask() | VirtualInterruptEntry.SUPIOPF.mask());
        assertThat(rig.interrupt(INDEX)).isEqualTo(DmaStatus.FAULT);
        assertThat(rig.events()).as("silenced by the entry").isEmpty();
        assertThat(requested()).isEmpty();
    }

    @Test
    void destinationsHave32BitsWithX2apic() {
        rig.control(ControlRegister.XTEN.mask());
        entry(VirtualInterruptEntry.DESTINATION_LO.set(RUNNING, 0x45_6789), VirtualInterruptEntry.DESTINATION_HI.set(high(1), 0x12));
        assertDelivered();
        assertThat(rig.interrupts.lastDoorbell()).isEqualTo(0x1245_6789L);
    }

    @Test
    void withoutTheModeThereAreNoVirtualProcessors() {
        rig.clearControl(ControlRegister.GAMEN.mask());
        entry(PRESENT);
        assertThat(assertRefused().flags()).isEqualTo(RESERVED_BIT_OF_AN_INTERRUPT);
        rig.control(ControlRegister.GAMEN.set(0, VirtualInterruptEntry.MODE_VIRTUAL_APIC));
        assertDelivered();
        with(new Rig(Rig.without(AmdviFlag.GUEST_APIC)));
        assertThat(ControlRegister.GAMEN.get(rig.register(ControlRegister.OFFSET))).isZero();
        assertThat(rig.register(GuestLogBaseRegister.OFFSET)).as("there is no such log").isZero();
    }

    @Test
    void aBackingPageWhereNoMemoryIsIsAHardwareError() {
        entry(RUNNING, VirtualInterruptEntry.ROOT.setInPlace(high(VECTOR), 0x8000_0000L));
        var event = assertRefused();
        assertThat(event.code()).isEqualTo(EventCode.PAGE_TAB_HARDWARE_ERROR);
        assertThat(event.high()).isEqualTo(0x8000_0000L);
        assertThat(rig.interrupts.doorbells()).isZero();
    }

    // Indexes of 11 bits

    @Test
    void withManyInterruptsDmTellsThatTheIndexHas11Bits() {
        int index = 0x7a3;
        rig.memory.set64(TABLE + 16L * index + 8, high(0x44));
        rig.memory.set64(TABLE + 16L * index, PRESENT);
        rig.memory.set64(TABLE + 16L * (index & 0x1ff) + 8, high(0x55));
        rig.memory.set64(TABLE + 16L * (index & 0x1ff), PRESENT);
        long dm = InterruptController.BASE | 4;
        assertThat(rig.interrupt(dm, index)).as("delivery mode 7, logical").isEqualTo(DmaStatus.FAULT);
        assertThat(rig.event().code()).isEqualTo(EventCode.INVALID_DEVICE_REQUEST);
        rig.control(ControlRegister.NUMINTREMAPMODE.set(0, ControlRegister.NUMINTREMAPMODE_2K));
        assertThat(rig.interrupt(dm, index)).isEqualTo(DmaStatus.OK);
        assertThat(requested()).containsExactly(0x44);
        assertThat(rig.interrupt(index & 0x1ff)).isEqualTo(DmaStatus.OK);
        assertThat(requested()).containsExactly(0x55);
        rig.changeDte(Rig.DEVICE, 2, DeviceTableEntry.INTTABLEN.set(0, 10), DeviceTableEntry.INTTABLEN.mask());
        rig.invalidateEntry(Rig.DEVICE);
        assertThat(rig.interrupt(dm, index)).as("beyond the table").isEqualTo(DmaStatus.FAULT);
        assertThat(rig.event().flags()).isEqualTo(0x8);
    }

    @Test
    void aUnitForFewInterruptsDoesNotKnowThatMode() {
        with(new Rig(Rig.without(AmdviFlag.INTERRUPTS_2K)));
        rig.control(ControlRegister.NUMINTREMAPMODE.mask());
        assertThat(ControlRegister.NUMINTREMAPMODE.get(rig.register(ControlRegister.OFFSET))).isZero();
        rig.memory.set64(TABLE + 16L * 0x7a3, GuestInterruptEntry.REMAPEN.mask());
        assertThat(rig.interrupt(InterruptController.BASE | 4, 0x7a3)).isEqualTo(DmaStatus.FAULT);
    }
}
