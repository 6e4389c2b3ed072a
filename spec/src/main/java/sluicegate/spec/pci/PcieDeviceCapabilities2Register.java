package sluicegate.spec.pci;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Device capabilities 2 register.
 *
 * <pre>
 *    31   30 27                 26                25                     24   23                22
 * +-----+-------+-------------------------------+---------------------------+----------------------+
 * | FRS |   0   | EMERGENCY_POWER_INIT_REQUIRED | EMERGENCY_POWER_REDUCTION | MAX_END_END_PREFIXES |
 * +-----+-------+-------------------------------+---------------------------+----------------------+
 *         21              20        19 18          17                16         15  14   13         12
 * +----------------+--------------+-------+-----------------+-----------------+--------+---------------+
 * | END_END_PREFIX | EXTENDED_FMT |  OBFF | TAG10_REQUESTER | TAG10_COMPLETER | LN_CLS | TPH_COMPLETER |
 * +----------------+--------------+-------+-----------------+-----------------+--------+---------------+
 *    11        10              9                   8                    7                  6
 * +-----+-------------+------------------+--------------------+--------------------+----------------+
 * | LTR | NO_RO_PR_PR | CAS128_COMPLETER | ATOMIC64_COMPLETER | ATOMIC32_COMPLETER | ATOMIC_ROUTING |
 * +-----+-------------+------------------+--------------------+--------------------+----------------+
 *         5                      4                3                       0
 * +----------------+----------------------------+---------------------------+
 * | ARI_FORWARDING | COMPLETION_TIMEOUT_DISABLE | COMPLETION_TIMEOUT_RANGES |
 * +----------------+----------------------------+---------------------------+
 * </pre>
 */
public final class PcieDeviceCapabilities2Register {

    private static final String SECTION = "PCIe 7.5.3.15";

    /** Bit 31: function readiness status. */
    public static final Field FRS = Field.bit("FRS", 31, SECTION, "function readiness status");
    /** Bit 26: initialization is needed after an emergency power reduction. */
    public static final Field EMERGENCY_POWER_INIT_REQUIRED = Field.bit("EMERGENCY_POWER_INIT_REQUIRED", 26, SECTION,
            "initialization is needed after an emergency power reduction");
    /** Bits 25:24: emergency power reduction. */
    public static final Field EMERGENCY_POWER_REDUCTION = Field.bits("EMERGENCY_POWER_REDUCTION", 25, 24, SECTION,
            "emergency power reduction");
    /** Bits 23:22: how many end-end prefixes a request may have, 0 for four. */
    public static final Field MAX_END_END_PREFIXES = Field.bits("MAX_END_END_PREFIXES", 23, 22, SECTION,
            "how many end-end prefixes a request may have, 0 for four");
    /** Bit 21: end-end prefixes, the PASID among them. */
    public static final Field END_END_PREFIX = Field.bit("END_END_PREFIX", 21, SECTION,
            "end-end prefixes, the PASID among them");
    /** Bit 20: 3-bit format field. */
    public static final Field EXTENDED_FMT = Field.bit("EXTENDED_FMT", 20, SECTION, "3-bit format field");
    /** Bits 19:18: optimized buffer flush or fill. */
    public static final Field OBFF = Field.bits("OBFF", 19, 18, SECTION, "optimized buffer flush or fill");
    /** Bit 17: sends 10-bit tags. */
    public static final Field TAG10_REQUESTER = Field.bit("TAG10_REQUESTER", 17, SECTION, "sends 10-bit tags");
    /** Bit 16: receives 10-bit tags. */
    public static final Field TAG10_COMPLETER = Field.bit("TAG10_COMPLETER", 16, SECTION, "receives 10-bit tags");
    /** Bits 15:14: cache line size of the LN system. */
    public static final Field LN_CLS = Field.bits("LN_CLS", 15, 14, SECTION, "cache line size of the LN system");
    /** Bits 13:12: processing hints. */
    public static final Field TPH_COMPLETER = Field.bits("TPH_COMPLETER", 13, 12, SECTION, "processing hints");
    /** Bit 11: latency tolerance reporting. */
    public static final Field LTR = Field.bit("LTR", 11, SECTION, "latency tolerance reporting");
    /** Bit 10: never reorders posted requests. */
    public static final Field NO_RO_PR_PR = Field.bit("NO_RO_PR_PR", 10, SECTION, "never reorders posted requests");
    /** Bit 9: compare-and-swap of 128 bits. */
    public static final Field CAS128_COMPLETER = Field.bit("CAS128_COMPLETER", 9, SECTION,
            "compare-and-swap of 128 bits");
    /** Bit 8: atomic operations of 64 bits. */
    public static final Field ATOMIC64_COMPLETER = Field.bit("ATOMIC64_COMPLETER", 8, SECTION,
            "atomic operations of 64 bits");
    /** Bit 7: atomic operations of 32 bits. */
    public static final Field ATOMIC32_COMPLETER = Field.bit("ATOMIC32_COMPLETER", 7, SECTION,
            "atomic operations of 32 bits");
    /** Bit 6: routes atomic operations. */
    public static final Field ATOMIC_ROUTING = Field.bit("ATOMIC_ROUTING", 6, SECTION, "routes atomic operations");
    /** Bit 5: ARI forwarding: the device below may have 256 functions. */
    public static final Field ARI_FORWARDING = Field.bit("ARI_FORWARDING", 5, SECTION,
            "ARI forwarding: the device below may have 256 functions");
    /** Bit 4: completion time-outs can be switched off. */
    public static final Field COMPLETION_TIMEOUT_DISABLE = Field.bit("COMPLETION_TIMEOUT_DISABLE", 4, SECTION,
            "completion time-outs can be switched off");
    /** Bits 3:0: ranges of the completion time-out. */
    public static final Field COMPLETION_TIMEOUT_RANGES = Field.bits("COMPLETION_TIMEOUT_RANGES", 3, 0, SECTION,
            "ranges of the completion time-out");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("Device Capabilities 2", SECTION, 32,
            FRS, Field.reserved(30, 27, SECTION), EMERGENCY_POWER_INIT_REQUIRED, EMERGENCY_POWER_REDUCTION,
            MAX_END_END_PREFIXES, END_END_PREFIX, EXTENDED_FMT, OBFF, TAG10_REQUESTER, TAG10_COMPLETER, LN_CLS,
            TPH_COMPLETER, LTR, NO_RO_PR_PR, CAS128_COMPLETER, ATOMIC64_COMPLETER, ATOMIC32_COMPLETER,
            ATOMIC_ROUTING, ARI_FORWARDING, COMPLETION_TIMEOUT_DISABLE, COMPLETION_TIMEOUT_RANGES);

    private PcieDeviceCapabilities2Register() {
    }
}
