package sluicegate.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.types.Pasid;
import sluicegate.qemu.process.Programs;

/**
 * QEMU's SMMUv3 and AMD IOMMU: where devices' DMA goes once tables say so. Tables, commands and registers are written by hand
 * from the manuals (IHI 0070, AMD 48882), so that neither a driver nor a vocabulary is involved.
 */
class QemuUnitsTest {
    private static final Programs HOST = Programs.ofHost();
    private static final int PAGE = 4096;
    private static final long LARGE = 2L << 20;
    private static final long PAGES = 0x1000_0000L;
    private static final long BLOCK = 0x1020_0000L;
    private static final long NOTHING = 0x1040_0000L;
    private static final int EDU = 0x28;
    private static final int SD_HOST = 0x30;

    private QemuMachine machine;
    private IommuUnit unit;

    @AfterEach
    void powerOff() {
        if (machine != null) {
            machine.powerOff();
        }
    }

    private void boot(String name) {
        var missing = QemuMachine.missing(name, HOST);
        Assumptions.assumeTrue(missing.isEmpty(), missing::orElseThrow);
        machine = QemuMachine.boot(name, 0, HOST);
        unit = machine.units().get(0);
    }

    private void set(long address, long value) {
        machine.memory().set64(address, value);
    }

    private DmaStatus write(String device, long iova, String text) {
        return machine.buses().get(0).devices().stream().filter(found -> found.name().equals(device)).findFirst().orElseThrow()
                .dma().write(Pasid.NONE, iova, text.getBytes(StandardCharsets.US_ASCII), 0, text.length());
    }

    private String at(long address, int length) {
        var bytes = new byte[length];
        machine.memory().read(address, bytes, 0, length);
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    // ---- SMMUv3

    private static final int CR0 = 0x20;
    private static final int IRQ_CTRL = 0x50;
    private static final int STRTAB_BASE = 0x80;
    private static final int STRTAB_BASE_CFG = 0x88;
    private static final int CMDQ_BASE = 0x90;
    private static final int CMDQ_PROD = 0x98;
    private static final int CMDQ_CONS = 0x9c;
    private static final int EVENTQ_BASE = 0xa0;
    private static final int EVENTQ_PROD = 0x100a8;
    /** 16 entries. */
    private static final int QUEUE = 4;
    /** Access flag, inner shareable, all may read and write. */
    private static final long LEAF = 1 << 10 | 3 << 8 | 1 << 6;

    /** A stage 1 of 39 bits with pages of 4 KiB for two streams: a page, a page to read and a block of 2 MiB. */
    private void smmu(long page, long readOnly, long block) {
        long level1 = machine.allocate(PAGE);
        long level2 = machine.allocate(PAGE);
        long level3 = machine.allocate(PAGE);
        set(level1, level2 | 3);
        set(level2 + 8 * 0x80, level3 | 3);
        set(level2 + 8 * 0x81, block | LEAF | 1);
        set(level3, page | LEAF | 3);
        set(level3 + 8, readOnly | LEAF | 1 << 7 | 3);
        long contexts = machine.allocate(PAGE);
        // T0SZ 25, no TTB1, valid, 44 bits of output, AArch64, faults are recorded and abort, ASID 1.
        set(contexts, 25 | 3 << 12 | 1 << 8 | 1 << 10 | 1L << 30 | 1L << 31 | 4L << 32 | 1L << 41 | 1L << 45 | 1L << 46 | 1L << 48);
        set(contexts + 8, level1);
        set(contexts + 24, 0xff);
        long streams = machine.allocate(PAGE);
        for (int stream : new int[] {EDU, SD_HOST}) {
            set(streams + 64 * stream, contexts | 5 << 1 | 1);
            set(streams + 64 * stream + 8, 1L << 44);
        }
        var registers = unit.registers();
        registers.write64(STRTAB_BASE, streams);
        registers.write32(STRTAB_BASE_CFG, 6);
        registers.write64(CMDQ_BASE, machine.allocate(PAGE) | QUEUE);
        registers.write64(EVENTQ_BASE, machine.allocate(PAGE) | QUEUE);
        registers.write32(IRQ_CTRL, 5);
        registers.write32(CR0, 8);
        registers.write32(CR0, 0xd);
        command(0x04, 31);
        command(0x30, 0);
        command(0x46, 0);
    }

    private void command(long word0, long word1) {
        var registers = unit.registers();
        int producer = registers.read32(CMDQ_PROD);
        long slot = (registers.read64(CMDQ_BASE) & -PAGE) + 16L * (producer & 15);
        set(slot, word0);
        set(slot + 8, word1);
        registers.write32(CMDQ_PROD, producer + 1);
        assertThat(registers.read32(CMDQ_CONS)).isEqualTo(producer + 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0000:00:05.0", "0000:00:06.0"})
    void anSmmuTranslatesAndReports(String device) throws InterruptedException {
        boot("qemu:virt-smmuv3");
        long page = machine.allocate(PAGE);
        long readOnly = machine.allocate(PAGE);
        long block = machine.allocate(LARGE);
        smmu(page, readOnly, block);
        var events = new Semaphore(0);
        try (var vector = unit.interrupts().allocate(unit.name() + "-evtq", events::release)) {
            assertThat(write(device, PAGES + 0x10, "page")).isEqualTo(DmaStatus.OK);
            assertThat(at(page + 0x10, 4)).isEqualTo("page");
            assertThat(write(device, BLOCK + 0x12348, "and block")).isEqualTo(DmaStatus.OK);
            assertThat(at(block + 0x12348, 9)).isEqualTo("and block");
            assertThat(events.availablePermits()).isZero();

            assertThat(write(device, NOTHING, "lost")).isEqualTo(DmaStatus.FAULT);
            assertThat(events.tryAcquire(20, TimeUnit.SECONDS)).as("the wired interrupt of the event queue").isTrue();
            long event = unit.registers().read64(EVENTQ_BASE) & -PAGE;
            assertThat(machine.memory().get64(event) & 0xff).as("F_TRANSLATION").isEqualTo(0x10);
            assertThat(machine.memory().get64(event) >>> 32).isEqualTo(device.endsWith("05.0") ? EDU : SD_HOST);
            assertThat(machine.memory().get64(event + 16)).isEqualTo(NOTHING);
            assertThat(write(device, PAGES + PAGE, "lost")).isEqualTo(DmaStatus.FAULT);
            assertThat(machine.memory().get64(event + 32) & 0xff).as("F_PERMISSION").isEqualTo(0x13);
            assertThat(unit.registers().read32(EVENTQ_PROD)).isEqualTo(2);
            assertThat(at(readOnly, 4)).isEqualTo("\0\0\0\0");
        }
    }

    // ---- AMD IOMMU

    private static final int DEVICE_TABLE = 0x00;
    private static final int COMMAND_BASE = 0x08;
    private static final int EVENT_BASE = 0x10;
    private static final int CONTROL = 0x18;
    private static final int COMMAND_TAIL = 0x2008;
    private static final long RIGHTS = 3L << 61;

    private static long entry(long address, int nextLevel) {
        return address | RIGHTS | (long) nextLevel << 9 | 1;
    }

    @Test
    void anAmdIommuTranslatesPagesOfAnySize() {
        boot("qemu:q35-amdvi");
        long page = machine.allocate(PAGE);
        long block = machine.allocate(LARGE);
        long level3 = machine.allocate(PAGE);
        long level2 = machine.allocate(PAGE);
        long level1 = machine.allocate(PAGE);
        set(level3, entry(level2, 2));
        set(level2 + 8 * 0x80, entry(level1, 1));
        set(level2 + 8 * 0x81, entry(block, 0));
        set(level1, entry(page, 0));
        // 64 KiB: sixteen entries that say so in their address and their next level of 7.
        long some = machine.allocate(64 << 10);
        for (int i = 16; i < 32; i++) {
            set(level1 + 8 * i, entry(some | 0x7000, 7));
        }
        long devices = machine.allocate(LARGE);
        for (int device : new int[] {EDU, SD_HOST}) {
            set(devices + 32 * device, level3 | RIGHTS | 3 << 9 | 3);
            set(devices + 32 * device + 8, 1);
        }
        var registers = unit.registers();
        registers.write64(DEVICE_TABLE, devices | 0x1ff);
        registers.write64(COMMAND_BASE, machine.allocate(PAGE) | 8L << 56);
        registers.write64(EVENT_BASE, machine.allocate(PAGE) | 8L << 56);
        registers.write64(CONTROL, 0x101d);
        long done = machine.allocate(PAGE);
        long commands = registers.read64(COMMAND_BASE) & 0xf_ffff_ffff_f000L;
        set(commands, done | 1 | 1L << 60);
        set(commands + 8, 0x600d);
        registers.write64(COMMAND_TAIL, 16);
        assertThat(machine.memory().get64(done)).as("COMPLETION_WAIT").isEqualTo(0x600d);

        for (var device : new String[] {"0000:00:05.0", "0000:00:06.0"}) {
            var text = device.substring(8);
            assertThat(write(device, PAGES + 0x18, text)).isEqualTo(DmaStatus.OK);
            assertThat(at(page + 0x18, 4)).isEqualTo(text);
            assertThat(write(device, BLOCK + 0x15_5348, text)).isEqualTo(DmaStatus.OK);
            assertThat(at(block + 0x15_5348, 4)).as("%s, in a page of 2 MiB", device).isEqualTo(text);
            assertThat(write(device, PAGES + 0x1_d040, text)).isEqualTo(DmaStatus.OK);
            assertThat(at(some + 0xd040, 4)).as("%s, in a page of 64 KiB", device).isEqualTo(text);
            assertThat(write(device, NOTHING, text)).isEqualTo(DmaStatus.FAULT);
        }
        assertThat(write("0000:00:05.0", PAGES + 0x1000, "lost")).isEqualTo(DmaStatus.FAULT);
    }
}
