package sluicegate.spec.vtd;

import java.util.Optional;

/**
 * Why a request was refused: the values of {@link FaultRecord#FR}. Each constant names the condition as the manual's tables do,
 * where it is listed, and what it means.
 *
 * <p>Codes below 20h are of legacy mode, from 20h of interrupt remapping, from 30h of scalable mode. Codes and
 * conditions are those of revision 5.1 of the manual, which has all of revision 4. A fault is
 * <em>qualified</em> when the entry on its way can ask for silence: if the FPD bit of the context entry (PASID directory
 * entry, PASID entry, interrupt remapping table entry) is set, it is not recorded.
 */
public enum FaultReason {
    ROOT_ENTRY_NOT_PRESENT(0x01, "LRT.2", false, "7.1",
            "the root entry is not present"),
    CONTEXT_ENTRY_NOT_PRESENT(0x02, "LCT.2", true, "7.1",
            "the context entry is not present"),
    CONTEXT_ENTRY_INVALID(0x03, "LCT.4", true, "7.1",
            "the context entry is present but its AW, TT or domain id is not possible on this unit, or its table is unreadable"),
    ADDRESS_BEYOND_WIDTH(0x04, "LGN.1", true, "7.1",
            "the address does not fit the address width of the context entry or of the unit"),
    WRITE_NOT_PERMITTED(0x05, "LGN.2", true, "7.1",
            "a write or atomic operation, and no write permission"),
    READ_NOT_PERMITTED(0x06, "LGN.3", true, "7.1",
            "a read or atomic operation, and no read permission"),
    SECOND_STAGE_ENTRY_UNREADABLE(0x07, "LSL.1", true, "7.1",
            "a second-stage entry below the topmost table could not be read from memory"),
    ROOT_ENTRY_UNREADABLE(0x08, "LRT.1", false, "7.1",
            "the root entry could not be read from memory"),
    CONTEXT_ENTRY_UNREADABLE(0x09, "LCT.1", false, "7.1",
            "the context entry could not be read from memory"),
    ROOT_ENTRY_RESERVED(0x0A, "LRT.3", false, "7.1",
            "the root entry is present and has reserved bits set"),
    CONTEXT_ENTRY_RESERVED(0x0B, "LCT.3", true, "7.1",
            "the context entry is present and has reserved bits set"),
    SECOND_STAGE_ENTRY_RESERVED(0x0C, "LSL.2", true, "7.1",
            "a second-stage entry is present and has reserved bits set"),
    TRANSLATION_TYPE_BLOCKED(0x0D, "LCT.5", true, "7.1",
            "the TT of the context entry blocks translation requests and translated requests"),
    ADDRESS_IN_INTERRUPT_RANGE(0x0E, "LGN.4", true, "7.1",
            "the translated address lies in the interrupt address range"),
    INTERRUPT_REQUEST_RESERVED(0x20, "", false, "5.1.4.1",
            "the remappable interrupt request has reserved bits set"),
    INTERRUPT_INDEX_TOO_LARGE(0x21, "", false, "5.1.4.1",
            "the interrupt index lies beyond the interrupt remapping table"),
    INTERRUPT_ENTRY_NOT_PRESENT(0x22, "", true, "5.1.4.1",
            "the interrupt remapping table entry is not present"),
    INTERRUPT_ENTRY_UNREADABLE(0x23, "", false, "5.1.4.1",
            "the interrupt remapping table could not be read from memory"),
    INTERRUPT_ENTRY_RESERVED(0x24, "", true, "5.1.4.1",
            "the interrupt remapping table entry is present and has reserved bits set"),
    INTERRUPT_COMPATIBILITY_BLOCKED(0x25, "", false, "5.1.4.1",
            "a compatibility-format interrupt, and these are blocked"),
    INTERRUPT_SOURCE_REJECTED(0x26, "", true, "5.1.4.1",
            "the source id is not one that the interrupt remapping table entry admits"),
    POSTED_DESCRIPTOR_UNREADABLE(0x27, "", true, "5.1.4.1",
            "the posted interrupt descriptor could not be read or written"),
    POSTED_DESCRIPTOR_RESERVED(0x28, "", true, "5.1.4.1",
            "the posted interrupt descriptor has reserved bits set"),
    INTERRUPT_REQUEST_INVALID(0x29, "", false, "5.1.4.1",
            "a request to the interrupt address range is not a valid interrupt request"),
    INTERRUPT_EXTENDED_MODE_OFF(0x2A, "", false, "5.1.4.1",
            "extended interrupt mode is off, and the unit requires it"),
    INTERRUPT_REMAPPING_OFF(0x2B, "", false, "5.1.4.1",
            "interrupt remapping is off, and the unit requires it"),
    ROOT_TABLE_ADDRESS_INVALID(0x30, "RTA.1", false, "7.1",
            "the root table address register is not set, or not validly"),
    TABLE_MODE_NO_PASID(0x31, "RTA.2", false, "7.1",
            "a request with PASID, and the table mode does not allow it"),
    TABLE_MODE_NO_PAGE_REQUEST(0x32, "RTA.3", false, "7.1",
            "a page request, and the table mode does not allow it"),
    TABLE_MODE_ABORT(0x33, "RTA.4", false, "7.1",
            "the table mode aborts every request"),
    EXECUTE_REQUEST_UNKNOWN(0x34, "RTA.5", false, "7.1",
            "execute permission was asked for, which units of major version 8 and above do not know"),
    SM_ROOT_ENTRY_UNREADABLE(0x38, "SRT.1", false, "7.1",
            "the root entry could not be read from memory"),
    SM_ROOT_ENTRY_NOT_PRESENT(0x39, "SRT.2", false, "7.1",
            "the half of the root entry that is needed is not present"),
    SM_ROOT_ENTRY_RESERVED(0x3A, "SRT.3", false, "7.1",
            "the root entry is present and has reserved bits set"),
    SM_CONTEXT_ENTRY_UNREADABLE(0x40, "SCT.1", false, "7.1",
            "the context entry could not be read from memory"),
    SM_CONTEXT_ENTRY_NOT_PRESENT(0x41, "SCT.2", true, "7.1",
            "the context entry is not present"),
    SM_CONTEXT_ENTRY_RESERVED(0x42, "SCT.3", true, "7.1",
            "the context entry is present and has reserved bits set"),
    SM_CONTEXT_ENTRY_INVALID(0x43, "SCT.4", true, "7.1",
            "the context entry is present but holds a value that is not possible on this unit"),
    SM_CONTEXT_ENTRY_NO_DTE(0x44, "SCT.5", true, "7.1",
            "a translation request or translated request, and DTE of the context entry is clear"),
    SM_CONTEXT_ENTRY_NO_PASIDE(0x45, "SCT.6", true, "7.1",
            "a request with PASID, and PASIDE of the context entry is clear"),
    SM_PASID_TOO_LARGE(0x46, "SCT.7", true, "7.1",
            "the PASID lies beyond the directory that the context entry describes"),
    SM_CONTEXT_ENTRY_NO_PRE(0x47, "SCT.8", true, "7.1",
            "a page request, and PRE of the context entry is clear"),
    SM_PASID_IS_RID_PASID(0x48, "SCT.9", true, "7.1",
            "the PASID of the request is the one that RID_PASID of the context entry keeps for requests without PASID"),
    SM_CONTEXT_ENTRY_NO_EPTR(0x49, "SCT.10", true, "7.1",
            "a translated request with PASID, and EPTR of the context entry is clear"),
    PASID_DIRECTORY_ENTRY_UNREADABLE(0x50, "SPD.1", false, "7.1",
            "the PASID directory entry could not be read from memory"),
    PASID_DIRECTORY_ENTRY_NOT_PRESENT(0x51, "SPD.2", true, "7.1",
            "the PASID directory entry is not present"),
    PASID_DIRECTORY_ENTRY_RESERVED(0x52, "SPD.3", true, "7.1",
            "the PASID directory entry is present and has reserved bits set"),
    PASID_ENTRY_UNREADABLE(0x58, "SPT.1", false, "7.1",
            "the PASID table entry could not be read from memory"),
    PASID_ENTRY_NOT_PRESENT(0x59, "SPT.2", true, "7.1",
            "the PASID table entry is not present"),
    PASID_ENTRY_RESERVED(0x5A, "SPT.3", true, "7.1",
            "the PASID table entry is present and has reserved bits set"),
    PASID_ENTRY_INVALID(0x5B, "SPT.4", true, "7.1",
            "the PASID table entry is present but holds a value that is not possible on this unit"),
    PASID_ENTRY_NO_ERE(0x5C, "SPT.5", true, "7.1",
            "execute permission was asked for, and ERE of the PASID table entry is clear"),
    PASID_ENTRY_NO_SRE(0x5D, "SPT.6", true, "7.1",
            "supervisor privilege was asked for, and SRE of the PASID table entry is clear"),
    HPT_ADDRESS_TOO_LARGE(0x60, "SPT.9", true, "7.1",
            "the address of a translated request lies beyond the host permission table"),
    FIRST_STAGE_ENTRY_UNREADABLE(0x70, "SFS.1", true, "7.1",
            "a first-stage entry could not be read from memory"),
    FIRST_STAGE_ENTRY_NOT_PRESENT(0x71, "SFS.2", true, "7.1",
            "a first-stage entry is not present"),
    FIRST_STAGE_ENTRY_RESERVED(0x72, "SFS.3", true, "7.1",
            "a first-stage entry is present and has reserved bits set"),
    FIRST_STAGE_ROOT_UNREADABLE(0x73, "SFS.4", true, "7.1",
            "the topmost first-stage entry could not be read from memory"),
    NESTED_FIRST_STAGE_ADDRESS_TOO_LARGE(0x74, "SFS.5", true, "7.1",
            "nested: the address in a first-stage entry does not fit the second stage"),
    NESTED_FIRST_STAGE_ROOT_READ_NOT_PERMITTED(0x75, "SFS.6", true, "7.1",
            "nested: the second stage does not permit to read the topmost first-stage entry"),
    NESTED_FIRST_STAGE_READ_NOT_PERMITTED(0x76, "SFS.7", true, "7.1",
            "nested: the second stage does not permit to read a first-stage entry"),
    NESTED_FIRST_STAGE_WRITE_NOT_PERMITTED(0x77, "SFS.8", true, "7.1",
            "nested: the second stage does not permit to set the accessed or dirty bit of a first-stage entry"),
    SM_SECOND_STAGE_ENTRY_UNREADABLE(0x78, "SSS.1", true, "7.1",
            "a second-stage entry could not be read from memory"),
    SM_SECOND_STAGE_NOT_PERMITTED(0x79, "SSS.2", true, "7.1",
            "a second-stage entry grants neither reading nor writing, so it is not present"),
    SM_SECOND_STAGE_ENTRY_RESERVED(0x7A, "SSS.3", true, "7.1",
            "a second-stage entry is present and has reserved bits set"),
    SM_SECOND_STAGE_ROOT_UNREADABLE(0x7B, "SSS.4", true, "7.1",
            "the topmost second-stage entry could not be read from memory"),
    SM_SECOND_STAGE_AD_NOT_SNOOPED(0x7C, "SSS.5", true, "7.1",
            "the accessed or dirty bit of a second-stage entry has to be set, and the walk does not snoop"),
    SM_SECOND_STAGE_AD_FAILED(0x7D, "SSS.6", true, "7.1",
            "the accessed or dirty bit of a second-stage entry could not be set"),
    SM_ADDRESS_NOT_CANONICAL(0x80, "SGN.1", true, "7.1",
            "the address is not canonical for the first stage"),
    SM_USER_NOT_PERMITTED(0x81, "SGN.2", true, "7.1",
            "a request with user privilege to a supervisor page"),
    SM_EXECUTE_NOT_PERMITTED(0x82, "SGN.3", true, "7.1",
            "execute permission was asked for and is not granted"),
    SM_HOST_ADDRESS_BEYOND_WIDTH(0x83, "SGN.4", true, "7.1",
            "a host address, passed through or translated by the device, does not fit the host address width"),
    SM_SECOND_STAGE_ADDRESS_BEYOND_WIDTH(0x84, "SGN.5", true, "7.1",
            "the address does not fit the address width of the PASID table entry or of the unit"),
    SM_WRITE_NOT_PERMITTED(0x85, "SGN.6", true, "7.1",
            "a write or atomic operation, and no write permission"),
    SM_READ_NOT_PERMITTED(0x86, "SGN.7", true, "7.1",
            "a read or atomic operation, and no read permission"),
    SM_ADDRESS_IN_INTERRUPT_RANGE(0x87, "SGN.8", true, "7.1",
            "the translated address lies in the interrupt address range"),
    SM_PASID_BEYOND_WIDTH(0x89, "SGN.10", true, "7.1",
            "the PASID does not fit the width that the unit knows"),
    FIRST_STAGE_AD_NOT_SNOOPED(0x90, "SFS.9", true, "7.1",
            "the accessed or dirty bit of a first-stage entry has to be set, and the walk does not snoop"),
    FIRST_STAGE_AD_FAILED(0x91, "SFS.10", true, "7.1",
            "the accessed or dirty bit of a first-stage entry could not be set"),
    HPT_ENTRY_UNREADABLE(0xA0, "HPT.1", true, "7.1",
            "an entry of the host permission table could not be read from memory"),
    HPT_ENTRY_RESERVED(0xA1, "HPT.2", true, "7.1",
            "an entry of the host permission table has reserved bits set"),
    HPT_ROOT_UNREADABLE(0xA2, "HPT.3", true, "7.1",
            "the topmost entry of the host permission table could not be read from memory"),
    HPT_NO_PERMISSION(0xA3, "HPT.4", true, "7.1",
            "a zero-length read, and the host permission table permits nothing"),
    HPT_WRITE_NOT_PERMITTED(0xA4, "HPT.5", true, "7.1",
            "a write or atomic operation, and the host permission table does not permit to write"),
    HPT_READ_NOT_PERMITTED(0xA5, "HPT.6", true, "7.1",
            "a read or atomic operation, and the host permission table does not permit to read");

    private static final FaultReason[] BY_CODE = new FaultReason[256];

    static {
        for (FaultReason reason : values()) {
            BY_CODE[reason.code] = reason;
        }
    }

    private final int code;
    private final String condition;
    private final boolean qualified;
    private final String section;
    private final String meaning;

    FaultReason(int code, String condition, boolean qualified, String section, String meaning) {
        this.code = code;
        this.condition = condition;
        this.qualified = qualified;
        this.section = section;
        this.meaning = meaning;
    }

    /** The value in the FR field. */
    public int code() {
        return code;
    }

    /**
     * The name that the manual's tables of fault conditions use, {@code LCT.2}; empty for interrupt remapping, where
     * they have none.
     */
    public String condition() {
        return condition;
    }

    /** Whether FPD keeps it from being recorded. */
    public boolean qualified() {
        return qualified;
    }

    /** Whether an interrupt was refused, not a memory request. */
    public boolean isInterrupt() {
        return code >= 0x20 && code < 0x30;
    }

    /** Where the manual lists it. */
    public String section() {
        return section;
    }

    /** One line for a person. */
    public String meaning() {
        return meaning;
    }

    /**
     * Code, meaning and where the manual says so: {@code 05h: a write or atomic operation, and no write permission (VT-d
     * 7.1, LGN.2)}.
     */
    public String sentence() {
        return String.format("%02xh: %s (VT-d %s%s)", code, meaning, section, condition.isEmpty() ? "" : ", " + condition);
    }

    /** The reason with that code; empty for a code that is reserved. */
    public static Optional<FaultReason> of(int code) {
        return code < 0 || code >= BY_CODE.length ? Optional.empty() : Optional.ofNullable(BY_CODE[code]);
    }
}
