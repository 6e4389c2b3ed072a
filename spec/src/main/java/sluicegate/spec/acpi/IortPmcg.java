package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;

/**
 * Performance monitor counter group of an SMMU or of another node. Revision 0 ends before PAGE1_BASE.
 *
 * <pre>
 *       +----------------+
 *  0x00 | HEAD           | 16 bytes
 *       +----------------+
 *  0x10 | PAGE0_BASE     | 8 bytes
 *       +----------------+
 *  0x18 | OVERFLOW_GSIV  | 4 bytes
 *       +----------------+
 *  0x1c | NODE_REFERENCE | 4 bytes
 *       +----------------+
 *  0x20 | PAGE1_BASE     | 8 bytes
 *       +----------------+
 * </pre>
 */
public final class IortPmcg {

    private static final String SECTION = "DEN0049 3.1.1";

    /** Bytes of what is described here. */
    public static final int SIZE = 40;

    /** Offset 0x00: see IortNode. */
    public static final ByteField HEAD = new ByteField("HEAD", 0x00, 16, SECTION, "see IortNode");
    /** Offset 0x10: address of register page 0. */
    public static final ByteField PAGE0_BASE = new ByteField("PAGE0_BASE", 0x10, 8, SECTION,
            "address of register page 0");
    /** Offset 0x18: wired interrupt of counter overflow, zero if there is none. */
    public static final ByteField OVERFLOW_GSIV = new ByteField("OVERFLOW_GSIV", 0x18, 4, SECTION,
            "wired interrupt of counter overflow, zero if there is none");
    /** Offset 0x1c: bytes from the start of the table to the node that it counts for. */
    public static final ByteField NODE_REFERENCE = new ByteField("NODE_REFERENCE", 0x1C, 4, SECTION,
            "bytes from the start of the table to the node that it counts for");
    /** Offset 0x20: address of register page 1; since revision 1. */
    public static final ByteField PAGE1_BASE = new ByteField("PAGE1_BASE", 0x20, 8, SECTION,
            "address of register page 1; since revision 1");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("IORT PMCG", SECTION, SIZE,
            HEAD, PAGE0_BASE, OVERFLOW_GSIV, NODE_REFERENCE, PAGE1_BASE);

    /** Bytes of a node of revision 0. */
    public static final int LEAST_SIZE = 32;

    private IortPmcg() {
    }
}
