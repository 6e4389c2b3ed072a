package sluicegate.sim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.smmuv3.AidrRegister;
import sluicegate.spec.smmuv3.CmdqBaseRegister;
import sluicegate.spec.smmuv3.CmdqConsRegister;
import sluicegate.spec.smmuv3.CmdqProdRegister;
import sluicegate.spec.smmuv3.CommandError;
import sluicegate.spec.smmuv3.Cr0AckRegister;
import sluicegate.spec.smmuv3.Cr0Register;
import sluicegate.spec.smmuv3.Cr1Register;
import sluicegate.spec.smmuv3.Cr2Register;
import sluicegate.spec.smmuv3.EventqBaseRegister;
import sluicegate.spec.smmuv3.EventqProdRegister;
import sluicegate.spec.smmuv3.GbpaRegister;
import sluicegate.spec.smmuv3.GerrorIrqCfg0Register;
import sluicegate.spec.smmuv3.GerrorIrqCfg1Register;
import sluicegate.spec.smmuv3.GerrorNRegister;
import sluicegate.spec.smmuv3.GerrorRegister;
import sluicegate.spec.smmuv3.Idr0Register;
import sluicegate.spec.smmuv3.Idr1Register;
import sluicegate.spec.smmuv3.Idr5Register;
import sluicegate.spec.smmuv3.IrqCtrlAckRegister;
import sluicegate.spec.smmuv3.IrqCtrlRegister;
import sluicegate.spec.smmuv3.PriqBaseRegister;
import sluicegate.spec.smmuv3.StatusRegister;
import sluicegate.spec.smmuv3.StrtabBaseCfgRegister;
import sluicegate.spec.smmuv3.StrtabBaseRegister;

/** What software sees of the register window. */
class RegisterTest {
    private Rig rig = new Rig();

    @AfterEach
    void close() {
        rig.close();
    }

    private void with(Smmuv3Capabilities capabilities) {
        rig.close();
        rig = new Rig(capabilities);
    }

    @Test
    void identificationSaysWhatTheUnitWasMadeWith() {
        var full = Smmuv3Capabilities.FULL;
        assertThat(rig.read(Idr0Register.OFFSET)).isEqualTo(full.idr0());
        assertThat(rig.read(Idr1Register.OFFSET)).isEqualTo(full.idr1());
        assertThat(rig.read(Idr5Register.OFFSET)).isEqualTo(full.idr5());
        assertThat(rig.read(AidrRegister.OFFSET)).isEqualTo(full.aidr());
        rig.write(Idr0Register.OFFSET, 0);
        assertThat(rig.read(Idr0Register.OFFSET)).as("read-only").isEqualTo(full.idr0());
    }

    @Test
    void everyChangeOfControlIsAcknowledged() {
        rig.start();
        long on = Cr0Register.SMMUEN.mask() | Cr0Register.CMDQEN.mask() | Cr0Register.EVENTQEN.mask()
                | Cr0Register.PRIQEN.mask();
        assertThat(rig.read(Cr0AckRegister.OFFSET)).isEqualTo(on);
        rig.write(Cr0Register.OFFSET, 0xffff_ffffL);
        assertThat(rig.read(Cr0AckRegister.OFFSET)).as("only bits that the unit has")
                .isEqualTo(on | Cr0Register.ATSCHK.mask()).isEqualTo(rig.read(Cr0Register.OFFSET));
        rig.write(Cr0Register.OFFSET, 0);
        assertThat(rig.read(Cr0AckRegister.OFFSET)).isZero();
        rig.write(IrqCtrlRegister.OFFSET, 0xffff_ffffL);
        assertThat(rig.read(IrqCtrlAckRegister.OFFSET)).isEqualTo(IrqCtrlRegister.EVENTQ_IRQEN.mask()
                | IrqCtrlRegister.GERROR_IRQEN.mask() | IrqCtrlRegister.PRIQ_IRQEN.mask());
    }

    @Test
    void aMinimalUnitHasNoBitsOfWhatItLacks() {
        with(Smmuv3Capabilities.MINIMAL);
        rig.write(Cr0Register.OFFSET, 0xffff_ffffL);
        assertThat(rig.read(Cr0AckRegister.OFFSET)).isEqualTo(Cr0Register.SMMUEN.mask() | Cr0Register.CMDQEN.mask()
                | Cr0Register.EVENTQEN.mask());
        rig.write(Cr0Register.OFFSET, 0);
        rig.write(Cr2Register.OFFSET, 0xffff_ffffL);
        assertThat(Cr2Register.E2H.isSet(rig.read(Cr2Register.OFFSET))).isFalse();
        rig.write64(PriqBaseRegister.OFFSET, -1);
        assertThat(rig.read64(PriqBaseRegister.OFFSET)).as("no PRI queue").isZero();
    }

    @Test
    void whatIsInUseCannotBeChanged() {
        rig.start();
        long table = rig.read64(StrtabBaseRegister.OFFSET);
        long format = rig.read(StrtabBaseCfgRegister.OFFSET);
        long commands = rig.read64(CmdqBaseRegister.OFFSET);
        long events = rig.read64(EventqBaseRegister.OFFSET);
        rig.write64(StrtabBaseRegister.OFFSET, 0x55_0000);
        rig.write(StrtabBaseCfgRegister.OFFSET, 3);
        rig.write64(CmdqBaseRegister.OFFSET, 0x55_0000);
        rig.write64(EventqBaseRegister.OFFSET, 0x55_0000);
        rig.write(EventqProdRegister.OFFSET, 5);
        rig.write(CmdqConsRegister.OFFSET, 5);
        rig.write(Cr1Register.OFFSET, 0xfff);
        rig.write(Cr2Register.OFFSET, 0xf);
        assertThat(rig.read64(StrtabBaseRegister.OFFSET)).isEqualTo(table);
        assertThat(rig.read(StrtabBaseCfgRegister.OFFSET)).isEqualTo(format);
        assertThat(rig.read64(CmdqBaseRegister.OFFSET)).isEqualTo(commands);
        assertThat(rig.read64(EventqBaseRegister.OFFSET)).isEqualTo(events);
        assertThat(rig.read(EventqProdRegister.OFFSET)).isZero();
        assertThat(rig.read(CmdqConsRegister.OFFSET)).isZero();
        assertThat(rig.read(Cr1Register.OFFSET)).isZero();
        assertThat(rig.read(Cr2Register.OFFSET)).isZero();
        rig.write(Cr0Register.OFFSET, 0);
        rig.write(Cr1Register.OFFSET, 0xfff);
        rig.write(Cr2Register.OFFSET, Cr2Register.RECINVSID.mask());
        assertThat(rig.read(Cr1Register.OFFSET)).isEqualTo(0xfff);
        assertThat(rig.read(Cr2Register.OFFSET)).isEqualTo(Cr2Register.RECINVSID.mask());
    }

    @Test
    void halvesOfA64BitRegisterCanBeWrittenApart() {
        rig.write(StrtabBaseRegister.OFFSET, 0x1234_5000L);
        rig.write(StrtabBaseRegister.OFFSET + 4, 0x7);
        assertThat(rig.read64(StrtabBaseRegister.OFFSET)).isEqualTo(0x7_1234_5000L);
        assertThat(rig.read(StrtabBaseRegister.OFFSET + 4)).isEqualTo(7);
    }

    @Test
    void placesWithoutARegisterReadAsZero() {
        assertThat(rig.read(0x30)).isZero();
        rig.write(0x1_0f00, 0xffff_ffffL);
        assertThat(rig.read(0x1_0f00)).isZero();
        assertThat(rig.read(StatusRegister.OFFSET)).isZero();
        assertThatThrownBy(() -> rig.read(0x2_0000)).as("beyond the window").isInstanceOfSatisfying(IommuException.class,
                error -> assertThat(error.errno()).isEqualTo(Errno.EINVAL));
        assertThatThrownBy(() -> rig.read(0x22)).as("not aligned").isInstanceOf(IommuException.class);
    }

    @Test
    void withoutTranslationRequestsPassOrAbortAsGbpaSays() {
        assertThat(rig.request(0x1234, RequestAccess.WRITE)).isEqualTo(0x1234);
        assertThat(rig.request(1L << 48, RequestAccess.WRITE)).as("no such address").isEqualTo(TranslationEngine.ABORTED);
        long abort = rig.read(GbpaRegister.OFFSET) | GbpaRegister.ABORT.mask();
        rig.write(GbpaRegister.OFFSET, abort);
        assertThat(rig.request(0x1234, RequestAccess.WRITE)).as("without UPDATE nothing changes").isEqualTo(0x1234);
        assertThat(GbpaRegister.ABORT.isSet(rig.read(GbpaRegister.OFFSET))).isFalse();
        rig.write(GbpaRegister.OFFSET, abort | GbpaRegister.UPDATE.mask());
        assertThat(rig.read(GbpaRegister.OFFSET)).as("the update is complete").isEqualTo(abort);
        assertThat(rig.request(0x1234, RequestAccess.WRITE)).isEqualTo(TranslationEngine.ABORTED);
        rig.stage1(rig.stage1Space()).start();
        assertThat(rig.request(0x1234, RequestAccess.WRITE)).as("translation does not ask GBPA")
                .isNotEqualTo(TranslationEngine.ABORTED);
        rig.write(Cr0Register.OFFSET, 0);
        assertThat(rig.request(0x1234, RequestAccess.WRITE)).isEqualTo(TranslationEngine.ABORTED);
    }

    @Test
    void anErrorIsActiveUntilItIsAcknowledged() {
        var interrupts = new AtomicInteger();
        var vector = rig.interrupts.allocate("gerror", interrupts::incrementAndGet);
        rig.write64(GerrorIrqCfg0Register.OFFSET, vector.address());
        rig.write(GerrorIrqCfg1Register.OFFSET, vector.data());
        rig.write(IrqCtrlRegister.OFFSET, IrqCtrlRegister.GERROR_IRQEN.mask());
        rig.write64(GerrorIrqCfg0Register.OFFSET, 0);
        assertThat(rig.read64(GerrorIrqCfg0Register.OFFSET)).as("in use").isEqualTo(vector.address());
        rig.start();
        rig.command(0xff, 0);
        assertThat(rig.read(GerrorRegister.OFFSET) ^ rig.read(GerrorNRegister.OFFSET)).isEqualTo(GerrorRegister.CMDQ_ERR.mask());
        assertThat(rig.commandError()).isEqualTo(CommandError.CERROR_ILL.code());
        rig.settleInterrupts();
        assertThat(interrupts).hasValue(1);
        rig.write(GerrorRegister.OFFSET, 0);
        assertThat(rig.read(GerrorRegister.OFFSET)).as("read-only").isEqualTo(GerrorRegister.CMDQ_ERR.mask());
        // Software repairs the command and acknowledges: the queue goes on.
        rig.memory.set64(Rig.COMMANDS, 0x46);
        rig.write(GerrorNRegister.OFFSET, GerrorRegister.CMDQ_ERR.mask());
        assertThat(rig.commandsDone()).isTrue();
        assertThat(rig.read(CmdqProdRegister.OFFSET)).isEqualTo(1);
        rig.command(0xff, 0);
        assertThat(rig.read(GerrorRegister.OFFSET)).as("toggles").isZero();
        rig.settleInterrupts();
        assertThat(interrupts).hasValue(2);
    }

    @Test
    void aMessageThatMeetsNothingIsAnErrorOfItsOwn() {
        rig.write64(GerrorIrqCfg0Register.OFFSET, Rig.MEMORY);
        rig.write(IrqCtrlRegister.OFFSET, IrqCtrlRegister.GERROR_IRQEN.mask());
        rig.start();
        rig.command(0xff, 0);
        assertThat(rig.read(GerrorRegister.OFFSET)).isEqualTo(GerrorRegister.CMDQ_ERR.mask()
                | GerrorRegister.MSI_GERROR_ABT_ERR.mask());
    }

    @Test
    void capabilitiesThatAreNotModelledAreRefused() {
        assertThatThrownBy(() -> Rig.withIdr0(Idr0Register.TTF, 3)).isInstanceOfSatisfying(IommuException.class, error -> {
            assertThat(error.errno()).isEqualTo(Errno.EINVAL);
            assertThat(error).hasMessageContaining("SMMU_IDR0").hasMessageContaining("TTF");
        });
        assertThatThrownBy(() -> Rig.withIdr0(Idr0Register.VATOS, 1)).hasMessageContaining("not modelled");
        assertThatThrownBy(() -> Rig.withIdr1(Idr1Register.SIDSIZE, 33)).hasMessageContaining("SIDSIZE");
        assertThatThrownBy(() -> Rig.withIdr5(Idr5Register.OAS, 7)).hasMessageContaining("OAS");
        assertThatThrownBy(() -> new Smmuv3Capabilities(0, 0, 0, 0, 0)).hasMessageContaining("S1P or S2P");
    }
}
