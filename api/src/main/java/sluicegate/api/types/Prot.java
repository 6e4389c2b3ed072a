package sluicegate.api.types;

/**
 * What a mapping allows, as a set of bits: the kernel's {@code IOMMU_READ} and its siblings
 * ({@code include/linux/iommu.h}), with the same values.
 *
 * <p>A plain {@code int} and not a set of an enum, because it is passed with every map of a page.
 */
public final class Prot {
    /** The device may read. */
    public static final int READ = 1;
    /** The device may write. */
    public static final int WRITE = 1 << 1;
    /** Accesses snoop the CPU's caches. */
    public static final int CACHE = 1 << 2;
    /** The device may not fetch instructions. */
    public static final int NOEXEC = 1 << 3;
    /** The target is a device's registers, such as an MSI doorbell, not memory. */
    public static final int MMIO = 1 << 4;
    /** Only privileged accesses are allowed. */
    public static final int PRIV = 1 << 5;

    private static final int ALL = READ | WRITE | CACHE | NOEXEC | MMIO | PRIV;

    private Prot() {}

    /**
     * Returns {@code prot} if it is a set of the bits above.
     *
     * @throws IommuException EINVAL for other bits
     */
    public static int check(int prot) {
        if ((prot & ~ALL) != 0) {
            throw IommuException.of(Errno.EINVAL, "Protection 0x%x has bits outside 0x%x", prot, ALL);
        }
        return prot;
    }

    /**
     * {@code rw}, {@code r}, {@code rwx} and so on; {@code -} for a mapping that allows nothing. As the kernel does,
     * execution counts as allowed unless {@link #NOEXEC} says otherwise.
     */
    public static String toString(int prot) {
        if ((prot & (READ | WRITE)) == 0) {
            return "-";
        }
        return ((prot & READ) != 0 ? "r" : "") + ((prot & WRITE) != 0 ? "w" : "") + ((prot & NOEXEC) == 0 ? "x" : "");
    }

    /**
     * Reads {@code r}, {@code w}, {@code x} in any order. Without {@code x} the mapping is {@link #NOEXEC}.
     *
     * @throws IommuException EINVAL for another letter or none
     */
    public static int parse(String text) {
        int prot = NOEXEC;
        for (char letter : text.toCharArray()) {
            prot = switch (letter) {
                case 'r' -> prot | READ;
                case 'w' -> prot | WRITE;
                case 'x' -> prot & ~NOEXEC;
                default -> throw new IommuException(Errno.EINVAL,
                        "'" + text + "' is not a protection: use letters of r, w and x, such as rw");
            };
        }
        if ((prot & (READ | WRITE)) == 0) {
            throw new IommuException(Errno.EINVAL, "Protection '" + text + "' allows neither read nor write");
        }
        return prot;
    }
}
