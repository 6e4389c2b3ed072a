package sluicegate.spec.pci;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;

/**
 * Header of configuration space, of endpoints (type 0) and bridges (type 1).
 *
 * <pre>
 * Type 0, of an endpoint:
 *       +----------------------+
 *  0x00 | VENDOR_ID            | 2 bytes
 *       +----------------------+
 *  0x02 | DEVICE_ID            | 2 bytes
 *       +----------------------+
 *  0x04 | COMMAND              | 2 bytes
 *       +----------------------+
 *  0x06 | STATUS               | 2 bytes
 *       +----------------------+
 *  0x08 | REVISION_ID          | 1 byte
 *       +----------------------+
 *  0x09 | CLASS_CODE           | 3 bytes
 *       +----------------------+
 *  0x0c | CACHE_LINE_SIZE      | 1 byte
 *       +----------------------+
 *  0x0d | LATENCY_TIMER        | 1 byte
 *       +----------------------+
 *  0x0e | HEADER_TYPE          | 1 byte
 *       +----------------------+
 *  0x0f | BIST                 | 1 byte
 *       +----------------------+
 *  0x10 | BAR0                 | 4 bytes
 *       +----------------------+
 *  0x14 | BAR1                 | 4 bytes
 *       +----------------------+
 *  0x18 | BAR2                 | 4 bytes
 *       +----------------------+
 *  0x1c | BAR3                 | 4 bytes
 *       +----------------------+
 *  0x20 | BAR4                 | 4 bytes
 *       +----------------------+
 *  0x24 | BAR5                 | 4 bytes
 *       +----------------------+
 *  0x28 | CARDBUS_CIS_POINTER  | 4 bytes
 *       +----------------------+
 *  0x2c | SUBSYSTEM_VENDOR_ID  | 2 bytes
 *       +----------------------+
 *  0x2e | SUBSYSTEM_ID         | 2 bytes
 *       +----------------------+
 *  0x30 | EXPANSION_ROM        | 4 bytes
 *       +----------------------+
 *  0x34 | CAPABILITIES_POINTER | 1 byte
 *       +----------------------+
 *  0x35 | reserved             | 7 bytes
 *       +----------------------+
 *  0x3c | INTERRUPT_LINE       | 1 byte
 *       +----------------------+
 *  0x3d | INTERRUPT_PIN        | 1 byte
 *       +----------------------+
 *  0x3e | MIN_GNT              | 1 byte
 *       +----------------------+
 *  0x3f | MAX_LAT              | 1 byte
 *       +----------------------+
 *
 * Type 1, of a bridge:
 *       +--------------------------+
 *  0x00 | VENDOR_ID                | 2 bytes
 *       +--------------------------+
 *  0x02 | DEVICE_ID                | 2 bytes
 *       +--------------------------+
 *  0x04 | COMMAND                  | 2 bytes
 *       +--------------------------+
 *  0x06 | STATUS                   | 2 bytes
 *       +--------------------------+
 *  0x08 | REVISION_ID              | 1 byte
 *       +--------------------------+
 *  0x09 | CLASS_CODE               | 3 bytes
 *       +--------------------------+
 *  0x0c | CACHE_LINE_SIZE          | 1 byte
 *       +--------------------------+
 *  0x0d | LATENCY_TIMER            | 1 byte
 *       +--------------------------+
 *  0x0e | HEADER_TYPE              | 1 byte
 *       +--------------------------+
 *  0x0f | BIST                     | 1 byte
 *       +--------------------------+
 *  0x10 | BAR0                     | 4 bytes
 *       +--------------------------+
 *  0x14 | BAR1                     | 4 bytes
 *       +--------------------------+
 *  0x18 | PRIMARY_BUS              | 1 byte
 *       +--------------------------+
 *  0x19 | SECONDARY_BUS            | 1 byte
 *       +--------------------------+
 *  0x1a | SUBORDINATE_BUS          | 1 byte
 *       +--------------------------+
 *  0x1b | SECONDARY_LATENCY_TIMER  | 1 byte
 *       +--------------------------+
 *  0x1c | IO_BASE                  | 1 byte
 *       +--------------------------+
 *  0x1d | IO_LIMIT                 | 1 byte
 *       +--------------------------+
 *  0x1e | SECONDARY_STATUS         | 2 bytes
 *       +--------------------------+
 *  0x20 | MEMORY_BASE              | 2 bytes
 *       +--------------------------+
 *  0x22 | MEMORY_LIMIT             | 2 bytes
 *       +--------------------------+
 *  0x24 | PREFETCHABLE_BASE        | 2 bytes
 *       +--------------------------+
 *  0x26 | PREFETCHABLE_LIMIT       | 2 bytes
 *       +--------------------------+
 *  0x28 | PREFETCHABLE_BASE_UPPER  | 4 bytes
 *       +--------------------------+
 *  0x2c | PREFETCHABLE_LIMIT_UPPER | 4 bytes
 *       +--------------------------+
 *  0x30 | IO_BASE_UPPER            | 2 bytes
 *       +--------------------------+
 *  0x32 | IO_LIMIT_UPPER           | 2 bytes
 *       +--------------------------+
 *  0x34 | CAPABILITIES_POINTER     | 1 byte
 *       +--------------------------+
 *  0x35 | reserved                 | 3 bytes
 *       +--------------------------+
 *  0x38 | BRIDGE_EXPANSION_ROM     | 4 bytes
 *       +--------------------------+
 *  0x3c | INTERRUPT_LINE           | 1 byte
 *       +--------------------------+
 *  0x3d | INTERRUPT_PIN            | 1 byte
 *       +--------------------------+
 *  0x3e | BRIDGE_CONTROL           | 2 bytes
 *       +--------------------------+
 * </pre>
 */
public final class ConfigHeader {

    private static final String SECTION = "PCIe 7.5.1";

    /** Bytes of the header, of either type. */
    public static final int SIZE = 0x40;

    /** Offset 0x00: vendor id, FFFFh where there is no function. */
    public static final ByteField VENDOR_ID = new ByteField("VENDOR_ID", 0x00, 2, SECTION,
            "vendor id, FFFFh where there is no function");
    /** Offset 0x02: device id. */
    public static final ByteField DEVICE_ID = new ByteField("DEVICE_ID", 0x02, 2, SECTION, "device id");
    /** Offset 0x04: command, see {@link CommandRegister}. */
    public static final ByteField COMMAND = new ByteField("COMMAND", 0x04, 2, SECTION,
            "command, see CommandRegister");
    /** Offset 0x06: status, see {@link StatusRegister}. */
    public static final ByteField STATUS = new ByteField("STATUS", 0x06, 2, SECTION, "status, see StatusRegister");
    /** Offset 0x08: revision id. */
    public static final ByteField REVISION_ID = new ByteField("REVISION_ID", 0x08, 1, SECTION, "revision id");
    /**
     * Offset 0x09: class code: base class, subclass and programming interface, the base class in the highest
     * byte.
     */
    public static final ByteField CLASS_CODE = new ByteField("CLASS_CODE", 0x09, 3, SECTION,
            "class code: base class, subclass and programming interface, the base class in the highest byte");
    /** Offset 0x0c: cache line size. */
    public static final ByteField CACHE_LINE_SIZE = new ByteField("CACHE_LINE_SIZE", 0x0C, 1, SECTION,
            "cache line size");
    /** Offset 0x0d: latency timer. */
    public static final ByteField LATENCY_TIMER = new ByteField("LATENCY_TIMER", 0x0D, 1, SECTION, "latency timer");
    /** Offset 0x0e: header type, see {@link HeaderTypeRegister}. */
    public static final ByteField HEADER_TYPE = new ByteField("HEADER_TYPE", 0x0E, 1, SECTION,
            "header type, see HeaderTypeRegister");
    /** Offset 0x0f: built-in self test. */
    public static final ByteField BIST = new ByteField("BIST", 0x0F, 1, SECTION, "built-in self test");
    /** Offset 0x10: base address, see {@link BaseAddressRegister}. */
    public static final ByteField BAR0 = new ByteField("BAR0", 0x10, 4, SECTION,
            "base address, see BaseAddressRegister");
    /** Offset 0x14: base address. */
    public static final ByteField BAR1 = new ByteField("BAR1", 0x14, 4, SECTION, "base address");
    /** Offset 0x18: base address. */
    public static final ByteField BAR2 = new ByteField("BAR2", 0x18, 4, SECTION, "base address");
    /** Offset 0x1c: base address. */
    public static final ByteField BAR3 = new ByteField("BAR3", 0x1C, 4, SECTION, "base address");
    /** Offset 0x20: base address. */
    public static final ByteField BAR4 = new ByteField("BAR4", 0x20, 4, SECTION, "base address");
    /** Offset 0x24: base address. */
    public static final ByteField BAR5 = new ByteField("BAR5", 0x24, 4, SECTION, "base address");
    /** Offset 0x28: CardBus CIS pointer. */
    public static final ByteField CARDBUS_CIS_POINTER = new ByteField("CARDBUS_CIS_POINTER", 0x28, 4, SECTION,
            "CardBus CIS pointer");
    /** Offset 0x2c: subsystem vendor id. */
    public static final ByteField SUBSYSTEM_VENDOR_ID = new ByteField("SUBSYSTEM_VENDOR_ID", 0x2C, 2, SECTION,
            "subsystem vendor id");
    /** Offset 0x2e: subsystem id. */
    public static final ByteField SUBSYSTEM_ID = new ByteField("SUBSYSTEM_ID", 0x2E, 2, SECTION, "subsystem id");
    /** Offset 0x30: expansion ROM base address. */
    public static final ByteField EXPANSION_ROM = new ByteField("EXPANSION_ROM", 0x30, 4, SECTION,
            "expansion ROM base address");
    /** Offset 0x34: offset of the first capability. */
    public static final ByteField CAPABILITIES_POINTER = new ByteField("CAPABILITIES_POINTER", 0x34, 1, SECTION,
            "offset of the first capability");
    /** Offset 0x3c: interrupt line. */
    public static final ByteField INTERRUPT_LINE = new ByteField("INTERRUPT_LINE", 0x3C, 1, SECTION,
            "interrupt line");
    /** Offset 0x3d: interrupt pin: 1 to 4 for INTA to INTD. */
    public static final ByteField INTERRUPT_PIN = new ByteField("INTERRUPT_PIN", 0x3D, 1, SECTION,
            "interrupt pin: 1 to 4 for INTA to INTD");
    /** Offset 0x3e: conventional PCI only. */
    public static final ByteField MIN_GNT = new ByteField("MIN_GNT", 0x3E, 1, SECTION, "conventional PCI only");
    /** Offset 0x3f: conventional PCI only. */
    public static final ByteField MAX_LAT = new ByteField("MAX_LAT", 0x3F, 1, SECTION, "conventional PCI only");
    /** Offset 0x18: number of the bus that the bridge is on. */
    public static final ByteField PRIMARY_BUS = new ByteField("PRIMARY_BUS", 0x18, 1, SECTION,
            "number of the bus that the bridge is on");
    /** Offset 0x19: number of the bus right below the bridge. */
    public static final ByteField SECONDARY_BUS = new ByteField("SECONDARY_BUS", 0x19, 1, SECTION,
            "number of the bus right below the bridge");
    /** Offset 0x1a: greatest bus number below the bridge. */
    public static final ByteField SUBORDINATE_BUS = new ByteField("SUBORDINATE_BUS", 0x1A, 1, SECTION,
            "greatest bus number below the bridge");
    /** Offset 0x1b: conventional PCI only. */
    public static final ByteField SECONDARY_LATENCY_TIMER = new ByteField("SECONDARY_LATENCY_TIMER", 0x1B, 1, SECTION,
            "conventional PCI only");
    /** Offset 0x1c: I/O window, first address. */
    public static final ByteField IO_BASE = new ByteField("IO_BASE", 0x1C, 1, SECTION, "I/O window, first address");
    /** Offset 0x1d: I/O window, last address. */
    public static final ByteField IO_LIMIT = new ByteField("IO_LIMIT", 0x1D, 1, SECTION, "I/O window, last address");
    /** Offset 0x1e: status of the secondary side. */
    public static final ByteField SECONDARY_STATUS = new ByteField("SECONDARY_STATUS", 0x1E, 2, SECTION,
            "status of the secondary side");
    /** Offset 0x20: memory window, first address bits 31:20 in bits 15:4. */
    public static final ByteField MEMORY_BASE = new ByteField("MEMORY_BASE", 0x20, 2, SECTION,
            "memory window, first address bits 31:20 in bits 15:4");
    /** Offset 0x22: memory window, last address bits 31:20 in bits 15:4. */
    public static final ByteField MEMORY_LIMIT = new ByteField("MEMORY_LIMIT", 0x22, 2, SECTION,
            "memory window, last address bits 31:20 in bits 15:4");
    /** Offset 0x24: prefetchable window, first address bits 31:20 in bits 15:4. */
    public static final ByteField PREFETCHABLE_BASE = new ByteField("PREFETCHABLE_BASE", 0x24, 2, SECTION,
            "prefetchable window, first address bits 31:20 in bits 15:4");
    /** Offset 0x26: prefetchable window, last address bits 31:20 in bits 15:4. */
    public static final ByteField PREFETCHABLE_LIMIT = new ByteField("PREFETCHABLE_LIMIT", 0x26, 2, SECTION,
            "prefetchable window, last address bits 31:20 in bits 15:4");
    /** Offset 0x28: prefetchable window, first address bits 63:32. */
    public static final ByteField PREFETCHABLE_BASE_UPPER = new ByteField("PREFETCHABLE_BASE_UPPER", 0x28, 4, SECTION,
            "prefetchable window, first address bits 63:32");
    /** Offset 0x2c: prefetchable window, last address bits 63:32. */
    public static final ByteField PREFETCHABLE_LIMIT_UPPER = new ByteField("PREFETCHABLE_LIMIT_UPPER", 0x2C, 4, SECTION,
            "prefetchable window, last address bits 63:32");
    /** Offset 0x30: I/O window, first address bits 31:16. */
    public static final ByteField IO_BASE_UPPER = new ByteField("IO_BASE_UPPER", 0x30, 2, SECTION,
            "I/O window, first address bits 31:16");
    /** Offset 0x32: I/O window, last address bits 31:16. */
    public static final ByteField IO_LIMIT_UPPER = new ByteField("IO_LIMIT_UPPER", 0x32, 2, SECTION,
            "I/O window, last address bits 31:16");
    /** Offset 0x38: expansion ROM base address. */
    public static final ByteField BRIDGE_EXPANSION_ROM = new ByteField("BRIDGE_EXPANSION_ROM", 0x38, 4, SECTION,
            "expansion ROM base address");
    /** Offset 0x3e: bridge control. */
    public static final ByteField BRIDGE_CONTROL = new ByteField("BRIDGE_CONTROL", 0x3E, 2, SECTION,
            "bridge control");

    /** Type 0, of an endpoint. */
    public static final ByteLayout TYPE0 = ByteLayout.of("Configuration header, type 0", SECTION, SIZE,
            VENDOR_ID, DEVICE_ID, COMMAND, STATUS, REVISION_ID, CLASS_CODE, CACHE_LINE_SIZE, LATENCY_TIMER,
            HEADER_TYPE, BIST, BAR0, BAR1, BAR2, BAR3, BAR4, BAR5, CARDBUS_CIS_POINTER, SUBSYSTEM_VENDOR_ID,
            SUBSYSTEM_ID, EXPANSION_ROM, CAPABILITIES_POINTER, ByteField.reserved(0x35, 7, SECTION), INTERRUPT_LINE,
            INTERRUPT_PIN, MIN_GNT, MAX_LAT);

    /** Type 1, of a bridge. */
    public static final ByteLayout TYPE1 = ByteLayout.of("Configuration header, type 1", SECTION, SIZE,
            VENDOR_ID, DEVICE_ID, COMMAND, STATUS, REVISION_ID, CLASS_CODE, CACHE_LINE_SIZE, LATENCY_TIMER,
            HEADER_TYPE, BIST, BAR0, BAR1, PRIMARY_BUS, SECONDARY_BUS, SUBORDINATE_BUS, SECONDARY_LATENCY_TIMER,
            IO_BASE, IO_LIMIT, SECONDARY_STATUS, MEMORY_BASE, MEMORY_LIMIT, PREFETCHABLE_BASE, PREFETCHABLE_LIMIT,
            PREFETCHABLE_BASE_UPPER, PREFETCHABLE_LIMIT_UPPER, IO_BASE_UPPER, IO_LIMIT_UPPER, CAPABILITIES_POINTER,
            ByteField.reserved(0x35, 3, SECTION), BRIDGE_EXPANSION_ROM, INTERRUPT_LINE, INTERRUPT_PIN,
            BRIDGE_CONTROL);

    /** Bytes of the configuration space of conventional PCI. */
    public static final int CONFIG_SPACE = 0x100;

    /** Bytes of the configuration space of PCI Express. */
    public static final int EXTENDED_CONFIG_SPACE = 0x1000;

    /** Offset of the first extended capability. */
    public static final int EXTENDED_CAPABILITIES = 0x100;

    /** {@link #VENDOR_ID} where there is no function. */
    public static final int NO_VENDOR = 0xFFFF;

    private ConfigHeader() {
    }

    /** The register with that number, 0 to 5. */
    public static ByteField bar(int index) {
        return switch (index) {
            case 0 -> BAR0;
            case 1 -> BAR1;
            case 2 -> BAR2;
            case 3 -> BAR3;
            case 4 -> BAR4;
            case 5 -> BAR5;
            default -> throw new IllegalArgumentException("base address registers are 0 to 5, not " + index);
        };
    }
}
