package sluicegate.spec.pci;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;
import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Address Translation Services: the device has a translation cache of its own.
 *
 * <pre>
 *       +---------------------+
 *  0x00 | CAPABILITY_HEADER   | 4 bytes
 *       +---------------------+
 *  0x04 | CAPABILITY_REGISTER | 2 bytes
 *       +---------------------+
 *  0x06 | CONTROL_REGISTER    | 2 bytes
 *       +---------------------+
 *
 * The capability register:
 *   15 8          7                   6                    5             4                    0
 * +------+------------------+-------------------+----------------------+------------------------+
 * |  0   | RELAXED_ORDERING | GLOBAL_INVALIDATE | PAGE_ALIGNED_REQUEST | INVALIDATE_QUEUE_DEPTH |
 * +------+------------------+-------------------+----------------------+------------------------+
 *
 * The control register:
 *     15     14 5   4 0
 * +--------+------+-----+
 * | ENABLE |  0   | STU |
 * +--------+------+-----+
 * </pre>
 */
public final class AtsCapability {

    private static final String SECTION = "PCIe 10.5.1";

    /** Bytes of what is described here. */
    public static final int SIZE = 8;

    /** Offset 0x00: see {@link ExtendedCapabilityHeader}. */
    public static final ByteField CAPABILITY_HEADER = new ByteField("CAPABILITY_HEADER", 0x00, 4, SECTION,
            "see ExtendedCapabilityHeader");
    /** Offset 0x04: what the device can do. */
    public static final ByteField CAPABILITY_REGISTER = new ByteField("CAPABILITY_REGISTER", 0x04, 2, SECTION,
            "what the device can do");
    /** Offset 0x06: what is switched on. */
    public static final ByteField CONTROL_REGISTER = new ByteField("CONTROL_REGISTER", 0x06, 2, SECTION,
            "what is switched on");

    /** Bit 7: translation requests may have relaxed ordering. */
    public static final Field RELAXED_ORDERING = Field.bit("RELAXED_ORDERING", 7, SECTION,
            "translation requests may have relaxed ordering");
    /** Bit 6: invalidations for all PASIDs at once. */
    public static final Field GLOBAL_INVALIDATE = Field.bit("GLOBAL_INVALIDATE", 6, SECTION,
            "invalidations for all PASIDs at once");
    /** Bit 5: untranslated addresses are always aligned to 4 KiB. */
    public static final Field PAGE_ALIGNED_REQUEST = Field.bit("PAGE_ALIGNED_REQUEST", 5, SECTION,
            "untranslated addresses are always aligned to 4 KiB");
    /** Bits 4:0: how many invalidations can be pending, 0 for 32. */
    public static final Field INVALIDATE_QUEUE_DEPTH = Field.bits("INVALIDATE_QUEUE_DEPTH", 4, 0, SECTION,
            "how many invalidations can be pending, 0 for 32");

    /** Bit 15: translation requests are on. */
    public static final Field ENABLE = Field.bit("ENABLE", 15, SECTION, "translation requests are on");
    /** Bits 4:0: smallest translation unit: 4 KiB times 2 to that power. */
    public static final Field STU = Field.bits("STU", 4, 0, SECTION,
            "smallest translation unit: 4 KiB times 2 to that power");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("ATS capability", SECTION, SIZE,
            CAPABILITY_HEADER, CAPABILITY_REGISTER, CONTROL_REGISTER);

    /** The capability register. */
    public static final Layout CAPABILITY = Layout.of("ATS capability register", SECTION, 16,
            Field.reserved(15, 8, SECTION), RELAXED_ORDERING, GLOBAL_INVALIDATE, PAGE_ALIGNED_REQUEST,
            INVALIDATE_QUEUE_DEPTH);

    /** The control register. */
    public static final Layout CONTROL = Layout.of("ATS control register", SECTION, 16,
            ENABLE, Field.reserved(14, 5, SECTION), STU);

    private AtsCapability() {
    }

    /** How many invalidations can be pending. */
    public static int invalidateQueueDepth(long capability) {
        int depth = (int) INVALIDATE_QUEUE_DEPTH.get(capability);
        return depth == 0 ? 32 : depth;
    }
}
