package sluicegate.space;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import sluicegate.api.ProcessSpace;
import sluicegate.api.driver.IotlbGather;
import sluicegate.api.driver.SharedTables;
import sluicegate.api.platform.Machine;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Prot;
import sluicegate.pgtable.ArmLpae;
import sluicegate.pgtable.PageTable;
import sluicegate.pgtable.PageTableFormat;
import sluicegate.pgtable.X86LongMode;

/**
 * An address space with demand paging and copy on write. An entry changes from one page, or one permission, to another by way of
 * nothing: cleared, forgotten by all who listen, written anew ("break before make"). Tables stay until the end, so that
 * units never have to forget more than leaves.
 */
final class DemandSpace implements ProcessSpace {
    private static final long LOWEST = 0x1000_0000L;

    private final SpaceTable spaces;
    private final String name;
    private final Machine machine;
    private final SharedTables.Format format;
    private final Frames frames;
    private final TableArena arena;
    private final PageTable table;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private final Regions regions;
    private final TreeMap<Long, Page> pages = new TreeMap<>();
    private boolean ended;

    /**
     * A page that has memory.
     *
     * @param prot what its entry allows: less than the region does while others share the frame
     */
    private record Page(long frame, int prot) {
        boolean allows(int wanted) {
            return (wanted & ~prot) == 0;
        }
    }

    DemandSpace(SpaceTable spaces, String name, Machine machine, SharedTables.Format format) {
        this(spaces, name, machine, format, new Frames(machine), new Regions(LOWEST));
    }

    private DemandSpace(SpaceTable spaces, String name, Machine machine, SharedTables.Format format, Frames frames, Regions regions) {
        this.spaces = spaces;
        this.name = name;
        this.machine = machine;
        this.format = format;
        this.frames = frames;
        this.regions = regions;
        this.arena = new TableArena(machine);
        this.table = new PageTable(layout(format), machine.memory(), arena, gather -> { });
    }

    private static PageTableFormat layout(SharedTables.Format format) {
        return switch (format) {
            case X86_64_4_LEVELS -> new X86LongMode(4, Frames.SIZE, true);
            case X86_64_5_LEVELS -> new X86LongMode(5, Frames.SIZE, true);
            case ARM64_4K -> ArmLpae.stage1(12, 48, 48, Frames.SIZE);
        };
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Machine machine() {
        return machine;
    }

    @Override
    public SharedTables tables() {
        return new SharedTables(format, table.top());
    }

    @Override
    public boolean addListener(Listener listener) {
        lock.lock();
        try {
            if (!ended) {
                listeners.add(listener);
            }
            return !ended;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void removeListener(Listener listener) {
        listeners.remove(listener);
    }

    // ---- pages

    @Override
    public boolean fault(long address, int prot) {
        lock.lock();
        try {
            return !ended && address >= 0 && bring(address & -Frames.SIZE, prot & (Prot.READ | Prot.WRITE));
        } finally {
            lock.unlock();
        }
    }

    /** Makes a page present for an access, if its region allows that ({@code handle_mm_fault}). */
    private boolean bring(long address, int wanted) {
        var region = regions.at(address);
        if (region.isEmpty() || (wanted & ~region.get().prot()) != 0) {
            return false;
        }
        int allowed = region.get().prot();
        var page = pages.get(address);
        if (page == null) {
            put(address, new Page(frames.allocate(), allowed));
        } else if (!page.allows(wanted)) {
            replace(address, page, frames.isShared(page.frame) ? frames.copy(page.frame) : page.frame, allowed);
        }
        return true;
    }

    private void put(long address, Page page) {
        if (table.map(address, page.frame, Frames.SIZE, 1, page.prot) != Frames.SIZE) {
            frames.release(page.frame);
            throw IommuException.of(Errno.ENOMEM, "%s: no memory for a page table at %s", name, Hex.of(address));
        }
        pages.put(address, page);
    }

    /** Another frame or another permission; the old frame is let go when nobody can reach it from here. */
    private void replace(long address, Page page, long frame, int prot) {
        clear(address);
        forget(address, Frames.SIZE);
        pages.remove(address);
        put(address, new Page(frame, prot));
        if (frame != page.frame) {
            frames.release(page.frame);
        }
    }

    /** Page by page, so that no table is taken out. */
    private void clear(long address) {
        table.unmap(address, Frames.SIZE, new IotlbGather());
    }

    private void forget(long address, long size) {
        listeners.forEach(listener -> listener.invalidate(address, size));
    }

    // ---- regions

    @Override
    public long map(long size, int prot) {
        return changed(() -> {
            requirePages(0, size);
            return regions.add(size, prot & (Prot.READ | Prot.WRITE), 1L << Math.min(47, table.format().inputBits()));
        });
    }

    @Override
    public void unmap(long address, long size) {
        changed(() -> {
            requirePages(address, size);
            regions.remove(address, size);
            var gone = pages.subMap(address, address + size);
            if (!gone.isEmpty()) {
                gone.keySet().forEach(this::clear);
                forget(address, size);
                var freed = new ArrayList<>(gone.values());
                gone.clear();
                freed.forEach(page -> frames.release(page.frame));
            }
            return null;
        });
    }

    @Override
    public void protect(long address, long size, int prot) {
        changed(() -> {
            requirePages(address, size);
            if (!regions.covers(address, size)) {
                throw IommuException.of(Errno.ENOMEM, "%s: %s is not all in regions", name, Hex.range(address, size));
            }
            regions.protect(address, size, prot & (Prot.READ | Prot.WRITE));
            restrict(address, address + size, prot);
            return null;
        });
    }

    /** Takes from the entries of a range what is not in {@code prot}. What is allowed anew comes with the next fault. */
    private void restrict(long start, long end, int prot) {
        var changed = new TreeMap<Long, Page>();
        pages.subMap(start, end).forEach((at, page) -> {
            if ((page.prot & ~prot) != 0) {
                changed.put(at, new Page(page.frame, page.prot & prot));
            }
        });
        if (changed.isEmpty()) {
            return;
        }
        changed.keySet().forEach(this::clear);
        forget(start, end - start);
        changed.forEach((at, page) -> {
            if (page.prot == 0) {
                pages.put(at, page); // it has memory, and nobody may use it
            } else {
                put(at, page);
            }
        });
    }

    @Override
    public ProcessSpace fork() {
        return changed(() -> spaces.add(childName -> {
            var child = new DemandSpace(spaces, childName, machine, format, frames, new Regions(regions));
            if (!pages.isEmpty()) {
                restrict(pages.firstKey(), pages.lastKey() + Frames.SIZE, Prot.READ);
            }
            pages.forEach((at, page) -> {
                frames.share(page.frame);
                if (page.prot == 0) {
                    child.pages.put(at, page);
                } else {
                    child.put(at, page);
                }
            });
            return child;
        }));
    }

    private interface Change<R> {
        R make();
    }

    private <R> R changed(Change<R> change) {
        lock.lock();
        try {
            if (ended) {
                throw IommuException.of(Errno.ENOENT, "%s has ended", name);
            }
            return change.make();
        } finally {
            lock.unlock();
        }
    }

    private void requirePages(long address, long size) {
        if (((address | size) & Frames.SIZE - 1) != 0 || size <= 0 || address < 0 || address + size < 0) {
            throw IommuException.of(Errno.EINVAL, "%s: %s of %s bytes: whole pages are wanted", name, Hex.of(address), size);
        }
    }

    // ---- the processor's side

    @Override
    public void read(long address, byte[] target, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, target.length);
        access(address, length, Prot.READ, (physical, done, part) -> machine.memory().read(physical, target, offset + done, part));
    }

    @Override
    public void write(long address, byte[] source, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, source.length);
        access(address, length, Prot.WRITE, (physical, done, part) -> machine.memory().write(physical, source, offset + done, part));
    }

    private interface Transfer {
        void part(long physical, int done, int length);
    }

    private void access(long address, int length, int prot, Transfer transfer) {
        changed(() -> {
            for (int done = 0; done < length;) {
                long at = address + done;
                if (at < 0 || !bring(at & -Frames.SIZE, prot)) {
                    throw IommuException.of(Errno.EFAULT, "%s: nothing at %s may be %s", name, Hex.of(at),
                            prot == Prot.READ ? "read" : "written");
                }
                int into = (int) (at & Frames.SIZE - 1);
                int part = Math.min(length - done, Frames.SIZE - into);
                transfer.part(pages.get(at & -Frames.SIZE).frame + into, done, part);
                done += part;
            }
            return null;
        });
    }

    @Override
    public List<Region> regions() {
        lock.lock();
        try {
            return regions.all();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long pages() {
        lock.lock();
        try {
            return pages.size();
        } finally {
            lock.unlock();
        }
    }

    // ---- the end

    @Override
    public void close() {
        lock.lock();
        try {
            if (ended) {
                return;
            }
            ended = true;
        } finally {
            lock.unlock();
        }
        listeners.forEach(Listener::ended);
        lock.lock();
        try {
            listeners.clear();
            pages.values().forEach(page -> frames.release(page.frame));
            pages.clear();
            table.free();
        } finally {
            lock.unlock();
        }
        spaces.remove(this);
    }

    @Override
    public String toString() {
        return name;
    }
}
