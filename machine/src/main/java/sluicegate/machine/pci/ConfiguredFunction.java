package sluicegate.machine.pci;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import sluicegate.api.platform.Bus;
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
import sluicegate.spec.pci.PriCapability;

/**
 * A function as its configuration space tells: what it is comes from an image taken at boot, what is switched on is read
 * where it is switched. What its machine adds is its DMA.
 *
 * <p>Thread-safe if its {@link PciConfig} is.
 */
public abstract class ConfiguredFunction implements PciFunction {
    private final Bus bus;
    private final PciAddress address;
    private final PciConfigImage image;
    private final Optional<? extends ConfiguredFunction> upstream;
    private final PciConfig config;
    private final Placement placement;
    private final PcieType pcieType;
    private final List<Integer> dmaAliases;
    private final OptionalInt acs;
    private final OptionalInt ats;
    private final OptionalInt pasid;
    private final OptionalInt pri;

    /**
     * @param address on the platform
     * @param image its configuration space at boot, with the address that it has in its machine
     * @param config its configuration space as it is
     */
    protected ConfiguredFunction(Bus bus, PciAddress address, PciConfigImage image,
            Optional<? extends ConfiguredFunction> upstream, PciConfig config) {
        this(bus, address, image, upstream, config, Placement.ORDINARY);
    }

    /** @param placement what the machine says of where it is; the other parameters are as in the shorter constructor */
    protected ConfiguredFunction(Bus bus, PciAddress address, PciConfigImage image,
            Optional<? extends ConfiguredFunction> upstream, PciConfig config, Placement placement) {
        this.bus = bus;
        this.address = address;
        this.image = image;
        this.upstream = upstream;
        this.config = config;
        this.placement = placement;
        this.pcieType = effectiveType(image, upstream);
        this.dmaAliases = DmaAliasQuirks.of(vendorId(), deviceId(), image.read16(ConfigHeader.SUBSYSTEM_VENDOR_ID.offset()),
                image.read16(ConfigHeader.SUBSYSTEM_ID.offset()), address);
        this.acs = PciCapabilities.findExtended(image, ExtendedCapabilityId.ACS.code());
        this.ats = PciCapabilities.findExtended(image, ExtendedCapabilityId.ATS.code());
        this.pasid = PciCapabilities.findExtended(image, ExtendedCapabilityId.PASID.code());
        this.pri = PciCapabilities.findExtended(image, ExtendedCapabilityId.PRI.code());
    }

    private static PcieType effectiveType(PciConfigImage image, Optional<? extends ConfiguredFunction> upstream) {
        var type = pcieType(image);
        boolean below = upstream.map(ConfiguredFunction::pcieType)
                .filter(above -> above != PcieType.CONVENTIONAL && above != PcieType.PCIE_TO_PCI_BRIDGE).isPresent();
        return type == PcieType.CONVENTIONAL && image.headerLayout() == HeaderTypeRegister.BRIDGE
                && DmaAliasQuirks.hiddenPcieBridge(image.read16(ConfigHeader.VENDOR_ID.offset()),
                        image.read16(ConfigHeader.DEVICE_ID.offset()), below) ? PcieType.PCIE_TO_PCI_BRIDGE : type;
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

    /** Its configuration space at boot, with the address that it has in its machine. */
    public final PciConfigImage image() {
        return image;
    }

    /** Whether its bus master bit and that of every bridge above it are set. */
    public final boolean mayMaster() {
        return CommandRegister.BUS_MASTER_ENABLE.isSet(config.read16(ConfigHeader.COMMAND.offset()))
                && upstream.map(ConfiguredFunction::mayMaster).orElse(true);
    }

    /** What a device's driver does in the end: lets the function issue requests. */
    public final void enableBusMaster() {
        int command = config.read16(ConfigHeader.COMMAND.offset());
        config.write16(ConfigHeader.COMMAND.offset(), (int) CommandRegister.BUS_MASTER_ENABLE.set(command, 1));
    }

    /** Whether it has the Address Translation Services capability. */
    public final boolean hasAts() {
        return ats.isPresent();
    }

    /** Whether ATS is there and switched on. */
    public final boolean atsEnabled() {
        return ats.isPresent()
                && AtsCapability.ENABLE.isSet(config.read16(ats.getAsInt() + AtsCapability.CONTROL_REGISTER.offset()));
    }

    /** Whether it has the Page Request Interface capability. */
    public final boolean hasPri() {
        return pri.isPresent();
    }

    /** Whether page requests are there and switched on. */
    public final boolean priEnabled() {
        return pri.isPresent()
                && PriCapability.ENABLE.isSet(config.read16(pri.getAsInt() + PriCapability.CONTROL_REGISTER.offset()));
    }

    /** How many page requests software lets it have outstanding; 0 if it has no page requests. */
    public final int pageRequestLimit() {
        return pri.isEmpty() ? 0
                : (int) Math.min(Integer.MAX_VALUE, Integer.toUnsignedLong(
                        config.read32(pri.getAsInt() + PriCapability.OUTSTANDING_ALLOCATION.offset())));
    }

    /** Whether the PASID capability is there and switched on. */
    public final boolean pasidEnabled() {
        return pasid.isPresent()
                && PasidCapability.ENABLE.isSet(config.read16(pasid.getAsInt() + PasidCapability.CONTROL_REGISTER.offset()));
    }

    @Override
    public final String name() {
        return address.toString();
    }

    @Override
    public final Bus bus() {
        return bus;
    }

    @Override
    public String description() {
        return image.description().isEmpty()
                ? String.format("%04x:%04x class %06x", vendorId(), deviceId(), classCode())
                : image.description();
    }

    /** Whether it is behind a port that leads out of the machine ({@code set_pcie_untrusted}). */
    @Override
    public final boolean untrusted() {
        return upstream.filter(bridge -> bridge.leadsOutside() || bridge.untrusted()).isPresent();
    }

    final boolean leadsOutside() {
        return placement.externalFacing();
    }

    @Override
    public final long dmaLimit() {
        return placement.dmaLimit();
    }

    @Override
    public final int pasidBits() {
        return pasid.isEmpty() ? 0 : (int) PasidCapability.MAX_PASID_WIDTH.get(
                image.read16(pasid.getAsInt() + PasidCapability.CAPABILITY_REGISTER.offset()));
    }

    @Override
    public final PciAddress address() {
        return address;
    }

    @Override
    public final PciConfig config() {
        return config;
    }

    @Override
    public final Optional<PciFunction> upstreamBridge() {
        return upstream.map(bridge -> bridge);
    }

    @Override
    public final int vendorId() {
        return image.read16(ConfigHeader.VENDOR_ID.offset());
    }

    @Override
    public final int deviceId() {
        return image.read16(ConfigHeader.DEVICE_ID.offset());
    }

    @Override
    public final int classCode() {
        return image.classCode();
    }

    @Override
    public final boolean multifunction() {
        return image.multifunction();
    }

    @Override
    public final PcieType pcieType() {
        return pcieType;
    }

    @Override
    public final boolean hasAcs() {
        return acs.isPresent();
    }

    @Override
    public final int acsCapabilities() {
        return acs.isEmpty() ? 0 : image.read16(acs.getAsInt() + AcsCapability.CAPABILITY_REGISTER.offset());
    }

    @Override
    public final int acsControl() {
        return acs.isEmpty() ? 0 : config.read16(acsControlOffset());
    }

    @Override
    public void enableAcs() {
        if (acs.isPresent()) {
            // What comes from outside must not pretend that its addresses are translated.
            long switches = AcsCapability.ISOLATION | (placement.externalFacing() || untrusted() ? AcsCapability.TB.mask() : 0);
            int wanted = acsControl() | acsCapabilities() & (int) switches;
            config.write16(acsControlOffset(), wanted);
        }
    }

    private int acsControlOffset() {
        return acs.orElseThrow() + AcsRegisters.controlOffset(image);
    }

    @Override
    public final List<Integer> dmaAliases() {
        return dmaAliases;
    }

    @Override
    public final Optional<BusRange> busesBehind() {
        return image.headerLayout() == HeaderTypeRegister.BRIDGE
                ? Optional.of(new BusRange(image.secondaryBus(), image.subordinateBus()))
                : Optional.empty();
    }

    @Override
    public final String toString() {
        return name();
    }
}
