package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;
import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * SMMU of version 1 or 2. Arrays of interrupts ({@link #INTERRUPT_GSIV} and {@link #INTERRUPT_FLAGS}) stand where
 * the offsets tell.
 *
 * <pre>
 *       +--------------------------+
 *  0x00 | HEAD                     | 16 bytes
 *       +--------------------------+
 *  0x10 | BASE_ADDRESS             | 8 bytes
 *       +--------------------------+
 *  0x18 | SPAN                     | 8 bytes
 *       +--------------------------+
 *  0x20 | MODEL                    | 4 bytes
 *       +--------------------------+
 *  0x24 | FLAGS                    | 4 bytes
 *       +--------------------------+
 *  0x28 | GLOBAL_INTERRUPT_OFFSET  | 4 bytes
 *       +--------------------------+
 *  0x2c | CONTEXT_INTERRUPT_COUNT  | 4 bytes
 *       +--------------------------+
 *  0x30 | CONTEXT_INTERRUPT_OFFSET | 4 bytes
 *       +--------------------------+
 *  0x34 | PMU_INTERRUPT_COUNT      | 4 bytes
 *       +--------------------------+
 *  0x38 | PMU_INTERRUPT_OFFSET     | 4 bytes
 *       +--------------------------+
 *
 * The flags:
 *   31 2         1               0
 * +------+---------------+---------------+
 * |  0   | COHERENT_WALK | DVM_SUPPORTED |
 * +------+---------------+---------------+
 * </pre>
 */
public final class IortSmmu {

    private static final String SECTION = "DEN0049 3.1.1";

    /** Bytes of what is described here. */
    public static final int SIZE = 60;

    /** Offset 0x00: see IortNode. */
    public static final ByteField HEAD = new ByteField("HEAD", 0x00, 16, SECTION, "see IortNode");
    /** Offset 0x10: address of the registers. */
    public static final ByteField BASE_ADDRESS = new ByteField("BASE_ADDRESS", 0x10, 8, SECTION,
            "address of the registers");
    /** Offset 0x18: bytes of registers. */
    public static final ByteField SPAN = new ByteField("SPAN", 0x18, 8, SECTION, "bytes of registers");
    /** Offset 0x20: version 1 if 0, 2 if 1, else an implementation of these. */
    public static final ByteField MODEL = new ByteField("MODEL", 0x20, 4, SECTION,
            "version 1 if 0, 2 if 1, else an implementation of these");
    /** Offset 0x24: flags. */
    public static final ByteField FLAGS = new ByteField("FLAGS", 0x24, 4, SECTION, "flags");
    /** Offset 0x28: bytes from the start of the node to the two global interrupts. */
    public static final ByteField GLOBAL_INTERRUPT_OFFSET = new ByteField("GLOBAL_INTERRUPT_OFFSET", 0x28, 4, SECTION,
            "bytes from the start of the node to the two global interrupts");
    /** Offset 0x2c: number of context interrupts. */
    public static final ByteField CONTEXT_INTERRUPT_COUNT = new ByteField("CONTEXT_INTERRUPT_COUNT", 0x2C, 4, SECTION,
            "number of context interrupts");
    /** Offset 0x30: bytes from the start of the node to the context interrupts. */
    public static final ByteField CONTEXT_INTERRUPT_OFFSET = new ByteField("CONTEXT_INTERRUPT_OFFSET", 0x30, 4, SECTION,
            "bytes from the start of the node to the context interrupts");
    /** Offset 0x34: number of performance monitor interrupts. */
    public static final ByteField PMU_INTERRUPT_COUNT = new ByteField("PMU_INTERRUPT_COUNT", 0x34, 4, SECTION,
            "number of performance monitor interrupts");
    /** Offset 0x38: bytes from the start of the node to the performance monitor interrupts. */
    public static final ByteField PMU_INTERRUPT_OFFSET = new ByteField("PMU_INTERRUPT_OFFSET", 0x38, 4, SECTION,
            "bytes from the start of the node to the performance monitor interrupts");

    /** Bit 1: table walks are coherent with the caches. */
    public static final Field COHERENT_WALK = Field.bit("COHERENT_WALK", 1, SECTION,
            "table walks are coherent with the caches");
    /** Bit 0: it takes part in distributed TLB invalidation. */
    public static final Field DVM_SUPPORTED = Field.bit("DVM_SUPPORTED", 0, SECTION,
            "it takes part in distributed TLB invalidation");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("IORT SMMU", SECTION, SIZE,
            HEAD, BASE_ADDRESS, SPAN, MODEL, FLAGS, GLOBAL_INTERRUPT_OFFSET, CONTEXT_INTERRUPT_COUNT,
            CONTEXT_INTERRUPT_OFFSET, PMU_INTERRUPT_COUNT, PMU_INTERRUPT_OFFSET);

    /** The flags. */
    public static final Layout FLAG_BITS = Layout.of("IORT SMMU flags", SECTION, 32,
            Field.reserved(31, 2, SECTION), COHERENT_WALK, DVM_SUPPORTED);

    /** Bytes of one interrupt. */
    public static final int INTERRUPT_SIZE = 8;

    /** Global system interrupt, counted from the start of the interrupt. */
    public static final ByteField INTERRUPT_GSIV = new ByteField("INTERRUPT_GSIV", 0, 4, SECTION,
            "global system interrupt");

    /** Bit 0: edge triggered; counted from the start of the interrupt. */
    public static final ByteField INTERRUPT_FLAGS = new ByteField("INTERRUPT_FLAGS", 4, 4, SECTION,
            "bit 0: edge triggered");

    private IortSmmu() {
    }
}
