package sluicegate.core.impl.fake;

import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.IotlbGather;
import sluicegate.api.types.Errno;
import sluicegate.api.types.GuestInvalidation;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Prot;

/** A domain with a page table that is a map, and an IOTLB that really remembers what was not invalidated. */
public final class FakeDomain implements DriverDomain {
    /** A leaf. */
    public record Page(long address, long size, int prot) {}

    /** IOVAs stay below 2^63 in these tests, so that natural order does. */
    public final ConcurrentNavigableMap<Long, Page> pages = new ConcurrentSkipListMap<>();
    /** What was cleared and not yet invalidated. */
    public final TreeMap<Long, Page> stale = new TreeMap<>();
    public Consumer<IotlbGather> onSync = gather -> { };
    public Runnable onFlush = () -> { };
    public Runnable onSyncMap = () -> { };
    public int mapCalls;
    /** IOVAs of pages that devices wrote to while that was tracked. */
    public final NavigableSet<Long> dirty = new ConcurrentSkipListSet<>();
    public volatile boolean tracking;
    private final boolean dirtyState;

    private final FakeDriver driver;
    private final FakeDriver.Ops ops;
    private final DomainType type;
    /** Of a nested domain. */
    public final FakeDomain parent;
    public final List<Long> guestTables;
    /** What guests had hardware forget: the number of each command is also the id of the device that it names. */
    public final List<String> guestCommands = new CopyOnWriteArrayList<>();
    private boolean freed;

    FakeDomain(FakeDriver driver, FakeDriver.Ops ops, DomainType type) {
        this(driver, ops, type, null, List.of(), false);
    }

    FakeDomain(FakeDriver driver, FakeDriver.Ops ops, DomainType type, FakeDomain parent, List<Long> guestTables, boolean dirtyState) {
        this.dirtyState = dirtyState;
        this.driver = driver;
        this.ops = ops;
        this.type = type;
        this.parent = parent;
        this.guestTables = guestTables;
    }

    private void enter(String doing) {
        check(doing);
        driver.onCall.accept(doing);
    }

    private void check(String doing) {
        ops.check(doing);
        if (freed) {
            driver.violations.add(doing + " on a freed domain");
        }
    }

    @Override
    public DomainType type() {
        return type;
    }

    @Override
    public long pageSizes() {
        return type.paging() ? driver.pageSizes : 0;
    }

    @Override
    public long apertureEnd() {
        return type.paging() ? (1L << 48) - 1 : -1L;
    }

    @Override
    public void attachDev(DeviceContext device, Optional<DriverDomain> old) {
        enter(type == DomainType.BLOCKED ? "attachDev blocked" : "attachDev");
        driver.onAttach.accept(device, this);
        var before = ops.attached.get(device.name());
        if (before == null) {
            driver.violations.add(device.name() + " attached but not probed");
        } else if (old.isPresent() && old.get() != before) {
            driver.violations.add(device.name() + " is attached to another domain than the core says");
        }
        if (!ops.everAttached.add(device.name()) && old.isEmpty()) {
            driver.violations.add(device.name() + " is attached as if for the first time");
        }
        ops.attached.put(device.name(), this);
    }

    @Override
    public void setDevPasid(DeviceContext device, int pasid, Optional<DriverDomain> old) {
        enter(type == DomainType.BLOCKED ? "setDevPasid blocked" : "setDevPasid");
        driver.onAttach.accept(device, this);
        if (type == DomainType.BLOCKED) {
            ops.pasids.remove(device.name() + "/" + pasid);
        } else {
            ops.pasids.put(device.name() + "/" + pasid, this);
        }
    }

    @Override
    public synchronized long mapPages(long iova, long address, long pageSize, long count, int prot) {
        enter("mapPages");
        mapCalls++;
        for (long i = 0; i < count; i++) {
            long at = iova + i * pageSize;
            if (at % pageSize != 0 || (address + i * pageSize) % pageSize != 0 || (pageSizes() & pageSize) == 0) {
                driver.violations.add("page of " + pageSize + " at " + at);
            }
            var below = pages.floorEntry(at + pageSize - 1);
            if (below != null && below.getKey() + below.getValue().size() > at) {
                driver.violations.add("mapped over a mapping at " + Long.toHexString(at));
            }
            var remembered = stale.floorEntry(at + pageSize - 1);
            if (remembered != null && remembered.getKey() + remembered.getValue().size() > at) {
                driver.violations.add("mapped over what the hardware remembers at " + Long.toHexString(at));
            }
            if (driver.pagesLeft.getAndUpdate(left -> left == 0 ? 0 : left - 1) == 0) {
                return i * pageSize;
            }
            pages.put(at, new Page(address + i * pageSize, pageSize, prot));
        }
        return pageSize * count;
    }

    @Override
    public synchronized long unmapPages(long iova, long pageSize, long count, IotlbGather gather) {
        enter("unmapPages");
        long done = 0;
        while (done < pageSize * count) {
            var leaf = pages.floorEntry(iova + done);
            if (leaf == null || leaf.getKey() + leaf.getValue().size() <= iova + done) {
                break;
            }
            pages.remove(leaf.getKey());
            dirty.remove(leaf.getKey());
            stale.put(leaf.getKey(), leaf.getValue());
            gather.add(leaf.getKey(), leaf.getValue().size(), leaf.getValue().size());
            done += leaf.getValue().size();
        }
        return done;
    }

    @Override
    public void iotlbSyncMap(long iova, long size) {
        enter("iotlbSyncMap");
        onSyncMap.run();
    }

    @Override
    public synchronized void iotlbSync(IotlbGather gather) {
        enter("iotlbSync");
        onSync.accept(gather);
        stale.subMap(gather.start(), true, gather.end(), true).clear();
    }

    @Override
    public synchronized void flushIotlbAll() {
        enter("flushIotlbAll");
        onFlush.run();
        stale.clear();
    }

    @Override
    public long iovaToPhys(long iova) {
        driver.onCall.accept("iovaToPhys"); // takes no lock, so it may come late: then nobody believes the answer
        var leaf = pages.floorEntry(iova);
        return leaf == null || leaf.getKey() + leaf.getValue().size() <= iova
                ? NOT_MAPPED : leaf.getValue().address() + iova - leaf.getKey();
    }

    /** What hardware does when a device writes. */
    public void write(long iova) {
        var leaf = pages.floorEntry(iova);
        if (leaf == null || leaf.getKey() + leaf.getValue().size() <= iova || (leaf.getValue().prot() & Prot.WRITE) == 0) {
            throw new IllegalArgumentException("no device can write to " + Long.toHexString(iova));
        }
        if (tracking) {
            dirty.add(leaf.getKey());
        }
    }

    @Override
    public void setDirtyTracking(boolean enabled) {
        enter("setDirtyTracking");
        requireDirtyState();
        tracking = enabled;
    }

    @Override
    public void readAndClearDirty(long iova, long size, boolean clear, DirtyPages found) {
        enter("readAndClearDirty");
        requireDirtyState();
        for (var at : List.copyOf(dirty)) {
            long length = pages.get(at).size();
            if (at + length > iova && at < iova + size) {
                found.dirty(at, length);
                if (clear) {
                    dirty.remove(at);
                }
            }
        }
    }

    /** Takes a guest's commands up to the first that is 0. */
    @Override
    public GuestInvalidation invalidateGuest(List<Long> commands, Map<Integer, DeviceContext> devices) {
        enter("invalidateGuest");
        int done = commands.contains(0L) ? commands.indexOf(0L) : commands.size();
        for (long command : commands.subList(0, done)) {
            guestCommands.add(command + " of " + devices.get((int) command).name());
        }
        return new GuestInvalidation(done, done == commands.size() ? Optional.empty()
                : Optional.of(new IommuException(Errno.EIO, "0 is no command")));
    }

    private void requireDirtyState() {
        if (!dirtyState) {
            driver.violations.add("dirty tracking of a domain that was not allocated for it");
        }
    }

    @Override
    public void free() {
        check("free");
        if (ops.attached.containsValue(this)) {
            driver.violations.add("freed while a device is attached");
        }
        if (parent != null && parent.freed) {
            driver.violations.add("freed after its parent");
        }
        freed = true;
        driver.domainsAlive.decrementAndGet();
        ops.domains.decrementAndGet();
        driver.onCall.accept("free");
    }

    /** For errors that a test wants. */
    public static IommuException error(Errno errno) {
        return new IommuException(errno, "as the test says");
    }

    public Map<Long, Page> leaves() {
        return pages;
    }
}
