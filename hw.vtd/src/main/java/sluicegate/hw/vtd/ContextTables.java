package sluicegate.hw.vtd;

import java.util.BitSet;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.hw.common.PciFeatures;
import sluicegate.spec.vtd.ContextCacheInvalidateDescriptor;
import sluicegate.spec.vtd.ContextEntry;
import sluicegate.spec.vtd.RootEntry;
import sluicegate.spec.vtd.RootTableAddressRegister;
import sluicegate.spec.vtd.TranslationType;

/**
 * Root table and context tables of legacy mode (sections 3.4, 9.1 and 9.3).
 *
 * <p>An entry changes in the manual's order ({@code domain_context_mapping_one} and {@code domain_context_clear_one}): P is
 * cleared alone; context cache and IOTLB forget the old entry; the upper word is written; the lower word, with P, is
 * stored whole. So no request ever sees a mixture. Where hardware may cache that an entry was not present (CAP.CM), it is
 * told of the new one; where it buffers writes (CAP.RWBF), the buffer is flushed. A device that changes from one domain to
 * another is blocked for this moment: table and domain id stand in different words.
 */
final class ContextTables extends TranslationTables {
    private static final long NONE = -1L;

    private final PhysicalMemory memory;
    private final MemoryArena arena;
    private final VtdCapabilities capabilities;
    private final VtdWindow window;
    private final long root;
    private Invalidator invalidator;
    /** Sources that may ask for translations. */
    private final BitSet translating = new BitSet();

    ContextTables(PhysicalMemory memory, MemoryArena arena, VtdCapabilities capabilities, VtdWindow window) {
        this.memory = memory;
        this.arena = arena;
        this.capabilities = capabilities;
        this.window = window;
        this.root = arena.allocate(MemoryArena.PAGE_SIZE);
    }

    @Override
    int mode() {
        return RootTableAddressRegister.LEGACY_MODE;
    }

    @Override
    synchronized void live(Invalidator through) {
        invalidator = through;
    }

    @Override
    long root() {
        return root;
    }

    /** Entries are all there is of a source, and they are there. */
    @Override
    void open(int sourceId, int pasidBits) {}

    @Override
    void close(int sourceId) {}

    /**
     * {@inheritDoc} Translations only: pages and PASIDs nobody has in legacy mode. An entry that is there changes in one word (TT; {@code
     * context_set_translation_type}).
     */
    @Override
    synchronized void allow(int sourceId, PciFeatures.Use use) {
        translating.set(sourceId, use.ats());
        long entry = find(sourceId);
        if (entry == NONE) {
            return;
        }
        long old = memory.get64(entry);
        long low = withType(sourceId, old);
        if (ContextEntry.P.isSet(old) && low != old) {
            memory.set64Release(entry, low);
            forget(sourceId, (int) ContextEntry.DID.get(memory.get64(entry + Long.BYTES)));
        }
    }

    private long withType(int sourceId, long low) {
        boolean passes = ContextEntry.TT.get(low) == TranslationType.PASS_THROUGH.code();
        return passes || !ContextEntry.P.isSet(low) ? low : ContextEntry.TT.set(low,
                (translating.get(sourceId) ? TranslationType.DEVICE_TLB : TranslationType.UNTRANSLATED).code());
    }

    @Override
    void refresh(int sourceId, int pasid, VtdDomain domain) {}

    /** {@inheritDoc} After a failure the entry is not present if the old one could not be invalidated, else it is the new one. */
    @Override
    synchronized void set(int sourceId, int pasid, VtdDomain domain) {
        long low = withType(sourceId, domain.contextLow());
        long high = domain.contextHigh();
        boolean present = ContextEntry.P.isSet(low);
        long entry = present ? entry(sourceId) : find(sourceId);
        if (entry == NONE) {
            return;
        }
        long oldLow = memory.get64(entry);
        long oldHigh = memory.get64(entry + Long.BYTES);
        if (oldLow == low && oldHigh == high) {
            return;
        }
        boolean restored = ContextEntry.P.set(oldLow, 1) == low && oldHigh == high;
        if ((oldLow | oldHigh) != 0 && !restored) {
            // Not present and yet not zero: an earlier call got this far and could not invalidate.
            memory.set64Release(entry, ContextEntry.P.clear(oldLow));
            forget(sourceId, (int) ContextEntry.DID.get(oldHigh));
        }
        if (present) {
            memory.set64(entry + Long.BYTES, high);
            memory.set64Release(entry, low);
            announce(sourceId, (int) ContextEntry.DID.get(high));
        } else {
            memory.set64(entry, 0);
            memory.set64(entry + Long.BYTES, 0);
        }
    }

    @Override
    synchronized void clear() {
        for (int bus = 0; bus < RootEntry.COUNT; bus++) {
            long table = contextTable(bus);
            if (table != NONE) {
                // The pointer is kept until the tables are freed; without P it means nothing to hardware.
                memory.set64Release(rootEntry(bus), table);
            }
        }
    }

    @Override
    synchronized void free() {
        for (int bus = 0; bus < RootEntry.COUNT; bus++) {
            long table = memory.get64(rootEntry(bus));
            if (table != 0) {
                memory.set64(rootEntry(bus), 0);
                arena.free(RootEntry.CTP.inPlace(table), MemoryArena.PAGE_SIZE);
            }
        }
    }

    @Override
    void keep() {}

    @Override
    void freeRoot() {
        arena.free(root, MemoryArena.PAGE_SIZE);
    }

    @Override
    boolean uses(long page) {
        return page == root;
    }

    private void forget(int sourceId, int domainId) {
        invalidator.contextCache(ContextCacheInvalidateDescriptor.DEVICE, domainId, sourceId);
        invalidator.iotlbDomain(domainId);
    }

    private void announce(int sourceId, int domainId) {
        if (capabilities.cachingMode()) {
            invalidator.contextCache(ContextCacheInvalidateDescriptor.DEVICE, DomainIds.RESERVED, sourceId);
            invalidator.iotlbDomain(domainId);
        } else if (capabilities.writeBufferFlush()) {
            window.flushWriteBuffer();
        }
    }

    private long rootEntry(int bus) {
        return root + (long) bus * RootEntry.BYTES;
    }

    private long contextTable(int bus) {
        long low = memory.get64(rootEntry(bus));
        return RootEntry.P.isSet(low) ? RootEntry.CTP.inPlace(low) : NONE;
    }

    private long find(int sourceId) {
        long table = contextTable(sourceId >>> 8);
        return table == NONE ? NONE : table + (long) (sourceId & 0xff) * ContextEntry.BYTES;
    }

    private long entry(int sourceId) {
        int bus = sourceId >>> 8;
        if (contextTable(bus) == NONE) {
            long table = arena.allocate(MemoryArena.PAGE_SIZE);
            memory.set64Release(rootEntry(bus), RootEntry.P.set(RootEntry.CTP.setInPlace(0, table), 1));
        }
        return find(sourceId);
    }
}
