package sluicegate.sim.unit;

import sluicegate.api.platform.DmaMaster.AtsCompletion;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.TranslationProbe;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.sim.cache.InFlight;
import sluicegate.sim.interrupt.InterruptController;

/**
 * The model of a unit, as the fabric of its machine meets it: requests of devices go in, addresses come out.
 *
 * <p>Thread-safe. {@link #translate} allocates nothing unless it refuses. A negative answer is a refusal, recorded already
 * where the hardware records it; {@link #settle} says what becomes of the request.
 */
public interface UnitModel extends IommuUnit, TranslationProbe {

    /** What becomes of a request that got no address. */
    enum Refusal {
        /** The device gets an error. */
        FAULT,
        /** The unit let it pass, and no memory can have such an address. */
        NO_TARGET,
        /** The device is not told: a read brings zeros, a write is lost. */
        DISCARDED,
        /** Software asks for the request once more. */
        RETRY
    }

    /**
     * For units that know requesters by what stands on PCI.
     *
     * @throws IommuException EINVAL for an id of more than 16 bits
     */
    static void checkRequesterId(IommuUnit unit, int id) {
        if (id >>> Short.SIZE != 0) {
            throw IommuException.of(Errno.EINVAL, "%s: 0x%x is no requester id; they have 16 bits", unit.name(), id);
        }
    }

    /** Counts the DMAs that use its translations, from before {@link #translate} until their access to memory is done. */
    InFlight inFlight();

    /**
     * Translates an untranslated request.
     *
     * @param requesterId by which the unit knows the device, see {@link Arrival}
     * @param pasid {@link sluicegate.api.types.Pasid#NONE} or a PASID
     * @param access a constant of {@link RequestAccess}
     * @return a physical address, or something negative for {@link #settle}
     */
    long translate(int requesterId, int pasid, long iova, int access);

    /**
     * Checks a request whose address the device has translated already (ATS).
     *
     * @return as {@link #translate}
     */
    long translated(int requesterId, int pasid, long address, int access);

    /**
     * What becomes of a request that {@link #translate} or {@link #translated} refused. May wait for software, so the request
     * must not be in flight; to be called once for each refusal.
     */
    Refusal settle(long answer);

    /**
     * Answers a translation request (ATS).
     *
     * @param noWrite whether write permission is not asked for
     */
    AtsCompletion translationRequest(int requesterId, int pasid, long iova, boolean noWrite);

    /**
     * Takes a page request of a device (PRI). Where the unit answers by itself, that answer goes to the devices.
     *
     * @param access {@link RequestAccess} READ, WRITE, EXECUTE and PRIVILEGED; none for a stop marker
     * @param group page request group index, 0 to 511
     * @throws IommuException EOPNOTSUPP if it takes none
     */
    default void requestPage(int requesterId, int pasid, long iova, int access, int group, boolean last) {
        throw IommuException.of(Errno.EOPNOTSUPP, "The model of unit %s takes no page requests", name());
    }

    /**
     * A device has sent a message to the interrupt controller. Units that remap interrupts decide what becomes of it.
     *
     * @param address in the interrupt address range
     * @return what the device is told
     */
    default DmaStatus message(int requesterId, long address, int data, InterruptController controller) {
        controller.raise(address, data);
        return DmaStatus.OK;
    }

    /**
     * A request ended at the interrupt controller, and is no message that it could take.
     *
     * @param address where it ended
     * @return what the device is told
     */
    DmaStatus refuseMessage(int requesterId, int pasid, long address, int access);

    /** Tells it who the devices behind it are; to be called once, before the first request. */
    default void connect(Devices devices) {
    }

    /** The machine goes off: nobody waits for software any more. */
    default void powerOff() {
    }
}
