package sluicegate.sim.pci;

import java.util.Optional;
import sluicegate.api.platform.DmaMaster;
import sluicegate.api.platform.Interrupts;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.platform.RegisterWindow;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.PciConfigImage;
import sluicegate.machine.pci.ConfiguredFunction;
import sluicegate.machine.pci.Placement;
import sluicegate.sim.device.DeviceModel;
import sluicegate.spec.pci.CommandRegister;
import sluicegate.spec.pci.ConfigHeader;

/** A function of an embedded machine. Thread-safe. */
final class SimPciFunction extends ConfiguredFunction implements Requester {
    private final ConfigSpace space;
    private DmaEngine dma;
    private Interrupts interrupts;
    private Optional<DeviceModel> model = Optional.empty();

    /**
     * @param address on the platform
     * @param image as the description has it, with the address there
     * @param placement what the machine says of where it is
     */
    SimPciFunction(PciBus bus, PciAddress address, PciConfigImage image, Optional<SimPciFunction> upstream, Placement placement) {
        this(bus, address, image, upstream, placement, new ConfigSpace(address.toString(), image));
    }

    private SimPciFunction(PciBus bus, PciAddress address, PciConfigImage image, Optional<SimPciFunction> upstream,
            Placement placement, ConfigSpace space) {
        super(bus, address, image, upstream, space, placement);
        this.space = space;
    }

    /** Gives it its DMA engine, once, before anybody sees it; and lets {@code changed} know of configuration writes. */
    void connect(DmaEngine engine, Runnable changed) {
        dma = engine;
        space.onChange(changed);
    }

    /** Gives it what its own driver needs, once, before anybody sees it. */
    void serve(Interrupts vectors, Optional<DeviceModel> device) {
        interrupts = vectors;
        model = device;
    }

    @Override
    public Interrupts interrupts() {
        return interrupts;
    }

    @Override
    public RegisterWindow bar(int index) {
        if (model.isEmpty()) {
            return super.bar(index);
        }
        var memory = model.get().bar(index).orElseThrow(() -> IommuException.of(Errno.ENODEV, "BAR %d of %s names no memory", index, name()));
        return new DecodedWindow(memory, this::decodesMemory);
    }

    private boolean decodesMemory() {
        return !dma.isGone() && CommandRegister.MEMORY_SPACE_ENABLE.isSet(space.read16(ConfigHeader.COMMAND.offset()));
    }

    DmaEngine engine() {
        return dma;
    }

    @Override
    public DmaMaster dma() {
        return dma;
    }
}
