package sluicegate.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.platform.BusDevice;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.qemu.process.Programs;
import sluicegate.spec.pci.ConfigHeader;
import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.FaultEventAddressRegister;
import sluicegate.spec.vtd.FaultEventControlRegister;
import sluicegate.spec.vtd.FaultEventDataRegister;
import sluicegate.spec.vtd.FaultRecord;
import sluicegate.spec.vtd.GlobalCommandRegister;
import sluicegate.spec.vtd.GlobalStatusRegister;
import sluicegate.spec.vtd.RootTableAddressRegister;

/** A real QEMU: what a driver and a device find in it. Tables are written by hand, so that no driver is involved. */
class QemuMachineTest {
    private static final Programs HOST = Programs.ofHost();
    private static final long LOW = 0x1000_0000L;
    private static final long HIGH = 0x7f12_3450_0000L;

    private QemuMachine machine;

    @BeforeEach
    void boot() {
        Assumptions.assumeTrue(HOST.find("qemu-system-x86_64").isPresent(), "qemu-system-x86_64 is not on the PATH");
        machine = QemuMachine.boot(Q35.vtd(), 3, HOST);
    }

    @AfterEach
    void powerOff() {
        if (machine != null) {
            machine.powerOff();
        }
    }

    private PciFunction function(String name) {
        return (PciFunction) machine.buses().get(0).devices().stream().filter(device -> device.name().equals(name)).findFirst()
                .orElseThrow();
    }

    private DmaStatus write(String device, long iova, String text) {
        return function(device).dma().write(Pasid.NONE, iova, text.getBytes(), 0, text.length());
    }

    private String read(String device, long iova, int length) {
        var bytes = new byte[length];
        assertThat(function(device).dma().read(Pasid.NONE, iova, bytes, 0, length)).isEqualTo(DmaStatus.OK);
        return new String(bytes);
    }

    private String memory(long address, int length) {
        var bytes = new byte[length];
        machine.memory().read(address, bytes, 0, length);
        return new String(bytes);
    }

    /** One page behind an IOVA for every function of bus 0. */
    private void translate(long page, int permissions, long... iovas) {
        var memory = machine.memory();
        var unit = machine.units().get(0);
        long root = unit.arena().allocate(4096);
        long context = unit.arena().allocate(4096);
        long top = unit.arena().allocate(4096);
        for (int entry = 0; entry < 256; entry++) {
            memory.set64(context + entry * 16 + 8, 1 << 8 | 2);
            memory.set64(context + entry * 16, top | 1);
        }
        memory.set64(root, context | 1);
        for (long iova : iovas) {
            long table = top;
            for (int shift = 39; shift > 12; shift -= 9) {
                long slot = table + (iova >>> shift & 0x1ff) * 8;
                if (memory.get64(slot) == 0) {
                    memory.set64(slot, unit.arena().allocate(4096) | 3);
                }
                table = memory.get64(slot) & -4096;
            }
            memory.set64Release(table + (iova >>> 12 & 0x1ff) * 8, page | permissions);
        }
        unit.registers().write64(RootTableAddressRegister.OFFSET, root);
        unit.registers().write32(GlobalCommandRegister.OFFSET, (int) GlobalCommandRegister.SRTP.mask());
        unit.registers().write32(GlobalCommandRegister.OFFSET, (int) GlobalCommandRegister.TE.mask());
        assertThat(GlobalStatusRegister.TES.isSet(unit.registers().read32(GlobalStatusRegister.OFFSET))).isTrue();
    }

    @Test
    void functionsAreWhereFirmwareWouldHavePutThem() {
        assertThat(machine.buses().get(0).devices()).extracting(BusDevice::name).contains("0003:00:00.0", "0003:00:02.0",
                "0003:00:05.0", "0003:00:06.0", "0003:00:1f.2");
        var edu = function("0003:00:05.0");
        assertThat(edu.description()).contains("edu");
        assertThat(edu.config().read32(ConfigHeader.BAR0.offset())).as("has a place").isNotZero();
        assertThat(function("0003:00:06.0").classCode()).isEqualTo(0x080501);
        assertThat(machine.warnings()).isEmpty();
    }

    @Test
    void theUnitIsTheOneOfQemusOwnTable() {
        var unit = machine.units().get(0);
        assertThat(unit.baseAddress()).isEqualTo(0xfed9_0000L);
        assertThat(unit.segment()).isEqualTo(3);
        long cap = unit.registers().read64(CapabilityRegister.OFFSET);
        assertThat(CapabilityRegister.MGAW.get(cap)).isEqualTo(47);
        var described = machine.buses().get(0).dmaConfigure(function("0003:00:05.0")).orElseThrow();
        assertThat(described.unit()).isSameAs(unit);
        assertThat(described.specifiers()).hasToString("[[40]]");
    }

    @Test
    void withoutTranslationDmaReachesMemory() {
        for (var device : new String[] {"0003:00:05.0", "0003:00:06.0"}) {
            long buffer = machine.allocate(8192);
            assertThat(write(device, buffer + 4090, "crosses a page")).isEqualTo(DmaStatus.OK);
            assertThat(memory(buffer + 4090, 14)).isEqualTo("crosses a page");
            assertThat(read(device, buffer + 4091, 12)).isEqualTo("rosses a pag");
            assertThat(machine.memory().get32(buffer + 4104)).as("nothing behind it").isZero();
        }
    }

    @Test
    void everySizeAndAlignmentArrivesWhole() {
        long page = machine.allocate(8192);
        translate(page, 3, LOW);
        var bytes = new byte[4096];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 31 + 7);
        }
        for (var device : new String[] {"0003:00:05.0", "0003:00:06.0"}) {
            var dma = function(device).dma();
            for (int[] range : new int[][] {{0, 4096}, {1, 4095}, {3, 2}, {5, 1}, {6, 515}, {511, 1030}, {4095, 1}}) {
                machine.memory().fill64(page, -1, 0, 1024);
                assertThat(dma.write(Pasid.NONE, LOW + range[0], bytes, 0, range[1])).isEqualTo(DmaStatus.OK);
                var there = new byte[4096];
                machine.memory().read(page, there, 0, 4096);
                for (int i = 0; i < 4096; i++) {
                    boolean written = i >= range[0] && i < range[0] + range[1];
                    assertThat(there[i]).isEqualTo(written ? bytes[i - range[0]] : (byte) -1);
                }
                var back = new byte[range[1]];
                assertThat(dma.read(Pasid.NONE, LOW + range[0], back, 0, range[1])).isEqualTo(DmaStatus.OK);
                assertThat(back).isEqualTo(java.util.Arrays.copyOf(bytes, range[1]));
            }
        }
    }

    @Test
    void translatedDmaLandsWhereTheTablesLead() {
        long page = machine.allocate(4096);
        translate(page, 3, LOW, HIGH);
        assertThat(write("0003:00:06.0", LOW + 0x123, "by the SD host")).isEqualTo(DmaStatus.OK);
        assertThat(memory(page + 0x123, 14)).isEqualTo("by the SD host");
        assertThat(write("0003:00:05.0", HIGH + 0x800, "by edu")).isEqualTo(DmaStatus.OK);
        assertThat(memory(page + 0x800, 6)).isEqualTo("by edu");
        assertThat(read("0003:00:05.0", HIGH + 0x123, 6)).isEqualTo("by the");
    }

    @Test
    void anAddressWithoutMemoryIsNoFaultOfTheUnit() {
        for (var device : new String[] {"0003:00:05.0", "0003:00:06.0"}) {
            assertThat(write(device, 0x8000_0000L, "not translated")).isEqualTo(DmaStatus.NO_TARGET);
        }
        translate(0x8000_0000L, 3, LOW);
        for (var device : new String[] {"0003:00:05.0", "0003:00:06.0"}) {
            assertThat(write(device, LOW, "translated")).isEqualTo(DmaStatus.NO_TARGET);
            assertThat(write(device, LOW + 0x1000, "not mapped")).isEqualTo(DmaStatus.FAULT);
        }
    }

    @Test
    void aPageThatMayBeWrittenOnlyIsNotReadAlsoWhenTheUnitKnowsIt() {
        long page = machine.allocate(4096);
        translate(page, 2, LOW);
        for (var device : new String[] {"0003:00:05.0", "0003:00:06.0"}) {
            assertThat(write(device, LOW, "secret")).isEqualTo(DmaStatus.OK);
            var bytes = new byte[6];
            assertThat(function(device).dma().read(Pasid.NONE, LOW, bytes, 0, 6)).isEqualTo(DmaStatus.FAULT);
            assertThat(bytes).containsOnly(0);
        }
    }

    @Test
    void whatIsNotMappedIsRefusedAndRecordedOnce() throws Exception {
        long page = machine.allocate(4096);
        translate(page, 1, LOW);
        var unit = machine.units().get(0);
        long record = FaultRecord.offset(unit.registers().read64(CapabilityRegister.OFFSET), 0);
        // Two that come at once are one run of the handler, so each is waited for.
        var interrupts = new Semaphore(0);
        try (var vector = unit.interrupts().allocate("fault", interrupts::release)) {
            unit.registers().write32(FaultEventDataRegister.OFFSET, vector.data());
            unit.registers().write32(FaultEventAddressRegister.OFFSET, (int) vector.address());
            unit.registers().write32(FaultEventControlRegister.OFFSET, 0);
            for (var device : new String[] {"0003:00:05.0", "0003:00:06.0"}) {
                assertThat(write(device, LOW + 0x40, "read only, and a long text that takes more than one access"))
                        .isEqualTo(DmaStatus.FAULT);
                assertThat(machine.memory().get64(page + 0x40)).isZero();
                long high = unit.registers().read64(record + 8);
                assertThat(FaultRecord.F.isSet(high)).isTrue();
                assertThat(FaultRecord.FR.get(high)).isEqualTo(5);
                assertThat(unit.registers().read64(record)).isEqualTo(LOW);
                assertThat(unit.registers().read32(0x34)).as("no overflow").isEqualTo(2);
                unit.registers().write32(record + 12, 1 << 31);
                assertThat(interrupts.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
            }
        }
        var bytes = new byte[16];
        assertThat(function("0003:00:06.0").dma().read(Pasid.NONE, LOW + 0xff0, bytes, 0, 16)).isEqualTo(DmaStatus.OK);
        assertThat(function("0003:00:06.0").dma().read(Pasid.NONE, LOW + 0x1000, bytes, 0, 16)).isEqualTo(DmaStatus.FAULT);
    }

    @Test
    void whatLeadsNowhereIsNoFault() {
        translate(0x8000_0000L, 3, LOW);
        for (var device : new String[] {"0003:00:05.0", "0003:00:06.0"}) {
            assertThat(write(device, LOW, "nobody there")).isEqualTo(DmaStatus.NO_TARGET);
        }
    }

    @Test
    void anotherDevicesRegistersAreNoMemory() {
        translate(Integer.toUnsignedLong(function("0003:00:05.0").config().read32(ConfigHeader.BAR0.offset())), 3, LOW);
        assertThat(write("0003:00:06.0", LOW, "peer")).isEqualTo(DmaStatus.NO_TARGET);
    }

    @Test
    void aRefusedReadLeavesTheTargetAlone() {
        translate(machine.allocate(4096), 2, LOW);
        for (var device : new String[] {"0003:00:05.0", "0003:00:06.0"}) {
            var bytes = new byte[] {1, 2, 3, 4, 5, 6};
            assertThat(function(device).dma().read(Pasid.NONE, LOW, bytes, 0, 6)).isEqualTo(DmaStatus.FAULT);
            assertThat(bytes).containsExactly(1, 2, 3, 4, 5, 6);
        }
    }

    @Test
    void aDeviceRaisesAnInterruptByWriting() throws Exception {
        for (var device : new String[] {"0003:00:05.0", "0003:00:06.0"}) {
            var interrupted = new CountDownLatch(1);
            try (var vector = machine.units().get(0).interrupts().allocate("device", interrupted::countDown)) {
                var data = new byte[] {(byte) vector.data(), 0, 0, 0};
                assertThat(function(device).dma().write(Pasid.NONE, vector.address(), data, 0, 4)).isEqualTo(DmaStatus.OK);
                assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
            }
        }
    }

    @Test
    void busMasteringIsASwitch() {
        long buffer = machine.allocate(4096);
        var config = function("0003:00:05.0").config();
        config.write16(ConfigHeader.COMMAND.offset(), 2);
        assertThat(write("0003:00:05.0", buffer, "off")).isEqualTo(DmaStatus.BUS_MASTER_OFF);
        config.write16(ConfigHeader.COMMAND.offset(), 6);
        assertThat(write("0003:00:05.0", buffer, "on")).isEqualTo(DmaStatus.OK);
    }

    @Test
    void whatADeviceCannotDoIsSaid() {
        assertThatThrownBy(() -> write("0003:00:06.0", HIGH, "too far")).isInstanceOf(IommuException.class)
                .hasMessageContaining("0xffffffff");
        assertThatThrownBy(() -> write("0003:00:1f.2", 0, "no engine")).isInstanceOf(IommuException.class)
                .hasMessageContaining("0003:00:05.0 or 0003:00:06.0");
        assertThatThrownBy(() -> machine.units().get(0).registers().read32(2)).isInstanceOf(IommuException.class)
                .hasMessageContaining("dmar0");
    }

    @Test
    void afterPowerOffNothingIsLeft() {
        var handle = ProcessHandle.of(machine.pid()).orElseThrow();
        var function = function("0003:00:05.0");
        machine.powerOff();
        machine.powerOff();
        assertThat(handle.isAlive()).isFalse();
        assertThat(function.dma().write(Pasid.NONE, 0x20_0000, new byte[4], 0, 4)).isEqualTo(DmaStatus.GONE);
        assertThatThrownBy(() -> machine.units().get(0).registers().read32(0))
                .isInstanceOfSatisfying(IommuException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENODEV));
        assertThat(Thread.getAllStackTraces().keySet()).noneMatch(thread -> thread.getName().contains(machine.name()));
    }
}
