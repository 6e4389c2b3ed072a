package sluicegate.api;

import org.osgi.annotation.versioning.ConsumerType;
import sluicegate.api.driver.SharedTables;
import sluicegate.api.platform.Machine;

/**
 * An address space that a device can share with whoever lives in it: what {@code struct mm_struct} is to SVA. Its page tables are in
 * the machine's memory, and units walk them directly. Pages come when they are asked for, and go when its owner wants.
 *
 * <p>Thread-safe. {@link #fault} may block; whatever it locks it must not hold while it calls a listener's {@link
 * Listener#ended}, but may while it calls {@link Listener#invalidate}.
 */
@ConsumerType
public interface AddressSpace {

    /** For people; unique among those that live. */
    String name();

    /** In whose memory its tables are. */
    Machine machine();

    /** What a unit walks. */
    SharedTables tables();

    /**
     * A device wants to use a page ({@code handle_mm_fault}).
     *
     * @param prot {@link sluicegate.api.types.Prot} bits that it wants
     * @return whether the page is there for that now; if not, nothing allows that access at this address
     */
    boolean fault(long address, int prot);

    /**
     * From now on it is told what changes ({@code mmu_notifier_register}).
     *
     * @return false if the address space has ended: nothing will be told
     */
    boolean addListener(Listener listener);

    void removeListener(Listener listener);

    /** Is told of changes ({@code struct mmu_notifier_ops}). The core is one. */
    interface Listener {
        /**
         * A range is not mapped any more, or not as it was: the tables are changed already. What was there is not used for anything
         * else before this returns ({@code arch_invalidate_secondary_tlbs}). While a unit translates without a driver this waits for
         * the next one, for as long as the unit's operations wait; then devices behind the unit may send no more until one has come.
         *
         * @param address first address, page aligned
         * @param size in bytes
         * @throws sluicegate.api.types.IommuException if hardware does not forget; the memory must not be used then
         */
        void invalidate(long address, long size);

        /**
         * It is ending: when this returns nothing walks its tables any more ({@code release}). Waits as {@link #invalidate} does. Called
         * once.
         */
        void ended();
    }
}
