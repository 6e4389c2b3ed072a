package sluicegate.spec.pci;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Base address register. The high half of a 64-bit one is a register of its own, all address.
 *
 * <pre>
 * In memory space:
 *   31        4        3         2  1      0
 * +-------------+--------------+------+----------+
 * | MEMORY_ADDR | PREFETCHABLE | TYPE | IO_SPACE |
 * +-------------+--------------+------+----------+
 *
 * In I/O space:
 *   31    2   1      0
 * +---------+---+----------+
 * | IO_ADDR | 0 | IO_SPACE |
 * +---------+---+----------+
 * </pre>
 */
public final class BaseAddressRegister {

    private static final String SECTION = "PCIe 7.5.1.2.1";

    /** Bits 31:4: memory base address, low half. */
    public static final Field MEMORY_ADDR = Field.address("MEMORY_ADDR", 31, 4, SECTION,
            "memory base address, low half");
    /** Bits 31:2: I/O base address. */
    public static final Field IO_ADDR = Field.address("IO_ADDR", 31, 2, SECTION, "I/O base address");
    /** Bit 3: reads have no side effects. */
    public static final Field PREFETCHABLE = Field.bit("PREFETCHABLE", 3, SECTION, "reads have no side effects");
    /** Bits 2:1: 0 for 32 bits, 2 for 64 bits. */
    public static final Field TYPE = Field.bits("TYPE", 2, 1, SECTION, "0 for 32 bits, 2 for 64 bits");
    /** Bit 0: I/O space, not memory space. */
    public static final Field IO_SPACE = Field.bit("IO_SPACE", 0, SECTION, "I/O space, not memory space");

    /** In memory space. */
    public static final Layout MEMORY = Layout.of("BaseAddress, memory", SECTION, 32,
            MEMORY_ADDR, PREFETCHABLE, TYPE, IO_SPACE);

    /** In I/O space. */
    public static final Layout IO = Layout.of("BaseAddress, I/O", SECTION, 32,
            IO_ADDR, Field.reserved(1, 1, SECTION), IO_SPACE);

    /** {@link #TYPE}: an address of 32 bits. */
    public static final int TYPE_32 = 0;

    /** {@link #TYPE}: an address of 64 bits, continued in the next register. */
    public static final int TYPE_64 = 2;

    private BaseAddressRegister() {
    }
}
