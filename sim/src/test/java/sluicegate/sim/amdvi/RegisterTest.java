package sluicegate.sim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.EnumSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.AmdviFlag;
import sluicegate.spec.amdvi.AmdviRegisters;
import sluicegate.spec.amdvi.ControlRegister;
import sluicegate.spec.amdvi.DeviceTableBaseRegister;
import sluicegate.spec.amdvi.DeviceTableSegmentRegister;
import sluicegate.spec.amdvi.ExtendedFeatureRegister;
import sluicegate.spec.amdvi.PprLogBaseRegister;
import sluicegate.spec.amdvi.StatusRegister;

/** The register window (3.4): what the unit says about itself, and which bits can be written. */
class RegisterTest {
    private final Rig rig = new Rig();

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void featuresAreThoseOfTheDescription() {
        long features = rig.register(ExtendedFeatureRegister.OFFSET);
        assertThat(ExtendedFeatureRegister.hostLevels(features)).isEqualTo(6);
        assertThat(ExtendedFeatureRegister.guestLevels(features)).isEqualTo(5);
        assertThat(ExtendedFeatureRegister.gcr3Levels(features)).isEqualTo(3);
        assertThat(ExtendedFeatureRegister.pasidBits(features)).isEqualTo(20);
        assertThat(ExtendedFeatureRegister.LAYOUT.reservedMask(0) & features).isZero();
        assertThat(ExtendedFeatureRegister.PCSUP.isSet(features)).as("what the model does not have").isFalse();
        try (var poor = new Rig(Rig.features(EnumSet.noneOf(AmdviFlag.class), 1))) {
            assertThat(ExtendedFeatureRegister.LAYOUT.describe(ExtendedFeatureRegister.DEVTBLSEGSUP.clear(
                    poor.register(ExtendedFeatureRegister.OFFSET)))).isEqualTo("HATS=0x2 GATS=0x1");
        }
    }

    @Test
    void everyRegisterCanBeReadAndWritten() {
        for (var register : AmdviRegisters.ALL) {
            if (register == ControlRegister.REGISTER) {
                continue;
            }
            if (register.bytes() == 8) {
                rig.unit.registers().write64(register.offset(), -1L);
                assertThat(rig.unit.registers().read64(register.offset()) & register.layout().reservedMask(0))
                        .as(register.toString()).isZero();
                rig.unit.registers().write64(register.offset(), 0);
            } else {
                rig.unit.registers().write32(register.offset(), -1);
                rig.unit.registers().read32(register.offset());
            }
        }
    }

    @Test
    void registersCanBeWrittenByHalves() {
        rig.unit.registers().write32(DeviceTableBaseRegister.OFFSET + 4, 0x1);
        rig.unit.registers().write32(DeviceTableBaseRegister.OFFSET, 0x4000_01ff);
        assertThat(rig.register(DeviceTableBaseRegister.OFFSET)).isEqualTo(0x1_4000_01ffL);
        assertThat(rig.unit.registers().read32(DeviceTableBaseRegister.OFFSET + 4)).isEqualTo(1);
    }

    @Test
    void controlBitsOfMissingFeaturesStayZero() {
        rig.setRegister(ControlRegister.OFFSET, -1L & ~1);
        assertThat(rig.register(ControlRegister.OFFSET) & ControlRegister.LAYOUT.reservedMask(0)).isZero();
        try (var poor = new Rig(Rig.features(EnumSet.noneOf(AmdviFlag.class), 1))) {
            poor.setRegister(ControlRegister.OFFSET, -1L);
            assertThat(poor.register(ControlRegister.OFFSET)).isEqualTo(0x1fff | ControlRegister.DEVTBLSEGEN.mask());
            poor.setRegister(PprLogBaseRegister.OFFSET, 0x1000);
            assertThat(poor.register(PprLogBaseRegister.OFFSET)).as("there is no such log").isZero();
        }
    }

    @Test
    void segmentsBeyondTheUnitsCannotBeWritten() {
        rig.setRegister(DeviceTableSegmentRegister.offset(7), 0x10_0001);
        assertThat(rig.register(DeviceTableSegmentRegister.offset(7))).isEqualTo(0x10_0001);
        var features = AmdviCapabilities.of(Rig.features());
        long one = ExtendedFeatureRegister.DEVTBLSEGSUP.set(features.features(), 1);
        try (var two = new Rig(new AmdviCapabilities(one, 0, features.header()))) {
            two.setRegister(DeviceTableSegmentRegister.offset(1), 0x10_0001);
            two.setRegister(DeviceTableSegmentRegister.offset(2), 0x10_0001);
            assertThat(two.register(DeviceTableSegmentRegister.offset(1))).isEqualTo(0x10_0001);
            assertThat(two.register(DeviceTableSegmentRegister.offset(2))).isZero();
        }
    }

    @Test
    void whatRunsIsReadOnly() {
        rig.setRegister(StatusRegister.OFFSET, -1L);
        assertThat(rig.register(StatusRegister.OFFSET)).isZero();
        rig.start();
        rig.setRegister(StatusRegister.OFFSET, -1L);
        assertThat(StatusRegister.LAYOUT.describe(rig.register(StatusRegister.OFFSET)))
                .isEqualTo("EVENTLOGRUN=1 CMDBUFRUN=1 PPRLOGRUN=1");
    }

    @Test
    void whereNoRegisterIsAccessesAreErrors() {
        assertThatExceptionOfType(IommuException.class).isThrownBy(() -> rig.register(0x3000)).withMessageContaining("ivhd0");
        assertThatExceptionOfType(IommuException.class).isThrownBy(() -> rig.register(0x4000));
        assertThatExceptionOfType(IommuException.class).isThrownBy(() -> rig.register(0x1c));
    }
}
