package sluicegate.hw.vtd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static sluicegate.hw.vtd.AttachTest.assertErrno;

import org.junit.jupiter.api.Test;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.hw.common.rig.SharedQueue;
import sluicegate.spec.vtd.DescriptorType;
import sluicegate.spec.vtd.DeviceTlbInvalidateDescriptor;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.FaultStatusRegister;
import sluicegate.spec.vtd.IotlbInvalidateDescriptor;

class InvalidationQueueTest {
    private static final int BROKEN = 0x0118;

    private static InvalidationQueue queue(VtdUnit unit) {
        return (InvalidationQueue) unit.invalidator();
    }

    @Test
    void theRingGoesRoundManyTimes() {
        try (var rig = new Rig()) {
            var unit = rig.start();
            for (int i = 0; i < 1000; i++) {
                unit.invalidator().iotlbDomain(2);
            }
            assertThat(rig.registers().read64(0x80)).isEqualTo(rig.registers().read64(0x88));
        }
    }

    @Test
    void aRefusedDescriptorIsAnErrorOfItsSubmitterAndTheQueueGoesOn() {
        try (var rig = new Rig()) {
            var unit = rig.start();
            assertThatExceptionOfType(IommuException.class).isThrownBy(() -> queue(unit).submit(0xf, 0))
                    .withMessageContaining("type of a descriptor").matches(e -> e.errno() == Errno.EINVAL);
            assertThatExceptionOfType(IommuException.class)
                    .isThrownBy(() -> queue(unit).submit(DescriptorType.CONTEXT_CACHE | 1 << 8 | 1 << 4, 0))
                    .withMessageContaining("reserved field").matches(e -> e.errno() == Errno.EINVAL);
            assertThat(FaultStatusRegister.IQE.isSet(rig.registers().read32(FaultStatusRegister.OFFSET))).isFalse();
            for (int i = 0; i < 300; i++) {
                unit.invalidator().iotlbDomain(2);
            }
        }
    }

    @Test
    void severalDescriptorsHaveOneWaitAlsoAcrossTheEndOfTheRing() {
        try (var rig = new Rig()) {
            var queue = queue(rig.start());
            long low = IotlbInvalidateDescriptor.G.set(DescriptorType.IOTLB, IotlbInvalidateDescriptor.DOMAIN);
            long[] commands = {low, 0, low, 0, low, 0, low, 0};
            long tail = rig.registers().read64(0x88);
            queue.run(commands, 4);
            assertThat(rig.registers().read64(0x88) - tail).as("five descriptors").isEqualTo(5 * 16);
            for (int i = 0; i < 300; i++) {
                queue.run(commands, 1 + i % 4);
            }
            assertThat(rig.registers().read64(0x80)).isEqualTo(rig.registers().read64(0x88));
        }
    }

    @Test
    void oneOfSeveralThatIsRefusedFailsThemTogetherAndTheQueueGoesOn() {
        try (var rig = new Rig()) {
            var queue = queue(rig.start());
            long good = IotlbInvalidateDescriptor.G.set(DescriptorType.IOTLB, IotlbInvalidateDescriptor.DOMAIN);
            for (int offender = 0; offender < 3; offender++) {
                var commands = new long[] {good, 0, good, 0, good, 0};
                commands[2 * offender] = 0xf;
                assertErrno(Errno.EINVAL, () -> queue.run(commands, 3));
                commands[2 * offender] = good;
                queue.run(commands, 3);
            }
            assertThat(rig.registers().read64(0x80)).isEqualTo(rig.registers().read64(0x88));
        }
    }

    @Test
    void aDeviceTlbThatDoesNotAnswerFailsWhatWasToBeDoneWithIt() {
        try (var rig = new Rig().ecap(ExtendedCapabilityRegister.DT, 1)) {
            var queue = queue(rig.start());
            rig.model().invalidationQueue().silence(BROKEN, true);
            long good = IotlbInvalidateDescriptor.G.set(DescriptorType.IOTLB, IotlbInvalidateDescriptor.DOMAIN);
            long broken = DeviceTlbInvalidateDescriptor.SID.set(DescriptorType.DEVICE_TLB, BROKEN);
            assertErrno(Errno.ETIMEDOUT, () -> queue.run(new long[] {broken, 0, good, 0}, 2));
            queue.run(new long[] {good, 0, good, 0}, 2);
        }
    }

    @Test
    void aDeviceTlbThatDoesNotAnswerIsTriedAgainAndThenATimeOut() {
        try (var rig = new Rig().ecap(ExtendedCapabilityRegister.DT, 1)) {
            var unit = rig.start();
            rig.model().invalidationQueue().silence(BROKEN, true);
            long low = DeviceTlbInvalidateDescriptor.SID.set(DescriptorType.DEVICE_TLB, BROKEN);
            assertErrno(Errno.ETIMEDOUT, () -> queue(unit).submit(low, 0));
            unit.invalidator().iotlbDomain(2);
            rig.model().invalidationQueue().silence(BROKEN, false);
            queue(unit).submit(low, 0);
        }
    }

    @Test
    void anUnexpectedAnswerStopsNothing() {
        try (var rig = new Rig().ecap(ExtendedCapabilityRegister.DT, 1)) {
            var unit = rig.start();
            rig.model().invalidationQueue().completeUnasked(BROKEN);
            unit.invalidator().iotlbDomain(2);
            assertErrno(Errno.EINVAL, () -> queue(unit).submit(0xf, 0));
            assertThat(rig.registers().read32(FaultStatusRegister.OFFSET) & 0x70).as("all errors acknowledged").isZero();
        }
    }

    @Test
    void threadsShareTheQueueAndOnlyTheOffenderFails() throws Exception {
        try (var rig = new Rig()) {
            var unit = rig.startInRealTime();
            SharedQueue.onlyTheOffenderFails(400, 8,
                    round -> unit.invalidator().iotlb(IotlbInvalidateDescriptor.DOMAIN, 2, 0, 0, false),
                    round -> queue(unit).submit(0xf, round));
        }
    }
}
