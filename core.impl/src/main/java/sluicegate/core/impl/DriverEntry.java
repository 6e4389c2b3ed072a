package sluicegate.core.impl;

import java.util.Comparator;
import java.util.List;
import sluicegate.api.driver.IommuDriver;

/**
 * A driver that is registered. Identity counts: the same driver registered again is another entry.
 *
 * @param driver its service object
 * @param order its place among services of one ranking; the lower is older and goes first
 * @param compatible the hardware that it drives
 */
public record DriverEntry(IommuDriver driver, String name, String bundle, String version, int ranking, long order,
        List<String> compatible) {

    /** The one to be tried first at the front, as service references are ordered. */
    static final Comparator<DriverEntry> BEST_FIRST =
            Comparator.comparingInt(DriverEntry::ranking).reversed().thenComparingLong(DriverEntry::order);

    public DriverEntry {
        compatible = List.copyOf(compatible);
    }

    /** Whether it is a newer version of the other: of the same name, from a bundle of the same name. */
    boolean supersedes(DriverEntry other) {
        return name.equals(other.name) && bundle.equals(other.bundle) && BundleVersions.compare(version, other.version) > 0;
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
