package sluicegate.sim.smmuv3;

import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.spec.smmuv3.AddressSize;
import sluicegate.spec.smmuv3.AidrRegister;
import sluicegate.spec.smmuv3.Idr0Register;
import sluicegate.spec.smmuv3.Idr1Register;
import sluicegate.spec.smmuv3.Idr3Register;
import sluicegate.spec.smmuv3.Idr5Register;
import sluicegate.spec.smmuv3.Idr6Register;

/**
 * What a unit can do, as its identification registers say.
 *
 * <p>The model follows them; features that it does not know are refused here, so that a driver never meets a unit that promises
 * more than it keeps. Big-endian tables, VMSAv8-32, 128-bit descriptors, 52-bit addresses with small granules, ATOS, MPAM,
 * permission indirection and device permission tables are not modelled.
 *
 * @param idr0 SMMU_IDR0
 * @param idr1 SMMU_IDR1
 * @param idr3 SMMU_IDR3
 * @param idr5 SMMU_IDR5
 * @param aidr SMMU_AIDR
 * @param idr6 SMMU_IDR6, 0 without enhanced command queues
 */
public record Smmuv3Capabilities(long idr0, long idr1, long idr3, long idr5, long aidr, long idr6) {
    private static final int MAX_QUEUE_BITS = 19;
    private static final int MAX_STREAM_BITS = 32;
    private static final int MAX_SUBSTREAM_BITS = 20;
    private static final long UNKNOWN_IDR0 = Idr0Register.RME_IMPL.mask() | Idr0Register.VATOS.mask()
            | Idr0Register.VMW.mask() | Idr0Register.ATOS.mask() | Idr0Register.DORMHINT.mask();
    private static final int MAX_CONTROL_PAGE_BITS = 8;
    private static final long UNKNOWN_IDR1 = Idr1Register.TABLES_PRESET.mask() | Idr1Register.QUEUES_PRESET.mask();
    private static final long UNKNOWN_IDR3 = Idr3Register.AIE.mask() | Idr3Register.MTEPERM.mask() | Idr3Register.THE.mask()
            | Idr3Register.S2PO.mask() | Idr3Register.S2PI.mask() | Idr3Register.S1PI.mask() | Idr3Register.DPT.mask()
            | Idr3Register.E0PD.mask() | Idr3Register.MPAM.mask();
    private static final long UNKNOWN_IDR5 = Idr5Register.D128.mask() | Idr5Register.DS.mask();

    /**
     * Everything that the model knows but enhanced command queues: SMMUv3.2 with both stages, three granules, substreams, ATS, PRI,
     * stalls, updates.
     */
    public static final Smmuv3Capabilities FULL = new Smmuv3Capabilities(full0(), full1(), full3(), full5(), 2);

    /** The least that a driver can use: stage 1, pages of 4 KiB, a linear stream table of 64 streams. */
    public static final Smmuv3Capabilities MINIMAL = new Smmuv3Capabilities(minimal0(), minimal1(), 0, minimal5(), 0);

    /** Without enhanced command queues. */
    public Smmuv3Capabilities(long idr0, long idr1, long idr3, long idr5, long aidr) {
        this(idr0, idr1, idr3, idr5, aidr, 0);
    }

    /**
     * The same unit with enhanced command queues.
     *
     * @param pageBits number of control pages, as a power of two, at most 8
     * @param queueBits number of queues in each, as a power of two, at most 8
     */
    public Smmuv3Capabilities withEnhancedQueues(int pageBits, int queueBits) {
        long idr6 = Idr6Register.CMDQ_CONTROL_PAGE_LOG2NUMP.set(0, pageBits);
        return new Smmuv3Capabilities(idr0, idr1 | Idr1Register.ECMDQ.mask(), idr3, idr5, aidr,
                Idr6Register.CMDQ_CONTROL_PAGE_LOG2NUMQ.set(idr6, queueBits));
    }

    public Smmuv3Capabilities {
        refuse("SMMU_IDR0", idr0, UNKNOWN_IDR0, "a feature that is not modelled");
        refuse("SMMU_IDR1", idr1, UNKNOWN_IDR1, "a feature that is not modelled");
        refuse("SMMU_IDR3", idr3, UNKNOWN_IDR3, "a feature that is not modelled");
        refuse("SMMU_IDR5", idr5, UNKNOWN_IDR5, "a feature that is not modelled");
        boolean s1 = Idr0Register.S1P.isSet(idr0);
        boolean s2 = Idr0Register.S2P.isSet(idr0);
        require(s1 || s2, "SMMU_IDR0", idr0, "S1P or S2P must be set");
        require(Idr0Register.TTF.get(idr0) == Idr0Register.TTF_AARCH64, "SMMU_IDR0", idr0, "TTF must be 2, VMSAv8-64 only");
        require(Idr0Register.TTENDIAN.get(idr0) == Idr0Register.LITTLE_ENDIAN, "SMMU_IDR0", idr0,
                "TTENDIAN must be 2, little-endian only");
        require(Idr0Register.HTTU.get(idr0) <= Idr0Register.HTTU_ACCESS_DIRTY, "SMMU_IDR0", idr0, "HTTU must be 0 to 2");
        require(Idr0Register.STALL_MODEL.get(idr0) <= Idr0Register.STALL_ONLY, "SMMU_IDR0", idr0,
                "STALL_MODEL must be 0 to 2");
        require(Idr0Register.ST_LEVEL.get(idr0) <= 1, "SMMU_IDR0", idr0, "ST_LEVEL must be 0 or 1");
        require(!Idr0Register.PRI.isSet(idr0) || Idr0Register.ATS.isSet(idr0), "SMMU_IDR0", idr0, "PRI needs ATS");
        require(!Idr0Register.HYP.isSet(idr0) || s1 && s2, "SMMU_IDR0", idr0, "HYP needs S1P and S2P");
        require(Math.max(Idr1Register.CMDQS.get(idr1), Math.max(Idr1Register.EVENTQS.get(idr1), Idr1Register.PRIQS.get(idr1)))
                <= MAX_QUEUE_BITS, "SMMU_IDR1", idr1, "queues have at most 2^19 entries");
        require(Idr1Register.SIDSIZE.get(idr1) <= MAX_STREAM_BITS, "SMMU_IDR1", idr1, "SIDSIZE must be at most 32");
        require(Idr1Register.SSIDSIZE.get(idr1) <= MAX_SUBSTREAM_BITS, "SMMU_IDR1", idr1, "SSIDSIZE must be at most 20");
        require(Idr5Register.OAS.get(idr5) <= AddressSize.BITS_52.code(), "SMMU_IDR5", idr5, "OAS must be at most 52 bits");
        require(Idr5Register.VAX.get(idr5) <= 1, "SMMU_IDR5", idr5, "VAX must be 0 or 1");
        require((idr5 & (Idr5Register.GRAN4K.mask() | Idr5Register.GRAN16K.mask() | Idr5Register.GRAN64K.mask())) != 0,
                "SMMU_IDR5", idr5, "a granule must be supported");
        checkEnhancedQueues(idr0, idr1, idr6);
        require(AidrRegister.ARCHMAJORREV.get(aidr) == 0, "SMMU_AIDR", aidr, "the major revision must be 0, SMMUv3");
    }

    private static void checkEnhancedQueues(long idr0, long idr1, long idr6) {
        boolean enhanced = Idr1Register.ECMDQ.isSet(idr1);
        require(enhanced || idr6 == 0, "SMMU_IDR6", idr6, "without IDR1.ECMDQ it is 0");
        require(!enhanced || Idr0Register.COHACC.isSet(idr0) && Idr0Register.MSI.isSet(idr0), "SMMU_IDR0", idr0,
                "enhanced command queues (IDR1.ECMDQ) need COHACC and MSI");
        require((idr6 & Idr6Register.LAYOUT.reservedMask(0)) == 0
                && Idr6Register.CMDQ_CONTROL_PAGE_LOG2NUMP.get(idr6) <= MAX_CONTROL_PAGE_BITS
                && Idr6Register.CMDQ_CONTROL_PAGE_LOG2NUMQ.get(idr6) <= MAX_CONTROL_PAGE_BITS, "SMMU_IDR6", idr6,
                "there are at most 2^8 control pages with 2^8 queues each");
    }

    private static void refuse(String register, long value, long bits, String why) {
        require((value & bits) == 0, register, value, "bits " + Hex.of(value & bits) + " are " + why);
    }

    private static void require(boolean condition, String register, long value, String rule) {
        if (!condition) {
            throw IommuException.of(Errno.EINVAL, "%s of %s describes no unit that can be modelled: %s", register,
                    Hex.of(value), rule);
        }
    }

    private static long minimal0() {
        long idr0 = Idr0Register.S1P.mask() | Idr0Register.COHACC.mask() | Idr0Register.TERM_MODEL.mask()
                | Idr0Register.MSI.mask();
        idr0 = Idr0Register.TTF.set(idr0, Idr0Register.TTF_AARCH64);
        idr0 = Idr0Register.TTENDIAN.set(idr0, Idr0Register.LITTLE_ENDIAN);
        return Idr0Register.STALL_MODEL.set(idr0, Idr0Register.TERMINATE_ONLY);
    }

    private static long minimal1() {
        long idr1 = Idr1Register.CMDQS.set(0, 8);
        return Idr1Register.SIDSIZE.set(Idr1Register.EVENTQS.set(idr1, 7), 6);
    }

    private static long minimal5() {
        return Idr5Register.OAS.set(Idr5Register.GRAN4K.mask(), AddressSize.BITS_40.code());
    }

    private static long full0() {
        long idr0 = minimal0() | Idr0Register.S2P.mask() | Idr0Register.CD2L.mask() | Idr0Register.VMID16.mask()
                | Idr0Register.PRI.mask() | Idr0Register.SEV.mask() | Idr0Register.ASID16.mask() | Idr0Register.ATS.mask()
                | Idr0Register.HYP.mask();
        idr0 = Idr0Register.TERM_MODEL.clear(idr0);
        idr0 = Idr0Register.ST_LEVEL.set(idr0, 1);
        idr0 = Idr0Register.HTTU.set(idr0, Idr0Register.HTTU_ACCESS_DIRTY);
        return Idr0Register.STALL_MODEL.set(idr0, Idr0Register.STALL_AND_TERMINATE);
    }

    private static long full1() {
        long idr1 = Idr1Register.ATTR_TYPES_OVR.mask() | Idr1Register.ATTR_PERMS_OVR.mask();
        idr1 = Idr1Register.CMDQS.set(Idr1Register.EVENTQS.set(Idr1Register.PRIQS.set(idr1, 19), 19), 19);
        return Idr1Register.SIDSIZE.set(Idr1Register.SSIDSIZE.set(idr1, 20), 16);
    }

    private static long full3() {
        long idr3 = Idr3Register.HAD.mask() | Idr3Register.XNX.mask() | Idr3Register.FWB.mask() | Idr3Register.STT.mask()
                | Idr3Register.RIL.mask() | Idr3Register.PPS.mask();
        return Idr3Register.BBML.set(idr3, 2);
    }

    private static long full5() {
        long idr5 = Idr5Register.GRAN4K.mask() | Idr5Register.GRAN16K.mask() | Idr5Register.GRAN64K.mask();
        return Idr5Register.STALL_MAX.set(Idr5Register.OAS.set(idr5, AddressSize.BITS_48.code()), 64);
    }

    boolean stage1() {
        return Idr0Register.S1P.isSet(idr0);
    }

    boolean stage2() {
        return Idr0Register.S2P.isSet(idr0);
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

    boolean splitStageAts() {
        return !Idr0Register.NS1ATS.isSet(idr0);
    }

    boolean msi() {
        return Idr0Register.MSI.isSet(idr0);
    }

    boolean asid16() {
        return Idr0Register.ASID16.isSet(idr0);
    }

    boolean vmid16() {
        return Idr0Register.VMID16.isSet(idr0);
    }

    boolean twoLevelStreams() {
        return Idr0Register.ST_LEVEL.get(idr0) != 0;
    }

    boolean twoLevelContexts() {
        return Idr0Register.CD2L.isSet(idr0);
    }

    boolean alwaysAborts() {
        return Idr0Register.TERM_MODEL.isSet(idr0);
    }

    int stallModel() {
        return (int) Idr0Register.STALL_MODEL.get(idr0);
    }

    int httu() {
        return (int) Idr0Register.HTTU.get(idr0);
    }

    int streamBits() {
        return (int) Idr1Register.SIDSIZE.get(idr1);
    }

    int substreamBits() {
        return (int) Idr1Register.SSIDSIZE.get(idr1);
    }

    boolean permissionOverrides() {
        return Idr1Register.ATTR_PERMS_OVR.isSet(idr1);
    }

    /** How many control pages with enhanced command queues there are. */
    int controlPages() {
        return Idr1Register.ECMDQ.isSet(idr1) ? 1 << Idr6Register.CMDQ_CONTROL_PAGE_LOG2NUMP.get(idr6) : 0;
    }

    /** How many queues are in each control page. */
    int queuesPerControlPage() {
        return 1 << Idr6Register.CMDQ_CONTROL_PAGE_LOG2NUMQ.get(idr6);
    }

    boolean rangeInvalidation() {
        return Idr3Register.RIL.isSet(idr3);
    }

    /** How free software is in changing sizes of pages, 0 to 2. */
    int breakBeforeMake() {
        return (int) Idr3Register.BBML.get(idr3);
    }

    boolean smallTables() {
        return Idr3Register.STT.isSet(idr3);
    }

    boolean hierarchyDisable() {
        return Idr3Register.HAD.isSet(idr3);
    }

    boolean stage2ExecuteByLevel() {
        return Idr3Register.XNX.isSet(idr3);
    }

    boolean forcedWriteBack() {
        return Idr3Register.FWB.isSet(idr3);
    }

    boolean responsesKeepPasid() {
        return Idr3Register.PPS.isSet(idr3);
    }

    int maxStalls() {
        return (int) Idr5Register.STALL_MAX.get(idr5);
    }

    /** Width of a physical address; also that of an IPA, since VMSAv8-32 is not supported. */
    int outputBits() {
        return bits((int) Idr5Register.OAS.get(idr5));
    }

    /** Width that an address size field means, at most that of a physical address. */
    int outputBits(long code) {
        return Math.min(bits((int) code), outputBits());
    }

    private static int bits(int code) {
        return AddressSize.of(Math.min(code, AddressSize.BITS_52.code())).orElseThrow().bits();
    }

    /** Widest virtual address with a granule. */
    int virtualBits(int granuleShift) {
        return granuleShift == 16 && Idr5Register.VAX.get(idr5) != 0 ? 52 : 48;
    }

    /** The smallest page, as a power of two. */
    int smallestGranule() {
        return granule(12) ? 12 : granule(14) ? 14 : 16;
    }

    boolean granule(int granuleShift) {
        return switch (granuleShift) {
            case 12 -> Idr5Register.GRAN4K.isSet(idr5);
            case 14 -> Idr5Register.GRAN16K.isSet(idr5);
            case 16 -> Idr5Register.GRAN64K.isSet(idr5);
            default -> false;
        };
    }
}
