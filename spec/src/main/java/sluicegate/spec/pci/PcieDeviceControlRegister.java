package sluicegate.spec.pci;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Device control register.
 *
 * <pre>
 *        15        14            12          11                10                     9
 * +--------------+------------------+-----------------+------------------+--------------------------+
 * | INITIATE_FLR | MAX_READ_REQUEST | NO_SNOOP_ENABLE | AUX_POWER_ENABLE | PHANTOM_FUNCTIONS_ENABLE |
 * +--------------+------------------+-----------------+------------------+--------------------------+
 *            8            7         5              4                          3
 * +---------------------+-------------+-------------------------+----------------------------+
 * | EXTENDED_TAG_ENABLE | MAX_PAYLOAD | RELAXED_ORDERING_ENABLE | UNSUPPORTED_REQUEST_ENABLE |
 * +---------------------+-------------+-------------------------+----------------------------+
 *           2                      1                         0
 * +--------------------+------------------------+--------------------------+
 * | FATAL_ERROR_ENABLE | NON_FATAL_ERROR_ENABLE | CORRECTABLE_ERROR_ENABLE |
 * +--------------------+------------------------+--------------------------+
 * </pre>
 */
public final class PcieDeviceControlRegister {

    private static final String SECTION = "PCIe 7.5.3.4";

    /** Bit 15: start a function level reset; of a PCIe-to-PCI bridge: retry enable. */
    public static final Field INITIATE_FLR = Field.bit("INITIATE_FLR", 15, SECTION,
            "start a function level reset; of a PCIe-to-PCI bridge: retry enable");
    /** Bits 14:12: greatest read request: 128 bytes times 2 to that power. */
    public static final Field MAX_READ_REQUEST = Field.bits("MAX_READ_REQUEST", 14, 12, SECTION,
            "greatest read request: 128 bytes times 2 to that power");
    /** Bit 11: may ask for accesses that do not snoop. */
    public static final Field NO_SNOOP_ENABLE = Field.bit("NO_SNOOP_ENABLE", 11, SECTION,
            "may ask for accesses that do not snoop");
    /** Bit 10: may draw auxiliary power. */
    public static final Field AUX_POWER_ENABLE = Field.bit("AUX_POWER_ENABLE", 10, SECTION,
            "may draw auxiliary power");
    /** Bit 9: phantom functions. */
    public static final Field PHANTOM_FUNCTIONS_ENABLE = Field.bit("PHANTOM_FUNCTIONS_ENABLE", 9, SECTION,
            "phantom functions");
    /** Bit 8: 8-bit tags. */
    public static final Field EXTENDED_TAG_ENABLE = Field.bit("EXTENDED_TAG_ENABLE", 8, SECTION, "8-bit tags");
    /** Bits 7:5: greatest payload: 128 bytes times 2 to that power. */
    public static final Field MAX_PAYLOAD = Field.bits("MAX_PAYLOAD", 7, 5, SECTION,
            "greatest payload: 128 bytes times 2 to that power");
    /** Bit 4: may ask for relaxed ordering. */
    public static final Field RELAXED_ORDERING_ENABLE = Field.bit("RELAXED_ORDERING_ENABLE", 4, SECTION,
            "may ask for relaxed ordering");
    /** Bit 3: report unsupported requests. */
    public static final Field UNSUPPORTED_REQUEST_ENABLE = Field.bit("UNSUPPORTED_REQUEST_ENABLE", 3, SECTION,
            "report unsupported requests");
    /** Bit 2: report fatal errors. */
    public static final Field FATAL_ERROR_ENABLE = Field.bit("FATAL_ERROR_ENABLE", 2, SECTION, "report fatal errors");
    /** Bit 1: report non-fatal errors. */
    public static final Field NON_FATAL_ERROR_ENABLE = Field.bit("NON_FATAL_ERROR_ENABLE", 1, SECTION,
            "report non-fatal errors");
    /** Bit 0: report correctable errors. */
    public static final Field CORRECTABLE_ERROR_ENABLE = Field.bit("CORRECTABLE_ERROR_ENABLE", 0, SECTION,
            "report correctable errors");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("Device Control", SECTION, 16,
            INITIATE_FLR, MAX_READ_REQUEST, NO_SNOOP_ENABLE, AUX_POWER_ENABLE, PHANTOM_FUNCTIONS_ENABLE,
            EXTENDED_TAG_ENABLE, MAX_PAYLOAD, RELAXED_ORDERING_ENABLE, UNSUPPORTED_REQUEST_ENABLE,
            FATAL_ERROR_ENABLE, NON_FATAL_ERROR_ENABLE, CORRECTABLE_ERROR_ENABLE);

    private PcieDeviceControlRegister() {
    }
}
