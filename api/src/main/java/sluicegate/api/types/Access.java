package sluicegate.api.types;

/** What a device tried to do with an address. */
public enum Access {
    READ,
    WRITE,
    /** A read that fetches instructions. */
    EXECUTE,
    /** An atomic read-modify-write, which needs both permissions. */
    ATOMIC;

    /** The bits of {@link Prot} that a mapping must have for this access. */
    public int prot() {
        return switch (this) {
            case READ, EXECUTE -> Prot.READ;
            case WRITE -> Prot.WRITE;
            case ATOMIC -> Prot.READ | Prot.WRITE;
        };
    }

    /** {@code read}, {@code write}, ... as the shell prints it. */
    public String word() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
