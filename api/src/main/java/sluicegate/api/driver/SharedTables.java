package sluicegate.api.driver;

/**
 * Page tables that are not the driver's: those of an address space, which a unit is to walk directly.
 *
 * @param format how they are laid out
 * @param top physical address of the topmost table; it does not change as long as the address space lives
 */
public record SharedTables(Format format, long top) {

    /** A layout that units and makers of address spaces agree on. */
    public enum Format {
        /** x86-64 with four levels, 48 bits of canonical addresses, of which devices use the lower half. NX is in use. */
        X86_64_4_LEVELS("x86-64"),
        /** The same with five levels. */
        X86_64_5_LEVELS("x86-64, 5 levels"),
        /** Arm VMSAv8-64, TTBR0, 48 bits, granule of 4 KiB, access flag set, attributes as MAIR 0x0000_0000_0004_ff44 numbers them. */
        ARM64_4K("arm64");

        private final String word;

        Format(String word) {
            this.word = word;
        }

        /** For people. */
        public String word() {
            return word;
        }
    }
}
