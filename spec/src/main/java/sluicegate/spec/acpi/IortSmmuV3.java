package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;
import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * SMMU of version 3. Revision 0 ends before PROXIMITY_DOMAIN, and the mapping index counts since revision 1.
 *
 * <pre>
 *       +-------------------------+
 *  0x00 | HEAD                    | 16 bytes
 *       +-------------------------+
 *  0x10 | BASE_ADDRESS            | 8 bytes
 *       +-------------------------+
 *  0x18 | FLAGS                   | 4 bytes
 *       +-------------------------+
 *  0x1c | reserved                | 4 bytes
 *       +-------------------------+
 *  0x20 | VATOS_ADDRESS           | 8 bytes
 *       +-------------------------+
 *  0x28 | MODEL                   | 4 bytes
 *       +-------------------------+
 *  0x2c | EVENT_GSIV              | 4 bytes
 *       +-------------------------+
 *  0x30 | PRI_GSIV                | 4 bytes
 *       +-------------------------+
 *  0x34 | GERROR_GSIV             | 4 bytes
 *       +-------------------------+
 *  0x38 | SYNC_GSIV               | 4 bytes
 *       +-------------------------+
 *  0x3c | PROXIMITY_DOMAIN        | 4 bytes
 *       +-------------------------+
 *  0x40 | DEVICE_ID_MAPPING_INDEX | 4 bytes
 *       +-------------------------+
 *
 * The flags:
 *   31 5          4                 3               2 1               0
 * +------+-----------------+-----------------+---------------+-----------------+
 * |  0   | DEVICE_ID_VALID | PROXIMITY_VALID | HTTU_OVERRIDE | COHACC_OVERRIDE |
 * +------+-----------------+-----------------+---------------+-----------------+
 * </pre>
 */
public final class IortSmmuV3 {

    private static final String SECTION = "DEN0049 3.1.1";

    /** Bytes of what is described here. */
    public static final int SIZE = 68;

    /** Offset 0x00: see IortNode. */
    public static final ByteField HEAD = new ByteField("HEAD", 0x00, 16, SECTION, "see IortNode");
    /** Offset 0x10: address of register page 0. */
    public static final ByteField BASE_ADDRESS = new ByteField("BASE_ADDRESS", 0x10, 8, SECTION,
            "address of register page 0");
    /** Offset 0x18: flags. */
    public static final ByteField FLAGS = new ByteField("FLAGS", 0x18, 4, SECTION, "flags");
    /** Offset 0x20: address of the VATOS page, zero if there is none. */
    public static final ByteField VATOS_ADDRESS = new ByteField("VATOS_ADDRESS", 0x20, 8, SECTION,
            "address of the VATOS page, zero if there is none");
    /** Offset 0x28: generic if 0, else an implementation with faults of its own. */
    public static final ByteField MODEL = new ByteField("MODEL", 0x28, 4, SECTION,
            "generic if 0, else an implementation with faults of its own");
    /** Offset 0x2c: wired interrupt of the event queue, zero if there is none. */
    public static final ByteField EVENT_GSIV = new ByteField("EVENT_GSIV", 0x2C, 4, SECTION,
            "wired interrupt of the event queue, zero if there is none");
    /** Offset 0x30: wired interrupt of the page request queue, zero if there is none. */
    public static final ByteField PRI_GSIV = new ByteField("PRI_GSIV", 0x30, 4, SECTION,
            "wired interrupt of the page request queue, zero if there is none");
    /** Offset 0x34: wired interrupt of global errors, zero if there is none. */
    public static final ByteField GERROR_GSIV = new ByteField("GERROR_GSIV", 0x34, 4, SECTION,
            "wired interrupt of global errors, zero if there is none");
    /** Offset 0x38: wired interrupt of command synchronisation, zero if there is none. */
    public static final ByteField SYNC_GSIV = new ByteField("SYNC_GSIV", 0x38, 4, SECTION,
            "wired interrupt of command synchronisation, zero if there is none");
    /** Offset 0x3c: NUMA node, as SRAT numbers them. */
    public static final ByteField PROXIMITY_DOMAIN = new ByteField("PROXIMITY_DOMAIN", 0x3C, 4, SECTION,
            "NUMA node, as SRAT numbers them");
    /** Offset 0x40: which id mapping is for its own message interrupts. */
    public static final ByteField DEVICE_ID_MAPPING_INDEX = new ByteField("DEVICE_ID_MAPPING_INDEX", 0x40, 4, SECTION,
            "which id mapping is for its own message interrupts");

    /** Bit 4: the mapping index is valid; since revision 5. */
    public static final Field DEVICE_ID_VALID = Field.bit("DEVICE_ID_VALID", 4, SECTION,
            "the mapping index is valid; since revision 5");
    /** Bit 3: the proximity domain is valid. */
    public static final Field PROXIMITY_VALID = Field.bit("PROXIMITY_VALID", 3, SECTION,
            "the proximity domain is valid");
    /** Bits 2:1: overrides what IDR0 says of hardware updates of access flag and dirty state. */
    public static final Field HTTU_OVERRIDE = Field.bits("HTTU_OVERRIDE", 2, 1, SECTION,
            "overrides what IDR0 says of hardware updates of access flag and dirty state");
    /** Bit 0: table walks are coherent, whatever IDR0 says. */
    public static final Field COHACC_OVERRIDE = Field.bit("COHACC_OVERRIDE", 0, SECTION,
            "table walks are coherent, whatever IDR0 says");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("IORT SMMUv3", SECTION, SIZE,
            HEAD, BASE_ADDRESS, FLAGS, ByteField.reserved(0x1C, 4, SECTION), VATOS_ADDRESS, MODEL, EVENT_GSIV,
            PRI_GSIV, GERROR_GSIV, SYNC_GSIV, PROXIMITY_DOMAIN, DEVICE_ID_MAPPING_INDEX);

    /** The flags. */
    public static final Layout FLAG_BITS = Layout.of("IORT SMMUv3 flags", SECTION, 32,
            Field.reserved(31, 5, SECTION), DEVICE_ID_VALID, PROXIMITY_VALID, HTTU_OVERRIDE, COHACC_OVERRIDE);

    /** Bytes of a node of revision 0. */
    public static final int LEAST_SIZE = 60;

    private IortSmmuV3() {
    }
}
