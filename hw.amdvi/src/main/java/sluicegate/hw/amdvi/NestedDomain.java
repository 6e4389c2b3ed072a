package sluicegate.hw.amdvi;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.driver.DomainType;
import sluicegate.api.types.Errno;
import sluicegate.api.types.GuestInvalidation;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.spec.amdvi.DeviceTableEntry;

/**
 * A guest's device table entry on top of host tables ({@code amd_iommu_alloc_domain_nested}, {@code set_dte_nested}). Of the
 * guest's entry count V, TV, IR, IW, I, its domain id and what concerns guest tables; all addresses in there, that of the
 * table of PASIDs too, are the guest's own and translated by the parent. What else it says is its host's business and left out.
 *
 * <p>Without guest tables in it (V or GV clear) requests go through the parent's tables alone, as a guest expects whose IOMMU
 * passes them. PASIDs and page requests stay off at the device: nobody here could answer for the guest.
 */
final class NestedDomain extends AmdviDomain {
    private static final int RESERVED_GLX = 3;
    private static final int MIN_GUEST_LEVELS = 4;
    private static final int MAX_GUEST_LEVELS = 5;

    private final HostDomain parent;
    private final long word0;
    private final long word1;
    private final long word2;
    private final int guestId;
    private final int id;
    private final AtomicInteger users = new AtomicInteger();
    private boolean freed;

    /**
     * @param guestEntry the four words of the guest's device table entry
     * @throws IommuException EINVAL for a number of words or an entry that can't be; EOPNOTSUPP for tables deeper than the unit
     *     walks; ENOSPC
     */
    NestedDomain(HostDomain parent, List<Long> guestEntry) {
        super(parent.unit());
        this.parent = parent;
        if (guestEntry.size() != DeviceTableEntry.WORDS) {
            throw IommuException.of(Errno.EINVAL, "%s: a guest's device table entry has four words, not %d", unit().name(),
                    guestEntry.size());
        }
        word0 = guestEntry.get(0);
        word1 = guestEntry.get(1);
        word2 = guestEntry.get(2);
        if (DeviceTableEntry.MODE.get(word0) != 0 || DeviceTableEntry.ROOT.get(word0) != 0) {
            throw refused(Errno.EINVAL, "has host tables (MODE %d at %s), which only its host can give it",
                    DeviceTableEntry.MODE.get(word0), Hex.of(DeviceTableEntry.ROOT.inPlace(word0)));
        }
        if (hasTables()) {
            checkTables();
        }
        guestId = (int) DeviceTableEntry.DOMAINID.get(word1);
        id = parent.guests().take(guestId);
    }

    private void checkTables() {
        var capabilities = unit().capabilities();
        if (DeviceTableEntry.gcr3Root(word0, word1) == 0) {
            throw refused(Errno.EINVAL, "has GV set and no table of PASIDs");
        }
        if (guestLevels() > MAX_GUEST_LEVELS || DeviceTableEntry.GLX.get(word0) == RESERVED_GLX) {
            throw refused(Errno.EINVAL, "has the reserved code GuestPagingMode %d or GLX %d", DeviceTableEntry.GPTMODE.get(word2),
                    DeviceTableEntry.GLX.get(word0));
        }
        if (guestLevels() > capabilities.guestLevels() || DeviceTableEntry.GLX.get(word0) >= capabilities.gcr3Levels()) {
            throw refused(Errno.EOPNOTSUPP, "has %d levels of guest tables and %d of PASIDs; the unit walks %d and %d", guestLevels(),
                    DeviceTableEntry.GLX.get(word0) + 1, capabilities.guestLevels(), capabilities.gcr3Levels());
        }
    }

    private IommuException refused(Errno errno, String format, Object... args) {
        return new IommuException(errno, unit().name() + ": a guest's device table entry " + String.format(format, args));
    }

    private boolean hasTables() {
        return DeviceTableEntry.V.isSet(word0) && DeviceTableEntry.GV.isSet(word0);
    }

    private int guestLevels() {
        return MIN_GUEST_LEVELS + (int) DeviceTableEntry.GPTMODE.get(word2);
    }

    @Override
    public DomainType type() {
        return DomainType.NESTED;
    }

    /** A guest that wants no ATS gets none. */
    @Override
    boolean allowsDeviceTlb() {
        return !DeviceTableEntry.V.isSet(word0) || DeviceTableEntry.I.isSet(word1);
    }

    @Override
    DeviceEntry entry(AmdviDevice device) {
        var host = parent.entryUnder(id);
        if (!DeviceTableEntry.V.isSet(word0)) {
            return host;
        }
        if (!DeviceTableEntry.TV.isSet(word0)) {
            return DeviceEntry.BLOCKED;
        }
        var permitted = host.permittingOnly(word0);
        if (!hasTables()) {
            return permitted;
        }
        var nested = permitted.withGuestTables(DeviceTableEntry.gcr3Root(word0, word1), 1 + (int) DeviceTableEntry.GLX.get(word0),
                guestLevels());
        return DeviceTableEntry.GIOV.isSet(word0) ? nested.withPasid0ForAll() : nested;
    }

    @Override
    void acquire(AmdviDevice device) {
        users.incrementAndGet();
        parent.acquire(device, this);
    }

    @Override
    void enter(AmdviDevice device) {
        parent.enter(device, this);
    }

    @Override
    void exit(AmdviDevice device) {
        parent.exit(device, this);
    }

    @Override
    void forget(AmdviDevice device) {
        unit().invalidator().domain(id);
    }

    @Override
    void release(AmdviDevice device) {
        parent.release(device, this);
        users.decrementAndGet();
    }

    /** {@inheritDoc} See {@link GuestCommands}; they may be about any domain of the guest's on the same parent. */
    @Override
    public GuestInvalidation invalidateGuest(List<Long> commands, Map<Integer, DeviceContext> devices) {
        return new GuestCommands(parent, devices).carryOut(commands);
    }

    /**
     * {@inheritDoc}
     *
     * @throws IommuException EBUSY while a device uses it, or may still have translations of it cached because an invalidation
     *     failed
     */
    @Override
    public synchronized void free() {
        if (users.get() != 0) {
            throw IommuException.of(Errno.EBUSY, "%s: a guest's domain %d is still used by %d devices; attach them to another domain "
                    + "first", unit().name(), guestId, users.get());
        }
        if (!freed) {
            freed = true;
            parent.guests().giveBack(guestId);
        }
    }
}
