package sluicegate.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.platform.TranslationProbe;
import sluicegate.api.types.Access;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.ReservedRegion;
import sluicegate.api.types.Translation;
import sluicegate.capture.facts.KernelFacts;

/** What a machine from a capture holds, what its model answers, and that nothing of it can be changed. */
class CapturedMachineTest {
    @TempDir
    Path folder;
    private CapturedMachine machine;
    private IommuUnit unit;

    @BeforeEach
    void boot() throws IOException {
        machine = CapturedMachine.boot(TinyCapture.write(folder.resolve("tiny")).toString(), 4);
        unit = machine.units().get(0);
    }

    @AfterEach
    void powerOff() {
        machine.powerOff();
    }

    private PciFunction function(String address) {
        return machine.buses().get(0).devices().stream().map(PciFunction.class::cast)
                .filter(function -> function.name().equals(address)).findFirst().orElseThrow();
    }

    private Translation ask(int requesterId, long iova, Access access) {
        return ((TranslationProbe) unit).probe(requesterId, Pasid.NONE, iova, access);
    }

    private static IommuException failing(Errno errno, ThrowingCallable call) {
        var e = Assertions.catchThrowableOfType(IommuException.class, call);
        assertThat(e).isNotNull();
        assertThat(e.errno()).as(e.getMessage()).isEqualTo(errno);
        return e;
    }

    @Test
    void itShowsWhatTheKernelHad() {
        assertThat(machine.name()).isEqualTo("tiny");
        assertThat(machine.kind()).isEqualTo("capture");
        assertThat(machine.description()).isEqualTo("Linux 6.1.0-test on QEMU 7.2.0 with intel-vtd, 256 MiB of memory of which "
                + "5 pages of tables were captured");
        assertThat(machine.warnings()).isEmpty();
        assertThat(unit.name()).isEqualTo("dmar0");
        assertThat(unit.compatible()).as("no driver of real hardware may take it").isEqualTo("capture,intel-vtd");
        assertThat(unit.baseAddress()).isEqualTo(0xfed90000L);
        assertThat(unit.segment()).isEqualTo(4);
        assertThat(unit.registers().read64(8)).isEqualTo(0x00d2008c22260206L);
        assertThat(unit.registers().read32(0x1c)).isEqualTo(0xc0000000);
        assertThat(function("0004:00:02.0").properties()).containsExactly(java.util.Map.entry(KernelFacts.DRIVER, "e1000e"),
                java.util.Map.entry(KernelFacts.GROUP, "7"), java.util.Map.entry(KernelFacts.GROUP_TYPE, "DMA-FQ"),
                java.util.Map.entry(KernelFacts.PATH, "/sys/devices/pci0000:00/0000:00:02.0"),
                java.util.Map.entry(KernelFacts.DMA_MASK_BITS, "64"));
        assertThat(function("0004:00:02.0").vendorId()).isEqualTo(0x8086);
        assertThat(unit.firmwareRegions()).extracting(region -> region.region().type())
                .containsExactly(ReservedRegion.Type.DIRECT_RELAXABLE, ReservedRegion.Type.MSI);
        assertThat(unit.firmwareRegions().get(0).devices()).containsExactlyInAnyOrder("0004:00:02.0", "0004:00:04.0");
    }

    @Test
    void aDeviceInNoGroupHadNoUnitInFrontOfIt() {
        var bus = machine.buses().get(0);
        assertThat(bus.dmaConfigure(function("0004:00:05.0"))).isEmpty();
        assertThat(bus.dmaConfigure(function("0004:00:02.0"))).hasValueSatisfying(description -> {
            assertThat(description.unit()).isSameAs(unit);
            assertThat(description.specifiers()).containsExactly(List.of(0x10));
        });
        assertThat(bus.unitInFrontOf(PciAddress.parse("0004:01:00.0"))).contains(unit);
        assertThat(bus.unitInFrontOf(PciAddress.parse("0005:01:00.0"))).isEmpty();
        assertThat(bus.unitInFrontOf(PciAddress.parse("0003:01:00.0"))).isEmpty();
    }

    @Test
    void theModelWalksTheCapturedTables() {
        assertThat(ask(0x10, 0x10123, Access.WRITE)).isInstanceOfSatisfying(Translation.Mapped.class,
                mapped -> assertThat(mapped.address()).isEqualTo(0x80123));
        assertThat(ask(0x10, 0x11123, Access.READ)).isInstanceOfSatisfying(Translation.Mapped.class,
                mapped -> assertThat(mapped.address()).isEqualTo(0x81123));
        assertThat(fault(ask(0x10, 0x11123, Access.WRITE))).isEqualTo("WRITE_NOT_PERMITTED");
        assertThat(fault(ask(0x10, 0x12000, Access.READ))).isEqualTo("READ_NOT_PERMITTED");
        assertThat(ask(0x18, 0x1234567, Access.WRITE)).isInstanceOfSatisfying(Translation.Mapped.class,
                mapped -> assertThat(mapped.address()).isEqualTo(0x1234567));
        assertThat(fault(ask(0x28, 0x10000, Access.READ))).isEqualTo("CONTEXT_ENTRY_NOT_PRESENT");
        assertThat(fault(ask(0x100, 0x10000, Access.READ))).isEqualTo("ROOT_ENTRY_NOT_PRESENT");
    }

    @Test
    void aWalkThatNeedsAPageThatWasNotCapturedFaults() {
        assertThat(fault(ask(0x10, 0x200000, Access.READ))).isEqualTo("SECOND_STAGE_ENTRY_UNREADABLE");
    }

    private static String fault(Translation answer) {
        return answer instanceof Translation.Fault fault ? fault.name() : answer.toString();
    }

    @Test
    void memoryIsWhatWasCaptured() {
        var memory = machine.memory();
        assertThat(memory.size()).isEqualTo(5 * 4096);
        assertThat(memory.contains(0x1000, 5 * 4096)).isTrue();
        assertThat(memory.contains(0x1ff8, 8)).isTrue();
        assertThat(memory.contains(0x1000, 5 * 4096 + 1)).isFalse();
        assertThat(memory.contains(0xfff, 1)).isFalse();
        assertThat(memory.contains(0x1000, -1)).isFalse();
        assertThat(memory.contains(-8, 16)).isFalse();
        assertThat(memory.contains(0x1000, Long.MAX_VALUE)).isFalse();
        assertThat(memory.get64(0x5080)).isEqualTo(0x80003);
        assertThat(memory.get32(0x5080)).isEqualTo(0x80003);
        assertThat(memory.get32(0x2104)).isZero();
        var bytes = new byte[6];
        memory.read(0x507f, bytes, 1, 5);
        assertThat(bytes).containsExactly(0, 0, 0x03, 0x00, 0x08, 0x00);
        failing(Errno.EINVAL, () -> memory.get64(0x5084));
        assertThat(failing(Errno.EFAULT, () -> memory.get64(0x9000)))
                .hasMessage("[0x9000, 0x9007] is not in capture tiny, which holds 5 pages of tables and no data");
        failing(Errno.EFAULT, () -> memory.read(0x5fff, bytes, 0, 2));
    }

    @Test
    void nothingCanBeChanged() {
        var memory = machine.memory();
        var function = function("0004:00:02.0");
        var bytes = new byte[8];
        assertThat(failing(Errno.EROFS, () -> memory.set64(0x5080, 0))).hasMessageStartingWith("Memory of machine tiny can't be "
                + "changed: it is a capture");
        failing(Errno.EROFS, () -> memory.set64Release(0x5080, 0));
        failing(Errno.EROFS, () -> memory.set32Release(0x5080, 0));
        failing(Errno.EROFS, () -> memory.compareAndSet64(0x5080, 0, 0));
        failing(Errno.EROFS, () -> memory.fill64(0x5080, 0, 0, 1));
        failing(Errno.EROFS, () -> memory.write(0x5080, bytes, 0, 8));
        failing(Errno.EROFS, () -> machine.allocate(4096));
        failing(Errno.EROFS, () -> unit.arena().allocate(4096));
        failing(Errno.EROFS, () -> unit.registers().write32(0x18, 0));
        failing(Errno.EROFS, () -> unit.registers().write64(0x20, 0));
        failing(Errno.EROFS, () -> function.config().write16(4, 7));
        failing(Errno.EROFS, () -> function.config().write32(4, 7));
        failing(Errno.EOPNOTSUPP, () -> unit.interrupts().allocate("fault", () -> { }));
        assertThat(function.dma().usable()).isFalse();
        assertThat(failing(Errno.EOPNOTSUPP, () -> function.dma().read(Pasid.NONE, 0x10000, bytes, 0, 8)))
                .hasMessageContaining("iommu:translate says");
        failing(Errno.EOPNOTSUPP, () -> function.dma().write(Pasid.NONE, 0x10000, bytes, 0, 8));
        failing(Errno.EOPNOTSUPP, () -> function.dma().translate(Pasid.NONE, 0x10000, true));
        function.enableAcs();
    }
}
