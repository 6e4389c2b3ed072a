package sluicegate.sim.vtd;

import sluicegate.sim.cache.DomainTags;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.PasidEntry;
import sluicegate.spec.vtd.PasidTranslationType;

/**
 * What a request needs to know of its PASID entry, or why there is none. Immutable; fields instead of methods, because every
 * request looks at some of them.
 */
final class PasidContext {
    static final int FIRST_STAGE = PasidTranslationType.FIRST_STAGE.code();
    static final int SECOND_STAGE = PasidTranslationType.SECOND_STAGE.code();
    static final int NESTED = PasidTranslationType.NESTED.code();
    static final int PASS_THROUGH = PasidTranslationType.PASS_THROUGH.code();

    /** The code of a fault, 0 for a good entry. */
    final int faultCode;
    final boolean faultsDisabled;
    final int pasid;
    final int did;
    /** PGTT: one of the constants above. */
    final int kind;
    /** What IOTLB entries are tagged with, see {@link DomainTags}. */
    final int tag;
    /** Bits of an input address. */
    final int width;
    /** What makes an address possible: after adding this, no bit at or above {@link #width} is set. */
    final long bias;
    final long firstStage;
    final int firstLevels;
    final long secondStage;
    final int secondLevels;
    final int secondWidth;
    final boolean secondAccessedDirty;
    final boolean secondExecute;
    final boolean extendedAccessed;
    final boolean noExecute;
    final boolean supervisorExecutesNoUserPage;
    final boolean writeProtect;
    final boolean executeRequests;
    final boolean supervisorRequests;
    /** Whether accessed and dirty bits can be set: walks snoop. */
    final boolean snoopedWalk;

    private PasidContext(int faultCode, boolean faultsDisabled, int pasid, int tag, Words words, Shape shape) {
        this.faultCode = faultCode;
        this.faultsDisabled = faultsDisabled;
        this.pasid = pasid;
        this.tag = tag;
        did = (int) PasidEntry.DID.get(words.second);
        kind = (int) PasidEntry.PGTT.get(words.first);
        boolean canonical = kind == FIRST_STAGE || kind == NESTED;
        firstLevels = shape.firstLevels;
        secondLevels = shape.secondLevels;
        secondWidth = shape.secondWidth;
        width = canonical ? 12 + 9 * shape.firstLevels : kind == PASS_THROUGH ? shape.hostWidth : secondWidth;
        bias = canonical ? 1L << width - 1 : 0;
        firstStage = PasidEntry.FSPTPTR.inPlace(words.third);
        secondStage = PasidEntry.SSPTPTR.inPlace(words.first);
        secondAccessedDirty = PasidEntry.SSADE.isSet(words.first);
        secondExecute = PasidEntry.SSEE.isSet(words.first);
        extendedAccessed = PasidEntry.EAFE.isSet(words.third);
        noExecute = PasidEntry.NXE.isSet(words.third);
        supervisorExecutesNoUserPage = PasidEntry.SMEP.isSet(words.third);
        writeProtect = PasidEntry.WPE.isSet(words.third);
        executeRequests = PasidEntry.ERE.isSet(words.third);
        supervisorRequests = PasidEntry.SRE.isSet(words.third);
        snoopedWalk = shape.walksAlwaysSnoop || PasidEntry.PWSNP.isSet(words.second);
    }

    /** The first three words of an entry; the others are reserved. */
    record Words(long first, long second, long third) {}

    /**
     * What the unit makes of an entry.
     *
     * @param firstLevels depth of the first stage
     * @param secondLevels depth of the second stage
     * @param secondWidth bits of an address that the second stage takes
     * @param hostWidth bits of a physical address
     * @param walksAlwaysSnoop whether PWSNP does not matter
     */
    record Shape(int firstLevels, int secondLevels, int secondWidth, int hostWidth, boolean walksAlwaysSnoop) {
        private static final Shape NONE = new Shape(0, 0, 0, 0, false);

        Shape(int firstLevels, int secondLevels, VtdCapabilities capabilities, boolean walksAlwaysSnoop) {
            this(firstLevels, secondLevels, capabilities.secondStageWidth(secondLevels), capabilities.hostAddressWidth(),
                    walksAlwaysSnoop);
        }
    }

    /** A good entry. */
    static PasidContext of(int pasid, int tag, boolean faultsDisabled, Words words, Shape shape) {
        return new PasidContext(0, faultsDisabled, pasid, tag, words, shape);
    }

    /** A refusal. Cached ones bear domain id 0, as the manual says of caching mode (6.1). */
    static PasidContext fault(FaultReason reason, boolean faultsDisabled, int pasid) {
        return new PasidContext(reason.code(), faultsDisabled, pasid, DomainTags.NONE, new Words(0, 0, 0),
                Shape.NONE);
    }

    /** Whether it is one that the input address fits; else the fault depends on {@link #kind}. */
    boolean fits(long iova) {
        return iova + bias >>> width == 0;
    }

    /**
     * What a page grants a request: permission bits with {@link RequestAccess#EXECUTE}, which nobody is granted who may not ask
     * for it.
     */
    int granted(long leaf, boolean privileged) {
        boolean user = (leaf & LeafWord.USER) != 0;
        if (!privileged && !user) {
            return 0;
        }
        int granted = 0;
        if ((leaf & LeafWord.SECOND_READ) != 0) {
            granted |= RequestAccess.READ;
        }
        if ((leaf & LeafWord.SECOND_WRITE) != 0
                && ((leaf & LeafWord.FIRST_WRITE) != 0 || privileged && !writeProtect)) {
            granted |= RequestAccess.WRITE;
        }
        if (executeRequests && (leaf & LeafWord.EXECUTE) != 0 && !(privileged && user && supervisorExecutesNoUserPage)) {
            granted |= RequestAccess.EXECUTE;
        }
        return granted;
    }
}
