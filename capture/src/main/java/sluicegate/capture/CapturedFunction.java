package sluicegate.capture;

import java.util.Map;
import java.util.Optional;
import sluicegate.api.platform.Bus;
import sluicegate.api.platform.DmaMaster;
import sluicegate.api.platform.PciAddress;
import sluicegate.firmware.PciConfigImage;
import sluicegate.machine.pci.ConfiguredFunction;

/** A PCI function of a capture: its configuration space, and what the kernel had made of it. Immutable. */
final class CapturedFunction extends ConfiguredFunction {
    private final Map<String, String> facts;
    private final DmaMaster dma;

    /**
     * @param address on the platform
     * @param facts by {@link sluicegate.capture.facts.KernelFacts}
     */
    CapturedFunction(Bus bus, PciAddress address, PciConfigImage image, Optional<CapturedFunction> upstream,
            Map<String, String> facts) {
        super(bus, address, image, upstream, new CapturedConfig(address.toString(), image));
        this.facts = facts;
        this.dma = ReadOnly.dma(this);
    }

    @Override
    public Map<String, String> properties() {
        return facts;
    }

    @Override
    public DmaMaster dma() {
        return dma;
    }

    /** The kernel has done that as far as it wanted to. */
    @Override
    public void enableAcs() { }
}
