package sluicegate.spec.smmuv3;

import java.util.List;
import java.util.Optional;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/** Which command an entry of the command queue is, section 4.1.1. */
public final class CommandOpcode {

    private static final String SECTION = "4.1.1";

    /** Bits 7:0 of every command. */
    public static final Field OPCODE = Field.bits("OPCODE", 7, 0, SECTION, "which command");

    /** CMD_PREFETCH_CONFIG. */
    public static final int PREFETCH_CONFIG = 0x01;

    /** CMD_PREFETCH_ADDR. */
    public static final int PREFETCH_ADDR = 0x02;

    /** CMD_CFGI_STE. */
    public static final int CFGI_STE = 0x03;

    /** CMD_CFGI_STE_RANGE. */
    public static final int CFGI_STE_RANGE = 0x04;

    /** CMD_CFGI_CD. */
    public static final int CFGI_CD = 0x05;

    /** CMD_CFGI_CD_ALL. */
    public static final int CFGI_CD_ALL = 0x06;

    /** CMD_CFGI_VMS_PIDM. */
    public static final int CFGI_VMS_PIDM = 0x07;

    /** CMD_TLBI_NH_ALL. */
    public static final int TLBI_NH_ALL = 0x10;

    /** CMD_TLBI_NH_ASID. */
    public static final int TLBI_NH_ASID = 0x11;

    /** CMD_TLBI_NH_VA. */
    public static final int TLBI_NH_VA = 0x12;

    /** CMD_TLBI_NH_VAA. */
    public static final int TLBI_NH_VAA = 0x13;

    /** CMD_TLBI_EL3_ALL, Secure queue only. */
    public static final int TLBI_EL3_ALL = 0x18;

    /** CMD_TLBI_EL3_VA, Secure queue only. */
    public static final int TLBI_EL3_VA = 0x1A;

    /** CMD_TLBI_EL2_ALL. */
    public static final int TLBI_EL2_ALL = 0x20;

    /** CMD_TLBI_EL2_ASID. */
    public static final int TLBI_EL2_ASID = 0x21;

    /** CMD_TLBI_EL2_VA. */
    public static final int TLBI_EL2_VA = 0x22;

    /** CMD_TLBI_EL2_VAA. */
    public static final int TLBI_EL2_VAA = 0x23;

    /** CMD_TLBI_S12_VMALL. */
    public static final int TLBI_S12_VMALL = 0x28;

    /** CMD_TLBI_S2_IPA. */
    public static final int TLBI_S2_IPA = 0x2A;

    /** CMD_TLBI_NSNH_ALL. */
    public static final int TLBI_NSNH_ALL = 0x30;

    /** CMD_ATC_INV. */
    public static final int ATC_INV = 0x40;

    /** CMD_PRI_RESP. */
    public static final int PRI_RESP = 0x41;

    /** CMD_RESUME. */
    public static final int RESUME = 0x44;

    /** CMD_STALL_TERM. */
    public static final int STALL_TERM = 0x45;

    /** CMD_SYNC. */
    public static final int SYNC = 0x46;

    /** CMD_TLBI_S_EL2_ALL, Secure queue only. */
    public static final int TLBI_S_EL2_ALL = 0x50;

    /** CMD_TLBI_S_EL2_ASID, Secure queue only. */
    public static final int TLBI_S_EL2_ASID = 0x51;

    /** CMD_TLBI_S_EL2_VA, Secure queue only. */
    public static final int TLBI_S_EL2_VA = 0x52;

    /** CMD_TLBI_S_EL2_VAA, Secure queue only. */
    public static final int TLBI_S_EL2_VAA = 0x53;

    /** CMD_TLBI_S_S12_VMALL, Secure queue only. */
    public static final int TLBI_S_S12_VMALL = 0x58;

    /** CMD_TLBI_S_S2_IPA, Secure queue only. */
    public static final int TLBI_S_S2_IPA = 0x5A;

    /** CMD_TLBI_SNH_ALL, Secure queue only. */
    public static final int TLBI_SNH_ALL = 0x60;

    /** CMD_DPTI_ALL. */
    public static final int DPTI_ALL = 0x70;

    /** CMD_DPTI_PA, not described further. */
    public static final int DPTI_PA = 0x73;

    private CommandOpcode() {
    }

    /** The opcode in the first word of a command. */
    public static int of(long low) {
        return (int) OPCODE.get(low);
    }

    /** The layout of commands with that code; empty for one that is reserved or not described. */
    public static Optional<Layout> layout(int opcode) {
        Layout found = switch (opcode) {
            case PREFETCH_CONFIG -> PrefetchConfigCommand.LAYOUT;
            case PREFETCH_ADDR -> PrefetchAddressCommand.LAYOUT;
            case CFGI_STE -> CfgiSteCommand.LAYOUT;
            case CFGI_STE_RANGE -> CfgiSteRangeCommand.LAYOUT;
            case CFGI_CD -> CfgiCdCommand.LAYOUT;
            case CFGI_CD_ALL -> CfgiCdAllCommand.LAYOUT;
            case CFGI_VMS_PIDM -> CfgiVmsPidmCommand.LAYOUT;
            case TLBI_NH_ALL -> TlbiNhAllCommand.LAYOUT;
            case TLBI_NH_ASID -> TlbiNhAsidCommand.LAYOUT;
            case TLBI_NH_VAA -> TlbiNhVaaCommand.LAYOUT;
            case TLBI_NH_VA -> TlbiNhVaCommand.LAYOUT;
            case TLBI_EL2_ALL -> TlbiEl2AllCommand.LAYOUT;
            case TLBI_EL2_VA -> TlbiEl2VaCommand.LAYOUT;
            case TLBI_EL2_VAA -> TlbiEl2VaaCommand.LAYOUT;
            case TLBI_EL2_ASID -> TlbiEl2AsidCommand.LAYOUT;
            case TLBI_S2_IPA -> TlbiS2IpaCommand.LAYOUT;
            case TLBI_S12_VMALL -> TlbiS12VmallCommand.LAYOUT;
            case TLBI_NSNH_ALL -> TlbiNsnhAllCommand.LAYOUT;
            case ATC_INV -> AtcInvCommand.LAYOUT;
            case PRI_RESP -> PriRespCommand.LAYOUT;
            case DPTI_ALL -> DptiAllCommand.LAYOUT;
            case RESUME -> ResumeCommand.LAYOUT;
            case STALL_TERM -> StallTermCommand.LAYOUT;
            case SYNC -> SyncCommand.LAYOUT;
            default -> null;
        };
        return Optional.ofNullable(found);
    }

    /**
     * The layouts of the commands that the Non-secure queue takes. No constant: each of them names {@link #OPCODE}, and a command
     * that is loaded before this class would find its own layout missing here.
     */
    public static List<Layout> layouts() {
        return List.of(
                PrefetchConfigCommand.LAYOUT, PrefetchAddressCommand.LAYOUT, CfgiSteCommand.LAYOUT,
                CfgiSteRangeCommand.LAYOUT, CfgiCdCommand.LAYOUT, CfgiCdAllCommand.LAYOUT, CfgiVmsPidmCommand.LAYOUT,
                TlbiNhAllCommand.LAYOUT, TlbiNhAsidCommand.LAYOUT, TlbiNhVaaCommand.LAYOUT, TlbiNhVaCommand.LAYOUT,
                TlbiEl2AllCommand.LAYOUT, TlbiEl2VaCommand.LAYOUT, TlbiEl2VaaCommand.LAYOUT, TlbiEl2AsidCommand.LAYOUT,
                TlbiS2IpaCommand.LAYOUT, TlbiS12VmallCommand.LAYOUT, TlbiNsnhAllCommand.LAYOUT, AtcInvCommand.LAYOUT,
                PriRespCommand.LAYOUT, DptiAllCommand.LAYOUT, ResumeCommand.LAYOUT, StallTermCommand.LAYOUT,
                SyncCommand.LAYOUT);
    }
}
