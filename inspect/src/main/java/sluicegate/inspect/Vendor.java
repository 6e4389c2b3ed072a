package sluicegate.inspect;

import java.util.Locale;

/** Whose IOMMU it is. */
public enum Vendor {
    /** VT-d. */
    INTEL,
    /** AMD-Vi. */
    AMD,
    /** SMMU of any version. */
    ARM;

    /** {@code intel}, {@code amd}, {@code arm}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
