package sluicegate.api.grouping;

import sluicegate.api.platform.PciFunction;

/**
 * Whether a function isolates, and by what.
 *
 * @param isolates whether nothing that passes it can turn round to a peer
 * @param basis what decided
 * @param wanted bits of the ACS control register that would have to be set, as far as the function offers them; 0 where bits did
 *     not decide
 * @param missing those of {@code wanted} that are not
 * @param source where that is known from, such as the kernel function that says so; empty for the general rules
 */
public record Isolation(PciFunction function, boolean isolates, Basis basis, int wanted, int missing, String source) {

    /** What decides whether a function isolates. */
    public enum Basis {
        /** Conventional PCI, or a bridge to or from it: every device on a shared bus sees all DMA. */
        SHARED_BUS,
        /** An event collector. */
        EVENT_COLLECTOR,
        /** A function without peers in its slot, which needs no ACS. */
        ALONE,
        /** It has to have the ACS capability and has none. */
        NO_CAPABILITY,
        /** The bits of its ACS capability. */
        BITS,
        /** What its vendor says. */
        VENDOR,
        /** An override. */
        OVERRIDE
    }
}
