package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;
import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Device scope: a device by its path from the root. The path follows, two bytes a step: device and function.
 *
 * <pre>
 *       +----------------+
 *  0x00 | TYPE           | 1 byte
 *       +----------------+
 *  0x01 | LENGTH         | 1 byte
 *       +----------------+
 *  0x02 | FLAGS          | 1 byte
 *       +----------------+
 *  0x03 | reserved       | 1 byte
 *       +----------------+
 *  0x04 | ENUMERATION_ID | 1 byte
 *       +----------------+
 *  0x05 | START_BUS      | 1 byte
 *       +----------------+
 *
 * The flags, in {@link Sidp} only:
 *   7 5        4              3                 2                   1                   0
 * +-----+--------------+--------------+-------------------+-------------------+--------------------+
 * |  0  | ATC_REQUIRED | ATC_HARDENED | PGSNP_NOT_ALLOWED | PWSNP_NOT_ALLOWED | NESTED_NOT_ALLOWED |
 * +-----+--------------+--------------+-------------------+-------------------+--------------------+
 * </pre>
 */
public final class DeviceScope {

    private static final String SECTION = "VT-d 8.3.1";

    /** Bytes of what is described here. */
    public static final int SIZE = 6;

    /** Offset 0x00: what it is, see {@link DeviceScopeType}. */
    public static final ByteField TYPE = new ByteField("TYPE", 0x00, 1, SECTION, "what it is, see DeviceScopeType");
    /** Offset 0x01: bytes of the scope, path included. */
    public static final ByteField LENGTH = new ByteField("LENGTH", 0x01, 1, SECTION,
            "bytes of the scope, path included");
    /** Offset 0x02: flags, in SIDP only. */
    public static final ByteField FLAGS = new ByteField("FLAGS", 0x02, 1, SECTION, "flags, in SIDP only");
    /** Offset 0x04: I/O APIC id, HPET number or ACPI device number. */
    public static final ByteField ENUMERATION_ID = new ByteField("ENUMERATION_ID", 0x04, 1, SECTION,
            "I/O APIC id, HPET number or ACPI device number");
    /** Offset 0x05: bus that the path starts on. */
    public static final ByteField START_BUS = new ByteField("START_BUS", 0x05, 1, SECTION,
            "bus that the path starts on");

    /** Bit 4: the device needs its translation cache. */
    public static final Field ATC_REQUIRED = Field.bit("ATC_REQUIRED", 4, SECTION,
            "the device needs its translation cache");
    /** Bit 3: the translation cache cannot be misused by software. */
    public static final Field ATC_HARDENED = Field.bit("ATC_HARDENED", 3, SECTION,
            "the translation cache cannot be misused by software");
    /** Bit 2: requests without PASID must not use page snoop. */
    public static final Field PGSNP_NOT_ALLOWED = Field.bit("PGSNP_NOT_ALLOWED", 2, SECTION,
            "requests without PASID must not use page snoop");
    /** Bit 1: requests without PASID must not use page-walk snoop. */
    public static final Field PWSNP_NOT_ALLOWED = Field.bit("PWSNP_NOT_ALLOWED", 1, SECTION,
            "requests without PASID must not use page-walk snoop");
    /** Bit 0: requests without PASID must not be nested. */
    public static final Field NESTED_NOT_ALLOWED = Field.bit("NESTED_NOT_ALLOWED", 0, SECTION,
            "requests without PASID must not be nested");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("Device scope", SECTION, SIZE,
            TYPE, LENGTH, FLAGS, ByteField.reserved(0x03, 1, SECTION), ENUMERATION_ID, START_BUS);

    /** The flags, in {@link Sidp} only. */
    public static final Layout FLAG_BITS = Layout.of("Device scope flags", SECTION, 8,
            Field.reserved(7, 5, SECTION), ATC_REQUIRED, ATC_HARDENED, PGSNP_NOT_ALLOWED, PWSNP_NOT_ALLOWED,
            NESTED_NOT_ALLOWED);

    /** Bytes of one step of the path. */
    public static final int STEP = 2;

    /** Device number of a step, counted from the start of the step. */
    public static final ByteField STEP_DEVICE = new ByteField("STEP_DEVICE", 0, 1, SECTION, "device number");

    /** Function number of a step, counted from the start of the step. */
    public static final ByteField STEP_FUNCTION = new ByteField("STEP_FUNCTION", 1, 1, SECTION, "function number");

    private DeviceScope() {
    }

    /** How many whole steps the path of a scope of that length has. */
    public static int steps(int length) {
        return Math.max(0, length - SIZE) / STEP;
    }
}
