package sluicegate.hw.smmuv3;

import sluicegate.api.platform.RegisterWindow;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.pgtable.ArmLpae;
import sluicegate.spec.smmuv3.AddressSize;
import sluicegate.spec.smmuv3.AidrRegister;
import sluicegate.spec.smmuv3.Idr0Register;
import sluicegate.spec.smmuv3.Idr1Register;
import sluicegate.spec.smmuv3.Idr3Register;
import sluicegate.spec.smmuv3.Idr5Register;
import sluicegate.spec.smmuv3.Idr6Register;
import sluicegate.spec.smmuv3.PriqConsRegister;

/**
 * What a unit can do, from its identification registers (sections 6.3.1 to 6.3.8; {@code arm_smmu_device_hw_probe}).
 *
 * @param idr0 raw SMMU_IDR0
 * @param idr1 raw SMMU_IDR1
 * @param idr3 raw SMMU_IDR3
 * @param idr5 raw SMMU_IDR5
 * @param idr6 raw SMMU_IDR6; 0 where there is none
 */
record Smmuv3Capabilities(long idr0, long idr1, long idr3, long idr5, long idr6) {
    private static final int MAX_QUEUE_BITS = 19;
    /** A list of invalidations with its SYNC has to find room. */
    private static final int MIN_COMMAND_QUEUE_BITS = 4;
    private static final int MAX_STREAM_BITS = 32;
    private static final int MAX_SUBSTREAM_BITS = 20;
    private static final int MAX_CONTROL_PAGE_BITS = 8;
    private static final int RESERVED_STALL_MODEL = 3;
    private static final int RESERVED_ENDIANNESS = 1;
    /** Widest address that tables of this driver resolve or give out. */
    private static final int ADDRESS_BITS = 48;

    /**
     * Reads and checks the registers.
     *
     * @throws IommuException ENODEV if they are those of no unit, or of one that this driver can't use
     */
    static Smmuv3Capabilities read(String unit, RegisterWindow window) {
        if (window.size() < PriqConsRegister.OFFSET + Integer.BYTES) {
            throw refused(unit, "its register window of " + Hex.of(window.size())
                    + " lacks register page 1, where the indices of the event queue are");
        }
        long idr0 = read(window, Idr0Register.OFFSET);
        long idr1 = read(window, Idr1Register.OFFSET);
        if (idr0 == 0xffff_ffffL && idr1 == 0xffff_ffffL) {
            throw refused(unit, "SMMU_IDR0 and SMMU_IDR1 read as all ones: there is no unit at this address");
        }
        long aidr = read(window, AidrRegister.OFFSET);
        if (AidrRegister.ARCHMAJORREV.get(aidr) != 0) {
            throw refused(unit, "SMMU_AIDR.ARCHMAJORREV is " + AidrRegister.ARCHMAJORREV.get(aidr) + ", and only 0 is SMMUv3");
        }
        var capabilities = new Smmuv3Capabilities(idr0, idr1, read(window, Idr3Register.OFFSET), read(window, Idr5Register.OFFSET),
                Idr1Register.ECMDQ.isSet(idr1) ? read(window, Idr6Register.OFFSET) : 0);
        capabilities.check(unit);
        return capabilities;
    }

    private static long read(RegisterWindow window, int offset) {
        return Integer.toUnsignedLong(window.read32(offset));
    }

    private void check(String unit) {
        if (!stage1() && !stage2()) {
            throw refused(unit, "SMMU_IDR0 has neither S1P nor S2P: it translates nothing");
        }
        long formats = Idr0Register.TTF.get(idr0);
        if ((formats & Idr0Register.TTF_AARCH64) == 0) {
            throw refused(unit, "SMMU_IDR0.TTF is " + formats + ": it walks no VMSAv8-64 tables");
        }
        long endianness = Idr0Register.TTENDIAN.get(idr0);
        if (endianness == Idr0Register.BIG_ENDIAN || endianness == RESERVED_ENDIANNESS) {
            throw refused(unit, "SMMU_IDR0.TTENDIAN is " + endianness + ": it walks no little-endian tables");
        }
        if (Idr0Register.STALL_MODEL.get(idr0) == RESERVED_STALL_MODEL) {
            throw refused(unit, "SMMU_IDR0.STALL_MODEL is 3, which is reserved");
        }
        if (Idr0Register.ST_LEVEL.get(idr0) > 1) {
            throw refused(unit, "SMMU_IDR0.ST_LEVEL is " + Idr0Register.ST_LEVEL.get(idr0) + ", which is reserved");
        }
        if (pri() && !ats()) {
            throw refused(unit, "SMMU_IDR0 has PRI without ATS, which the specification rules out");
        }
        if (Idr1Register.TABLES_PRESET.isSet(idr1) || Idr1Register.QUEUES_PRESET.isSet(idr1)) {
            throw refused(unit, "SMMU_IDR1 says that tables or queues lie at fixed addresses (TABLES_PRESET, QUEUES_PRESET)");
        }
        checkQueue(unit, "CMDQS", commandQueueBits(), MIN_COMMAND_QUEUE_BITS);
        checkQueue(unit, "EVENTQS", eventQueueBits(), 0);
        checkQueue(unit, "PRIQS", pageRequestQueueBits(), 0);
        if (streamBits() > MAX_STREAM_BITS || substreamBits() > MAX_SUBSTREAM_BITS) {
            throw refused(unit, "SMMU_IDR1 has SIDSIZE " + streamBits() + " and SSIDSIZE " + substreamBits()
                    + ", but 32 and 20 are the most that there can be");
        }
        if (Idr6Register.CMDQ_CONTROL_PAGE_LOG2NUMP.get(idr6) > MAX_CONTROL_PAGE_BITS || controlPageQueueBits() > MAX_CONTROL_PAGE_BITS) {
            throw refused(unit, "SMMU_IDR6 is " + Hex.of(idr6) + ", but there are at most 2^8 control pages with 2^8 queues each");
        }
        if ((idr5 & (Idr5Register.GRAN4K.mask() | Idr5Register.GRAN16K.mask() | Idr5Register.GRAN64K.mask())) == 0) {
            throw refused(unit, "SMMU_IDR5 has no translation granule");
        }
    }

    private static void checkQueue(String unit, String name, int bits, int least) {
        if (bits < least || bits > MAX_QUEUE_BITS) {
            throw refused(unit, "SMMU_IDR1." + name + " is " + bits + ", but the driver needs " + least + " to 19");
        }
    }

    private static IommuException refused(String unit, String why) {
        return new IommuException(Errno.ENODEV, unit + ": " + why + "; the driver leaves it alone");
    }

    /**
     * The same unit as if it had no stage 1, and so neither SubstreamIDs nor nested translation: for who wants to use nothing else.
     *
     * @throws IommuException ENODEV if there is no stage 2
     */
    Smmuv3Capabilities stage2Only(String unit) {
        if (!stage2()) {
            throw refused(unit, "SMMU_IDR0 has no S2P, and this driver uses nothing but stage 2; arm-smmu-v3 uses stage 1");
        }
        return new Smmuv3Capabilities(Idr0Register.S1P.clear(idr0), idr1, idr3, idr5, idr6);
    }

    boolean stage1() {
        return Idr0Register.S1P.isSet(idr0);
    }

    boolean stage2() {
        return Idr0Register.S2P.isSet(idr0);
    }

    boolean nesting() {
        return stage1() && stage2();
    }

    boolean hypervisor() {
        return Idr0Register.HYP.isSet(idr0);
    }

    boolean ats() {
        return Idr0Register.ATS.isSet(idr0);
    }

    boolean pri() {
        return Idr0Register.PRI.isSet(idr0);
    }

    boolean msi() {
        return Idr0Register.MSI.isSet(idr0);
    }

    boolean coherent() {
        return Idr0Register.COHACC.isSet(idr0);
    }

    boolean stalls() {
        return Idr0Register.STALL_MODEL.get(idr0) != Idr0Register.TERMINATE_ONLY;
    }

    /** Every fault stalls; nobody is asked. */
    boolean mustStall() {
        return Idr0Register.STALL_MODEL.get(idr0) == Idr0Register.STALL_ONLY;
    }

    /** Hardware keeps the dirty state in tables of stage 1. */
    boolean dirtyTracking() {
        return stage1() && Idr0Register.HTTU.get(idr0) >= Idr0Register.HTTU_ACCESS_DIRTY;
    }

    boolean twoLevelStreams() {
        return Idr0Register.ST_LEVEL.get(idr0) != 0;
    }

    boolean twoLevelContexts() {
        return Idr0Register.CD2L.isSet(idr0);
    }

    int asidBits() {
        return Idr0Register.ASID16.isSet(idr0) ? 16 : 8;
    }

    int vmidBits() {
        return Idr0Register.VMID16.isSet(idr0) ? 16 : 8;
    }

    boolean overridesTypes() {
        return Idr1Register.ATTR_TYPES_OVR.isSet(idr1);
    }

    int commandQueueBits() {
        return (int) Idr1Register.CMDQS.get(idr1);
    }

    /** How many control pages with enhanced command queues there are. */
    int controlPages() {
        return Idr1Register.ECMDQ.isSet(idr1) ? 1 << Idr6Register.CMDQ_CONTROL_PAGE_LOG2NUMP.get(idr6) : 0;
    }

    /** Number of queues in each of them, as a power of two. */
    int controlPageQueueBits() {
        return (int) Idr6Register.CMDQ_CONTROL_PAGE_LOG2NUMQ.get(idr6);
    }

    int eventQueueBits() {
        return (int) Idr1Register.EVENTQS.get(idr1);
    }

    int pageRequestQueueBits() {
        return (int) Idr1Register.PRIQS.get(idr1);
    }

    int streamBits() {
        return (int) Idr1Register.SIDSIZE.get(idr1);
    }

    /** Width of a SubstreamID; 0 without, and without stage 1, which alone has use for them. */
    int substreamBits() {
        return stage1() ? (int) Idr1Register.SSIDSIZE.get(idr1) : 0;
    }

    boolean rangeInvalidation() {
        return Idr3Register.RIL.isSet(idr3);
    }

    boolean forcedWriteBack() {
        return Idr3Register.FWB.isSet(idr3) && coherent();
    }

    /** Width of a physical address that tables give out: SMMU_IDR5.OAS, at most 48 bits, also of a size that is not known yet. */
    AddressSize output() {
        return AddressSize.of(Idr5Register.OAS.get(idr5)).filter(size -> size.bits() <= ADDRESS_BITS).orElse(AddressSize.BITS_48);
    }

    /** Width of a virtual address that this driver uses. */
    int virtualBits() {
        return ADDRESS_BITS;
    }

    /** log2 of the granule: 4 KiB where the unit has it, else the largest that is not above 64 KiB. */
    int granuleShift() {
        return Idr5Register.GRAN4K.isSet(idr5) ? 12 : Idr5Register.GRAN16K.isSet(idr5) ? 14 : 16;
    }

    /** Sizes of pages and blocks of that granule, as a sum of powers of two. */
    long pageSizes() {
        return switch (granuleShift()) {
            case 12 -> ArmLpae.SIZES_4K;
            case 14 -> ArmLpae.SIZES_16K;
            default -> ArmLpae.SIZES_64K;
        };
    }

    StreamEntries streamEntries() {
        return new StreamEntries(stalls(), overridesTypes());
    }
}
