package sluicegate.sim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.platform.DmaMaster.AtsCompletion;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.amdvi.DeviceTableEntry;
import sluicegate.spec.amdvi.EventCode;
import sluicegate.spec.amdvi.EventFlags;
import sluicegate.spec.amdvi.HostPageEntry;
import sluicegate.spec.amdvi.InvalidDeviceRequestEvent;

/** Translation requests of devices, and requests whose address they have translated themselves. */
class AtsTest {
    private static final long IOVA = 0x4000_0000L;
    private static final int RW = Prot.READ | Prot.WRITE;
    private final Rig rig = new Rig().start();

    @AfterEach
    void close() {
        rig.close();
    }

    private AtsCompletion ask(int pasid, long iova, boolean noWrite) {
        return rig.unit.translationRequest(Rig.DEVICE, pasid, iova, noWrite);
    }

    @Test
    void aDeviceLearnsPageSizeAndPermissions() {
        rig.entry(Rig.DOMAIN, IOVA, 1, 0x70_0000 | Rig.PR | Rig.RW);
        assertThat(ask(Pasid.NONE, IOVA + 0x123, false)).isEqualTo(new AtsCompletion(DmaStatus.OK, 0x70_0000, 4096, RW));
        assertThat(ask(Pasid.NONE, IOVA, true).prot()).isEqualTo(Prot.READ);
        rig.entry(Rig.DOMAIN, IOVA + 0x1000, 1, 0x71_0000 | Rig.PR | Rig.R);
        assertThat(ask(Pasid.NONE, IOVA + 0x1000, false)).isEqualTo(new AtsCompletion(DmaStatus.OK, 0x71_0000, 4096, Prot.READ));
        for (int i = 0; i < 16; i++) {
            rig.entry(Rig.DOMAIN, 0x1_0000 + i * 0x1000L, 1, HostPageEntry.sizedPage(0x3_0000, 16) | Rig.PR | Rig.RW);
        }
        assertThat(ask(Pasid.NONE, 0x1_2345, false)).isEqualTo(new AtsCompletion(DmaStatus.OK, 0x3_0000, 0x1_0000, RW));
        assertThat(rig.events()).isEmpty();
    }

    @Test
    void whatIsNotThereIsNoFault() {
        assertThat(ask(Pasid.NONE, IOVA, false)).isEqualTo(new AtsCompletion(DmaStatus.OK, 0, 4096, 0));
        rig.entry(Rig.DOMAIN, IOVA, 1, 0x70_0000 | Rig.PR);
        assertThat(ask(Pasid.NONE, IOVA, false).prot()).isZero();
        assertThat(rig.events()).isEmpty();
        rig.entry(Rig.DOMAIN, IOVA + 0x1000, 1, 0x70_0000 | Rig.PR | Rig.RW | 1L << 55);
        assertThat(ask(Pasid.NONE, IOVA + 0x1000, false).prot()).isZero();
        assertThat(rig.event().flags()).as("but an entry in error is: translation, reserved, write, present").isEqualTo(0x1b0);
    }

    @Test
    void withoutThePermissionRequestsAreUnsupported() {
        rig.changeDte(Rig.DEVICE, 1, 0, DeviceTableEntry.I.mask());
        assertThat(ask(Pasid.NONE, IOVA, false).status()).isEqualTo(DmaStatus.FAULT);
        var event = rig.event();
        assertThat(event.code()).isEqualTo(EventCode.INVALID_DEVICE_REQUEST);
        assertThat(EventFlags.TR.isSet(event.low())).isTrue();
        assertThat(rig.unit.translated(Rig.DEVICE, Pasid.NONE, 0x70_0000, RequestAccess.READ)).isNegative();
        assertThat(InvalidDeviceRequestEvent.TYPE.get(rig.event().low())).as("pretranslated").isEqualTo(1);
        rig.dte(Rig.DEVICE, 0, 0, 0, 0);
        rig.invalidateEntry(Rig.DEVICE);
        assertThat(ask(Pasid.NONE, IOVA, false).status()).isEqualTo(DmaStatus.FAULT);
        assertThat(rig.unit.translated(Rig.DEVICE, Pasid.NONE, 0x70_0000, RequestAccess.READ)).as("nor without V").isNegative();
    }

    @Test
    void translatedRequestsPassIfTheyAreAllowed() {
        assertThat(rig.unit.translated(Rig.DEVICE, Pasid.NONE, 0x70_0000, RequestAccess.WRITE)).isEqualTo(0x70_0000);
        assertThat(rig.unit.settle(rig.unit.translated(Rig.DEVICE, Pasid.NONE, 1L << 52, RequestAccess.WRITE)))
                .isEqualTo(sluicegate.sim.unit.UnitModel.Refusal.NO_TARGET);
        rig.changeDte(Rig.DEVICE, 0, 1L << 63, 0);
        rig.invalidateEntry(Rig.DEVICE);
        assertThat(rig.unit.translated(Rig.DEVICE, Pasid.NONE, 0x70_0000, RequestAccess.WRITE)).isNegative();
        assertThat(rig.event().code()).isEqualTo(EventCode.ILLEGAL_DEV_TABLE_ENTRY);
    }

    @Test
    void theInterruptRangeIsNotTranslated() {
        assertThat(ask(Pasid.NONE, 0xfee0_1000L, false).status()).isEqualTo(DmaStatus.FAULT);
        assertThat(InvalidDeviceRequestEvent.TYPE.get(rig.event().low())).isEqualTo(1);
    }

    @Test
    void translationsForAPasid() {
        rig.guest(Rig.DEVICE, Rig.DOMAIN, 0, 0);
        long leaf = rig.guestEntry(Rig.DOMAIN, 3, IOVA, 1, 0x70_0000 | Rig.USER);
        assertThat(ask(3, IOVA, true)).isEqualTo(new AtsCompletion(DmaStatus.OK, 0x70_0000, 4096, Prot.READ));
        assertThat(rig.memory.get64(leaf) & 0x60).as("not dirty before writing is asked for").isEqualTo(0x20);
        assertThat(ask(3, IOVA, false).prot()).isEqualTo(RW);
        assertThat(rig.memory.get64(leaf) & 0x60).isEqualTo(0x60);
        assertThat(ask(Pasid.NONE, 0x9000, false)).as("what passes").isEqualTo(new AtsCompletion(DmaStatus.OK, 0x9000, 4096, RW));
    }

    @Test
    void aUnitThatIsOffTranslatesNothing() {
        rig.clearControl(1);
        assertThat(ask(Pasid.NONE, IOVA, false).status()).isEqualTo(DmaStatus.FAULT);
        assertThat(rig.unit.translated(Rig.DEVICE, Pasid.NONE, 0x70_0000, RequestAccess.READ)).isEqualTo(0x70_0000);
    }

    @Test
    void aMessageOfAWrongFormIsReported() {
        assertThat(rig.unit.refuseMessage(Rig.DEVICE, Pasid.NONE, 0xfee0_0002L, RequestAccess.WRITE)).isEqualTo(DmaStatus.FAULT);
        assertThat(rig.event().code()).isEqualTo(EventCode.INVALID_DEVICE_REQUEST);
        rig.clearControl(1);
        assertThat(rig.unit.refuseMessage(Rig.DEVICE, Pasid.NONE, 0xfee0_0002L, RequestAccess.WRITE)).isEqualTo(DmaStatus.NO_TARGET);
    }
}
