package sluicegate.api;

import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.types.DecodedRegister;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Translation;

/** One IOMMU: its hardware, and the driver that is bound to it if there is one. */
@ProviderType
public interface Unit {

    /** Unique on the platform: {@code dmar0}, and {@code dmar0.1} for a second one of that name. */
    String name();

    /** Which hardware it is, such as {@code intel,vtd}. */
    String compatible();

    /** Name of its machine. */
    String machine();

    /** Physical address of its registers. */
    long baseAddress();

    State state();

    /** The driver that is bound to it. */
    Optional<Iommu.DriverInfo> driver();

    /** How its driver would leave it if its bundle went now. */
    LeavePolicy leavePolicy();

    /**
     * Gives the unit to another driver. Operations on what is behind it wait meanwhile. If that driver fails to take it, the others
     * have their turn, the one that had it among them.
     *
     * @param driver name of a driver that {@link Iommu#drivers} lists; of several with that name the first that does not have it
     * @param policy whether DMA goes on translating until the next driver has taken over, or is blocked
     * @throws IommuException ENOENT without such a driver, EINVAL if it drives other hardware; EOPNOTSUPP if translating is to go on
     *     and the driver can't take that over; ENODEV if the unit's machine is off; what the driver fails with
     */
    void swap(String driver, LeavePolicy policy);

    /** Why the last attempt to bind a driver failed, if it did. */
    Optional<String> problem();

    /** The devices behind it, whether probed or waiting. */
    List<Device> devices();

    /**
     * Its registers, decoded by its driver.
     *
     * @throws IommuException ENODEV without a driver
     */
    List<DecodedRegister> registers();

    /**
     * What the hardware answers to a request with this requester id, which need not belong to any device. Unlike {@link
     * Device#translate}, nothing is put in the id's place: it is the one that stands on the bus behind all bridges.
     *
     * @param requesterId as the unit sees it, unsigned: 16 bits that stand on PCI, for an SMMU a stream id of up to 32
     * @param pasid {@link sluicegate.api.types.Pasid#NONE} or a PASID
     * @param write whether to ask for a write; a read otherwise
     * @throws IommuException EINVAL for an id or PASID out of range; EOPNOTSUPP if this hardware cannot be asked about an id
     *     that is no device's; ENODEV if its machine is off
     */
    Translation translate(int requesterId, int pasid, long iova, boolean write);

    /** Where a unit is in its life. */
    enum State {
        /** No driver for it yet. */
        WAITING,
        /** A driver is bound to it. */
        BOUND,
        /** Its driver has left; devices are blocked, or translated by the tables it left. */
        HELD,
        /** A driver was there and failed to take it. */
        FAILED,
        /** Its machine is off. */
        GONE;

        /** Lower-case word, as the shell prints it. */
        public String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }
}
