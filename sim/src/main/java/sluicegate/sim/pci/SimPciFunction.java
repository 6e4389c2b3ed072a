package sluicegate.sim.pci;

import java.util.Optional;
import sluicegate.api.platform.DmaMaster;
import sluicegate.api.platform.PciAddress;
import sluicegate.firmware.PciConfigImage;
import sluicegate.machine.pci.ConfiguredFunction;

/** A function of an embedded machine. Thread-safe. */
final class SimPciFunction extends ConfiguredFunction implements Requester {
    private final ConfigSpace space;
    private DmaEngine dma;

    /**
     * @param address on the platform
     * @param image as the description has it, with the address there
     */
    SimPciFunction(PciBus bus, PciAddress address, PciConfigImage image, Optional<SimPciFunction> upstream) {
        this(bus, address, image, upstream, new ConfigSpace(address.toString(), image));
    }

    private SimPciFunction(PciBus bus, PciAddress address, PciConfigImage image, Optional<SimPciFunction> upstream,
            ConfigSpace space) {
        super(bus, address, image, upstream, space);
        this.space = space;
    }

    /** Gives it its DMA engine, once, before anybody sees it; and lets {@code changed} know of configuration writes. */
    void connect(DmaEngine engine, Runnable changed) {
        dma = engine;
        space.onChange(changed);
    }

    DmaEngine engine() {
        return dma;
    }

    @Override
    public DmaMaster dma() {
        return dma;
    }
}
