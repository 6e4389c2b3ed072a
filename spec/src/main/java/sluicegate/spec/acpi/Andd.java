package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;

/**
 * ACPI Name-space Device Declaration: a device that is not on PCI. Its name follows, ended by a zero byte.
 *
 * <pre>
 *       +--------------------+
 *  0x00 | TYPE               | 2 bytes
 *       +--------------------+
 *  0x02 | LENGTH             | 2 bytes
 *       +--------------------+
 *  0x04 | reserved           | 3 bytes
 *       +--------------------+
 *  0x07 | ACPI_DEVICE_NUMBER | 1 byte
 *       +--------------------+
 * </pre>
 */
public final class Andd {

    private static final String SECTION = "VT-d 8.7";

    /** Bytes of what is described here. */
    public static final int SIZE = 8;

    /** Offset 0x00: type of the structure, 4. */
    public static final ByteField TYPE = new ByteField("TYPE", 0x00, 2, SECTION, "type of the structure, 4");
    /** Offset 0x02: bytes of the structure. */
    public static final ByteField LENGTH = new ByteField("LENGTH", 0x02, 2, SECTION, "bytes of the structure");
    /** Offset 0x07: number by which a device scope names it. */
    public static final ByteField ACPI_DEVICE_NUMBER = new ByteField("ACPI_DEVICE_NUMBER", 0x07, 1, SECTION,
            "number by which a device scope names it");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("ANDD", SECTION, SIZE,
            TYPE, LENGTH, ByteField.reserved(0x04, 3, SECTION), ACPI_DEVICE_NUMBER);

    private Andd() {
    }
}
