package sluicegate.spec.pci;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Device control 2 register.
 *
 * <pre>
 *              15             14       13             12                        11                 10
 * +-------------------------+-------------+------------------------+-------------------------+------------+
 * | END_END_PREFIX_BLOCKING | OBFF_ENABLE | TAG10_REQUESTER_ENABLE | EMERGENCY_POWER_REQUEST | LTR_ENABLE |
 * +-------------------------+-------------+------------------------+-------------------------+------------+
 *             9                     8                      7                         6
 * +-----------------------+--------------------+------------------------+-------------------------+
 * | IDO_COMPLETION_ENABLE | IDO_REQUEST_ENABLE | ATOMIC_EGRESS_BLOCKING | ATOMIC_REQUESTER_ENABLE |
 * +-----------------------+--------------------+------------------------+-------------------------+
 *             5                         4                3                0
 * +-----------------------+----------------------------+--------------------+
 * | ARI_FORWARDING_ENABLE | COMPLETION_TIMEOUT_DISABLE | COMPLETION_TIMEOUT |
 * +-----------------------+----------------------------+--------------------+
 * </pre>
 */
public final class PcieDeviceControl2Register {

    private static final String SECTION = "PCIe 7.5.3.16";

    /** Bit 15: does not forward end-end prefixes. */
    public static final Field END_END_PREFIX_BLOCKING = Field.bit("END_END_PREFIX_BLOCKING", 15, SECTION,
            "does not forward end-end prefixes");
    /** Bits 14:13: optimized buffer flush or fill. */
    public static final Field OBFF_ENABLE = Field.bits("OBFF_ENABLE", 14, 13, SECTION,
            "optimized buffer flush or fill");
    /** Bit 12: may send 10-bit tags. */
    public static final Field TAG10_REQUESTER_ENABLE = Field.bit("TAG10_REQUESTER_ENABLE", 12, SECTION,
            "may send 10-bit tags");
    /** Bit 11: asks for emergency power reduction. */
    public static final Field EMERGENCY_POWER_REQUEST = Field.bit("EMERGENCY_POWER_REQUEST", 11, SECTION,
            "asks for emergency power reduction");
    /** Bit 10: latency tolerance reporting. */
    public static final Field LTR_ENABLE = Field.bit("LTR_ENABLE", 10, SECTION, "latency tolerance reporting");
    /** Bit 9: id-based ordering of completions. */
    public static final Field IDO_COMPLETION_ENABLE = Field.bit("IDO_COMPLETION_ENABLE", 9, SECTION,
            "id-based ordering of completions");
    /** Bit 8: id-based ordering of requests. */
    public static final Field IDO_REQUEST_ENABLE = Field.bit("IDO_REQUEST_ENABLE", 8, SECTION,
            "id-based ordering of requests");
    /** Bit 7: does not forward atomic operations. */
    public static final Field ATOMIC_EGRESS_BLOCKING = Field.bit("ATOMIC_EGRESS_BLOCKING", 7, SECTION,
            "does not forward atomic operations");
    /** Bit 6: may send atomic operations. */
    public static final Field ATOMIC_REQUESTER_ENABLE = Field.bit("ATOMIC_REQUESTER_ENABLE", 6, SECTION,
            "may send atomic operations");
    /** Bit 5: ARI forwarding. */
    public static final Field ARI_FORWARDING_ENABLE = Field.bit("ARI_FORWARDING_ENABLE", 5, SECTION,
            "ARI forwarding");
    /** Bit 4: no completion time-outs. */
    public static final Field COMPLETION_TIMEOUT_DISABLE = Field.bit("COMPLETION_TIMEOUT_DISABLE", 4, SECTION,
            "no completion time-outs");
    /** Bits 3:0: the completion time-out. */
    public static final Field COMPLETION_TIMEOUT = Field.bits("COMPLETION_TIMEOUT", 3, 0, SECTION,
            "the completion time-out");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("Device Control 2", SECTION, 16,
            END_END_PREFIX_BLOCKING, OBFF_ENABLE, TAG10_REQUESTER_ENABLE, EMERGENCY_POWER_REQUEST, LTR_ENABLE,
            IDO_COMPLETION_ENABLE, IDO_REQUEST_ENABLE, ATOMIC_EGRESS_BLOCKING, ATOMIC_REQUESTER_ENABLE,
            ARI_FORWARDING_ENABLE, COMPLETION_TIMEOUT_DISABLE, COMPLETION_TIMEOUT);

    private PcieDeviceControl2Register() {
    }
}
