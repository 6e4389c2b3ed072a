package sluicegate.firmware;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.types.IommuException;

/**
 * Which unit is in front of which function, and whom reserved memory is for: the device scopes of a {@link Dmar}, looked
 * up in a {@link PciTree} once. Immutable.
 */
public final class DmarScopes {

    private DmarScopes() {}

    /**
     * @throws IommuException EINVAL if a scope says bridge of what is none or endpoint of a bridge
     */
    public static DmarScopes of(Dmar dmar, PciTree tree) {
        throw new UnsupportedOperationException("not yet");
    }

    /**
     * The unit in front of a function ({@code dmar_find_matched_drhd_unit}): the one that names it, else the one that names
     * the nearest bridge above it, else the one that includes all of its segment.
     */
    public Optional<Dmar.Drhd> unitOf(PciAddress function) {
        throw new UnsupportedOperationException("not yet");
    }

    /** The functions that reserved memory is for. */
    public Set<PciAddress> devicesOf(Dmar.Rmrr rmrr) {
        throw new UnsupportedOperationException("not yet");
    }

    /** Whether an ATSR or SATC structure allows the function to use ATS. */
    public boolean atsAllowed(PciAddress function) {
        throw new UnsupportedOperationException("not yet");
    }

    /** Scopes that name what is not there, and other contradictions: one sentence each with file, offset and what was done. */
    public List<String> warnings() {
        throw new UnsupportedOperationException("not yet");
    }
}
