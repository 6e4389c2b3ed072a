package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * An interrupt request: a write of four bytes to the interrupt address range FEEx_xxxxh. FORMAT tells the two formats of its
 * address apart.
 *
 * <pre>
 * The address, remappable format:
 *   31 20   19  5      4      3      2       1 0
 * +-------+-------+--------+-----+---------+-----+
 * |  FEEh | HANDLE| FORMAT | SHV | HANDLE15| IGN |
 * +-------+-------+--------+-----+---------+-----+
 *
 * Its data:
 *   31 16   15  0
 * +-------+-----------+
 * |   0   | SUBHANDLE |
 * +-------+-----------+
 *
 * The address, compatibility format:
 *   31 20   19 12   11 5     4      3    2    1 0
 * +-------+-------+------+--------+----+----+-----+
 * |  FEEh |  DEST |  0   | FORMAT | RH | DM | IGN |
 * +-------+-------+------+--------+----+----+-----+
 *
 * Its data:
 *   31 16   15     14    13 11   10 8    7  0
 * +-------+----+-------+-------+-----+--------+
 * |   0   | TM | LEVEL |   0   | DLM | VECTOR |
 * +-------+----+-------+-------+-----+--------+
 * </pre>
 */
public final class InterruptRequest {

    private static final String SECTION = "5.1.2";

    /** Bits 31:20: the interrupt address range, {@link #RANGE_CODE}. */
    public static final Field RANGE = Field.bits("RANGE", 31, 20, SECTION, "the interrupt address range, FEEh");
    /** Bits 19:5: handle, bits 14:0. */
    public static final Field HANDLE = Field.bits("HANDLE", 19, 5, SECTION, "handle, bits 14:0");
    /** Bit 4: the request is in remappable format. */
    public static final Field FORMAT = Field.bit("FORMAT", 4, SECTION, "the request is in remappable format");
    /** Bit 3: the data holds a subhandle, to be added to the handle. */
    public static final Field SHV = Field.bit("SHV", 3, SECTION, "the data holds a subhandle, to be added to the handle");
    /** Bit 2: handle, bit 15. */
    public static final Field HANDLE15 = Field.bit("HANDLE15", 2, SECTION, "handle, bit 15");

    /** The address of a request in remappable format. */
    public static final Layout REMAPPABLE_ADDRESS = Layout.of("remappable interrupt address", SECTION, 32,
            RANGE, HANDLE, FORMAT, SHV, HANDLE15, Field.ignored(1, 0, SECTION));

    /** Bits 15:0: subhandle, if SHV is set. */
    public static final Field SUBHANDLE = Field.bits("SUBHANDLE", 15, 0, SECTION, "subhandle, if SHV is set");

    /** The data of a request in remappable format with SHV set; without SHV all of it is ignored. */
    public static final Layout REMAPPABLE_DATA = Layout.of("remappable interrupt data", SECTION, 32,
            Field.reserved(31, 16, SECTION), SUBHANDLE);

    /** Bits 19:12: destination, an APIC id. */
    public static final Field DEST = Field.bits("DEST", 19, 12, SECTION, "destination, an APIC id");
    /** Bit 3: redirection hint: one of several processors. */
    public static final Field RH = Field.bit("RH", 3, SECTION, "redirection hint: one of several processors");
    /** Bit 2: the destination is a logical one. */
    public static final Field DM = Field.bit("DM", 2, SECTION, "the destination is a logical one");

    /** The address of a request in compatibility format. */
    public static final Layout COMPATIBILITY_ADDRESS = Layout.of("compatibility interrupt address", SECTION, 32,
            RANGE, DEST, Field.reserved(11, 5, SECTION), FORMAT, RH, DM, Field.ignored(1, 0, SECTION));

    /** Bit 15: level triggered. */
    public static final Field TM = Field.bit("TM", 15, SECTION, "level triggered");
    /** Bit 14: the level, asserted. */
    public static final Field LEVEL = Field.bit("LEVEL", 14, SECTION, "the level, asserted");
    /** Bits 10:8: delivery mode. */
    public static final Field DLM = Field.bits("DLM", 10, 8, SECTION, "delivery mode");
    /** Bits 7:0: vector. */
    public static final Field VECTOR = Field.bits("VECTOR", 7, 0, SECTION, "vector");

    /** The data of a request in compatibility format. */
    public static final Layout COMPATIBILITY_DATA = Layout.of("compatibility interrupt data", SECTION, 32,
            Field.reserved(31, 16, SECTION), TM, LEVEL, Field.reserved(13, 11, SECTION), DLM, VECTOR);

    /** {@link #RANGE} of every interrupt request. */
    public static final int RANGE_CODE = 0xFEE;

    private InterruptRequest() {
    }

    /**
     * The index into the interrupt remapping table that a request in remappable format names (5.1.3): 0 to 1FFFEh, of which
     * those from 10000h on lie beyond any table.
     */
    public static int index(long address, int data) {
        int handle = (int) (HANDLE.get(address) | HANDLE15.get(address) << 15);
        return SHV.isSet(address) ? handle + (int) SUBHANDLE.get(data) : handle;
    }
}
