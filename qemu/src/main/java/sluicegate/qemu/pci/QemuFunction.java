package sluicegate.qemu.pci;

import java.util.Map;
import java.util.Optional;
import sluicegate.api.platform.Bus;
import sluicegate.api.platform.DmaMaster;
import sluicegate.api.platform.Interrupts;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.platform.RegisterWindow;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.PciConfigImage;
import sluicegate.machine.pci.ConfiguredFunction;

/** A function of a QEMU machine. Thread-safe. */
public final class QemuFunction extends ConfiguredFunction {
    private final QtestConfig space;
    private DmaMaster dma;
    private Interrupts interrupts;
    private Map<Integer, ? extends RegisterWindow> bars = Map.of();
    private volatile boolean open;

    QemuFunction(Bus bus, PciAddress address, PciConfigImage image, Optional<QemuFunction> upstream, QtestConfig space) {
        super(bus, address, image, upstream, space);
        this.space = space;
    }

    /** Gives it its DMA engine, once, before anybody sees it; and lets {@code changed} know of writes to its command register. */
    void connect(DmaMaster engine, Runnable changed) {
        dma = engine;
        space.onCommand(changed);
    }

    /** Gives it what its own driver needs, once, before anybody sees it. */
    void serve(Interrupts vectors, Map<Integer, ? extends RegisterWindow> windows) {
        interrupts = vectors;
        bars = windows;
    }

    @Override
    public Interrupts interrupts() {
        return interrupts;
    }

    @Override
    public RegisterWindow bar(int index) {
        var window = bars.get(index);
        if (window == null) {
            throw IommuException.of(Errno.ENODEV, "BAR %d of %s names no memory", index, name());
        }
        return window;
    }

    /** Reads the bus master bits on the way again. */
    void refresh() {
        open = mayMaster();
    }

    /** Whether its requests leave it: its bus master bit and those of the bridges above it are set. */
    public boolean isOpen() {
        return open;
    }

    @Override
    public DmaMaster dma() {
        return dma;
    }
}
