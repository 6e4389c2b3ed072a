package sluicegate.sim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.platform.Interrupts;
import sluicegate.api.types.Access;
import sluicegate.api.types.Translation;
import sluicegate.firmware.AmdviFlag;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.amdvi.ControlRegister;
import sluicegate.spec.amdvi.DeviceTableEntry;
import sluicegate.spec.amdvi.EventCode;
import sluicegate.spec.amdvi.GuestInterruptEntry;
import sluicegate.spec.amdvi.InterruptEntry;
import sluicegate.spec.amdvi.InvalidDeviceRequestEvent;

/** Interrupts of devices (2.2.5): passed, aborted or remapped as the device table entry says, by entries of either form. */
class InterruptRemappingTest {
    private static final long TABLE = 0x70_0000;
    private static final int SIZE = 8;
    private static final long REMAPPED = DeviceTableEntry.IV.mask() | TABLE | DeviceTableEntry.INTTABLEN.set(0, SIZE)
            | DeviceTableEntry.INTCTL.set(0, DeviceTableEntry.INTCTL_REMAP);
    private static final int INDEX = 0x51;
    /** Address and delivery modes of the messages; flags of events as kernels print them. */
    private static final long MESSAGE = InterruptController.BASE;
    private static final int SMI = 2 << 8;
    private static final int NMI = 4 << 8;
    private static final int INIT = 5 << 8;
    private static final int EXT_INT = 7 << 8;
    private static final int I = 0x08;
    private static final int PR_RZ = 0x90;
    private static final int ABORTED = 0xa00;
    private static final int RESERVED = 0xc00;

    private final AtomicInteger seen = new AtomicInteger();
    private Rig rig;
    private Interrupts.Vector vector;

    @BeforeEach
    void start() {
        with(new Rig());
    }

    private void with(Rig other) {
        close();
        rig = other.start();
        vector = rig.interrupts.allocate("device", seen::incrementAndGet);
        upperHalf(REMAPPED, 0);
    }

    @AfterEach
    void close() {
        if (rig != null) {
            rig.close();
        }
    }

    private void upperHalf(long third, long fourth) {
        rig.changeDte(Rig.DEVICE, 2, third, -1L);
        rig.changeDte(Rig.DEVICE, 3, fourth, -1L);
        rig.invalidateEntry(Rig.DEVICE);
    }

    private void basic(int index, long value) {
        rig.memory.set32Release(TABLE + 4L * index, (int) value);
    }

    /** An entry that leads to the vector. */
    private long good() {
        return InterruptEntry.VECTOR.set(InterruptEntry.REMAPEN.mask(), vector.data());
    }

    private void extended(int index, long low, long high) {
        rig.memory.set64(TABLE + 16L * index + 8, high);
        rig.memory.set64(TABLE + 16L * index, low);
    }

    private void assertArrives(int data) {
        int before = seen.get();
        assertThat(rig.interrupt(data)).isEqualTo(DmaStatus.OK);
        Rig.await(seen, before + 1);
        assertThat(rig.events()).isEmpty();
    }

    /** It goes to a processor or a vector that is not there. */
    private void assertLeavesForElsewhere(long address, int data) {
        long unclaimed = rig.interrupts.spurious();
        assertThat(rig.interrupt(address, data)).isEqualTo(DmaStatus.OK);
        assertThat(rig.interrupts.spurious()).isEqualTo(unclaimed + 1);
        assertThat(rig.events()).isEmpty();
    }

    private Rig.Event assertRefused(EventCode code, int flags, long address, int data) {
        long unclaimed = rig.interrupts.spurious();
        assertThat(rig.interrupt(address, data)).isEqualTo(DmaStatus.FAULT);
        assertThat(rig.interrupts.spurious()).isEqualTo(unclaimed);
        var event = rig.event();
        assertThat(event.code()).isEqualTo(code);
        assertThat(event.flags()).as(event.toString()).isEqualTo(flags);
        assertThat(event.device()).isEqualTo(Rig.DEVICE);
        return event;
    }

    private void assertRefused(EventCode code, int flags, int data) {
        var event = assertRefused(code, flags, MESSAGE, data);
        long told = 0xffff_fffd_f800_0000L | (data & 0xff) << 16 | (data >> 8 & 7) << 2;
        assertThat(event.high()).as("as real units tell it").isEqualTo(told);
    }

    @Test
    void theDataOfAMessageIsTheIndexOfItsEntry() {
        basic(INDEX, good());
        assertArrives(INDEX);
        assertRefused(EventCode.IO_PAGE_FAULT, I, INDEX + 1);
        assertThat(seen).hasValue(1);
        basic(0xff, good());
        assertArrives(0xff);
        assertRefused(EventCode.IO_PAGE_FAULT, I, 0x100);
    }

    /** Arbitrated ones, whose delivery mode is the index's bit 8. */
    @Test
    void aTableCanHave512Entries() {
        upperHalf(DeviceTableEntry.INTTABLEN.set(REMAPPED, 9), 0);
        basic(0x100 | INDEX, good());
        assertArrives(0x100 | INDEX);
    }

    @Test
    void destinationModeAndTypeAreTheEntrys() {
        basic(INDEX, InterruptEntry.DESTINATION.set(good(), 3));
        assertLeavesForElsewhere(MESSAGE, INDEX);
        rig.invalidateInterrupts(Rig.DEVICE);
        basic(INDEX, InterruptEntry.INTTYPE.set(good() | InterruptEntry.DM.mask() | InterruptEntry.RQEOI.mask(), 1));
        assertThat(rig.interrupt(0xfee0_9004L, INDEX)).as("whatever the message's").isEqualTo(DmaStatus.OK);
        Rig.await(seen, 1);
        long word = InterruptWord.basic(rig.memory.get32(TABLE + 4 * INDEX) & 0xffff_ffffL);
        assertThat(InterruptWord.address(word)).isEqualTo(MESSAGE | 4);
        assertThat(InterruptWord.data(word, 0x8000 | INDEX)).as("level triggered, lowest priority")
                .isEqualTo(0x8100 | vector.data());
    }

    @Test
    void entriesStayUntilTheirTableIsInvalidated() {
        basic(INDEX, good());
        assertArrives(INDEX);
        basic(INDEX, 0);
        assertArrives(INDEX);
        rig.invalidateEntry(Rig.DEVICE);
        rig.invalidateInterrupts(Rig.DEVICE + 1);
        rig.invalidateDomain(Rig.DOMAIN);
        assertArrives(INDEX);
        rig.invalidateInterrupts(Rig.DEVICE);
        assertRefused(EventCode.IO_PAGE_FAULT, I, INDEX);
        basic(INDEX, good());
        assertArrives(INDEX);
        basic(INDEX, 0);
        rig.invalidateAll();
        assertRefused(EventCode.IO_PAGE_FAULT, I, INDEX);
    }

    @Test
    void reservedBitsOfEntriesAreRefused() {
        for (int bit : new int[] {7, 24, 25, 26, 27, 28, 29, 30, 31}) {
            basic(INDEX, good() | 1L << bit);
            assertRefused(EventCode.IO_PAGE_FAULT, I | PR_RZ, INDEX);
        }
        for (int type = 2; type < 8; type++) {
            basic(INDEX, InterruptEntry.INTTYPE.set(good(), type));
            assertRefused(EventCode.IO_PAGE_FAULT, I | PR_RZ, INDEX);
        }
    }

    @Test
    void faultsCanBeSilencedByTheEntryOrByThatOfTheDevice() {
        basic(INDEX, InterruptEntry.SUPIOPF.mask());
        assertSilentlyRefused(INDEX);
        basic(INDEX, good() | InterruptEntry.SUPIOPF.mask() | InterruptEntry.GUESTMODE.mask());
        assertSilentlyRefused(INDEX);
        basic(INDEX, 0);
        rig.changeDte(Rig.DEVICE, 1, DeviceTableEntry.SA.mask(), 0);
        rig.invalidateEntry(Rig.DEVICE);
        assertRefused(EventCode.IO_PAGE_FAULT, I, INDEX);
        upperHalf(REMAPPED | DeviceTableEntry.IG.mask(), 0);
        assertSilentlyRefused(INDEX);
        assertSilentlyRefused(0x100);
    }

    private void assertSilentlyRefused(int data) {
        assertThat(rig.interrupt(data)).isEqualTo(DmaStatus.FAULT);
        assertThat(rig.events()).isEmpty();
    }

    @Test
    void aTableWhereNoMemoryIsIsAHardwareError() {
        upperHalf(DeviceTableEntry.INTROOT.setInPlace(REMAPPED, Rig.MEMORY), 0);
        var event = assertRefused(EventCode.PAGE_TAB_HARDWARE_ERROR, 0x208, MESSAGE, 3);
        assertThat(event.high()).as("of eight bytes").isEqualTo(Rig.MEMORY + 8);
        assertThat(event.domain()).isEqualTo(Rig.DOMAIN);
    }

    @Test
    void messagesAreAbortedOrPassAsTheDeviceTableEntrySays() {
        upperHalf(DeviceTableEntry.IV.mask(), 0);
        assertRefused(EventCode.INVALID_DEVICE_REQUEST, ABORTED, 0x21);
        assertThat(InvalidDeviceRequestEvent.TYPE.get((long) ABORTED << 48)).isEqualTo(5);
        assertThat(rig.unit.probe(Rig.DEVICE, -1, MESSAGE, Access.WRITE)).isInstanceOf(Translation.Fault.class);
        upperHalf(DeviceTableEntry.INTCTL.set(DeviceTableEntry.IV.mask(), DeviceTableEntry.INTCTL_FORWARD), 0);
        assertArrives(vector.data());
        assertThat(rig.unit.probe(Rig.DEVICE, -1, MESSAGE, Access.WRITE)).isInstanceOf(Translation.Mapped.class);
        upperHalf(DeviceTableEntry.INTCTL.set(DeviceTableEntry.IV.mask(), 3), 0);
        assertRefused(EventCode.ILLEGAL_DEV_TABLE_ENTRY, I, 0x21);
        upperHalf(0, 0);
        assertArrives(vector.data());
    }

    /** @param bit of the device table entry, none for those that need none */
    @ParameterizedTest
    @CsvSource({SMI + ", -1", NMI + ", 186", INIT + ", 184", EXT_INT + ", 185"})
    void otherInterruptsThanThoseForOneVectorHaveSwitchesOfTheirOwn(int mode, int bit) {
        int data = mode | 0x21;
        if (bit >= 0) {
            assertRefused(EventCode.INVALID_DEVICE_REQUEST, ABORTED, data);
            upperHalf(REMAPPED | 1L << bit, 0);
        }
        assertLeavesForElsewhere(MESSAGE | 5 << 12, data);
        assertRefused(EventCode.INVALID_DEVICE_REQUEST, ABORTED, MESSAGE | 4, data);
    }

    @Test
    void deliveryModesThatThereAreNot() {
        assertRefused(EventCode.INVALID_DEVICE_REQUEST, RESERVED, 3 << 8);
        assertRefused(EventCode.INVALID_DEVICE_REQUEST, RESERVED, 6 << 8);
    }

    @Test
    void everyReservedBitOfTheUpperHalfIsRefusedIfItIsValid() {
        basic(INDEX, good());
        for (int word = 2; word < DeviceTableEntry.WORDS; word++) {
            long reserved = DeviceTableEntry.LAYOUT.reservedMask(word);
            for (int bit = 0; bit < Long.SIZE; bit++) {
                long set = 1L << bit;
                if ((reserved & set) != 0) {
                    upperHalf(REMAPPED | (word == 2 ? set : 0), word == 3 ? set : 0);
                    assertRefused(EventCode.ILLEGAL_DEV_TABLE_ENTRY, I | 0x80, INDEX);
                    upperHalf(word == 2 ? set : 0, word == 3 ? set : 0);
                    assertArrives(vector.data());
                }
            }
        }
    }

    @Test
    void tablesThatAreTooLongMatterWhereTheyAreUsed() {
        upperHalf(DeviceTableEntry.INTTABLEN.set(REMAPPED, DeviceTableEntry.MAX_INTTABLEN + 1), 0);
        assertRefused(EventCode.ILLEGAL_DEV_TABLE_ENTRY, I, INDEX);
        upperHalf(DeviceTableEntry.INTTABLEN.set(REMAPPED, DeviceTableEntry.MAX_INTTABLEN), 0);
        assertRefused(EventCode.IO_PAGE_FAULT, I, INDEX);
        upperHalf(DeviceTableEntry.INTCTL.set(DeviceTableEntry.IV.mask() | DeviceTableEntry.INTTABLEN.mask(), 1), 0);
        assertArrives(vector.data());
    }

    /** A real unit said so of an entry that DMA could not use: ILLEGAL_DEV_TABLE_ENTRY, flags=0x0008. */
    @Test
    void anEntryThatIsIllegalForDmaIsSoForInterrupts() {
        basic(INDEX, good());
        rig.changeDte(Rig.DEVICE, 0, DeviceTableEntry.MODE.mask(), 0);
        assertRefused(EventCode.ILLEGAL_DEV_TABLE_ENTRY, I, INDEX);
        rig.changeDte(Rig.DEVICE, 0, 0, DeviceTableEntry.V.mask());
        assertArrives(INDEX);
        assertThat(rig.read(0x1234)).as("without V").isEqualTo(0x1234);
    }

    @Test
    void aDeviceBeyondTheTableHasNoInterrupts() {
        assertThat(rig.unit.message(0x1000, MESSAGE, 0x21, rig.interrupts)).isEqualTo(DmaStatus.FAULT);
        assertThat(rig.event().flags()).isEqualTo(I);
    }

    @Test
    void interruptsHaveNoPasid() {
        assertThat(rig.request(7, MESSAGE, RequestAccess.WRITE)).isNegative();
        var event = rig.event();
        assertThat(event.code()).isEqualTo(EventCode.IO_PAGE_FAULT);
        assertThat(event.flags()).as("an interrupt with a PASID").isEqualTo(I | 1);
    }

    @Test
    void aUnitThatIsOffLetsMessagesPass() {
        rig.clearControl(ControlRegister.IOMMUEN.mask());
        assertArrives(vector.data());
    }

    // Entries of 128 bits

    @Test
    void longEntriesAreUsedWithTheGuestControllersSwitch() {
        basic(INDEX, good());
        assertArrives(INDEX);
        rig.control(ControlRegister.GAEN.mask());
        assertRefused(EventCode.IO_PAGE_FAULT, I, INDEX);
        extended(INDEX, GuestInterruptEntry.REMAPEN.mask(), vector.data());
        assertArrives(INDEX);
        extended(INDEX, GuestInterruptEntry.DESTINATION_LO.set(1, 3), vector.data());
        rig.invalidateInterrupts(Rig.DEVICE);
        assertLeavesForElsewhere(MESSAGE, INDEX);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void longEntriesHaveLongDestinationsWithX2apic(boolean wide) {
        rig.control(ControlRegister.GAEN.mask() | (wide ? ControlRegister.XTEN.mask() : 0));
        long[][] entries = {{1L | 1L << 16, vector.data()}, {1L | 1L << 31, vector.data()}, {1, 1L << 56 | vector.data()},
            {1, 1L << 63 | vector.data()}};
        for (var entry : entries) {
            extended(INDEX, entry[0], entry[1]);
            rig.invalidateInterrupts(Rig.DEVICE);
            if (wide) {
                assertLeavesForElsewhere(MESSAGE, INDEX);
            } else {
                assertRefused(EventCode.IO_PAGE_FAULT, I | PR_RZ, INDEX);
            }
        }
        assertThat(InterruptWord.address(InterruptWord.extended(GuestInterruptEntry.DESTINATION_LO.mask() | 1, -1L << 56, true, false)))
                .isEqualTo(0xffff_ff00_feef_f000L);
    }

    @Test
    void reservedBitsOfLongEntriesAreRefused() {
        rig.control(ControlRegister.GAEN.mask() | ControlRegister.XTEN.mask());
        for (int bit = 0; bit < 128; bit++) {
            boolean reserved = bit == 7 || bit >= 32 && bit < 64 || bit >= 72 && bit < 120;
            if (reserved) {
                extended(INDEX, 1 | (bit < 64 ? 1L << bit : 0), vector.data() | (bit < 64 ? 0 : 1L << bit));
                assertRefused(EventCode.IO_PAGE_FAULT, I | PR_RZ, INDEX);
            }
        }
    }

    @Test
    void aUnitWithoutTheGuestControllerHasShortEntriesOnly() {
        with(new Rig(Rig.without(AmdviFlag.GUEST_APIC)));
        rig.control(ControlRegister.GAEN.mask());
        basic(INDEX, good());
        assertArrives(INDEX);
    }
}
