package sluicegate.core.impl;

import java.util.Optional;
import java.util.function.Supplier;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * The driver's part of a domain, as long as the unit has a driver: it is made from what the core remembers, given back, or left to
 * the hardware. Changed under the domain's mutex; reading takes no lock.
 */
final class DriverPart {
    private final String domain;
    private final CoreUnit unit;
    private final boolean ours;
    private final DomainMappings mappings;
    private volatile boolean closed;

    private volatile DriverDomain part;
    private volatile long pageSizes;
    private volatile long apertureStart;
    private volatile long apertureEnd = -1L;

    /** @param ours whether the core frees it; a static domain's is the driver's to free */
    DriverPart(String domain, CoreUnit unit, boolean ours, DomainMappings mappings) {
        this.domain = domain;
        this.unit = unit;
        this.ours = ours;
        this.mappings = mappings;
    }

    Optional<DriverDomain> get() {
        return Optional.ofNullable(part);
    }

    /** Whether this is it still. */
    boolean is(DriverDomain one) {
        return part == one;
    }

    /** @throws IommuException ENODEV without one */
    DriverDomain require() {
        var current = part;
        if (current == null) {
            throw closed ? gone() : unit.binding().isPresent()
                    ? IommuException.of(Errno.ENODEV, "Domain %s has no part in the driver of unit %s%s", domain, unit.name(),
                            unit.problem().map(p -> ": " + p).orElse("; attach a device to it first"))
                    : unit.noDriver();
        }
        return current;
    }

    /**
     * The part that hardware uses, or is to use: while the next driver takes over, hardware still goes by what the one before it
     * left, so that nothing that is mapped now would be found, and nothing that is unmapped forgotten.
     *
     * @throws IommuException ENODEV without one
     */
    DriverDomain requireTranslatedBy() {
        unit.requireTold();
        return require();
    }

    /** @throws IommuException ENODEV if the domain is gone */
    void requireOpen() {
        if (closed) {
            throw gone();
        }
    }

    private IommuException gone() {
        return IommuException.of(Errno.ENODEV, "Domain %s is gone", domain);
    }

    // ---- what it can map, as its latest part said

    long pageSizes() {
        return pageSizes;
    }

    long apertureStart() {
        return apertureStart;
    }

    long apertureEnd() {
        return apertureEnd;
    }

    // ---- drivers come and go

    /** As {@link CoreDomain#rebuild}. */
    void rebuild(Supplier<DriverDomain> allocate) {
        if (closed || part != null) {
            return;
        }
        var fresh = allocate.get();
        try {
            mappings.dirty().resume(fresh);
            mappings.replay(fresh);
        } catch (RuntimeException | LinkageError e) {
            free(fresh);
            mappings.partGone();
            throw DriverErrors.of(e, "Mapping again what domain " + domain + " holds");
        }
        pageSizes = fresh.pageSizes();
        apertureStart = fresh.apertureStart();
        apertureEnd = fresh.apertureEnd();
        part = fresh;
    }

    /**
     * Gives it back. No device uses it any more.
     *
     * @param quiet whether that is certain: if a device might still write by it, all that it could write to counts as dirty
     */
    void drop(boolean quiet) {
        var old = part;
        part = null;
        if (!quiet) {
            mappings.dirty().assumeWritten();
        } else if (old != null && !closed) {
            mappings.dirty().harvest(old, unit);
        }
        if (old != null && ours) {
            free(old);
        }
        // Whoever could not be asked any more is gone; the next driver begins with hardware that has forgotten all.
        mappings.partGone();
    }

    /** Leaves it to the hardware, which goes on translating by it, so that nobody can say what will be written until the next has taken over. */
    void leave() {
        var old = part;
        part = null;
        mappings.dirty().assumeWritten();
        if (old != null && ours) {
            flush(old);
        }
        mappings.partGone();
    }

    /** The domain is gone: gives it back, and has none any more. Returns whether it was there until now. */
    boolean close() {
        if (closed) {
            return false;
        }
        closed = true;
        drop(true);
        return true;
    }

    private void flush(DriverDomain driverPart) {
        try {
            mappings.flush(driverPart); // or table pages that wait would never be given back
        } catch (RuntimeException | LinkageError e) {
            unit.log("invalidating domain " + domain, e);
        }
    }

    private void free(DriverDomain driverPart) {
        flush(driverPart);
        try {
            driverPart.free();
        } catch (RuntimeException | LinkageError e) {
            unit.log("freeing domain " + domain, e);
        }
    }
}
