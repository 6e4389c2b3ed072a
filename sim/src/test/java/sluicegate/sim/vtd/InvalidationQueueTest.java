package sluicegate.sim.vtd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.types.IommuException;
import sluicegate.spec.vtd.DescriptorType;
import sluicegate.spec.vtd.DeviceTlbInvalidateDescriptor;
import sluicegate.spec.vtd.FaultStatusRegister;
import sluicegate.spec.vtd.GlobalCommandRegister;
import sluicegate.spec.vtd.InterruptEntryCacheInvalidateDescriptor;
import sluicegate.spec.vtd.InvalidationCompletionStatusRegister;
import sluicegate.spec.vtd.InvalidationEventControlRegister;
import sluicegate.spec.vtd.InvalidationQueueAddressRegister;
import sluicegate.spec.vtd.InvalidationQueueError;
import sluicegate.spec.vtd.InvalidationQueueErrorRecordRegister;
import sluicegate.spec.vtd.InvalidationQueueHeadRegister;
import sluicegate.spec.vtd.InvalidationQueueTailRegister;
import sluicegate.spec.vtd.InvalidationWaitDescriptor;
import sluicegate.spec.vtd.IotlbInvalidateDescriptor;

/** The queue as a driver sees it: descriptors, completion, and the states in which it stops. */
class InvalidationQueueTest {
    private Rig rig = new Rig();

    @AfterEach
    void close() {
        rig.close();
    }

    private void withDeviceTlbs() {
        rig.close();
        var features = new Rig.Features();
        features.deviceTlb = true;
        rig = new Rig(features.build());
    }

    private long head() {
        return rig.read64(InvalidationQueueHeadRegister.OFFSET);
    }

    private void assertStopped(InvalidationQueueError error, long head) {
        assertThat(FaultStatusRegister.IQE.isSet(rig.faultStatus())).isTrue();
        long record = rig.read64(InvalidationQueueErrorRecordRegister.OFFSET);
        assertThat(InvalidationQueueErrorRecordRegister.IQEI.get(record)).isEqualTo(error.code());
        assertThat(head()).isEqualTo(head);
    }

    private static long deviceTlbInvalidate(int sid) {
        return DeviceTlbInvalidateDescriptor.SID.set(
                DeviceTlbInvalidateDescriptor.TYPE.set(0, DescriptorType.DEVICE_TLB), sid);
    }

    @Test
    void aWaitDescriptorWritesItsStatusAndTheQueueWraps() {
        rig.start();
        for (int i = 1; i <= 600; i++) {
            rig.submitWait(i);
            assertThat(rig.memory.get32(Rig.STATUS)).isEqualTo(i);
        }
        assertThat(head()).isEqualTo(600 * 16 % 4096);
    }

    @Test
    void statusAndInterruptMayBeAskedForTogether() {
        rig.start();
        var events = rig.countCompletionEvents();
        rig.submit(Rig.waitFor(7, InvalidationWaitDescriptor.SW.mask() | InvalidationWaitDescriptor.IF.mask()
                | InvalidationWaitDescriptor.FN.mask()), Rig.STATUS);
        rig.settleInterrupts();
        assertThat(rig.memory.get32(Rig.STATUS)).isEqualTo(7);
        assertThat(events).hasValue(1);
        assertThat(rig.read32(InvalidationCompletionStatusRegister.OFFSET)).isEqualTo(1);
        rig.submit(Rig.waitFor(0, InvalidationWaitDescriptor.IF.mask()), 0);
        rig.settleInterrupts();
        assertThat(events).as("IWC is still set").hasValue(1);
        rig.write32(InvalidationCompletionStatusRegister.OFFSET, 1);
        assertThat(rig.read32(InvalidationCompletionStatusRegister.OFFSET)).isZero();
        rig.submit(Rig.waitFor(0, InvalidationWaitDescriptor.IF.mask()), 0);
        rig.settleInterrupts();
        assertThat(events).hasValue(2);
    }

    @Test
    void aMaskedCompletionEventIsPendingUntilItIsUnmasked() {
        rig.start();
        var events = rig.countCompletionEvents();
        rig.write32(InvalidationEventControlRegister.OFFSET, InvalidationEventControlRegister.IM.mask());
        rig.submit(Rig.waitFor(0, InvalidationWaitDescriptor.IF.mask()), 0);
        assertThat(InvalidationEventControlRegister.IP.isSet(rig.read32(InvalidationEventControlRegister.OFFSET))).isTrue();
        rig.write32(InvalidationEventControlRegister.OFFSET, 0);
        rig.settleInterrupts();
        assertThat(events).hasValue(1);
        assertThat(rig.read32(InvalidationEventControlRegister.OFFSET)).isZero();
    }

    @Test
    void anUnknownDescriptorStopsTheQueueUntilTheErrorIsCleared() {
        rig.start();
        var faults = rig.countFaultEvents();
        rig.submitWait(1);
        rig.put(0xf, 0);
        rig.submitWait(2);
        assertStopped(InvalidationQueueError.INVALID_TYPE, 16);
        rig.settleInterrupts();
        assertThat(faults).hasValue(1);
        rig.ring();
        assertThat(rig.memory.get32(Rig.STATUS)).as("nothing is fetched").isEqualTo(1);
        // As Linux does: put something harmless in its place, then clear the error.
        rig.memory.set64(Rig.QUEUE + 16, Rig.waitFor(0, 0));
        rig.write32(FaultStatusRegister.OFFSET, FaultStatusRegister.IQE.mask());
        assertThat(rig.faultStatus()).isZero();
        assertThat(rig.read64(InvalidationQueueErrorRecordRegister.OFFSET)).isZero();
        assertThat(rig.memory.get32(Rig.STATUS)).isEqualTo(2);
        assertThat(head()).isEqualTo(48);
    }

    @Test
    void clearingTheErrorWithoutCureStopsAgain() {
        rig.start();
        rig.submit(0xf, 0);
        rig.write32(FaultStatusRegister.OFFSET, FaultStatusRegister.IQE.mask());
        assertStopped(InvalidationQueueError.INVALID_TYPE, 0);
    }

    @Test
    void reservedBitsStopTheQueue() {
        long[][] descriptors = {
            {Rig.iotlbInvalidate(IotlbInvalidateDescriptor.GLOBAL, 0) | 1 << 8, 0},
            {Rig.iotlbInvalidate(IotlbInvalidateDescriptor.GLOBAL, 0), 1 << 7},
            {Rig.iotlbInvalidate(0, 0), 0},
            {Rig.iotlbInvalidate(IotlbInvalidateDescriptor.PAGE, 0), 19},
            {Rig.contextInvalidate(0, 0, 0, 0), 0},
            {Rig.contextInvalidate(1, 0, 0, 0), 1},
            {Rig.waitFor(0, 1 << 8), 0},
            {Rig.waitFor(0, InvalidationWaitDescriptor.PD.mask()), 0},
            {Rig.waitFor(0, 0), 1},
            {DescriptorType.INTERRUPT_ENTRY_CACHE | 1 << 20, 0},
        };
        for (var descriptor : descriptors) {
            rig.close();
            rig = new Rig();
            rig.start().submit(descriptor[0], descriptor[1]);
            assertStopped(InvalidationQueueError.RESERVED_FIELD, 0);
        }
    }

    @Test
    void theTailHasToBeInTheQueueAndTheQueueInMemory() {
        rig.start();
        rig.write64(InvalidationQueueTailRegister.OFFSET, 4096);
        assertStopped(InvalidationQueueError.INVALID_TAIL, 0);
        rig.close();
        rig = new Rig();
        rig.write64(InvalidationQueueAddressRegister.OFFSET, Rig.MEMORY);
        rig.command(GlobalCommandRegister.QIE.mask());
        rig.write64(InvalidationQueueTailRegister.OFFSET, 16);
        assertStopped(InvalidationQueueError.FETCH_ERROR, 0);
    }

    @Test
    void wideDescriptorsNeedScalableMode() {
        rig.write64(InvalidationQueueAddressRegister.OFFSET, Rig.QUEUE | InvalidationQueueAddressRegister.DW.mask());
        rig.command(GlobalCommandRegister.QIE.mask());
        rig.write64(InvalidationQueueTailRegister.OFFSET, 32);
        assertStopped(InvalidationQueueError.INVALID_WIDTH, 0);
    }

    @Test
    void deviceTlbInvalidationNeedsDeviceTlbs() {
        rig.start().submit(deviceTlbInvalidate(Rig.SID), 0);
        assertStopped(InvalidationQueueError.INVALID_TYPE, 0);
        withDeviceTlbs();
        rig.start();
        rig.put(deviceTlbInvalidate(Rig.SID), 0);
        rig.submitWait(5);
        assertThat(rig.memory.get32(Rig.STATUS)).isEqualTo(5);
    }

    @Test
    void interruptEntryCacheInvalidationIsAccepted() {
        rig.start();
        rig.put(InterruptEntryCacheInvalidateDescriptor.TYPE.set(0, DescriptorType.INTERRUPT_ENTRY_CACHE), 0);
        rig.submitWait(3);
        assertThat(rig.memory.get32(Rig.STATUS)).isEqualTo(3);
    }

    @Test
    void aDeviceThatDoesNotAnswerAbortsTheWait() {
        withDeviceTlbs();
        rig.start();
        rig.unit.invalidationQueue().silence(Rig.SID, true);
        rig.put(deviceTlbInvalidate(Rig.SID), 0);
        rig.submitWait(1);
        assertThat(FaultStatusRegister.ITE.isSet(rig.faultStatus())).isTrue();
        assertThat(InvalidationQueueErrorRecordRegister.ITESID.get(
                rig.read64(InvalidationQueueErrorRecordRegister.OFFSET))).isEqualTo(Rig.SID);
        assertThat(rig.memory.get32(Rig.STATUS)).as("aborted").isZero();
        assertThat(head()).as("behind the wait").isEqualTo(32);
        rig.submitWait(2);
        assertThat(rig.memory.get32(Rig.STATUS)).as("not fetched").isZero();
        rig.write32(FaultStatusRegister.OFFSET, FaultStatusRegister.ITE.mask());
        assertThat(rig.memory.get32(Rig.STATUS)).isEqualTo(2);
        assertThat(rig.faultStatus()).isZero();
    }

    @Test
    void anUnexpectedAnswerIsReportedAndStopsNothing() {
        rig.start();
        rig.unit.invalidationQueue().completeUnasked(0x77);
        assertThat(FaultStatusRegister.ICE.isSet(rig.faultStatus())).isTrue();
        assertThat(InvalidationQueueErrorRecordRegister.ICESID.get(
                rig.read64(InvalidationQueueErrorRecordRegister.OFFSET))).isEqualTo(0x77);
        rig.submitWait(9);
        assertThat(rig.memory.get32(Rig.STATUS)).isEqualTo(9);
        rig.write32(FaultStatusRegister.OFFSET, FaultStatusRegister.ICE.mask());
        assertThat(rig.faultStatus()).isZero();
    }

    @Test
    void switchingTheQueueOffResetsItsHead() {
        rig.start();
        rig.submitWait(1);
        rig.commandOff(GlobalCommandRegister.QIE.mask());
        assertThat(head()).isZero();
        assertThat(GlobalCommandRegister.QIE.isSet(rig.status())).isFalse();
        rig.startQueue();
        rig.submitWait(2);
        assertThat(rig.memory.get32(Rig.STATUS)).isEqualTo(2);
    }

    @Test
    void aStatusAddressOutsideMemoryGetsLost() {
        rig.start();
        rig.submit(Rig.waitFor(1, InvalidationWaitDescriptor.SW.mask()), Rig.MEMORY);
        rig.submitWait(2);
        assertThat(rig.memory.get32(Rig.STATUS)).isEqualTo(2);
    }

    @Test
    void aUnitWithoutQueueRefusesToSwitchItOn() {
        rig.close();
        var features = new Rig.Features();
        features.queue = false;
        rig = new Rig(features.build());
        assertThatThrownBy(() -> rig.command(GlobalCommandRegister.QIE.mask()))
                .isInstanceOf(IommuException.class).hasMessageContaining("GCMD_REG").hasMessageContaining("dmar0");
        assertThat(rig.status()).isZero();
    }
}
