package sluicegate.sim.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.platform.RegisterWindow;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.FirmwareFolder;
import sluicegate.firmware.MachineDescription;
import sluicegate.sim.EmbeddedMachine;

/** QEMU's edu, as its specification has it, on a machine whose IOMMU is off. Offsets are written out, as a driver would. */
class EduTest {
    private static final PciAddress EDU = PciAddress.parse("0000:00:05.0");
    private static final int MSI = 0x40;
    private static final long BUFFER = 0x40000;

    private final EmbeddedMachine machine = EmbeddedMachine.boot(
            MachineDescription.read(FirmwareFolder.of(Path.of("machines", "q35-vtd"))), "q35-vtd", 0);
    private final PciFunction function = machine.pci().find(EDU).orElseThrow();
    private final RegisterWindow registers = function.bar(0);
    private final Semaphore interrupts = new Semaphore(0);

    @AfterEach
    void powerOff() {
        machine.powerOff();
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.onSpinWait();
        }
    }

    private void connect() {
        var vector = function.interrupts().allocate("edu", interrupts::release);
        function.config().write32(MSI + 4, (int) vector.address());
        function.config().write32(MSI + 8, (int) (vector.address() >>> 32));
        function.config().write16(MSI + 12, vector.data());
        function.config().write16(MSI + 2, function.config().read16(MSI + 2) | 1);
    }

    private void transfer(long source, long destination, long count, int command) {
        registers.write64(0x80, source);
        registers.write64(0x88, destination);
        registers.write64(0x90, count);
        registers.write64(0x98, command);
        await(() -> (registers.read64(0x98) & 1) == 0);
    }

    @Test
    void itSaysWhatItIsAndThatItLives() {
        assertThat(registers.size()).isEqualTo(1 << 20);
        assertThat(registers.read32(0)).isEqualTo(0x0100_00ed);
        registers.write32(4, 0x1234_5678);
        assertThat(registers.read32(4)).isEqualTo(~0x1234_5678);
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 1", "10, 3628800", "12, 479001600", "13, 1932053504", "34, 0", "0xffffffff, 0"})
    void itComputesFactorialsOf32Bits(String of, int factorial) {
        registers.write32(8, Long.decode(of).intValue());
        await(() -> (registers.read32(0x20) & 1) == 0);
        assertThat(registers.read32(8)).isEqualTo(factorial);
        assertThat(registers.read32(0x24)).as("nobody asked for an interrupt").isZero();
    }

    @Test
    void itInterruptsAfterAFactorialIfAsked() throws InterruptedException {
        connect();
        registers.write32(0x20, 0x80);
        registers.write32(8, 5);
        assertThat(interrupts.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
        assertThat(registers.read32(0x24)).isEqualTo(1);
        assertThat(registers.read32(8)).isEqualTo(120);
        registers.write32(0x64, 1);
        assertThat(registers.read32(0x24)).isZero();
    }

    @Test
    void causesOfInterruptsAddUpUntilTheyAreAcknowledged() throws InterruptedException {
        connect();
        registers.write32(0x60, 0x2);
        registers.write32(0x60, 0x10);
        assertThat(registers.read32(0x24)).isEqualTo(0x12);
        registers.write32(0x64, 0x2);
        assertThat(registers.read32(0x24)).isEqualTo(0x10);
        assertThat(interrupts.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void itMovesDataBothWays() throws InterruptedException {
        connect();
        long from = machine.allocate(4096);
        long to = machine.allocate(4096);
        machine.memory().set64(from + 8, 0x0123_4567_89ab_cdefL);
        transfer(from, BUFFER, 4096, 1);
        assertThat(interrupts.availablePermits()).isZero();
        transfer(BUFFER + 8, to, 8, 7);
        assertThat(machine.memory().get64(to)).isEqualTo(0x0123_4567_89ab_cdefL);
        assertThat(interrupts.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
        assertThat(registers.read32(0x24)).isEqualTo(0x100);
    }

    @Test
    void addressesAboveIts28BitsAreCutOff() {
        long to = machine.allocate(4096);
        machine.memory().set64(to, -1);
        transfer(BUFFER, to | 0x7000_0000_0000L, 8, 3);
        assertThat(machine.memory().get64(to)).as("what the device's buffer held").isZero();
    }

    @ParameterizedTest
    @CsvSource({"0x40001, 4096", "0x3ffff, 1", "0x41000, 1", "0x40000, -1", "0x40000, 4097"})
    void beyondItsBufferNothingIsMoved(String place, long count) {
        long to = machine.allocate(4096);
        machine.memory().set64(to, -1);
        transfer(Long.decode(place), to, count, 3);
        assertThat(machine.memory().get64(to)).isEqualTo(-1);
        transfer(to, Long.decode(place), count, 1);
        transfer(BUFFER, to, 8, 3);
        assertThat(machine.memory().get64(to)).isZero();
    }

    @Test
    void nobodyAnswersWhileItDoesNotDecodeMemoryOrIsGone() {
        int command = function.config().read16(4);
        function.config().write16(4, command & ~2);
        assertThat(registers.read32(0)).isEqualTo(-1);
        registers.write32(4, 1);
        function.config().write16(4, command);
        assertThat(registers.read32(4)).as("the write was lost").isZero();
        machine.pci().unplug(EDU);
        assertThat(registers.read64(0x98)).isEqualTo(-1);
    }

    @Test
    void otherRegistersAndOtherDevicesSayThatNothingIsThere() {
        assertThatThrownBy(() -> function.bar(1)).isInstanceOfSatisfying(IommuException.class,
                e -> assertThat(e.errno()).isEqualTo(Errno.ENODEV));
        assertThatThrownBy(() -> registers.read32(0x100)).hasMessageContaining("no register");
        var card = machine.pci().find(PciAddress.parse("0000:00:1f.2")).orElseThrow();
        assertThatThrownBy(() -> card.bar(5)).isInstanceOfSatisfying(IommuException.class,
                e -> assertThat(e.errno()).isEqualTo(Errno.EOPNOTSUPP));
    }
}
