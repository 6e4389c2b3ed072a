package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * SMMU Control Register 1, {@code SMMU_CR1}: how tables and queues are accessed.
 *
 * <p>TABLE fields can be written while SMMUEN is clear, QUEUE fields while all queues are off.
 *
 * <pre>
 *   31 12    11 10       9 8        7 6        5 4        3 2        1 0
 * +-------+----------+----------+----------+----------+----------+----------+
 * |   0   | TABLE_SH | TABLE_OC | TABLE_IC | QUEUE_SH | QUEUE_OC | QUEUE_IC |
 * +-------+----------+----------+----------+----------+----------+----------+
 * </pre>
 */
public final class Cr1Register {

    private static final String SECTION = "6.3.11";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x28;

    /** Bits 11:10: shareability of tables: 0 non-shareable, 2 outer, 3 inner. */
    public static final Field TABLE_SH = Field.bits("TABLE_SH", 11, 10, SECTION,
            "shareability of tables: 0 non-shareable, 2 outer, 3 inner");
    /** Bits 9:8: outer cacheability of tables: 0 non-cacheable, 1 write-back, 2 write-through. */
    public static final Field TABLE_OC = Field.bits("TABLE_OC", 9, 8, SECTION,
            "outer cacheability of tables: 0 non-cacheable, 1 write-back, 2 write-through");
    /** Bits 7:6: inner cacheability of tables. */
    public static final Field TABLE_IC = Field.bits("TABLE_IC", 7, 6, SECTION, "inner cacheability of tables");
    /** Bits 5:4: shareability of queues. */
    public static final Field QUEUE_SH = Field.bits("QUEUE_SH", 5, 4, SECTION, "shareability of queues");
    /** Bits 3:2: outer cacheability of queues. */
    public static final Field QUEUE_OC = Field.bits("QUEUE_OC", 3, 2, SECTION, "outer cacheability of queues");
    /** Bits 1:0: inner cacheability of queues. */
    public static final Field QUEUE_IC = Field.bits("QUEUE_IC", 1, 0, SECTION, "inner cacheability of queues");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("SMMU_CR1", SECTION, 32,
            Field.reserved(31, 12, SECTION), TABLE_SH, TABLE_OC, TABLE_IC, QUEUE_SH, QUEUE_OC, QUEUE_IC);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private Cr1Register() {
    }
}
