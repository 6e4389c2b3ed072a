package sluicegate.api.platform;

import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * One function of a PCI device, with what grouping and aliasing need to know of it already read from its configuration
 * space.
 */
@ProviderType
public non-sealed interface PciFunction extends BusDevice {

    PciAddress address();

    PciConfig config();

    /** The bridge that leads to its bus; empty on a root bus. */
    Optional<PciFunction> upstreamBridge();

    int vendorId();

    int deviceId();

    /** Class, subclass and programming interface, 24 bits. */
    int classCode();

    /** Bit 7 of the header type: other functions may share its slot. */
    boolean multifunction();

    /** Device/port type of the PCI Express capability. */
    PcieType pcieType();

    /** Whether it has the Access Control Services capability. */
    boolean hasAcs();

    /** ACS capability register (PCI Express Base Specification 7.7.8.2): what it can enforce; 0 without ACS. */
    int acsCapabilities();

    /** ACS control register as it is now: what it enforces; 0 without ACS. */
    int acsControl();

    /**
     * Switches on source validation, request redirect, completion redirect and upstream forwarding as far as the
     * function offers them ({@code pci_enable_acs}). Harmless when repeated.
     */
    void enableAcs();

    /**
     * Further requester ids on its own bus under which its requests may arrive, because it is known to use wrong ones ({@code
     * pci_dev::dma_alias_mask}). Those that bridges put in place are not among them.
     *
     * @return device and function numbers, 0 to 255, ascending
     */
    default List<Integer> dmaAliases() {
        return List.of();
    }

    /** Whether it is a virtual function of an SR-IOV device ({@code pci_dev::is_virtfn}). */
    default boolean virtualFunction() {
        return false;
    }

    /**
     * The function in whose name its DMA is done ({@code pci_real_dma_dev}): a controller that makes a segment of its own, such as
     * Intel's VMD, sends the requests of all devices on it as its own. Itself for all others.
     */
    default PciFunction dmaSource() {
        return this;
    }

    /**
     * The memory behind one of its base address registers ({@code pci_iomap}): how its own driver talks to it. While the function does
     * not decode memory (its command register says so), or is gone, reads give all ones and writes are lost.
     *
     * @param index of the register, 0 to 5; of one of 64 bits the lower half
     * @throws IommuException ENODEV if that register names no memory; EOPNOTSUPP if nothing answers on this machine: it is a
     *     record of one, or has no model of the device
     */
    default RegisterWindow bar(int index) {
        throw IommuException.of(Errno.EOPNOTSUPP, "Nothing answers at BAR %d of %s: there is no model of the device, or its machine is only "
                + "a record of one", index, name());
    }

    /**
     * Vectors for its interrupts ({@code pci_alloc_irq_vectors}). Its driver writes a vector's message into the function's MSI
     * capability; as the address, where an IOMMU is in front of it, what {@code DmaMapper.mapMsiDoorbell} makes of the vector's.
     *
     * @throws IommuException EOPNOTSUPP if the function can't interrupt anybody: its machine is a record of one
     */
    default Interrupts interrupts() {
        throw IommuException.of(Errno.EOPNOTSUPP, "%s can't interrupt anybody: its machine is only a record of one", name());
    }

    /** Secondary and subordinate bus if it is a bridge. */
    Optional<BusRange> busesBehind();

    /**
     * The buses behind a bridge.
     *
     * @param secondary the bus directly behind it
     * @param subordinate the highest bus behind it
     */
    record BusRange(int secondary, int subordinate) {
        public boolean contains(int bus) {
            return bus >= secondary && bus <= subordinate;
        }
    }

    /** Device/port types of the PCI Express capability (PCI Express Base Specification 7.5.3.2). */
    enum PcieType {
        /** Conventional PCI: no PCI Express capability. */
        CONVENTIONAL,
        ENDPOINT,
        LEGACY_ENDPOINT,
        ROOT_PORT,
        UPSTREAM_PORT,
        DOWNSTREAM_PORT,
        PCIE_TO_PCI_BRIDGE,
        PCI_TO_PCIE_BRIDGE,
        ROOT_COMPLEX_INTEGRATED_ENDPOINT,
        ROOT_COMPLEX_EVENT_COLLECTOR
    }
}
