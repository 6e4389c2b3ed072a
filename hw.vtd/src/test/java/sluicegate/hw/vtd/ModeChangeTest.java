package sluicegate.hw.vtd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static sluicegate.hw.vtd.Rig.RW;

import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.hw.common.Patience;
import sluicegate.hw.common.rig.TestDevice;
import sluicegate.hw.common.rig.WindowFilter;
import sluicegate.sim.vtd.TranslationEngine;
import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.GlobalCommandRegister;
import sluicegate.spec.vtd.GlobalStatusRegister;
import sluicegate.spec.vtd.InvalidationQueueAddressRegister;
import sluicegate.spec.vtd.InvalidationQueueTailRegister;
import sluicegate.spec.vtd.ProtectedMemoryEnableRegister;
import sluicegate.spec.vtd.RootTableAddressRegister;

/** One driver uses a unit in legacy mode and the next in scalable mode, or the other way round; devices never stop. */
class ModeChangeTest {
    private static final int NIC = 0x0010;
    private static final int GPU = 0x0198;
    private static final long IOVA = 0x1000;
    private static final long TARGET = 0x20_0000;

    /** How requests are kept from passing untranslated. */
    enum Way {
        IN_FLIGHT, PROTECTED_MEMORY, SILENCE;

        Rig rig() {
            var rig = Rig.scalable();
            return switch (this) {
                case IN_FLIGHT -> rig.cap(CapabilityRegister.ESRTPS, 1);
                case PROTECTED_MEMORY -> rig.cap(CapabilityRegister.PLMR, 1).cap(CapabilityRegister.PHMR, 1);
                case SILENCE -> rig.canSilence();
            };
        }
    }

    /**
     * Requests before and after each step of the switch go where {@code check} wants them, until it is over. Writes
     * that take faults off their registers count for none: they would never end.
     */
    private static Watch watch(Rig rig, LongConsumer check) {
        var watch = new Watch();
        var steps = Set.of(GlobalCommandRegister.OFFSET, RootTableAddressRegister.OFFSET, ProtectedMemoryEnableRegister.OFFSET,
                InvalidationQueueTailRegister.OFFSET, InvalidationQueueAddressRegister.OFFSET);
        LongConsumer dma = offset -> {
            if (steps.contains((int) offset) && !watch.over && !rig.isSilent()) {
                watch.requests++;
                check.accept(rig.read(NIC, IOVA));
            }
        };
        rig.registers(real -> new WindowFilter(real) {
            @Override
            public void write32(long offset, int value) {
                dma.accept(offset);
                super.write32(offset, value);
                dma.accept(offset);
            }

            @Override
            public void write64(long offset, long value) {
                dma.accept(offset);
                super.write64(offset, value);
                dma.accept(offset);
            }
        });
        return watch;
    }

    private static final class Watch {
        private int requests;
        private boolean over;

        void end() {
            over = true;
            assertThat(requests).isGreaterThan(10);
        }
    }

    private static TestDevice attached(VtdUnit unit) {
        var nic = Rig.device(unit, "nic", NIC);
        var domain = Rig.domain(unit, nic);
        Rig.map(domain, IOVA, TARGET, 1, RW);
        domain.attachDev(nic, Optional.empty());
        return nic;
    }

    private static int mode(Rig rig) {
        return (int) RootTableAddressRegister.TTM.get(rig.registers().read64(RootTableAddressRegister.OFFSET));
    }

    private static boolean isProtected(Rig rig) {
        return ProtectedMemoryEnableRegister.EPM.isSet(rig.registers().read32(ProtectedMemoryEnableRegister.OFFSET));
    }

    @ParameterizedTest
    @CsvSource({"IN_FLIGHT, true", "IN_FLIGHT, false", "PROTECTED_MEMORY, true", "PROTECTED_MEMORY, false", "SILENCE, true",
            "SILENCE, false"})
    void nothingPassesUntranslated(Way way, boolean scalableFirst) {
        try (var rig = way.rig().mayScale(scalableFirst)) {
            var first = rig.start();
            attached(first);
            assertThat(rig.read(NIC, IOVA)).isEqualTo(TARGET);
            first.leave(LeavePolicy.BLOCK);
            var watch = watch(rig, answer -> assertThat(answer).as("a fault").isNegative());
            var second = rig.mayScale(!scalableFirst).start();
            watch.end();
            assertThat(mode(rig)).isEqualTo(second.capabilities().tableMode()).isEqualTo(scalableFirst ? 0 : 1);
            assertThat(isProtected(rig)).isFalse();
            attached(second);
            assertThat(rig.read(NIC, IOVA)).isEqualTo(TARGET);
            second.leave(LeavePolicy.BLOCK);
            assertThat(rig.arena().allocatedBytes()).as("nothing of either but the fence").isEqualTo(4096);
        }
    }

    /** A unit that was left translating, as far as the next driver can't replace that in place, is blocked meanwhile. */
    @ParameterizedTest
    @EnumSource(names = {"PROTECTED_MEMORY", "SILENCE"})
    void whatWasLeftTranslatingIsBlockedOrTranslated(Way way) {
        try (var rig = way.rig()) {
            var first = rig.start();
            attached(first);
            first.leave(LeavePolicy.KEEP);
            watch(rig, answer -> assertThat(answer == TARGET || answer < 0).as("%x", answer).isTrue());
            rig.mayScale(false).start();
            assertThat(rig.read(NIC, IOVA)).isNegative();
        }
    }

    @Test
    void whereNothingKeepsDevicesFromSendingTheUnitStaysAsItIs() {
        try (var rig = Rig.scalable()) {
            var first = rig.start();
            attached(first);
            first.leave(LeavePolicy.BLOCK);
            watch(rig, answer -> assertThat(answer).isNegative());
            assertThatThrownBy(rig.mayScale(false)::start).isInstanceOfSatisfying(IommuException.class,
                    e -> assertThat(e.errno()).isEqualTo(Errno.EBUSY))
                    .hasMessageContainingAll("rig:dmar0", "scalable mode", "legacy mode", "i2c controller", "CAP_REG.ESRTPS");
            assertThat(mode(rig)).isEqualTo(RootTableAddressRegister.SCALABLE_MODE);
            assertThat(rig.arena().allocatedBytes()).as("the fence").isEqualTo(4096);
            attached(rig.registers(real -> real).mayScale(true).start());
            assertThat(rig.read(NIC, IOVA)).isEqualTo(TARGET);
        }
    }

    /** The unit does not come on again: devices find memory protected, and later a driver that lifts that. */
    @Test
    void whereTranslationDoesNotComeOnAgainMemoryStaysProtected() {
        try (var rig = Way.PROTECTED_MEMORY.rig()) {
            var first = rig.start();
            attached(first);
            first.leave(LeavePolicy.BLOCK);
            rig.registers(real -> new WindowFilter(real) {
                @Override
                public void write32(long offset, int value) {
                    boolean on = GlobalCommandRegister.TE.isSet(value)
                            && !GlobalStatusRegister.TES.isSet(read32(GlobalStatusRegister.OFFSET));
                    if (offset != GlobalCommandRegister.OFFSET || !on) {
                        super.write32(offset, value);
                    }
                }
            });
            assertThatThrownBy(rig.mayScale(false)::start).hasMessageContaining("TES");
            assertThat(rig.read(NIC, IOVA)).isEqualTo(TranslationEngine.PROTECTED);
            attached(rig.registers(real -> real).start());
            assertThat(rig.read(NIC, IOVA)).isEqualTo(TARGET);
        }
    }

    /** With ESRTPS: every request meets the old tables or the new ones, which say the same. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aUnitThatChangesItsModeInFlightIsTakenOverInPlace(boolean scalableFirst) {
        try (var rig = Way.IN_FLIGHT.rig().ecap(ExtendedCapabilityRegister.PRS, 1).mayScale(scalableFirst)) {
            var first = rig.start();
            attached(first);
            first.leave(LeavePolicy.KEEP);
            assertThat(driver(!scalableFirst).obstacle(rig.context().unit())).isEmpty();
            var watch = watch(rig, answer -> assertThat(answer).isEqualTo(TARGET));
            var second = rig.held().mayScale(!scalableFirst).start();
            attached(second);
            var gpu = Rig.probed(second, new TestDevice("gpu", 0x030000).withTlb(16), GPU);
            var other = Rig.domain(second, gpu);
            Rig.map(other, IOVA, 0x30_0000, 1, RW);
            other.attachDev(gpu, Optional.empty());
            assertThat(gpu.atsEnabled()).as("asking while tables of the other mode are in use").isFalse();
            Rig.unmap(other, IOVA, 1);
            assertThat(mode(rig)).isNotEqualTo(second.capabilities().tableMode());
            second.adopted();
            assertThat(mode(rig)).isEqualTo(second.capabilities().tableMode());
            assertThat(gpu.atsEnabled()).isTrue();
            assertThat(gpu.pasidEnabled()).isEqualTo(!scalableFirst);
            watch.end();
            assertThat(rig.read(NIC, IOVA)).isEqualTo(TARGET);
            if (!scalableFirst) {
                other.setDevPasid(gpu, 7, Optional.empty());
                Rig.map(other, IOVA, 0x40_0000, 1, RW);
                assertThat(rig.read(GPU, 7, IOVA)).isEqualTo(0x40_0000);
                Rig.unmap(other, IOVA, 1);
                assertThat(rig.read(GPU, 7, IOVA)).as("it is told of invalidations again").isNegative();
            }
            second.leave(LeavePolicy.BLOCK);
            assertThat(rig.arena().allocatedBytes()).isEqualTo(4096);
        }
    }

    /** A device that loses its domain before the switch must not be told to ask after it. */
    @Test
    void whatADeviceWasToBeToldIsForgottenWithItsDomain() {
        try (var rig = Way.IN_FLIGHT.rig().mayScale(false)) {
            rig.start().leave(LeavePolicy.KEEP);
            var second = rig.held().mayScale(true).start();
            var gpu = Rig.probed(second, new TestDevice("gpu", 0x030000).withTlb(16), GPU);
            Rig.domain(second, gpu).attachDev(gpu, Optional.empty());
            second.blockedDomain().attachDev(gpu, Optional.empty());
            second.adopted();
            assertThat(gpu.atsEnabled()).isFalse();
            assertThat(rig.model().translate(GPU, Pasid.NONE, IOVA, 1)).isNegative();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void otherUnitsAreNot(boolean scalableFirst) {
        try (var rig = Rig.scalable().mayScale(scalableFirst)) {
            rig.start().leave(LeavePolicy.KEEP);
            assertThat(driver(!scalableFirst).obstacle(rig.context().unit())).hasValueSatisfying(why -> assertThat(why)
                    .contains("translates in " + (scalableFirst ? "scalable" : "legacy"), "CAP_REG.ESRTPS is 0"));
            assertThat(driver(scalableFirst).obstacle(rig.context().unit())).isEmpty();
        }
    }

    private static VtdDriver driver(boolean mayScale) {
        return new VtdDriver(Patience.ofMillis(1000), mayScale);
    }
}
