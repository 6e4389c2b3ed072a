package sluicegate.hw.vtd;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.hw.common.PciFeatures;
import sluicegate.spec.vtd.ContextCacheInvalidateDescriptor;
import sluicegate.spec.vtd.IotlbInvalidateDescriptor;
import sluicegate.spec.vtd.PasidDirectoryEntry;
import sluicegate.spec.vtd.PasidEntry;
import sluicegate.spec.vtd.RootTableAddressRegister;
import sluicegate.spec.vtd.ScalableContextEntry;
import sluicegate.spec.vtd.ScalableRootEntry;

/**
 * Tables of scalable mode (sections 3.4.3 and 9.2 to 9.6): root table, context tables of half a bus, and for each source a PASID
 * directory with tables of 64 PASIDs. Requests without a PASID are translated as those with PASID 0 (RID_PASID), as in the kernel.
 *
 * <p>A PASID entry that is not present is written from behind, its first word with P last ({@code intel_pasid_setup_second_level}
 * and others); where hardware may cache that it was not there (CAP.CM), it is told of it. One that goes loses P alone, then PASID
 * cache and IOTLB forget it, then the rest is cleared ({@code intel_pasid_tear_down_entry}); if its address space has ended, it gets
 * FPD with the same store, and keeps it until the PASID is blocked.
 *
 * <p>An entry that is replaced by another (section 6.5.3.3 leaves the way open):
 * <ul>
 *   <li>if a single word of 64 bits differs, that word is stored. So dirty tracking and forced snooping are switched under DMA;
 *   <li>else the table of 64 entries is written a second time, with the new entry, and the word in the PASID directory that leads
 *       to it is the switch. At every instant hardware finds the old entry or the new one, whole; no DMA is refused. The table that
 *       is free after that is used for the next change. Because hardware may cache directory entries as well, all of the PASID
 *       cache is invalidated;
 *   <li>only where there is no memory for a second table, the old entry goes and then the new one comes, and the source is blocked
 *       between the two.
 * </ul>
 */
final class ScalableTables extends TranslationTables {
    private static final long NONE = -1L;
    private static final int HALF_BUS = 0x80;
    private static final int FEWEST_DIRECTORY_ENTRIES = 128;
    private static final long ALLOWED = ScalableContextEntry.DTE.mask() | ScalableContextEntry.PASIDE.mask()
            | ScalableContextEntry.PRE.mask();

    private final PhysicalMemory memory;
    private final MemoryArena arena;
    private final VtdCapabilities capabilities;
    private final VtdWindow window;
    private final ScalableInvalidator scalable;
    private final long root;
    private Invalidator invalidator;
    private final Map<Integer, Source> sources = new HashMap<>();
    /** A table for the next change, or {@link #NONE}. */
    private long spare;
    /** Tables that no entry leads to, but that hardware may still know. */
    private final List<Long> unforgotten = new ArrayList<>();
    /** Whether hardware may use something that is not there any more, because an invalidation failed. */
    private boolean stale;

    /** What was allocated for a source. */
    private record Source(long context, long directory, int directoryEntries) {
        long bytes() {
            return Math.max(MemoryArena.PAGE_SIZE, (long) directoryEntries * PasidDirectoryEntry.BYTES);
        }
    }

    /** @throws IommuException ENOMEM; nothing stays allocated */
    ScalableTables(PhysicalMemory memory, MemoryArena arena, VtdCapabilities capabilities, VtdWindow window,
            ScalableInvalidator scalable) {
        this.memory = memory;
        this.arena = arena;
        this.capabilities = capabilities;
        this.window = window;
        this.scalable = scalable;
        this.root = arena.allocate(MemoryArena.PAGE_SIZE);
        try {
            this.spare = arena.allocate(MemoryArena.PAGE_SIZE);
        } catch (IommuException e) {
            arena.free(root, MemoryArena.PAGE_SIZE);
            throw e;
        }
    }

    /** The PASID that requests are translated with: those without one as those with PASID 0. */
    static int slot(int pasid) {
        return pasid == Pasid.NONE ? 0 : pasid;
    }

    @Override
    int mode() {
        return RootTableAddressRegister.SCALABLE_MODE;
    }

    @Override
    long root() {
        return root;
    }

    @Override
    synchronized void live(Invalidator through) {
        invalidator = through;
    }

    @Override
    synchronized void open(int sourceId, int pasidBits) {
        // What an earlier device of that id left because hardware did not forget it.
        close(sourceId);
        long context = contextEntry(sourceId);
        int entries = Math.max(FEWEST_DIRECTORY_ENTRIES, 1 << Math.max(0, pasidBits - 6));
        var source = new Source(context, arena.allocate(Math.max(MemoryArena.PAGE_SIZE, entries * (long) PasidDirectoryEntry.BYTES)),
                entries);
        try {
            ensure(source, 0);
        } catch (IommuException e) {
            arena.free(source.directory, source.bytes());
            throw e;
        }
        sources.put(sourceId, source);
        memory.set64(context + Long.BYTES, 0);
        long low = ScalableContextEntry.PASIDDIRPTR.setInPlace(ScalableContextEntry.P.mask(), source.directory);
        low = ScalableContextEntry.PDTS.set(low, Integer.numberOfTrailingZeros(entries / FEWEST_DIRECTORY_ENTRIES));
        memory.set64Release(context, low);
        if (capabilities.cachingMode()) {
            forgetContext(sourceId);
        } else {
            flushWriteBuffer();
        }
    }

    @Override
    synchronized void close(int sourceId) {
        var source = sources.get(sourceId);
        if (source == null) {
            return;
        }
        memory.set64Release(source.context, ScalableContextEntry.P.clear(memory.get64(source.context)));
        forgetContext(sourceId);
        scalable.pasidCache();
        sources.remove(sourceId);
        memory.set64(source.context, 0);
        freeTables(source);
    }

    private void freeTables(Source source) {
        for (int i = 0; i < source.directoryEntries; i++) {
            long entry = memory.get64(source.directory + (long) i * PasidDirectoryEntry.BYTES);
            if (PasidDirectoryEntry.P.isSet(entry)) {
                arena.free(PasidDirectoryEntry.SMPTBLPTR.inPlace(entry), MemoryArena.PAGE_SIZE);
            }
        }
        arena.free(source.directory, source.bytes());
    }

    @Override
    synchronized void allow(int sourceId, PciFeatures.Use use) {
        var source = sources.get(sourceId);
        if (source == null) {
            return;
        }
        long old = memory.get64(source.context);
        long low = ScalableContextEntry.DTE.set(old & ~ALLOWED, use.ats() ? 1 : 0);
        low = ScalableContextEntry.PASIDE.set(low, use.pasid() ? 1 : 0);
        low = ScalableContextEntry.PRE.set(low, use.pri() ? 1 : 0);
        if (low != old) {
            memory.set64Release(source.context, low);
            try {
                forgetContext(sourceId);
            } catch (RuntimeException e) {
                stale = true;
                throw e;
            }
        }
    }

    @Override
    synchronized void set(int sourceId, int pasid, VtdDomain domain) {
        var source = sources.get(sourceId);
        if (source == null) {
            return;
        }
        var words = domain.pasidEntry(pasid);
        try {
            if (words.isPresent()) {
                catchUp();
                lead(source, slot(pasid), words);
            } else {
                block(source, slot(pasid), words);
            }
        } catch (RuntimeException e) {
            stale = true;
            throw e;
        }
    }

    private void lead(Source source, int slot, PasidWords words) {
        long entry = ensure(source, slot);
        var old = read(entry);
        if (old.equals(words)) {
            return;
        }
        if (old.isPresent() && old.differences(words) == 1) {
            write(entry, words);
            forget(slot, old);
        } else if (old.isPresent() && haveSpare()) {
            replace(source, slot, old, words);
        } else {
            if (old.isPresent()) {
                remove(entry, slot, old, PasidWords.NONE);
            }
            write(entry, words);
            announce(slot, words);
        }
    }

    /** Takes an entry away, even if hardware does not answer. @param rest what stays there, which is not present */
    private void block(Source source, int slot, PasidWords rest) {
        long entry = find(source, slot);
        var old = entry == NONE ? PasidWords.NONE : read(entry);
        if (old.isPresent()) {
            remove(entry, slot, old, rest);
        } else {
            catchUp();
            if (entry != NONE && !old.equals(rest)) {
                write(entry, rest);
                if (capabilities.cachingMode()) {
                    scalable.pasidCache(DomainIds.RESERVED, slot);
                }
            }
        }
    }

    @Override
    synchronized void refresh(int sourceId, int pasid, VtdDomain domain) {
        var source = sources.get(sourceId);
        long entry = source == null ? NONE : find(source, slot(pasid));
        if (entry != NONE) {
            var now = read(entry);
            if (now.isPresent() && now.domainId() == domain.pasidEntry(pasid).domainId()) {
                set(sourceId, pasid, domain);
            }
        }
    }

    private PasidWords read(long entry) {
        return new PasidWords(memory.get64(entry), memory.get64(entry + 8), memory.get64(entry + 16));
    }

    /** Writes from behind. If the entry is present, all words but one stay what they are. */
    private void write(long entry, PasidWords words) {
        memory.set64Release(entry + 16, words.word2());
        memory.set64Release(entry + 8, words.word1());
        memory.set64Release(entry, words.word0());
    }

    private void remove(long entry, int slot, PasidWords old, PasidWords rest) {
        memory.set64Release(entry, PasidEntry.P.clear(old.word0()) | rest.word0());
        if (stale) {
            catchUp();
        } else {
            forget(slot, old);
        }
        write(entry, rest);
    }

    /** Copies the table, changes the copy, and makes the directory lead there. */
    private void replace(Source source, int slot, PasidWords old, PasidWords words) {
        long pointer = directoryEntry(source, slot);
        long table = PasidDirectoryEntry.SMPTBLPTR.inPlace(memory.get64(pointer));
        long copy = spare;
        spare = NONE;
        for (long at = 0; at < MemoryArena.PAGE_SIZE; at += Long.BYTES) {
            memory.set64(copy + at, memory.get64(table + at));
        }
        write(copy + (long) PasidEntry.index(slot) * PasidEntry.BYTES, words);
        memory.set64Release(pointer, PasidDirectoryEntry.SMPTBLPTR.setInPlace(PasidDirectoryEntry.P.mask(), copy));
        unforgotten.add(table);
        flushWriteBuffer();
        scalable.pasidCache();
        forgetTranslations(slot, old);
        reuse();
    }

    /** Hardware has forgotten everything that no entry leads to: one table is kept for the next change. */
    private void reuse() {
        for (long table : unforgotten) {
            if (spare == NONE) {
                spare = table;
            } else {
                arena.free(table, MemoryArena.PAGE_SIZE);
            }
        }
        unforgotten.clear();
    }

    private boolean haveSpare() {
        if (spare == NONE) {
            try {
                spare = arena.allocate(MemoryArena.PAGE_SIZE);
            } catch (IommuException noMemory) {
                return false;
            }
        }
        return true;
    }

    /** After a failure nobody knows what hardware has: before anything else is changed it has to forget all. */
    private void catchUp() {
        if (stale) {
            everything();
            stale = false;
            reuse();
        }
    }

    private void everything() {
        invalidator.contextCache(ContextCacheInvalidateDescriptor.GLOBAL, 0, 0);
        scalable.pasidCache();
        invalidator.iotlb(IotlbInvalidateDescriptor.GLOBAL, 0, 0, 0, false);
    }

    private void forget(int slot, PasidWords old) {
        flushWriteBuffer();
        scalable.pasidCache(old.domainId(), slot);
        forgetTranslations(slot, old);
    }

    private void forgetTranslations(int slot, PasidWords old) {
        if (old.cachedByDomain()) {
            invalidator.iotlbDomain(old.domainId());
        } else {
            scalable.iotlb(old.domainId(), slot);
        }
    }

    private void announce(int slot, PasidWords words) {
        if (capabilities.cachingMode()) {
            // What is cached of entries that were not there bears domain id 0 (6.1).
            scalable.pasidCache(DomainIds.RESERVED, slot);
            scalable.pasidCache(words.domainId(), slot);
            forgetTranslations(slot, words);
        } else {
            flushWriteBuffer();
        }
    }

    private void forgetContext(int sourceId) {
        flushWriteBuffer();
        invalidator.contextCache(ContextCacheInvalidateDescriptor.DEVICE, DomainIds.RESERVED, sourceId);
    }

    private void flushWriteBuffer() {
        if (capabilities.writeBufferFlush()) {
            window.flushWriteBuffer();
        }
    }

    @Override
    synchronized void clear() {
        for (int half = 0; half < 2 * ScalableRootEntry.COUNT; half++) {
            // The pointer is kept until the tables are freed; without P it means nothing to hardware.
            memory.set64Release(rootHalf(half), ScalableRootEntry.LP.clear(memory.get64(rootHalf(half))));
        }
        flushWriteBuffer();
    }

    @Override
    synchronized void free() {
        sources.values().forEach(this::freeTables);
        sources.clear();
        for (int half = 0; half < 2 * ScalableRootEntry.COUNT; half++) {
            long table = ScalableRootEntry.LCTP.inPlace(memory.get64(rootHalf(half)));
            if (table != 0) {
                memory.set64(rootHalf(half), 0);
                arena.free(table, MemoryArena.PAGE_SIZE);
            }
        }
        keep();
    }

    @Override
    synchronized void keep() {
        if (!stale) {
            reuse();
        }
        if (spare != NONE) {
            arena.free(spare, MemoryArena.PAGE_SIZE);
            spare = NONE;
        }
    }

    @Override
    void freeRoot() {
        keep();
        arena.free(root, MemoryArena.PAGE_SIZE);
    }

    @Override
    synchronized boolean uses(long page) {
        return page == root || page == spare;
    }

    /** Both halves of a root entry have one form, LP and LCTP in the place of UP and UCTP. */
    private long rootHalf(int half) {
        return root + (long) half * Long.BYTES;
    }

    private long contextEntry(int sourceId) {
        long half = rootHalf(sourceId >>> 7 & 0x1ff);
        long table = memory.get64(half);
        if (!ScalableRootEntry.LP.isSet(table)) {
            long made = arena.allocate(MemoryArena.PAGE_SIZE);
            memory.set64Release(half, ScalableRootEntry.LCTP.setInPlace(ScalableRootEntry.LP.mask(), made));
            table = made;
        }
        return ScalableRootEntry.LCTP.inPlace(table) + (long) (sourceId & HALF_BUS - 1) * ScalableContextEntry.BYTES;
    }

    private static long directoryEntry(Source source, int slot) {
        return source.directory + (long) PasidDirectoryEntry.index(slot) * PasidDirectoryEntry.BYTES;
    }

    private long find(Source source, int slot) {
        long entry = memory.get64(directoryEntry(source, slot));
        return PasidDirectoryEntry.P.isSet(entry)
                ? PasidDirectoryEntry.SMPTBLPTR.inPlace(entry) + (long) PasidEntry.index(slot) * PasidEntry.BYTES : NONE;
    }

    private long ensure(Source source, int slot) {
        long found = find(source, slot);
        if (found != NONE) {
            return found;
        }
        long table = arena.allocate(MemoryArena.PAGE_SIZE);
        memory.set64Release(directoryEntry(source, slot), PasidDirectoryEntry.SMPTBLPTR.setInPlace(PasidDirectoryEntry.P.mask(), table));
        return find(source, slot);
    }
}
