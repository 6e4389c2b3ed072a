package sluicegate.sim.device;

import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.platform.DmaMaster;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.platform.RegisterWindow;
import sluicegate.api.types.Hex;
import sluicegate.api.types.Pasid;
import sluicegate.sim.register.RegisterFile;
import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * QEMU's device for those who learn to write drivers (QEMU, {@code docs/specs/edu.rst}; behaviour that it leaves open is that of {@code
 * hw/misc/edu.c}): it computes factorials and moves data between memory and a buffer of 4 KiB, and says by interrupts when it is done.
 *
 * <p>Addresses have 28 bits; what is above is cut off, so that a driver that does not set its mask finds its data elsewhere. A
 * transfer beyond the buffer moves nothing. Thread-safe.
 */
final class Edu implements DeviceModel {
    static final int DEVICE_ID = 0x11e8;

    private static final Logger LOG = LoggerFactory.getLogger(Edu.class);
    private static final String SECTION = "edu.rst";
    private static final int WINDOW = 1 << 20;
    private static final int REGISTERS = 0xa0;
    private static final int VERSION_1_0 = 0x0100_00ed;
    private static final int BUFFER = 0x40000;
    private static final int BUFFER_SIZE = 4096;
    private static final long DMA_MASK = (1L << 28) - 1;

    private static final int COMPUTING = 0x01;
    private static final int INTERRUPT_AFTER_FACTORIAL = 0x80;
    private static final int FACTORIAL_DONE = 0x01;
    private static final int DMA_DONE = 0x100;
    private static final int RUN = 0x1;
    private static final int TO_MEMORY = 0x2;
    private static final int INTERRUPT_AFTER_DMA = 0x4;

    private final String name;
    private final DmaMaster dma;
    private final MessageSender messages;
    private final Executor time;
    private final RegisterWindow window;
    /** The device's own; touched by its transfers alone, which are one after the other. */
    private final byte[] buffer = new byte[BUFFER_SIZE];

    private int liveness;
    private int factorial;
    private int status;
    private int interrupts;
    private long source;
    private long destination;
    private long count;
    private long command;

    Edu(String name, DmaMaster dma, MessageSender messages, Executor time) {
        this.name = name;
        this.dma = dma;
        this.messages = messages;
        this.time = time;
        var file = new RegisterFile(name, WINDOW, REGISTERS);
        add(file, 0x00, 32, "IDENTIFICATION", () -> VERSION_1_0, value -> { });
        add(file, 0x04, 32, "LIVENESS", () -> liveness, value -> liveness = (int) ~value);
        add(file, 0x08, 32, "FACTORIAL", () -> factorial, this::compute);
        add(file, 0x20, 32, "STATUS", () -> status, this::setStatus);
        add(file, 0x24, 32, "INTERRUPT_STATUS", () -> interrupts, value -> { });
        add(file, 0x60, 32, "INTERRUPT_RAISE", () -> -1, value -> raise((int) value));
        add(file, 0x64, 32, "INTERRUPT_ACKNOWLEDGE", () -> -1, value -> interrupts &= (int) ~value);
        add(file, 0x80, 64, "DMA_SOURCE", () -> source, value -> source = idle() ? value : source);
        add(file, 0x88, 64, "DMA_DESTINATION", () -> destination, value -> destination = idle() ? value : destination);
        add(file, 0x90, 64, "DMA_COUNT", () -> count, value -> count = idle() ? value : count);
        add(file, 0x98, 64, "DMA_COMMAND", () -> command, this::start);
        window = file;
    }

    private void add(RegisterFile file, int offset, int bits, String register, LongSupplier reader, LongConsumer writer) {
        var layout = Layout.of(register, SECTION, bits, Field.bits("VALUE", bits - 1, 0, SECTION, "all of it"));
        file.add(Register.at(offset, layout), () -> {
            synchronized (this) {
                return reader.getAsLong();
            }
        }, (value, mask) -> {
            synchronized (this) {
                writer.accept(value);
            }
        });
    }

    @Override
    public Optional<RegisterWindow> bar(int index) {
        return index == 0 ? Optional.of(window) : Optional.empty();
    }

    // ---- what registers do; under the lock

    private void compute(long value) {
        if ((status & COMPUTING) == 0) {
            factorial = (int) value;
            status |= COMPUTING;
            time.execute(this::computeFactorial);
        }
    }

    private void setStatus(long value) {
        status = status & ~INTERRUPT_AFTER_FACTORIAL | (int) value & INTERRUPT_AFTER_FACTORIAL;
    }

    private void raise(int bits) {
        interrupts |= bits;
        if (interrupts != 0) {
            time.execute(messages::send);
        }
    }

    private boolean idle() {
        return (command & RUN) == 0;
    }

    private void start(long value) {
        if (idle() && (value & RUN) != 0) {
            command = value;
            time.execute(this::transfer);
        }
    }

    // ---- what takes time; without the lock

    private void computeFactorial() {
        int of;
        synchronized (this) {
            of = factorial;
        }
        int product = 1;
        // After at most 34 factors the product has 32 factors of two: it is zero and stays so.
        for (int factor = of; factor != 0 && product != 0; factor--) {
            product *= factor;
        }
        synchronized (this) {
            factorial = product;
            status &= ~COMPUTING;
            if ((status & INTERRUPT_AFTER_FACTORIAL) != 0) {
                raise(FACTORIAL_DONE);
            }
        }
    }

    private void transfer() {
        long from;
        long to;
        long bytes;
        boolean toMemory;
        synchronized (this) {
            from = source;
            to = destination;
            bytes = count;
            toMemory = (command & TO_MEMORY) != 0;
        }
        long place = toMemory ? from : to;
        if (place < BUFFER || bytes < 0 || bytes > BUFFER + BUFFER_SIZE - place) {
            LOG.warn("{}: a DMA of {} is outside the device's buffer {}", name, Hex.range(place, bytes), Hex.range(BUFFER, BUFFER_SIZE));
        } else if (toMemory) {
            note(dma.write(Pasid.NONE, clamp(to), buffer, (int) place - BUFFER, (int) bytes), to);
        } else {
            // What is refused reads as zeros.
            var read = new byte[(int) bytes];
            note(dma.read(Pasid.NONE, clamp(from), read, 0, read.length), from);
            System.arraycopy(read, 0, buffer, (int) place - BUFFER, read.length);
        }
        synchronized (this) {
            command &= ~RUN;
            if ((command & INTERRUPT_AFTER_DMA) != 0) {
                raise(DMA_DONE);
            }
        }
    }

    private long clamp(long address) {
        if ((address & ~DMA_MASK) != 0) {
            LOG.warn("{}: the device's addresses have 28 bits, so of {} it uses {}", name, Hex.of(address), Hex.of(address & DMA_MASK));
        }
        return address & DMA_MASK;
    }

    private void note(DmaStatus outcome, long address) {
        if (outcome != DmaStatus.OK) {
            LOG.debug("{}: DMA at {}: {}", name, Hex.of(address), outcome);
        }
    }
}
