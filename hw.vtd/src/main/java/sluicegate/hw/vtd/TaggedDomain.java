package sluicegate.hw.vtd;

import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/** A domain with a domain id of its own, under which hardware caches what it leads to. Any number of devices may use it. */
abstract class TaggedDomain extends VtdDomain {
    private final int id;
    private final DomainUsers users = new DomainUsers();
    private final AtomicInteger devices = new AtomicInteger();

    /** @throws IommuException ENOSPC without a free domain id */
    TaggedDomain(VtdUnit unit) {
        super(unit);
        id = unit.domainIds().allocate();
    }

    final int id() {
        return id;
    }

    final DomainUsers users() {
        return users;
    }

    @Override
    final boolean translates() {
        return true;
    }

    @Override
    void acquire() {
        devices.incrementAndGet();
    }

    @Override
    void release() {
        devices.decrementAndGet();
    }

    @Override
    final void enter(long user) {
        users.add(user);
    }

    @Override
    final void exit(long user) {
        users.remove(user);
    }

    /** Whether hardware may know of it. */
    final boolean isUsed() {
        // A device that is not counted here has not seen its entry yet, and will see the table as it is now: the count goes up
        // before the entry is written, and the table was changed before this fence.
        VarHandle.fullFence();
        return devices.get() != 0;
    }

    /** Something in the entries that lead here has changed. */
    final void refreshEntries() {
        for (long user : users.all()) {
            unit().tables().refresh(DomainUsers.sourceId(user), DomainUsers.pasid(user), this);
        }
    }

    /** Makes devices' own TLBs forget all of it. */
    final void forgetInDevices() {
        for (long user : users.deviceTlbs()) {
            unit().deviceTlbs().forget(user);
        }
    }

    /**
     * {@inheritDoc}
     *
     * @throws IommuException EBUSY while a device uses it, or may still have translations of it cached because an invalidation
     *     failed
     */
    @Override
    public final void free() {
        if (devices.get() != 0) {
            throw IommuException.of(Errno.EBUSY, "%s: domain %d is still used by %d devices; attach them to another domain first",
                    unit().name(), id, devices.get());
        }
        discard();
        unit().forget(this);
    }

    /** Gives tables and id back, once. The hardware has forgotten both. */
    abstract void discard();
}
