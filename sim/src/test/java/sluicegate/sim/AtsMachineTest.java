package sluicegate.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.firmware.FirmwareFolder;
import sluicegate.firmware.MachineDescription;
import sluicegate.spec.pci.AtsCapability;
import sluicegate.spec.pci.ExtendedCapabilityId;
import sluicegate.spec.smmuv3.AtcInvCommand;
import sluicegate.spec.smmuv3.CmdqBaseRegister;
import sluicegate.spec.smmuv3.CmdqConsRegister;
import sluicegate.spec.smmuv3.CmdqProdRegister;
import sluicegate.spec.smmuv3.CommandOpcode;
import sluicegate.spec.smmuv3.ContextDescriptor;
import sluicegate.spec.smmuv3.Cr0Register;
import sluicegate.spec.smmuv3.EventqBaseRegister;
import sluicegate.spec.smmuv3.EventqProdRegister;
import sluicegate.spec.smmuv3.StreamTableEntry;
import sluicegate.spec.smmuv3.StrtabBaseCfgRegister;
import sluicegate.spec.smmuv3.StrtabBaseRegister;
import sluicegate.spec.vmsa.Stage1Descriptor;

@DisplayName("A device with ATS behind an SMMUv3")
class AtsMachineTest {
    private static final long IOVA = 0x5000;
    private static final int STREAM_BITS = 14;
    private static final long PAGE = Stage1Descriptor.VALID.mask() | Stage1Descriptor.TYPE.mask() | Stage1Descriptor.AF.mask()
            | Stage1Descriptor.AP.set(0, Stage1Descriptor.AP_UNPRIVILEGED);

    private EmbeddedMachine machine;
    private IommuUnit unit;
    private PciFunction device;
    private int stream;
    private long commands;
    private int producer;
    private long leaf;
    private long first;
    private long second;

    @BeforeEach
    void boot() {
        machine = EmbeddedMachine.boot(MachineDescription.read(FirmwareFolder.of(Path.of("machines", "virt-smmuv3-rich"))),
                "ats", 0);
        unit = machine.units().get(0);
        device = machine.pci().devices().stream().filter(function -> machine.pci().dmaConfigure(function)
                .filter(said -> said.atsSupported()).isPresent()).findFirst().orElseThrow();
        stream = machine.pci().dmaConfigure(device).orElseThrow().specifiers().get(0).get(0);
        first = machine.allocate(4096);
        second = machine.allocate(4096);
        program();
    }

    @AfterEach
    void powerOff() {
        machine.powerOff();
    }

    /** One page at {@link #IOVA}, in a table of three levels. */
    private void program() {
        var memory = machine.memory();
        long tables = unit.arena().allocate(4 * 4096);
        memory.set64(tables, tables + 4096 | 3);
        memory.set64(tables + 4096, tables + 8192 | 3);
        leaf = tables + 8192 + (IOVA >>> 12) * 8;
        memory.set64(leaf, first | PAGE);
        long context = tables + 3 * 4096;
        long word0 = ContextDescriptor.V.mask() | ContextDescriptor.AA64.mask() | ContextDescriptor.A.mask()
                | ContextDescriptor.R.mask() | ContextDescriptor.EPD1.mask();
        memory.set64(context, ContextDescriptor.IPS.set(ContextDescriptor.T0SZ.set(word0, 64 - 39), 5));
        memory.set64(context + 8, tables);
        memory.set64(context + 24, 0xff);
        long streams = unit.arena().allocate((long) StreamTableEntry.BYTES << STREAM_BITS);
        long entry = streams + (long) stream * StreamTableEntry.BYTES;
        memory.set64(entry + 8, StreamTableEntry.EATS.set(0, StreamTableEntry.EATS_FULL));
        memory.set64(entry, context | StreamTableEntry.CONFIG.set(StreamTableEntry.V.mask(), StreamTableEntry.CONFIG_S1));
        commands = unit.arena().allocate(4096);
        unit.registers().write64(StrtabBaseRegister.OFFSET, streams);
        unit.registers().write32(StrtabBaseCfgRegister.OFFSET, STREAM_BITS);
        unit.registers().write64(CmdqBaseRegister.OFFSET, commands | 8);
        unit.registers().write64(EventqBaseRegister.OFFSET, unit.arena().allocate(4096) | 7);
        unit.registers().write32(Cr0Register.OFFSET, (int) (Cr0Register.SMMUEN.mask() | Cr0Register.CMDQEN.mask()
                | Cr0Register.EVENTQEN.mask() | Cr0Register.ATSCHK.mask()));
    }

    private void command(int opcode, long low, long high) {
        machine.memory().set64(commands + producer * 16L, low | opcode);
        machine.memory().set64(commands + producer * 16L + 8, high);
        producer++;
        unit.registers().write32(CmdqProdRegister.OFFSET, producer);
        assertThat(unit.registers().read32(CmdqConsRegister.OFFSET)).isEqualTo(producer);
    }

    private void ats(boolean on) {
        for (int at = 0x100; at != 0; at = device.config().read16(at + 2) >>> 4) {
            if (device.config().read16(at) == ExtendedCapabilityId.ATS.code()) {
                device.config().write16(at + AtsCapability.CONTROL_REGISTER.offset(), on ? (int) AtsCapability.ENABLE.mask() : 0);
            }
        }
    }

    /** Where eight bytes of the device end up. */
    private long target() {
        var memory = machine.memory();
        memory.set64(first, 0);
        memory.set64(second, 0);
        assertThat(device.dma().write(Pasid.NONE, IOVA, new byte[] {1, 2, 3, 4, 5, 6, 7, 8}, 0, 8)).isEqualTo(DmaStatus.OK);
        return memory.get64(first) != 0 ? first : memory.get64(second) != 0 ? second : 0;
    }

    private int events() {
        return unit.registers().read32(EventqProdRegister.OFFSET);
    }

    @Test
    void keepsATranslationUntilItIsToldToForgetIt() {
        ats(true);
        assertThat(target()).isEqualTo(first);
        machine.memory().set64(leaf, second | PAGE);
        command(CommandOpcode.TLBI_NSNH_ALL, 0, 0);
        command(CommandOpcode.SYNC, 0, 0);
        assertThat(target()).as("the unit has forgotten it, the device has not").isEqualTo(first);
        command(CommandOpcode.ATC_INV, AtcInvCommand.STREAMID.set(0, stream + 1), AtcInvCommand.SIZE_ALL);
        command(CommandOpcode.SYNC, 0, 0);
        assertThat(target()).as("another device was told").isEqualTo(first);
        command(CommandOpcode.ATC_INV, AtcInvCommand.STREAMID.set(0, stream), IOVA);
        command(CommandOpcode.SYNC, 0, 0);
        assertThat(target()).isEqualTo(second);
        assertThat(events()).isZero();
    }

    @Test
    void withoutAtsKeepsNothing() {
        assertThat(target()).isEqualTo(first);
        ats(true);
        assertThat(target()).isEqualTo(first);
        ats(false);
        machine.memory().set64(leaf, second | PAGE);
        command(CommandOpcode.TLBI_NSNH_ALL, 0, 0);
        assertThat(target()).isEqualTo(second);
        ats(true);
        assertThat(target()).as("what it knew before is gone").isEqualTo(second);
    }

    @Test
    void asksForATranslationAndIsToldThePage() {
        ats(true);
        var answer = device.dma().translate(Pasid.NONE, IOVA + 8, false);
        assertThat(answer.address()).isEqualTo(first);
        assertThat(answer.prot()).isEqualTo(Prot.READ | Prot.WRITE);
        assertThat(device.dma().translate(Pasid.NONE, IOVA + 0x1000, false).prot()).as("nothing there").isZero();
        assertThat(events()).isZero();
    }

    @Test
    void sendsWhatItIsNotGrantedForTheUnitToRefuse() {
        ats(true);
        assertThat(device.dma().read(Pasid.NONE, IOVA + 0x1000, new byte[8], 0, 8)).isEqualTo(DmaStatus.FAULT);
        assertThat(events()).isEqualTo(1);
    }
}
