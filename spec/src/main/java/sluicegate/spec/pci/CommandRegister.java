package sluicegate.spec.pci;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Command register of every function.
 *
 * <pre>
 *   15 11           10                     9                    8        7             6
 * +-------+-------------------+--------------------------+-------------+---+-----------------------+
 * |   0   | INTERRUPT_DISABLE | FAST_BACK_TO_BACK_ENABLE | SERR_ENABLE | 0 | PARITY_ERROR_RESPONSE |
 * +-------+-------------------+--------------------------+-------------+---+-----------------------+
 *           5                        4                         3                     2
 * +-------------------+-----------------------------+----------------------+-------------------+
 * | VGA_PALETTE_SNOOP | MEMORY_WRITE_AND_INVALIDATE | SPECIAL_CYCLE_ENABLE | BUS_MASTER_ENABLE |
 * +-------------------+-----------------------------+----------------------+-------------------+
 *            1                   0
 * +---------------------+-----------------+
 * | MEMORY_SPACE_ENABLE | IO_SPACE_ENABLE |
 * +---------------------+-----------------+
 * </pre>
 */
public final class CommandRegister {

    private static final String SECTION = "PCIe 7.5.1.1.3";

    /** Bit 10: no INTx interrupts. */
    public static final Field INTERRUPT_DISABLE = Field.bit("INTERRUPT_DISABLE", 10, SECTION, "no INTx interrupts");
    /** Bit 9: conventional PCI only. */
    public static final Field FAST_BACK_TO_BACK_ENABLE = Field.bit("FAST_BACK_TO_BACK_ENABLE", 9, SECTION,
            "conventional PCI only");
    /** Bit 8: report errors. */
    public static final Field SERR_ENABLE = Field.bit("SERR_ENABLE", 8, SECTION, "report errors");
    /** Bit 6: react to poisoned data. */
    public static final Field PARITY_ERROR_RESPONSE = Field.bit("PARITY_ERROR_RESPONSE", 6, SECTION,
            "react to poisoned data");
    /** Bit 5: conventional PCI only. */
    public static final Field VGA_PALETTE_SNOOP = Field.bit("VGA_PALETTE_SNOOP", 5, SECTION, "conventional PCI only");
    /** Bit 4: conventional PCI only. */
    public static final Field MEMORY_WRITE_AND_INVALIDATE = Field.bit("MEMORY_WRITE_AND_INVALIDATE", 4, SECTION,
            "conventional PCI only");
    /** Bit 3: conventional PCI only. */
    public static final Field SPECIAL_CYCLE_ENABLE = Field.bit("SPECIAL_CYCLE_ENABLE", 3, SECTION,
            "conventional PCI only");
    /** Bit 2: may issue memory and I/O requests; of a bridge: may forward them upstream. */
    public static final Field BUS_MASTER_ENABLE = Field.bit("BUS_MASTER_ENABLE", 2, SECTION,
            "may issue memory and I/O requests; of a bridge: may forward them upstream");
    /** Bit 1: answers in memory space. */
    public static final Field MEMORY_SPACE_ENABLE = Field.bit("MEMORY_SPACE_ENABLE", 1, SECTION,
            "answers in memory space");
    /** Bit 0: answers in I/O space. */
    public static final Field IO_SPACE_ENABLE = Field.bit("IO_SPACE_ENABLE", 0, SECTION, "answers in I/O space");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("Command", SECTION, 16,
            Field.reserved(15, 11, SECTION), INTERRUPT_DISABLE, FAST_BACK_TO_BACK_ENABLE, SERR_ENABLE,
            Field.reserved(7, 7, SECTION), PARITY_ERROR_RESPONSE, VGA_PALETTE_SNOOP, MEMORY_WRITE_AND_INVALIDATE,
            SPECIAL_CYCLE_ENABLE, BUS_MASTER_ENABLE, MEMORY_SPACE_ENABLE, IO_SPACE_ENABLE);

    private CommandRegister() {
    }
}
