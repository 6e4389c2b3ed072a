package sluicegate.sim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.platform.Interrupts;
import sluicegate.api.types.Pasid;
import sluicegate.firmware.VtdInterrupts;
import sluicegate.sim.pci.DmaEngine;
import sluicegate.sim.pci.Requester;
import sluicegate.sim.unit.Arrival;
import sluicegate.spec.vtd.DescriptorType;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.GlobalCommandRegister;
import sluicegate.spec.vtd.GlobalStatusRegister;
import sluicegate.spec.vtd.InterruptEntryCacheInvalidateDescriptor;
import sluicegate.spec.vtd.InterruptRemappingEntry;
import sluicegate.spec.vtd.InterruptRemappingTableAddressRegister;
import sluicegate.spec.vtd.InterruptRequest;
import sluicegate.spec.vtd.InvalidationQueueErrorRecordRegister;
import sluicegate.spec.vtd.InvalidationQueueError;
import sluicegate.spec.vtd.PostedInterruptDescriptor;
import sluicegate.spec.vtd.PostedInterruptEntry;

/** Interrupt remapping (VT-d 5.1): messages of devices by way of the table, and what is refused for which reason. */
class InterruptRemappingTest {
    private static final long TABLE = 0x1c_0000;
    private static final long DESCRIPTOR = 0x1e_0040;
    private static final int SIZE = 7;
    private static final int ENTRIES = 256;
    private static final long P = InterruptRemappingEntry.P.mask();
    private static final int SID = Rig.SID;

    private final AtomicInteger seen = new AtomicInteger();
    private Rig rig;
    private Interrupts.Vector vector;
    private DmaEngine device;

    @BeforeEach
    void start() {
        with(new Rig.Features());
        remap(0);
    }

    private void with(Rig.Features features) {
        close();
        features.interrupts = new VtdInterrupts(true, true, true);
        rig = new Rig(features.build());
        vector = rig.interrupts.allocate("device", seen::incrementAndGet);
        device = new DmaEngine(new Plain(), rig.memory, rig.interrupts, Optional.of(new Arrival(rig.unit, SID)));
        device.setGate(DmaEngine.Gate.OPEN);
        rig.startQueue();
    }

    /** A device without any capability. */
    private static final class Plain implements Requester {
        @Override
        public String name() {
            return "plain";
        }

        @Override
        public boolean hasAts() {
            return false;
        }

        @Override
        public boolean atsEnabled() {
            return false;
        }

        @Override
        public int pasidBits() {
            return 0;
        }

        @Override
        public boolean pasidEnabled() {
            return false;
        }
    }

    @AfterEach
    void close() {
        if (rig != null) {
            rig.close();
        }
    }

    private void remap(long flags) {
        setTable(flags);
        rig.command(GlobalCommandRegister.IRE.mask());
        assertThat(GlobalStatusRegister.IRES.isSet(rig.status())).isTrue();
    }

    private void setTable(long flags) {
        rig.write64(InterruptRemappingTableAddressRegister.OFFSET, TABLE | SIZE | flags);
        rig.command(GlobalCommandRegister.SIRTP.mask());
        assertThat(GlobalStatusRegister.IRTPS.isSet(rig.status())).isTrue();
    }

    private void entry(int index, long low, long high) {
        rig.memory.set64(TABLE + index * 16L + 8, high);
        rig.memory.set64(TABLE + index * 16L, low);
    }

    /** An entry that leads to the vector. */
    private long good() {
        return InterruptRemappingEntry.V.set(P, vector.data());
    }

    private static long address(int handle) {
        return InterruptRequest.HANDLE15.set(InterruptRequest.HANDLE.set(0xfee0_0010L, handle & 0x7fff), handle >>> 15);
    }

    private DmaStatus send(long address, int data) {
        return device.write(Pasid.NONE, address, new byte[] {(byte) data, (byte) (data >>> 8), (byte) (data >>> 16),
            (byte) (data >>> 24)}, 0, 4);
    }

    private void assertArrives(long address, int data) {
        int before = seen.get();
        assertThat(send(address, data)).isEqualTo(DmaStatus.OK);
        rig.settleInterrupts();
        assertThat(seen).as("the vector").hasValue(before + 1);
    }

    private void assertRefused(FaultReason reason, long address, int data, int index) {
        int before = seen.get();
        long unclaimed = rig.interrupts.spurious();
        assertThat(send(address, data)).isEqualTo(DmaStatus.FAULT);
        rig.settleInterrupts();
        assertThat(seen).hasValue(before);
        assertThat(rig.interrupts.spurious()).isEqualTo(unclaimed);
        var record = takeRecord();
        assertThat(FaultReason.of(record.reason())).contains(reason);
        assertThat(record.sid()).isEqualTo(SID);
        assertThat(record.address()).isEqualTo((long) index << 48);
        assertThat(reason.isInterrupt()).isTrue();
    }

    /** The only record. */
    private Rig.Recorded takeRecord() {
        int index = IntStream.range(0, rig.records()).filter(rig::hasRecord).findFirst().orElseThrow();
        return rig.takeRecord(index);
    }

    @Test
    void aMessageBecomesWhatTheEntrySays() {
        entry(5, good(), 0);
        assertArrives(address(5), 0);
        assertThat(rig.faultStatus()).isZero();
    }

    @Test
    void theSubhandleIsAddedIfItIsValid() {
        entry(0x45, good(), 0);
        entry(0x40, P, 0);
        assertArrives(address(0x40) | InterruptRequest.SHV.mask(), 5);
        assertArrives(address(0) | InterruptRequest.SHV.mask(), 0x45);
        assertArrives(address(0x45), 0xffff_ff00);
    }

    @Test
    void aTableCanHave64KEntries() {
        rig.write64(InterruptRemappingTableAddressRegister.OFFSET, 0x20_0000 | 15);
        rig.command(GlobalCommandRegister.SIRTP.mask());
        rig.memory.set64(0x20_0000 + 0xffffL * 16, good());
        assertArrives(address(0xffff), 0);
        assertRefused(FaultReason.INTERRUPT_INDEX_TOO_LARGE, address(0xffff) | InterruptRequest.SHV.mask(), 2, 1);
    }

    @Test
    void whileRemappingIsOffEveryMessageGoesAsItIs() {
        rig.commandOff(GlobalCommandRegister.IRE.mask());
        assertThat(GlobalStatusRegister.IRES.isSet(rig.status())).isFalse();
        assertArrives(vector.address(), vector.data());
        assertArrives(address(0), vector.data() | 0xff00);
        assertThat(rig.faultStatus()).isZero();
    }

    @Test
    void remappingDoesNotNeedTranslation() {
        rig.setRoot(Rig.ROOT);
        rig.command(GlobalCommandRegister.TE.mask());
        entry(5, good(), 0);
        assertArrives(address(5), 0);
        rig.commandOff(GlobalCommandRegister.TE.mask());
        assertArrives(address(5), 0);
    }

    @Test
    void theTablesPointerTakesEffectWithItsCommand() {
        entry(5, good(), 0);
        rig.write64(InterruptRemappingTableAddressRegister.OFFSET, 0);
        assertArrives(address(5), 0);
        assertThat(rig.read64(InterruptRemappingTableAddressRegister.OFFSET)).isZero();
    }

    @Test
    void beforeAnyTableWasSetThereAreNoEntries() {
        with(new Rig.Features());
        rig.command(GlobalCommandRegister.IRE.mask());
        assertRefused(FaultReason.INTERRUPT_INDEX_TOO_LARGE, address(0), 0, 0);
    }

    @Test
    void aUnitWithoutRemappingHasNoneOfIt() {
        close();
        rig = new Rig(new Rig.Features().build());
        rig.write64(InterruptRemappingTableAddressRegister.OFFSET, TABLE);
        rig.command(GlobalCommandRegister.IRE.mask() | GlobalCommandRegister.CFI.mask() | GlobalCommandRegister.SIRTP.mask());
        assertThat(rig.read64(InterruptRemappingTableAddressRegister.OFFSET)).isZero();
        assertThat(rig.status()).isZero();
    }

    // Compatibility format

    @Test
    void compatibilityFormatIsBlockedUnlessItIsAllowed() {
        assertRefused(FaultReason.INTERRUPT_COMPATIBILITY_BLOCKED, vector.address(), vector.data(), 0);
        rig.command(GlobalCommandRegister.CFI.mask());
        assertThat(GlobalStatusRegister.CFIS.isSet(rig.status())).isTrue();
        assertArrives(vector.address(), vector.data());
        rig.commandOff(GlobalCommandRegister.CFI.mask());
        assertRefused(FaultReason.INTERRUPT_COMPATIBILITY_BLOCKED, vector.address(), vector.data(), 0);
    }

    @Test
    void extendedModeBlocksCompatibilityFormatInAnyCase() {
        setTable(InterruptRemappingTableAddressRegister.EIME.mask());
        rig.command(GlobalCommandRegister.CFI.mask());
        assertRefused(FaultReason.INTERRUPT_COMPATIBILITY_BLOCKED, vector.address(), vector.data(), 0);
    }

    // Faults

    @Test
    void reservedBitsOfARequest() {
        entry(1, good(), 0);
        assertRefused(FaultReason.INTERRUPT_REQUEST_RESERVED, address(1) | InterruptRequest.SHV.mask(), 0x1_0000, 1);
    }

    @Test
    void anIndexBeyondTheTable() {
        entry(ENTRIES, good(), 0);
        assertRefused(FaultReason.INTERRUPT_INDEX_TOO_LARGE, address(ENTRIES), 0, ENTRIES);
    }

    @Test
    void aTableBeyondPhysicalAddresses() {
        rig.write64(InterruptRemappingTableAddressRegister.OFFSET, 1L << 39);
        rig.command(GlobalCommandRegister.SIRTP.mask());
        assertRefused(FaultReason.INTERRUPT_INDEX_TOO_LARGE, address(1), 0, 1);
    }

    @Test
    void anEntryThatIsNotPresent() {
        entry(5, good() & ~P, 0);
        assertRefused(FaultReason.INTERRUPT_ENTRY_NOT_PRESENT, address(5), 0, 5);
    }

    @Test
    void aTableThatIsNotInMemory() {
        rig.write64(InterruptRemappingTableAddressRegister.OFFSET, Rig.MEMORY | SIZE);
        rig.command(GlobalCommandRegister.SIRTP.mask());
        assertRefused(FaultReason.INTERRUPT_ENTRY_UNREADABLE, address(5), 0, 5);
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 13, 14, 24, 31, 32, 39, 48, 63, 84, 127})
    void reservedBitsOfAnEntry(int bit) {
        entry(5, good() | (bit < 64 ? 1L << bit : 0), bit < 64 ? 0 : 1L << bit);
        assertRefused(FaultReason.INTERRUPT_ENTRY_RESERVED, address(5), 0, 5);
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 11, 40, 47})
    void bitsOfAnEntryThatAreSoftwaresOrADestination(int bit) {
        entry(5, good() | 1L << bit, 0);
        assertThat(send(address(5), 0)).isEqualTo(DmaStatus.OK);
        assertThat(rig.faultStatus()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {0b011, 0b110})
    void deliveryModesThatDoNotExist(int mode) {
        entry(5, InterruptRemappingEntry.DLM.set(good(), mode), 0);
        assertRefused(FaultReason.INTERRUPT_ENTRY_RESERVED, address(5), 0, 5);
    }

    @Test
    void aSourceValidationThatDoesNotExist() {
        entry(5, good(), InterruptRemappingEntry.SVT.set(0, 3));
        assertRefused(FaultReason.INTERRUPT_ENTRY_RESERVED, address(5), 0, 5);
    }

    @Test
    void aMessageThatIsNone() {
        assertThat(device.write(Pasid.NONE, address(5), new byte[2], 0, 2)).isEqualTo(DmaStatus.FAULT);
        assertThat(FaultReason.of(rig.takeRecord(0).reason())).contains(FaultReason.INTERRUPT_REQUEST_INVALID);
    }

    @ParameterizedTest
    @CsvSource({"0, false", "1, true"})
    void faultsOfAnEntryCanBeKeptSecret(long present, boolean rejected) {
        long high = InterruptRemappingEntry.SVT.set(InterruptRemappingEntry.SID.set(0, SID + 1), rejected ? 1 : 0);
        entry(5, good() & ~P | present | InterruptRemappingEntry.FPD.mask(), high);
        assertThat(send(address(5), 0)).isEqualTo(DmaStatus.FAULT);
        assertThat(rig.faultStatus()).isZero();
    }

    // Sources

    private boolean admits(int svt, int sq, int sid) {
        entry(9, good(), InterruptRemappingEntry.SID.set(InterruptRemappingEntry.SQ.set(
                InterruptRemappingEntry.SVT.set(0, svt), sq), sid));
        forgetAll();
        var status = send(address(9), 0);
        if (status == DmaStatus.OK) {
            return true;
        }
        assertThat(FaultReason.of(takeRecord().reason())).contains(FaultReason.INTERRUPT_SOURCE_REJECTED);
        return false;
    }

    /** The device is 00:05.0. */
    @ParameterizedTest
    @CsvSource({"0, 0, 0x1234, true", "1, 0, 0x0028, true", "1, 0, 0x0029, false", "1, 0, 0x0128, false",
        "1, 1, 0x002c, true", "1, 1, 0x002a, false", "1, 2, 0x002e, true", "1, 2, 0x0029, false", "1, 3, 0x002f, true",
        "1, 3, 0x0030, false", "2, 0, 0x0000, true", "2, 0, 0x0005, true", "2, 0, 0x0105, false", "2, 3, 0x00ff, true"})
    void theSourceMustBeOneThatTheEntryAdmits(int svt, int sq, String sid, boolean admitted) {
        assertThat(admits(svt, sq, Integer.decode(sid))).isEqualTo(admitted);
    }

    // The cache

    private void forgetAll() {
        rig.submit(DescriptorType.INTERRUPT_ENTRY_CACHE, 0);
        assertThat(rig.faultStatus() & 0x10).isZero();
    }

    private void forget(int index, int mask) {
        long low = DescriptorType.INTERRUPT_ENTRY_CACHE | InterruptEntryCacheInvalidateDescriptor.G.mask();
        rig.submit(InterruptEntryCacheInvalidateDescriptor.IM.set(InterruptEntryCacheInvalidateDescriptor.IIDX.set(low, index),
                mask), 0);
    }

    private boolean arrives(int index) {
        int before = seen.get();
        var status = send(address(index), 0);
        rig.settleInterrupts();
        if (status != DmaStatus.OK) {
            takeRecord();
        }
        return seen.get() != before;
    }

    @Test
    void anEntryCountsUntilItIsInvalidated() {
        for (int index : new int[] {0x10, 0x11, 0x12, 0x14, 0x20}) {
            entry(index, good(), 0);
            assertThat(arrives(index)).isTrue();
            entry(index, 0, 0);
            assertThat(arrives(index)).as("nobody has told the unit").isTrue();
        }
        forget(0x10, 0);
        assertThat(arrives(0x10)).isFalse();
        assertThat(arrives(0x11)).isTrue();
        forget(0x13, 2);
        assertThat(List.of(arrives(0x11), arrives(0x12), arrives(0x14))).containsExactly(false, false, true);
        rig.submit(Rig.iotlbInvalidate(1, 0), 0);
        assertThat(arrives(0x20)).as("something else was invalidated").isTrue();
        forgetAll();
        assertThat(List.of(arrives(0x14), arrives(0x20))).containsExactly(false, false);
    }

    @Test
    void aNewTableDoesNotMakeTheUnitForgetTheOldOne() {
        entry(5, good(), 0);
        assertThat(arrives(5)).isTrue();
        rig.write64(InterruptRemappingTableAddressRegister.OFFSET, 0x20_0000 | SIZE);
        rig.command(GlobalCommandRegister.SIRTP.mask());
        assertThat(arrives(5)).isTrue();
        forgetAll();
        assertThat(arrives(5)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void onlyWithCachingModeIsAnEntryKeptThatIsNotPresent(boolean cachingMode) {
        var features = new Rig.Features();
        features.cachingMode = cachingMode;
        with(features);
        remap(0);
        assertThat(arrives(5)).isFalse();
        entry(5, good(), 0);
        assertThat(arrives(5)).isEqualTo(!cachingMode);
        forget(5, 0);
        assertThat(arrives(5)).isTrue();
    }

    @Test
    void anIndexMaskHasABound() {
        forget(0, 15);
        assertThat(rig.faultStatus()).isZero();
        forget(0, 16);
        assertThat(InvalidationQueueErrorRecordRegister.IQEI.get(rig.read64(InvalidationQueueErrorRecordRegister.OFFSET)))
                .isEqualTo(InvalidationQueueError.RESERVED_FIELD.code());
    }

    @Test
    void anInvalidationWaitsForMessagesUnderWay() throws Exception {
        int ticket = rig.unit.inFlight().enter();
        var completed = CompletableFuture.runAsync(() -> {
            rig.put(DescriptorType.INTERRUPT_ENTRY_CACHE, 0);
            rig.submitWait(1);
        });
        rig.awaitHead(16);
        assertThat(rig.memory.get32(Rig.STATUS)).isZero();
        rig.unit.inFlight().exit(ticket);
        completed.get(10, TimeUnit.SECONDS);
        assertThat(rig.memory.get32(Rig.STATUS)).isEqualTo(1);
    }

    // Destinations

    @Test
    void destinationsHave8BitsOr32() {
        long spurious = rig.interrupts.spurious();
        entry(5, good() | 1L << 40, 0);
        assertThat(send(address(5), 0)).isEqualTo(DmaStatus.OK);
        assertThat(rig.interrupts.spurious()).as("another processor").isEqualTo(spurious + 1);
        setTable(InterruptRemappingTableAddressRegister.EIME.mask());
        forgetAll();
        for (int bit : new int[] {32, 40, 63}) {
            entry(6 + bit, good() | 1L << bit, 0);
            assertThat(send(address(6 + bit), 0)).isEqualTo(DmaStatus.OK);
        }
        assertThat(rig.interrupts.spurious()).isEqualTo(spurious + 4);
        entry(5, good(), 0);
        forgetAll();
        assertArrives(address(5), 0);
    }

    @Test
    void otherDeliveryModesMeetNoVector() {
        long spurious = rig.interrupts.spurious();
        for (int mode : new int[] {InterruptRemappingEntry.SMI, InterruptRemappingEntry.NMI, InterruptRemappingEntry.INIT,
            InterruptRemappingEntry.EXT_INT}) {
            entry(mode, InterruptRemappingEntry.DLM.set(good(), mode), 0);
            assertThat(send(address(mode), 0)).isEqualTo(DmaStatus.OK);
        }
        assertThat(rig.interrupts.spurious()).isEqualTo(spurious + 4);
        entry(8, InterruptRemappingEntry.DLM.set(good() | 0x1c, InterruptRemappingEntry.LOWEST_PRIORITY), 0);
        assertArrives(address(8), 0);
    }

    // Posting

    private void posted(long flags, long control) {
        long low = P | PostedInterruptEntry.IM.mask() | flags;
        low = PostedInterruptEntry.PDAL.set(PostedInterruptEntry.VV.set(low, 0x9c), DESCRIPTOR >>> 6);
        entry(5, low, 0);
        rig.memory.set64(DESCRIPTOR + 32, PostedInterruptDescriptor.NV.set(control, vector.data()));
    }

    private long pending() {
        return rig.memory.get64(DESCRIPTOR + 16);
    }

    @Test
    void aPostedInterruptIsABitInItsDescriptorAndANotification() {
        posted(0, 0);
        assertArrives(address(5), 0);
        assertThat(pending()).isEqualTo(1L << (0x9c & 63));
        assertThat(PostedInterruptDescriptor.ON.isSet(rig.memory.get64(DESCRIPTOR + 32))).isTrue();
        assertThat(arrives(5)).as("a notification is outstanding").isFalse();
        assertThat(rig.faultStatus()).isZero();
    }

    @Test
    void notificationsCanBeHeldBackUnlessTheInterruptIsUrgent() {
        posted(0, PostedInterruptDescriptor.SN.mask());
        assertThat(arrives(5)).isFalse();
        assertThat(pending()).isNotZero();
        assertThat(PostedInterruptDescriptor.ON.isSet(rig.memory.get64(DESCRIPTOR + 32))).isFalse();
        forgetAll();
        posted(PostedInterruptEntry.URG.mask(), PostedInterruptDescriptor.SN.mask());
        assertThat(arrives(5)).isTrue();
    }

    @Test
    void aDescriptorThatIsNotInMemory() {
        posted(0, 0);
        entry(5, rig.memory.get64(TABLE + 5 * 16), PostedInterruptEntry.PDAH.set(0, 1));
        assertRefused(FaultReason.POSTED_DESCRIPTOR_UNREADABLE, address(5), 0, 5);
    }

    @ParameterizedTest
    @ValueSource(ints = {258, 271, 280, 287, 288, 295, 304, 319, 320, 511})
    void reservedBitsOfADescriptor(int bit) {
        posted(0, 0);
        long word = DESCRIPTOR + (bit >>> 6) * 8;
        rig.memory.set64(word, rig.memory.get64(word) | 1L << bit);
        assertRefused(FaultReason.POSTED_DESCRIPTOR_RESERVED, address(5), 0, 5);
        assertThat(pending()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 7, 12, 13, 24, 37, 84, 95, 103})
    void reservedBitsOfAPostedEntry(int bit) {
        posted(0, 0);
        entry(5, rig.memory.get64(TABLE + 5 * 16) | (bit < 64 ? 1L << bit : 0), bit < 64 ? 0 : 1L << bit);
        assertRefused(FaultReason.INTERRUPT_ENTRY_RESERVED, address(5), 0, 5);
    }

    @Test
    void aUnitThatCannotPostTakesThatForReserved() {
        close();
        var features = new Rig.Features();
        features.interrupts = new VtdInterrupts(true, false, false);
        rig = new Rig(features.build());
        vector = rig.interrupts.allocate("device", seen::incrementAndGet);
        device = new DmaEngine(new Plain(), rig.memory, rig.interrupts, Optional.of(new Arrival(rig.unit, SID)));
        device.setGate(DmaEngine.Gate.OPEN);
        remap(InterruptRemappingTableAddressRegister.EIME.mask());
        assertThat(rig.read64(InterruptRemappingTableAddressRegister.OFFSET)).as("nor has it extended mode")
                .isEqualTo(TABLE | SIZE);
        posted(0, 0);
        assertRefused(FaultReason.INTERRUPT_ENTRY_RESERVED, address(5), 0, 5);
    }

    @Test
    void faultsBeginAtTheFirstRecordAgainWhenEverythingIsOff() {
        assertThat(send(address(1), 0)).isEqualTo(DmaStatus.FAULT);
        rig.takeRecord(0);
        assertThat(send(address(1), 0)).isEqualTo(DmaStatus.FAULT);
        rig.takeRecord(1);
        rig.commandOff(GlobalCommandRegister.IRE.mask());
        rig.command(GlobalCommandRegister.IRE.mask());
        assertThat(send(address(1), 0)).isEqualTo(DmaStatus.FAULT);
        rig.takeRecord(0);
    }
}
