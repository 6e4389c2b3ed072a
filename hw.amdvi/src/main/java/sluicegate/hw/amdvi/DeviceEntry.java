package sluicegate.hw.amdvi;

import sluicegate.spec.acpi.IvhdEntry;
import sluicegate.spec.amdvi.DeviceTableEntry;

/**
 * What a device table entry is to say about the DMA of a device (section 2.2.2.1): the first two words and the bits of the third
 * that are not about remapped interrupts. Immutable; made when a device is attached.
 *
 * <p>V and TV are set in all of them: without V requests pass, without TV what becomes of them is left to other fields.
 *
 * @param word0 of the entry
 * @param word1 of the entry
 * @param word2 of the entry, {@link #OWN_WORD2} only
 */
record DeviceEntry(long word0, long word1, long word2) {
    private static final long VALID = DeviceTableEntry.V.mask() | DeviceTableEntry.TV.mask();
    private static final long PERMITTED = VALID | DeviceTableEntry.IR.mask() | DeviceTableEntry.IW.mask();
    /** What concerns DMA or firmware in the third word; the rest is about remapped interrupts and is left as it is. */
    static final long OWN_WORD2 = DeviceTableEntry.GPTMODE.mask() | DeviceTableEntry.LINT1PASS.mask()
            | DeviceTableEntry.LINT0PASS.mask() | DeviceTableEntry.NMIPASS.mask() | DeviceTableEntry.EINTPASS.mask()
            | DeviceTableEntry.INITPASS.mask();
    private static final int MIN_GUEST_LEVELS = 4;

    /** All DMA aborts. */
    static final DeviceEntry BLOCKED = new DeviceEntry(VALID, DeviceTableEntry.DOMAINID.set(0, DomainIds.BLOCKED), 0);

    /**
     * Addresses are physical ones. The domain id is there like in all others: hardware tags what it caches with it. (The kernel's
     * {@code set_dte_passthrough} loses it to the precedence of its operators.)
     */
    static DeviceEntry identity(int domainId) {
        return new DeviceEntry(PERMITTED, DeviceTableEntry.DOMAINID.set(0, domainId), 0);
    }

    /**
     * Host tables translate.
     *
     * @param dirty whether hardware writes accessed and dirty bits
     */
    static DeviceEntry host(int domainId, long top, int levels, boolean dirty) {
        long word0 = DeviceTableEntry.MODE.set(DeviceTableEntry.ROOT.setInPlace(PERMITTED, top), levels);
        word0 = DeviceTableEntry.HAD.set(word0, dirty ? DeviceTableEntry.HAD_ACCESSED_DIRTY : DeviceTableEntry.HAD_NONE);
        return new DeviceEntry(word0, DeviceTableEntry.DOMAINID.set(0, domainId), 0);
    }

    /** The same with no more permissions than a first word has. */
    DeviceEntry permittingOnly(long other) {
        return new DeviceEntry(word0 & (other | ~(DeviceTableEntry.IR.mask() | DeviceTableEntry.IW.mask())), word1, word2);
    }

    /**
     * The same with guest tables for requests with a PASID, behind which the host tables are if there are any.
     *
     * @param gcr3 where the table of PASIDs is
     * @param gcr3Levels its levels
     * @param levels of guest tables
     */
    DeviceEntry withGuestTables(long gcr3, int gcr3Levels, int levels) {
        long low = DeviceTableEntry.setGcr3RootLow(word0, gcr3) | DeviceTableEntry.GV.mask();
        return new DeviceEntry(DeviceTableEntry.GLX.set(low, gcr3Levels - 1), DeviceTableEntry.setGcr3RootHigh(word1, gcr3),
                DeviceTableEntry.GPTMODE.set(word2, levels - MIN_GUEST_LEVELS));
    }

    /** The same with requests that have no PASID going where those with PASID 0 go. */
    DeviceEntry withPasid0ForAll() {
        return new DeviceEntry(word0 | DeviceTableEntry.GIOV.mask(), word1, word2);
    }

    /** The same for a device that may ask for translations (ATS). */
    DeviceEntry withDeviceTlb() {
        return new DeviceEntry(word0, word1 | DeviceTableEntry.I.mask(), word2);
    }

    /**
     * The same for a device that may ask for pages (PRI).
     *
     * @param enhanced whether the unit looks for that here (ExtendedFeatureRegister.EPHSUP)
     * @param answersWithPasid whether answers to it have to carry the PASID
     */
    DeviceEntry withPageRequests(boolean enhanced, boolean answersWithPasid) {
        long bits = (enhanced ? DeviceTableEntry.PPR.mask() : 0) | (answersWithPasid ? DeviceTableEntry.GPRP.mask() : 0);
        return new DeviceEntry(word0 | bits, word1, word2);
    }

    /**
     * The same with what firmware wants for a device ({@code set_dev_entry_from_acpi}).
     *
     * @param setting as {@link IvhdEntry#DTE_BITS}
     */
    DeviceEntry withSetting(int setting) {
        long low = DeviceTableEntry.SYSMGT.set(word1, IvhdEntry.SYSTEM_MANAGEMENT.get(setting));
        long high = DeviceTableEntry.INITPASS.set(word2, IvhdEntry.INIT_PASS.get(setting));
        high = DeviceTableEntry.EINTPASS.set(high, IvhdEntry.EXTINT_PASS.get(setting));
        high = DeviceTableEntry.NMIPASS.set(high, IvhdEntry.NMI_PASS.get(setting));
        high = DeviceTableEntry.LINT0PASS.set(high, IvhdEntry.LINT0_PASS.get(setting));
        return new DeviceEntry(word0, low, DeviceTableEntry.LINT1PASS.set(high, IvhdEntry.LINT1_PASS.get(setting)));
    }

    /** Whether a first word lets no request pass. */
    static boolean blocks(long word0) {
        return (word0 & PERMITTED) == VALID && !DeviceTableEntry.GV.isSet(word0);
    }
}
