package sluicegate.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.GuestInvalidation;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.core.impl.DriverEntry;
import sluicegate.core.impl.IommuCore;
import sluicegate.hw.smmuv3.Smmuv3Driver;
import sluicegate.qemu.process.Programs;
import sluicegate.spec.smmuv3.AddressSize;
import sluicegate.spec.smmuv3.CommandOpcode;
import sluicegate.spec.smmuv3.ContextDescriptor;
import sluicegate.spec.smmuv3.StreamTableEntry;
import sluicegate.spec.smmuv3.TlbiNhVaCommand;
import sluicegate.spec.vmsa.Stage1Descriptor;

/** What the SMMUv3 driver does with stage 2, and with a guest's stage 1 above it, as QEMU 10 understands it. */
class BothStagesTest {
    private static final String NAME = "qemu:virt-smmuv3-nested";
    private static final int RW = Prot.READ | Prot.WRITE;
    private static final long PAGE = 4096;
    private static final long IOVA = 0x12_3456_7000L;
    /** Where the host's memory is for its guest. */
    private static final long IPA = 0x2_0000_0000L;
    private static final int ASID = 5;
    private static final long TABLE = Stage1Descriptor.VALID.mask() | Stage1Descriptor.TYPE.mask();
    private static final long LEAF = TABLE | Stage1Descriptor.AF.mask() | Stage1Descriptor.NG.mask()
            | Stage1Descriptor.AP.set(0, Stage1Descriptor.AP_UNPRIVILEGED);

    private final IommuCore core = new IommuCore();
    private final Queue<String> faults = new ConcurrentLinkedQueue<>();
    private QemuMachine machine;
    private Device device;
    private Domain host;
    private long buffer;

    @BeforeEach
    void boot() {
        var programs = Programs.ofHost();
        var missing = QemuMachine.missing(NAME, programs);
        Assumptions.assumeTrue(missing.isEmpty(), missing::orElseThrow);
        machine = QemuMachine.boot(NAME, 0, programs);
        core.addDriver(new DriverEntry(new Smmuv3Driver(), "arm-smmu-v3", "test", "0", 0, 0, List.of("arm,smmu-v3")));
        core.addListener(fault -> faults.add(fault.name() + " " + Long.toHexString(fault.iova())));
        machine.units().forEach(core::addUnit);
        machine.buses().forEach(core::addBus);
        assertThat(core.awaitProbed(machine, Duration.ofSeconds(20))).isTrue();
        device = core.device("0000:00:05.0");
        buffer = machine.allocate(2 * PAGE);
        host = core.allocateDomain(device, Set.of(AllocFlag.NEST_PARENT));
        host.map(IPA, buffer, 2 * PAGE, RW);
    }

    @AfterEach
    void powerOff() {
        core.close();
        if (machine != null) {
            machine.powerOff();
        }
    }

    private DmaStatus write(long iova, int value) {
        return device.busDevice().dma().write(Pasid.NONE, iova, new byte[] {(byte) value}, 0, 1);
    }

    private int at(long address) {
        return (int) machine.memory().get64(address) & 0xff;
    }

    private void faulted(String fault) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (faults.isEmpty() && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        assertThat(faults).containsExactly(fault);
        faults.clear();
    }

    @Test
    void stage2TranslatesAndFaultsByItself() {
        host.map(IPA + 8 * PAGE, buffer, PAGE, Prot.READ);
        host.map(0x4000_0000L, buffer & -0x20_0000L, 0x20_0000, RW);
        device.group().orElseThrow().attach(host);
        assertThat(write(IPA + PAGE, 1)).isEqualTo(DmaStatus.OK);
        assertThat(at(buffer + PAGE)).isEqualTo(1);
        assertThat(write(0x4000_0000L + (buffer & 0x1f_ffff), 2)).as("a block").isEqualTo(DmaStatus.OK);
        assertThat(at(buffer)).isEqualTo(2);
        assertThat(write(IPA + 8 * PAGE, 3)).isEqualTo(DmaStatus.FAULT);
        faulted("F_PERMISSION " + Long.toHexString(IPA + 8 * PAGE));
        host.unmap(IPA + PAGE, PAGE);
        assertThat(write(IPA + PAGE, 4)).isEqualTo(DmaStatus.FAULT);
        faulted("F_TRANSLATION " + Long.toHexString(IPA + PAGE));
        assertThat(at(buffer)).isEqualTo(2);
        assertThat(at(buffer + PAGE)).isEqualTo(1);
    }

    /** A page of the guest's own, at the same address for the guest. */
    private long table() {
        long page = machine.allocate(PAGE);
        machine.memory().fill64(page, 0, 0, (int) PAGE / 8);
        host.map(page, page, PAGE, RW);
        return page;
    }

    /** Writes tables of four levels for one page. Returns where its descriptor is. */
    private long tables(long top) {
        long table = top;
        for (int shift = 39; shift > 12; shift -= 9) {
            long next = table();
            machine.memory().set64(table + (IOVA >>> shift & 0x1ff) * 8, next | TABLE);
            table = next;
        }
        return table + (IOVA >>> 12 & 0x1ff) * 8;
    }

    private List<Long> streamEntry(long top) {
        long descriptor = table();
        machine.memory().set64(descriptor, ContextDescriptor.ASID.set(ContextDescriptor.T0SZ.set(ContextDescriptor.IPS.set(
                ContextDescriptor.V.mask() | ContextDescriptor.AA64.mask() | ContextDescriptor.EPD1.mask() | ContextDescriptor.A.mask()
                        | ContextDescriptor.R.mask(), AddressSize.BITS_44.code()), 16), ASID));
        machine.memory().set64(descriptor + 8, ContextDescriptor.TTB0.setInPlace(0, top));
        long first = StreamTableEntry.CONFIG.set(StreamTableEntry.V.mask(), StreamTableEntry.CONFIG_S1);
        return List.of(StreamTableEntry.S1CONTEXTPTR.setInPlace(first, descriptor), 0L);
    }

    @Test
    void aGuestsStage1IsTranslatedByItsHostsStage2() {
        long top = table();
        long leaf = tables(top);
        var memory = machine.memory();
        memory.set64(leaf, IPA | LEAF);
        var guest = core.allocateNestedDomain(device, host, streamEntry(top));
        device.group().orElseThrow().attach(guest);
        assertThat(write(IOVA, 1)).isEqualTo(DmaStatus.OK);
        assertThat(at(buffer)).isEqualTo(1);

        memory.set64(leaf, IPA + PAGE | LEAF);
        var commands = List.of(TlbiNhVaCommand.ASID.set(CommandOpcode.TLBI_NH_VA, ASID), IOVA);
        assertThat(guest.invalidateGuest(commands, Map.of())).isEqualTo(new GuestInvalidation(1, Optional.empty()));
        assertThat(write(IOVA, 2)).isEqualTo(DmaStatus.OK);
        assertThat(at(buffer + PAGE)).as("what the guest mapped then").isEqualTo(2);
        assertThat(at(buffer)).isEqualTo(1);

        host.unmap(IPA + PAGE, PAGE);
        assertThat(write(IOVA, 3)).isEqualTo(DmaStatus.FAULT);
        faulted("F_TRANSLATION " + Long.toHexString(IOVA));
        memory.set64(leaf, 0);
        guest.invalidateGuest(commands, Map.of());
        assertThat(write(IOVA, 4)).isEqualTo(DmaStatus.FAULT);
        faulted("F_TRANSLATION " + Long.toHexString(IOVA));
        assertThat(at(buffer + PAGE)).isEqualTo(2);
    }
}
