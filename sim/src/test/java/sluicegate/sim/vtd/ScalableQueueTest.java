package sluicegate.sim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.spec.vtd.DescriptorType;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.FaultStatusRegister;
import sluicegate.spec.vtd.GlobalCommandRegister;
import sluicegate.spec.vtd.InvalidationQueueError;
import sluicegate.spec.vtd.InvalidationQueueErrorRecordRegister;
import sluicegate.spec.vtd.InvalidationQueueHeadRegister;
import sluicegate.spec.vtd.InvalidationQueueTailRegister;
import sluicegate.spec.vtd.InvalidationWaitDescriptor;
import sluicegate.spec.vtd.IotlbInvalidateDescriptor;
import sluicegate.spec.vtd.PasidDeviceTlbInvalidateDescriptor;
import sluicegate.spec.vtd.PasidIotlbInvalidateDescriptor;
import sluicegate.spec.vtd.RootTableAddressRegister;

/** Descriptors of scalable mode as a driver sees them: what is carried out, and what stops the queue with which error. */
class ScalableQueueTest {
    private ScalableRig rig = new ScalableRig();

    @AfterEach
    void close() {
        rig.close();
    }

    private void assertStopped(InvalidationQueueError error) {
        assertThat(FaultStatusRegister.IQE.isSet(rig.rig.faultStatus())).isTrue();
        long record = rig.rig.read64(InvalidationQueueErrorRecordRegister.OFFSET);
        assertThat(InvalidationQueueError.of(InvalidationQueueErrorRecordRegister.IQEI.get(record))).contains(error);
        assertThat(rig.rig.read64(InvalidationQueueHeadRegister.OFFSET)).isZero();
    }

    private void assertCarriedOut() {
        assertThat(rig.rig.faultStatus()).isZero();
        assertThat(rig.rig.read64(InvalidationQueueHeadRegister.OFFSET)).isEqualTo(rig.tail());
    }

    private static long descriptor(int type) {
        return switch (type) {
            case DescriptorType.PASID_IOTLB ->
                    ScalableRig.pasidIotlb(PasidIotlbInvalidateDescriptor.PASID_SELECTIVE, 5, 0x77);
            case DescriptorType.IOTLB -> Rig.iotlbInvalidate(IotlbInvalidateDescriptor.GLOBAL, 0);
            default -> type;
        };
    }

    @ParameterizedTest
    @ValueSource(ints = {DescriptorType.PASID_IOTLB, DescriptorType.PASID_CACHE, DescriptorType.PASID_DEVICE_TLB})
    void descriptorsOfScalableMode(int type) {
        rig.start();
        rig.submit(descriptor(type), 0);
        assertCarriedOut();
    }

    @ParameterizedTest
    @ValueSource(ints = {DescriptorType.PASID_IOTLB, DescriptorType.PASID_CACHE, DescriptorType.PASID_DEVICE_TLB})
    void theyNeedTablesOfScalableMode(int type) {
        rig.start();
        rig.setRoot(ScalableRig.ROOT, RootTableAddressRegister.LEGACY_MODE);
        rig.submit(descriptor(type), 0);
        assertStopped(InvalidationQueueError.INVALID_TYPE);
    }

    @Test
    void withATableModeThatDoesNotExistNothingIsCarriedOut() {
        rig.start();
        rig.setRoot(ScalableRig.ROOT, 0b10);
        rig.submit(descriptor(DescriptorType.IOTLB), 0);
        assertStopped(InvalidationQueueError.INVALID_TABLE_MODE);
    }

    @Test
    void abortModeKnowsThemAll() {
        rig.start();
        rig.setRoot(ScalableRig.ROOT, RootTableAddressRegister.ABORT_DMA_MODE);
        for (int type : new int[] {DescriptorType.PASID_IOTLB, DescriptorType.PASID_CACHE, DescriptorType.IOTLB}) {
            rig.submit(descriptor(type), 0);
        }
        assertCarriedOut();
    }

    @ParameterizedTest
    @ValueSource(ints = {DescriptorType.PASID_IOTLB, DescriptorType.PASID_CACHE, DescriptorType.PASID_DEVICE_TLB,
        DescriptorType.PAGE_GROUP_RESPONSE})
    void unitsWithoutScalableModeDoNotKnowThem(int type) {
        try (var legacy = new Rig()) {
            legacy.start();
            legacy.submit(descriptor(type), 0);
            long record = legacy.read64(InvalidationQueueErrorRecordRegister.OFFSET);
            assertThat(InvalidationQueueErrorRecordRegister.IQEI.get(record))
                    .isEqualTo(InvalidationQueueError.INVALID_TYPE.code());
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 12", "1, 130", "2, 75", "2, 255", "3, 66", "3, 191", "5, 8", "5, 200", "6, 6", "6, 12", "6, 52", "6, 71",
        "6, 128", "7, 8", "7, 60", "7, 64", "7, 192", "8, 65", "8, 74", "8, 128"})
    void reservedBitsOfDescriptors(int type, int bit) {
        rig.start();
        long[] words = {descriptor(type), 0, 0, 0};
        if (type == DescriptorType.CONTEXT_CACHE) {
            words[0] = Rig.contextInvalidate(1, 0, 0, 0);
        }
        words[bit / 64] |= 1L << bit % 64;
        rig.submit(words[0], words[1], words[2], words[3]);
        assertStopped(InvalidationQueueError.RESERVED_FIELD);
    }

    @ParameterizedTest
    @CsvSource({"6, 0", "6, 1", "7, 2"})
    void granularitiesThatDoNotExist(int type, int granularity) {
        rig.start();
        rig.submit(type | granularity << 4, 0);
        assertStopped(InvalidationQueueError.RESERVED_FIELD);
    }

    @Test
    void anAddressMaskHasABound() {
        rig.start();
        long low = ScalableRig.pasidIotlb(PasidIotlbInvalidateDescriptor.PAGE, 5, 1);
        rig.submit(low, PasidIotlbInvalidateDescriptor.AM.set(0, 18));
        assertCarriedOut();
        rig.close();
        rig = new ScalableRig().start();
        rig.submit(low, PasidIotlbInvalidateDescriptor.AM.set(0, 19));
        assertStopped(InvalidationQueueError.RESERVED_FIELD);
    }

    @Test
    void narrowQueuesAreForLegacyModeAlone() {
        rig.start();
        rig.rig.commandOff(GlobalCommandRegister.QIE.mask());
        rig.rig.startQueue();
        rig.rig.submitWait(7);
        assertStopped(InvalidationQueueError.INVALID_WIDTH);
        assertThat(rig.memory.get32(Rig.STATUS)).isZero();
        rig.setRoot(ScalableRig.ROOT, RootTableAddressRegister.LEGACY_MODE);
        rig.rig.write32(FaultStatusRegister.OFFSET, FaultStatusRegister.IQE.mask());
        assertThat(rig.rig.faultStatus()).isZero();
        assertThat(rig.memory.get32(Rig.STATUS)).as("it goes on").isEqualTo(7);
    }

    @Test
    void wideDescriptorsStandAtMultiplesOf32Bytes() {
        rig.start();
        rig.rig.write64(InvalidationQueueTailRegister.OFFSET, 0x10);
        assertStopped(InvalidationQueueError.MISALIGNED_TAIL);
    }

    @Test
    void aWaitCanDrainPageRequestsWhereTheUnitKnowsHow() {
        rig.start();
        rig.submit(Rig.waitFor(7, InvalidationWaitDescriptor.SW.mask() | InvalidationWaitDescriptor.FN.mask()
                | InvalidationWaitDescriptor.PD.mask()), Rig.STATUS);
        assertCarriedOut();
        assertThat(rig.memory.get32(Rig.STATUS)).isEqualTo(7);
        rig.close();
        rig = new ScalableRig(ScalableRig.without(ExtendedCapabilityRegister.PDS)).start();
        rig.submit(Rig.waitFor(7, InvalidationWaitDescriptor.PD.mask()), 0);
        assertStopped(InvalidationQueueError.RESERVED_FIELD);
    }

    @Test
    void aDeviceThatDoesNotAnswerStopsTheQueueBehindTheWait() {
        rig.start();
        rig.unit.invalidationQueue().silence(ScalableRig.SID, true);
        long low = PasidDeviceTlbInvalidateDescriptor.SID.set(descriptor(DescriptorType.PASID_DEVICE_TLB), ScalableRig.SID);
        rig.submit(low, 0);
        rig.submit(Rig.waitFor(7, InvalidationWaitDescriptor.SW.mask()), Rig.STATUS);
        assertThat(FaultStatusRegister.ITE.isSet(rig.rig.faultStatus())).isTrue();
        assertThat(rig.memory.get32(Rig.STATUS)).isZero();
        long record = rig.rig.read64(InvalidationQueueErrorRecordRegister.OFFSET);
        assertThat(InvalidationQueueErrorRecordRegister.ITESID.get(record)).isEqualTo(ScalableRig.SID);
    }

    @Test
    void deviceTlbDescriptorsNeedDeviceTlbs() {
        rig.close();
        rig = new ScalableRig(ScalableRig.without(ExtendedCapabilityRegister.DT)).start();
        rig.submit(descriptor(DescriptorType.PASID_DEVICE_TLB), 0);
        assertStopped(InvalidationQueueError.INVALID_TYPE);
    }

    @Test
    void pageGroupResponsesNeedPageRequests() {
        rig.close();
        rig = new ScalableRig(ScalableRig.without(ExtendedCapabilityRegister.PRS)).start();
        rig.submit(DescriptorType.PAGE_GROUP_RESPONSE, 0);
        assertStopped(InvalidationQueueError.INVALID_TYPE);
    }
}
