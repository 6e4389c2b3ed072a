package sluicegate.sim.pci;

import java.util.Optional;
import java.util.OptionalInt;
import sluicegate.api.platform.Bus;
import sluicegate.api.platform.DmaMaster;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.platform.PciConfig;
import sluicegate.api.platform.PciFunction;
import sluicegate.firmware.PciCapabilities;
import sluicegate.firmware.PciConfigImage;
import sluicegate.spec.pci.AcsCapability;
import sluicegate.spec.pci.AtsCapability;
import sluicegate.spec.pci.CapabilityId;
import sluicegate.spec.pci.CommandRegister;
import sluicegate.spec.pci.ConfigHeader;
import sluicegate.spec.pci.ExtendedCapabilityId;
import sluicegate.spec.pci.HeaderTypeRegister;
import sluicegate.spec.pci.PasidCapability;
import sluicegate.spec.pci.PcieCapability;
import sluicegate.spec.pci.PciePortType;

/** A function of an embedded machine. Thread-safe. */
final class SimPciFunction implements PciFunction {
    private final PciBus bus;
    private final PciAddress address;
    private final PciConfigImage image;
    private final Optional<SimPciFunction> upstream;
    private final ConfigSpace config;
    private final PcieType pcieType;
    private final OptionalInt acs;
    private final OptionalInt ats;
    private final OptionalInt pasid;
    private DmaEngine dma;

    /**
     * @param address on the platform
     * @param image as the description has it, with the address there
     */
    SimPciFunction(PciBus bus, PciAddress address, PciConfigImage image, Optional<SimPciFunction> upstream) {
        this.bus = bus;
        this.address = address;
        this.image = image;
        this.upstream = upstream;
        this.config = new ConfigSpace(address.toString(), image);
        this.pcieType = pcieType(image);
        this.acs = PciCapabilities.findExtended(image, ExtendedCapabilityId.ACS.code());
        this.ats = PciCapabilities.findExtended(image, ExtendedCapabilityId.ATS.code());
        this.pasid = PciCapabilities.findExtended(image, ExtendedCapabilityId.PASID.code());
    }

    private static PcieType pcieType(PciConfigImage image) {
        var capability = PciCapabilities.find(image, CapabilityId.PCI_EXPRESS.code());
        if (capability.isEmpty()) {
            return PcieType.CONVENTIONAL;
        }
        int register = image.read16(capability.getAsInt() + PcieCapability.CAPABILITIES_REGISTER.offset());
        return PciePortType.of(PcieCapability.PORT_TYPE.get(register)).map(type -> switch (type) {
            case ENDPOINT -> PcieType.ENDPOINT;
            case LEGACY_ENDPOINT -> PcieType.LEGACY_ENDPOINT;
            case ROOT_PORT -> PcieType.ROOT_PORT;
            case UPSTREAM_PORT -> PcieType.UPSTREAM_PORT;
            case DOWNSTREAM_PORT -> PcieType.DOWNSTREAM_PORT;
            case PCIE_TO_PCI_BRIDGE -> PcieType.PCIE_TO_PCI_BRIDGE;
            case PCI_TO_PCIE_BRIDGE -> PcieType.PCI_TO_PCIE_BRIDGE;
            case INTEGRATED_ENDPOINT -> PcieType.ROOT_COMPLEX_INTEGRATED_ENDPOINT;
            case EVENT_COLLECTOR -> PcieType.ROOT_COMPLEX_EVENT_COLLECTOR;
        }).orElse(PcieType.ENDPOINT);
    }

    /** Gives it its DMA engine, once, before anybody sees it; and lets {@code changed} know of configuration writes. */
    void connect(DmaEngine engine, Runnable changed) {
        dma = engine;
        config.onChange(changed);
    }

    DmaEngine engine() {
        return dma;
    }

    PciConfigImage image() {
        return image;
    }

    /** Whether its bus master bit and that of every bridge above it are set. */
    boolean mayMaster() {
        return CommandRegister.BUS_MASTER_ENABLE.isSet(config.read16(ConfigHeader.COMMAND.offset()))
                && upstream.map(SimPciFunction::mayMaster).orElse(true);
    }

    /** What a device's driver does in the end: lets the function issue requests. */
    void enableBusMaster() {
        int command = config.read16(ConfigHeader.COMMAND.offset());
        config.write16(ConfigHeader.COMMAND.offset(), (int) CommandRegister.BUS_MASTER_ENABLE.set(command, 1));
    }

    boolean atsEnabled() {
        return ats.isPresent()
                && AtsCapability.ENABLE.isSet(config.read16(ats.getAsInt() + AtsCapability.CONTROL_REGISTER.offset()));
    }

    boolean hasAts() {
        return ats.isPresent();
    }

    boolean pasidEnabled() {
        return pasid.isPresent()
                && PasidCapability.ENABLE.isSet(config.read16(pasid.getAsInt() + PasidCapability.CONTROL_REGISTER.offset()));
    }

    @Override
    public String name() {
        return address.toString();
    }

    @Override
    public Bus bus() {
        return bus;
    }

    @Override
    public String description() {
        return image.description().isEmpty()
                ? String.format("%04x:%04x class %06x", vendorId(), deviceId(), classCode())
                : image.description();
    }

    @Override
    public DmaMaster dma() {
        return dma;
    }

    /** No description says which ports lead outside. */
    @Override
    public boolean untrusted() {
        return false;
    }

    @Override
    public int pasidBits() {
        return pasid.isEmpty() ? 0 : (int) PasidCapability.MAX_PASID_WIDTH.get(
                image.read16(pasid.getAsInt() + PasidCapability.CAPABILITY_REGISTER.offset()));
    }

    @Override
    public PciAddress address() {
        return address;
    }

    @Override
    public PciConfig config() {
        return config;
    }

    @Override
    public Optional<PciFunction> upstreamBridge() {
        return upstream.map(bridge -> bridge);
    }

    @Override
    public int vendorId() {
        return image.read16(ConfigHeader.VENDOR_ID.offset());
    }

    @Override
    public int deviceId() {
        return image.read16(ConfigHeader.DEVICE_ID.offset());
    }

    @Override
    public int classCode() {
        return image.read32(ConfigHeader.REVISION_ID.offset()) >>> 8;
    }

    @Override
    public boolean multifunction() {
        return HeaderTypeRegister.MULTI_FUNCTION.isSet(image.read8(ConfigHeader.HEADER_TYPE.offset()));
    }

    @Override
    public PcieType pcieType() {
        return pcieType;
    }

    @Override
    public boolean hasAcs() {
        return acs.isPresent();
    }

    @Override
    public int acsCapabilities() {
        return acs.isEmpty() ? 0 : image.read16(acs.getAsInt() + AcsCapability.CAPABILITY_REGISTER.offset());
    }

    @Override
    public int acsControl() {
        return acs.isEmpty() ? 0 : config.read16(acs.getAsInt() + AcsCapability.CONTROL_REGISTER.offset());
    }

    @Override
    public void enableAcs() {
        if (acs.isPresent()) {
            int wanted = acsControl() | acsCapabilities() & (int) AcsCapability.ISOLATION;
            config.write16(acs.getAsInt() + AcsCapability.CONTROL_REGISTER.offset(), wanted);
        }
    }

    @Override
    public Optional<BusRange> busesBehind() {
        int layout = (int) HeaderTypeRegister.HEADER_LAYOUT.get(image.read8(ConfigHeader.HEADER_TYPE.offset()));
        return layout == HeaderTypeRegister.BRIDGE
                ? Optional.of(new BusRange(image.read8(ConfigHeader.SECONDARY_BUS.offset()),
                        image.read8(ConfigHeader.SUBORDINATE_BUS.offset())))
                : Optional.empty();
    }

    @Override
    public String toString() {
        return name();
    }
}
