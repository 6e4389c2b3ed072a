package sluicegate.hw.smmuv3;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * The context descriptors of one device as its stream table entries lead to them, or are about to: the table is made when it is
 * wanted, and a descriptor that can't be replaced by a single store is replaced with its table. For one in one piece that means
 * another {@link #pointer}, which the entries have to follow; then {@link #settle} ends the change, or {@link #revert} takes it back.
 *
 * <p>Not thread-safe: guarded as its {@link Master} is.
 */
final class DeviceContexts {
    private static final Logger LOG = LoggerFactory.getLogger(DeviceContexts.class);
    private static final EntryUse USE = new ContextUse();
    private static final long NONE = 0;

    private final Smmuv3Unit unit;
    private final String device;
    private final int[] sids;
    private final int bits;
    /** Descriptors of an earlier driver that nobody has replaced yet: by SubstreamID. */
    private final Map<Integer, long[]> left;
    /** Null until it is wanted. */
    private ContextTable table;
    private long pointer;
    /** Where the entries were to lead, if that was taken back. */
    private long reverted = NONE;

    /**
     * @param bits width of the SubstreamIDs, 0 for none
     * @param left descriptors that an earlier driver left, by SubstreamID; they go along
     */
    DeviceContexts(Smmuv3Unit unit, String device, int[] sids, int bits, Map<Integer, long[]> left) {
        this.unit = unit;
        this.device = device;
        this.sids = sids;
        this.bits = bits;
        this.left = new TreeMap<>(left);
        this.left.keySet().removeIf(ssid -> bits == 0 || ssid >>> bits != 0);
        if (this.left.size() < left.size()) {
            LOG.warn("{}: {} of {} PASIDs that {} has in use have no place with this driver, and are refused from here on", unit.name(),
                    left.size() - this.left.size(), left.size(), device);
        }
    }

    private ContextTable table() {
        if (table == null) {
            var made = new ContextTable(unit.capabilities(), unit.memory(), unit.arena(), bits);
            try {
                left.forEach(made::put);
            } catch (IommuException e) {
                made.free();
                throw e;
            }
            table = made;
            pointer = made.pointer();
        }
        return table;
    }

    /** S1ContextPtr. @throws IommuException ENOMEM */
    long pointer() {
        table();
        return pointer;
    }

    /** S1Fmt. */
    int format() {
        return table().format();
    }

    /** S1CDMax. */
    int bits() {
        return bits;
    }

    /** Whether there is a table of them, for SubstreamIDs, in which they are changed where they are. */
    boolean isTable() {
        return table != null && bits != 0;
    }

    /** Whether there are descriptors of an earlier driver among them. */
    boolean hasLeft() {
        return !left.isEmpty();
    }

    /**
     * Writes a descriptor, or prepares a place with it for the entries to lead to.
     *
     * @throws IommuException ENOMEM for the first; what the invalidator throws
     */
    void write(int ssid, long[] descriptor) {
        if (bits == 0) {
            pointer = table().prepare(ssid, descriptor);
            return;
        }
        boolean fresh = table().ensure(ssid);
        var place = table.place(ssid, () -> unit.invalidator().context(sids, ssid, !fresh));
        if (EntryWriter.isHitless(USE, place, descriptor) || !replace(ssid, descriptor)) {
            EntryWriter.write(USE, place, descriptor);
        }
    }

    /** Replaces a descriptor with its table. Returns false if there is no memory for another one. */
    private boolean replace(int ssid, long[] descriptor) {
        try {
            if (table.isTwoLevel()) {
                table.exchange(ssid, descriptor, () -> unit.invalidator().contexts(sids));
            } else {
                pointer = table.prepare(ssid, descriptor);
            }
            return true;
        } catch (IommuException e) {
            if (e.errno() != Errno.ENOMEM) {
                throw e;
            }
            return false;
        }
    }

    /** The descriptor of requests without a SubstreamID, which a request with SubstreamID 0 would still find. */
    void dropOwn() {
        if (isTable()) {
            write(0, ContextDescriptors.none());
        }
    }

    /** The entries are to lead where they led before. Returns whether that takes back all that was written since {@link #settle}. */
    boolean revert() {
        if (table == null || pointer == table.pointer()) {
            return false;
        }
        reverted = pointer;
        pointer = table.pointer();
        return true;
    }

    /** All entries lead to {@link #pointer}, or need no descriptors, and hardware has seen that. */
    void settle() {
        if (table == null) {
            return;
        }
        if (reverted != NONE) {
            table.drop(reverted);
            reverted = NONE;
        }
        table.use(pointer);
    }

    /** Nobody knows what hardware has seen. */
    void giveUp() {
        if (reverted != NONE) {
            table.lose(reverted);
            reverted = NONE;
        }
    }

    /** Blocking needs no memory: without a table for what was left under SubstreamIDs, that is blocked too. */
    void takeLeftAlong() {
        try {
            if (!left.isEmpty()) {
                table();
            }
        } catch (IommuException noMemory) {
            LOG.warn("{}: {} PASIDs of {} are refused until they are attached again: {}", unit.name(), left.size(), device,
                    noMemory.getMessage());
            left.clear();
        }
    }

    /** What was left under a SubstreamID is replaced. */
    void forgetLeft(int ssid) {
        left.remove(ssid);
    }

    /** No entry will lead to what was left. */
    void forgetLeft() {
        left.clear();
    }

    /** The SubstreamIDs under which something of an earlier driver is left. */
    List<Integer> left() {
        return List.copyOf(left.keySet());
    }

    /**
     * Gives back what no entry leads to: nobody would ever find it again. Of functions that share a stream the entry leads to
     * the descriptors of one.
     */
    void tidy(boolean mayLinger) {
        if (table == null) {
            return;
        }
        if (!mayLinger && !unit.leadsTo(sids, table.pointer())) {
            free();
        } else if (table.isUntidy()) {
            unit.invalidator().contexts(sids);
            table.tidy();
        }
    }

    /** Gives everything back. No hardware uses it. */
    void free() {
        if (table != null) {
            table.free();
            table = null;
        }
    }
}
