package sluicegate.examples.edu;

import java.util.concurrent.TimeUnit;
import sluicegate.api.Device;
import sluicegate.api.DeviceDriver;
import sluicegate.api.dma.DmaDirection;
import sluicegate.api.dma.DmaMapper;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.platform.RegisterWindow;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.spec.pci.CommandRegister;
import sluicegate.spec.pci.ConfigHeader;

/** A device that is bound to this driver, until {@link #close}. Thread-safe: what it does, it does for one at a time. */
final class EduDevice implements AutoCloseable {
    static final DeviceDriver DRIVER = DeviceDriver.named("edu");

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final int TEST_PATTERN = 0x12345678;

    private final Device device;
    private final PciFunction function;
    private final DmaMapper dma;
    private final RegisterWindow registers;
    private final int commandBefore;
    private final Msi interrupt;
    private final Object arrival = new Object();
    /** Causes of interrupts that came and were not waited for yet; guarded by {@link #arrival}. */
    private int came;

    private EduDevice(Device device, PciFunction function, DmaMapper dma) {
        this.device = device;
        this.function = function;
        this.dma = dma;
        registers = function.bar(0);
        commandBefore = function.config().read16(ConfigHeader.COMMAND.offset());
        command((int) (commandBefore | CommandRegister.MEMORY_SPACE_ENABLE.mask() | CommandRegister.BUS_MASTER_ENABLE.mask()));
        try {
            requireEdu();
            dma.setMask(DmaMapper.bits(EduRegisters.ADDRESS_BITS));
            dma.setCoherentMask(DmaMapper.bits(EduRegisters.ADDRESS_BITS));
            interrupt = new Msi(function, dma, this::interrupted);
        } catch (RuntimeException e) {
            command(commandBefore);
            throw e;
        }
    }

    /**
     * Binds a device: its group's default domain is in use from here on.
     *
     * @throws IommuException as {@link Device#bind}; EIO if it does not answer as edu does; EOPNOTSUPP if it has no registers or no
     *     MSI here. Nothing is bound then
     */
    static EduDevice bind(Device device, PciFunction function, DmaMapper dma) {
        device.bind(DRIVER);
        try {
            return new EduDevice(device, function, dma);
        } catch (RuntimeException e) {
            device.unbind();
            throw e;
        }
    }

    private void requireEdu() {
        int id = registers.read32(EduRegisters.IDENTIFICATION);
        if ((id & 0xffff) != EduRegisters.EDU) {
            throw IommuException.of(Errno.EIO, "%s does not answer as edu: it says %s", device.name(), Hex.of(Integer.toUnsignedLong(id)));
        }
        registers.write32(EduRegisters.LIVENESS, TEST_PATTERN);
        if (registers.read32(EduRegisters.LIVENESS) != ~TEST_PATTERN) {
            throw IommuException.of(Errno.EIO, "%s does not invert what is written to its liveness register", device.name());
        }
    }

    private void command(int value) {
        function.config().write16(ConfigHeader.COMMAND.offset(), value);
    }

    Device device() {
        return device;
    }

    /** Such as {@code 1.0}. */
    String version() {
        int id = registers.read32(EduRegisters.IDENTIFICATION);
        return (id >>> 24) + "." + (id >>> 16 & 0xff);
    }

    /** In the machine's interrupt thread: the device says why, and is told that it was heard. */
    private void interrupted() {
        int causes = registers.read32(EduRegisters.INTERRUPT_STATUS);
        registers.write32(EduRegisters.INTERRUPT_ACKNOWLEDGE, causes);
        synchronized (arrival) {
            came |= causes;
            arrival.notifyAll();
        }
    }

    private void await(int cause, String what) {
        long end = System.nanoTime() + PATIENCE_NANOS;
        synchronized (arrival) {
            while ((came & cause) == 0) {
                long left = end - System.nanoTime();
                if (left <= 0) {
                    throw IommuException.of(Errno.ETIMEDOUT, "%s: no interrupt said that %s is done", device.name(), what);
                }
                try {
                    TimeUnit.NANOSECONDS.timedWait(arrival, left);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IommuException(Errno.EIO, device.name() + ": interrupted while waiting for " + what, e);
                }
            }
            came &= ~cause;
        }
    }

    /** The factorial of a number, in 32 bits. @throws IommuException ETIMEDOUT */
    synchronized int factorial(int of) {
        registers.write32(EduRegisters.STATUS, EduRegisters.STATUS_INTERRUPT);
        registers.write32(EduRegisters.FACTORIAL, of);
        await(EduRegisters.FACTORIAL_DONE, "the factorial");
        if ((registers.read32(EduRegisters.STATUS) & EduRegisters.STATUS_COMPUTING) != 0) {
            throw IommuException.of(Errno.EIO, "%s says that it is done and that it computes", device.name());
        }
        return registers.read32(EduRegisters.FACTORIAL);
    }

    /**
     * Lets the device read a buffer.
     *
     * @param address physical address of the buffer
     * @param length at most {@link EduRegisters#BUFFER_BYTES}
     * @return the IOVA that the device was told, which is mapped no more
     * @throws IommuException as {@link DmaMapper#mapSingle}; EINVAL if it is too long; ETIMEDOUT
     */
    synchronized long toDevice(long address, int length) {
        long iova = mapped(address, length, DmaDirection.TO_DEVICE);
        try {
            transfer(iova, EduRegisters.BUFFER, length, 0);
        } finally {
            dma.unmapSingle(iova, length, DmaDirection.TO_DEVICE, 0);
        }
        return iova;
    }

    /** Lets it write what it has read to a buffer; otherwise as {@link #toDevice}. */
    synchronized long toMemory(long address, int length) {
        long iova = mapped(address, length, DmaDirection.FROM_DEVICE);
        try {
            transfer(EduRegisters.BUFFER, iova, length, EduRegisters.COMMAND_TO_MEMORY);
        } finally {
            dma.unmapSingle(iova, length, DmaDirection.FROM_DEVICE, 0);
        }
        return iova;
    }

    private long mapped(long address, int length, DmaDirection direction) {
        if (length <= 0 || length > EduRegisters.BUFFER_BYTES) {
            throw IommuException.of(Errno.EINVAL, "%s moves 1 to %d bytes at once, not %d", device.name(), EduRegisters.BUFFER_BYTES, length);
        }
        return dma.mapSingle(address, length, direction, 0);
    }

    private void transfer(long source, long destination, int length, int direction) {
        registers.write64(EduRegisters.DMA_SOURCE, source);
        registers.write64(EduRegisters.DMA_DESTINATION, destination);
        registers.write64(EduRegisters.DMA_COUNT, length);
        registers.write64(EduRegisters.DMA_COMMAND, EduRegisters.COMMAND_RUN | EduRegisters.COMMAND_INTERRUPT | direction);
        await(EduRegisters.DMA_DONE, "the DMA");
    }

    /** Lets the device go: it interrupts nobody and, once unbound, reaches no memory. Works for one that is gone, too. */
    @Override
    public synchronized void close() {
        try {
            interrupt.close();
            command(commandBefore);
        } finally {
            if (device.deviceDriver().filter(DRIVER::equals).isPresent()) {
                device.unbind();
            }
        }
    }
}
