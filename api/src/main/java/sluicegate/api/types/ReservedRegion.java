package sluicegate.api.types;

import java.util.Objects;

/**
 * A range of IOVAs that ordinary mappings must leave alone ({@code struct iommu_resv_region}).
 *
 * @param start first address, unsigned
 * @param length size in bytes, at least 1; {@code start + length} may reach but not pass 2^64
 * @param prot the {@link Prot} bits with which a direct region is mapped
 * @param type why it is reserved
 */
public record ReservedRegion(long start, long length, int prot, Type type) {

    /** Why a region is reserved ({@code enum iommu_resv_type}). */
    public enum Type {
        /** Must be mapped one to one at all times; its devices can never be owned by user space. */
        DIRECT("direct"),
        /** Mapped one to one while the host uses the device, free for other owners. */
        DIRECT_RELAXABLE("direct-relaxable"),
        /** Never to be mapped. */
        RESERVED("reserved"),
        /** Writes here are interrupts, told apart by hardware before translation. */
        MSI("msi"),
        /** A window that software picked for mapping MSI doorbells. */
        SW_MSI("msi");

        private final String word;

        Type(String word) {
            this.word = word;
        }

        /** The word that the kernel prints in {@code reserved_regions}. */
        public String word() {
            return word;
        }
    }

    public ReservedRegion {
        Objects.requireNonNull(type, "type");
        Prot.check(prot);
        if (length == 0 || (start != 0 && Long.compareUnsigned(length, -start) > 0)) {
            throw IommuException.of(Errno.EINVAL, "Reserved region at %s with a length of %s is empty or passes 2^64",
                    Hex.of(start), Hex.of(length));
        }
    }

    /** The last address of the region. */
    public long end() {
        return start + length - 1;
    }

    /** Whether the region shares an address with {@code [from, from + size)}. */
    public boolean overlaps(long from, long size) {
        return size != 0 && Long.compareUnsigned(from, end()) <= 0 && Long.compareUnsigned(start, from + size - 1) <= 0;
    }

    /** The line of the kernel's {@code reserved_regions}: start, inclusive end, type. */
    @Override
    public String toString() {
        return String.format("0x%016x 0x%016x %s", start, end(), type.word());
    }
}
