package sluicegate.sim.vtd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.ContextCommandRegister;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.FaultStatusRegister;
import sluicegate.spec.vtd.GlobalCommandRegister;
import sluicegate.spec.vtd.GlobalStatusRegister;
import sluicegate.spec.vtd.InvalidationQueueAddressRegister;
import sluicegate.spec.vtd.IotlbInvalidateRegister;
import sluicegate.spec.vtd.ProtectedMemoryEnableRegister;
import sluicegate.spec.vtd.RootTableAddressRegister;
import sluicegate.spec.vtd.VersionRegister;

/** The register window: what can be read and written, and what one clear message refuses. */
class RegisterAccessTest {
    private final Rig rig = new Rig();

    @AfterEach
    void close() {
        rig.close();
    }

    private static void assertInvalid(ThrowingCallable access, String... words) {
        assertThatThrownBy(access).isInstanceOfSatisfying(IommuException.class,
                e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL)).hasMessageContainingAll(words);
    }

    @Test
    void capabilitiesSayWhatTheFeaturesSay() {
        long cap = rig.read64(CapabilityRegister.OFFSET);
        assertThat(CapabilityRegister.domainCount(cap)).isEqualTo(256);
        assertThat(CapabilityRegister.guestAddressWidth(cap)).isEqualTo(48);
        assertThat(CapabilityRegister.SAGAW.get(cap)).isEqualTo(0b00110);
        assertThat(CapabilityRegister.faultRecordingCount(cap)).isEqualTo(4);
        assertThat(CapabilityRegister.supports1G(cap)).isTrue();
        long ecap = rig.read64(ExtendedCapabilityRegister.OFFSET);
        assertThat(ExtendedCapabilityRegister.QI.isSet(ecap)).isTrue();
        assertThat(ExtendedCapabilityRegister.DT.isSet(ecap)).isFalse();
        assertThat(VersionRegister.MAX.get(rig.read32(VersionRegister.OFFSET))).isPositive();
    }

    @Test
    void wideRegistersCanBeWrittenByHalves() {
        rig.write32(RootTableAddressRegister.OFFSET, 0x1234_5000);
        rig.write32(RootTableAddressRegister.OFFSET + 4, 0x6);
        assertThat(rig.read64(RootTableAddressRegister.OFFSET)).isEqualTo(0x6_1234_5000L);
        assertThat(rig.read32(RootTableAddressRegister.OFFSET + 4)).isEqualTo(6);
    }

    @Test
    void aRootTableTakesEffectWithItsCommand() {
        rig.start();
        rig.entry(Rig.DID, 0x1000, 1, 0x5000 | Rig.RW);
        rig.write64(RootTableAddressRegister.OFFSET, Rig.MEMORY);
        assertThat(rig.request(0x1000, RequestAccess.READ)).isEqualTo(0x5000);
        assertThat(GlobalStatusRegister.RTPS.isSet(rig.status())).isTrue();
    }

    @Test
    void translationGoesOnAndOff() {
        rig.start();
        assertThat(GlobalStatusRegister.TES.isSet(rig.status())).isTrue();
        assertThat(rig.request(0x1000, RequestAccess.READ)).isNegative();
        rig.commandOff(GlobalCommandRegister.TE.mask());
        assertThat(GlobalStatusRegister.TES.isSet(rig.status())).isFalse();
        assertThat(rig.request(0x1000, RequestAccess.READ)).isEqualTo(0x1000);
    }

    @Test
    void writeBufferFlushIsDoneAtOnceAndAbsentFeaturesStayOff() {
        rig.command(GlobalCommandRegister.WBF.mask());
        rig.command(GlobalCommandRegister.IRE.mask());
        rig.command(GlobalCommandRegister.EAFL.mask());
        assertThat(rig.status()).isZero();
        rig.write32(ProtectedMemoryEnableRegister.OFFSET, -1);
        assertThat(rig.read32(ProtectedMemoryEnableRegister.OFFSET)).isZero();
    }

    @Test
    void readOnlyRegistersIgnoreWrites() {
        rig.write64(CapabilityRegister.OFFSET, 0);
        rig.write32(GlobalStatusRegister.OFFSET, -1);
        assertThat(rig.read64(CapabilityRegister.OFFSET)).isEqualTo(rig.cap);
        assertThat(rig.status()).isZero();
    }

    @Test
    void whatIsNoRegisterIsRefusedByName() {
        assertInvalid(() -> rig.write32(0x0c0 + 0x340, 1), "dmar0", "0x400", "no register");
        assertInvalid(() -> rig.read32(4096), "0x1000", "outside");
        assertInvalid(() -> rig.write32(-4, 1), "outside");
        assertInvalid(() -> rig.write32(FaultStatusRegister.OFFSET + 2, 1), "FSTS_REG", "misaligned");
        assertInvalid(() -> rig.read64(CapabilityRegister.OFFSET + 4), "CAP_REG", "misaligned");
        assertInvalid(() -> rig.write64(GlobalCommandRegister.OFFSET, 0), "GCMD_REG", "4 bytes");
    }

    @Test
    void registerBasedInvalidationAndTheQueueExcludeEachOther() {
        rig.start();
        int iotlb = ExtendedCapabilityRegister.iotlbInvalidateOffset(rig.read64(ExtendedCapabilityRegister.OFFSET));
        assertInvalid(() -> rig.write64(iotlb, IotlbInvalidateRegister.IVT.mask() | 1L << 60), "IOTLB_REG", "dmar0", "QIE");
        assertInvalid(() -> rig.write64(ContextCommandRegister.OFFSET, ContextCommandRegister.ICC.mask() | 1L << 61),
                "CCMD_REG", "QIE");
        assertInvalid(() -> rig.write64(InvalidationQueueAddressRegister.OFFSET, 0x5000), "IQA_REG", "QIE");
        rig.submitWait(1);
        assertThat(rig.memory.get32(Rig.STATUS)).as("nothing else is disturbed").isEqualTo(1);
    }
}
