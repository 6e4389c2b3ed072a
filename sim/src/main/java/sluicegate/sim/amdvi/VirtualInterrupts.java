package sluicegate.sim.amdvi;

import sluicegate.api.platform.DmaStatus;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.spec.amdvi.VirtualApicPage;
import sluicegate.spec.amdvi.VirtualInterruptEntry;

/**
 * Interrupts of devices for virtual processors (2.2.5): the vector is noted in the backing page of the virtual processor; the processor
 * on which that runs gets a doorbell, or the guest log tells that it does not run. Nothing here creates an object.
 *
 * <p>Where it runs, and what the log tells of it, is read from the entry each time: software changes that without an invalidation.
 * Thread-safe.
 */
final class VirtualInterrupts {
    private final PhysicalMemory memory;
    private final GuestLog log;

    VirtualInterrupts(PhysicalMemory memory, GuestLog log) {
        this.memory = memory;
        this.log = log;
    }

    /**
     * Delivers an interrupt.
     *
     * @param word what the entry comes to
     * @param place where the entry is
     * @return {@link DmaStatus#NO_TARGET} if there is no memory for the backing page
     */
    DmaStatus deliver(long word, long place, int deviceId, InterruptController controller) {
        int vector = InterruptWord.virtualVector(word);
        long register = InterruptWord.backingPage(word) + VirtualApicPage.offset(vector);
        if (!memory.contains(register, Long.BYTES) || !memory.contains(place, VirtualInterruptEntry.BYTES)) {
            return DmaStatus.NO_TARGET;
        }
        request(register, VirtualApicPage.bit(vector));
        long low = memory.get64Acquire(place);
        if (VirtualInterruptEntry.ISRUN.isSet(low)) {
            long high = memory.get64Acquire(place + Long.BYTES);
            controller.ringDoorbell(VirtualInterruptEntry.DESTINATION_LO.get(low)
                    | VirtualInterruptEntry.DESTINATION_HI.get(high) << 24);
        } else if (VirtualInterruptEntry.GALOGINTR.isSet(low)) {
            log.log(deviceId, VirtualInterruptEntry.GATAG.get(low));
        }
        return DmaStatus.OK;
    }

    private void request(long register, long bit) {
        long found;
        do {
            found = memory.get64Acquire(register);
        } while (!memory.compareAndSet64(register, found, found | bit));
    }
}
