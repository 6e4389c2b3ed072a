package sluicegate.hw.vtd;

import sluicegate.hw.common.PciFeatures;

/**
 * Who is translated how: the tables of one unit, in the mode that it is in. They begin empty, so that every source is blocked.
 *
 * <p>Thread-safe; one change at a time.
 */
abstract sealed class TranslationTables permits ContextTables, ScalableTables {
    /** The mode, as {@link sluicegate.spec.vtd.RootTableAddressRegister#TTM} has it. */
    abstract int mode();

    /** Address of the root table. */
    abstract long root();

    /** From now on the hardware uses the tables and is told of changes. */
    abstract void live(Invalidator through);

    /**
     * Makes room for a source. It stays blocked.
     *
     * @param pasidBits width of the PASIDs that it is to have, 0 for none
     * @throws sluicegate.api.types.IommuException ENOMEM; nothing stays allocated
     */
    abstract void open(int sourceId, int pasidBits);

    /** Takes the room of a source back. It is blocked, and so are all of its PASIDs. */
    abstract void close(int sourceId);

    /** Lets a device ask for translations and for pages and send PASIDs, or no longer; nothing else changes. */
    abstract void allow(int sourceId, PciFeatures.Use use);

    /**
     * Leads requests of a source to a domain; returns when the hardware uses nothing older.
     *
     * @param pasid those with it, or {@link sluicegate.api.types.Pasid#NONE} for those without
     * @throws sluicegate.api.types.IommuException ENOMEM, or what an invalidation throws. In memory the change is made then or
     *     the source is blocked; what hardware uses is open until a later change succeeds
     */
    abstract void set(int sourceId, int pasid, VtdDomain domain);

    /** Writes an entry anew if it leads to the domain: something in it has changed. */
    abstract void refresh(int sourceId, int pasid, VtdDomain domain);

    /** Takes every entry away. The caller invalidates everything; until then the tables below the root stay. */
    abstract void clear();

    /** Gives all back but the root table, after {@link #clear} and its invalidation; the root table is all zero then. */
    abstract void free();

    /** Gives back what is of use to this driver alone. The tables stay as they are. */
    abstract void keep();

    /** Gives back the root table and what was allocated with it. The hardware uses another one. */
    abstract void freeRoot();

    /** Whether it has that page of the arena before any source was opened. */
    abstract boolean uses(long page);
}
