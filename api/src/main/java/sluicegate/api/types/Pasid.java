package sluicegate.api.types;

/**
 * Process address space ids: 20-bit numbers that split one device's requests into several address spaces
 * (PCI Express Base Specification, section 6.20).
 *
 * <p>A request without a PASID is written as {@link #NONE}, so that hot paths need no box.
 */
public final class Pasid {
    /** No PASID: the request is told apart by its requester id alone. */
    public static final int NONE = -1;
    /** The largest PASID that a PCI Express request can carry. */
    public static final int MAX = (1 << 20) - 1;

    private Pasid() {}

    /** {@code -} for {@link #NONE}, else the number. */
    public static String toString(int pasid) {
        return pasid == NONE ? "-" : Integer.toString(pasid);
    }
}
