package sluicegate.api.platform;

import org.osgi.annotation.versioning.ProviderType;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * The DMA engine of one device: what the device can put on its bus. Requests go through the fabric and the unit that
 * firmware describes, exactly as the device's own would.
 *
 * <p>Thread-safe; reads and writes allocate nothing. A request that crosses pages of 4 KiB is split there, as a device
 * does, and stops at the first part that fails: parts before it were transferred.
 */
@ProviderType
public interface DmaMaster {

    /**
     * Whether the device can be made to issue requests. Where it can't (it would take a driver of the device's own, or the
     * machine is only a record of one), every request ends in EOPNOTSUPP.
     */
    default boolean usable() {
        return true;
    }

    /**
     * Reads from an IOVA.
     *
     * @param pasid {@link sluicegate.api.types.Pasid#NONE}, or the PASID that the requests carry
     * @throws IommuException EINVAL if the range passes 2^64 or the PASID is out of range, EOPNOTSUPP if the device cannot
     *     send that kind of request at all
     */
    DmaStatus read(int pasid, long iova, byte[] target, int offset, int length);

    /** Writes to an IOVA; otherwise as {@link #read}. */
    DmaStatus write(int pasid, long iova, byte[] source, int offset, int length);

    /**
     * Asks the unit for a translation (PCI Express ATS, section 10.2) of the page that holds {@code iova}.
     *
     * @param noWrite whether write permission is not asked for
     * @throws IommuException EOPNOTSUPP if the device has no ATS or it is switched off
     */
    default AtsCompletion translate(int pasid, long iova, boolean noWrite) {
        throw new IommuException(Errno.EOPNOTSUPP, "This device has no ATS capability, so it can't ask for translations");
    }

    /**
     * Asks the host to make a page present (PCI Express PRI, section 10.4). The response arrives at the device later.
     *
     * @param prot the {@link sluicegate.api.types.Prot} bits asked for
     * @param group page request group index, 0 to 511
     * @throws IommuException EOPNOTSUPP if the device has no PRI or it is switched off
     */
    default void requestPage(int pasid, long iova, int prot, int group, boolean last) {
        throw new IommuException(Errno.EOPNOTSUPP, "This device has no PRI capability, so it can't ask for pages");
    }

    /**
     * The unit's answer to a translation request.
     *
     * @param status {@link DmaStatus#FAULT} where the unit refuses ATS for the device
     * @param address translated address, meaningful if {@code prot} is not 0
     * @param size bytes for which it holds
     * @param prot {@link sluicegate.api.types.Prot} bits granted; 0 if there is no translation
     */
    record AtsCompletion(DmaStatus status, long address, long size, int prot) {}
}
