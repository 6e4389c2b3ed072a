package sluicegate.api.platform;

import java.util.List;
import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/**
 * One IOMMU of a machine: an instance of hardware that a driver can be bound to ({@code struct iommu_device} before
 * its driver).
 *
 * <p>Units are published as OSGi services with the property {@link #COMPATIBLE} while their machine runs. Every part
 * lives as long as the unit, whatever drivers come and go.
 */
@ProviderType
public interface IommuUnit {

    /** Service property and driver property that say which hardware this is, such as {@code intel,vtd}. */
    String COMPATIBLE = "iommu.compatible";

    /** Name in its machine as the kernel would give it, such as {@code dmar0}. Unique within the machine only. */
    String name();

    /** The machine that it is part of. */
    Machine machine();

    /** Which hardware this is, such as {@code intel,vtd}. */
    String compatible();

    /** Physical address of the register window. */
    long baseAddress();

    /** The PCI segment whose devices it serves. */
    int segment();

    RegisterWindow registers();

    /** The memory that the unit walks. */
    PhysicalMemory memory();

    /** The unit's own memory for tables and queues. */
    MemoryArena arena();

    Interrupts interrupts();

    /** Further facts that firmware tells, such as {@code numa-node}; empty for most. */
    Map<String, String> properties();

    /** Ranges that firmware reserves for devices behind this unit, with the devices concerned (RMRR, IVMD, RMR). */
    List<FirmwareRegion> firmwareRegions();
}
