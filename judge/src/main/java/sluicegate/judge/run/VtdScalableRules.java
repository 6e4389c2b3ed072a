package sluicegate.judge.run;

import java.util.Optional;
import sluicegate.api.types.Access;
import sluicegate.api.types.Prot;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.FirstStageMode;

/** The manual's scalable mode (3.4.3), for requests without PASID. A driver makes tables for every device, blocked or not. */
abstract class VtdScalableRules extends VtdRules {

    private VtdScalableRules(Facts facts) {
        super(facts, FaultReason.SM_ADDRESS_IN_INTERRUPT_RANGE);
    }

    @Override
    final FaultReason blocked(Facts.Port device) {
        return FaultReason.PASID_ENTRY_NOT_PRESENT;
    }

    @Override
    final Optional<FaultReason> passThrough(long iova) {
        return beyond(facts().physicalBits(), iova, FaultReason.SM_HOST_ADDRESS_BEYOND_WIDTH);
    }

    /** Pages of the second stage (3.7): without permission to read or to write there is none. */
    static final class SecondStage extends VtdScalableRules {
        SecondStage(Facts facts) {
            super(facts);
        }

        @Override
        Optional<FaultReason> page(Optional<Mapped.Leaf> leaf, long iova, Access access) {
            return beyond(facts().addressBits(), iova, FaultReason.SM_SECOND_STAGE_ADDRESS_BEYOND_WIDTH)
                    .or(() -> leaf.isEmpty() ? Optional.of(FaultReason.SM_SECOND_STAGE_NOT_PERMITTED)
                            : (leaf.get().prot() & access.prot()) != 0 ? Optional.empty()
                            : Optional.of(access == Access.WRITE
                                    ? FaultReason.SM_WRITE_NOT_PERMITTED : FaultReason.SM_READ_NOT_PERMITTED));
        }
    }

    /** Pages of the first stage (3.6): what may be written may be read. Domains have the lower half of the addresses. */
    static final class FirstStage extends VtdScalableRules {
        FirstStage(Facts facts) {
            super(facts);
        }

        /** Whether the bits above those that tables of 4 or 5 levels translate are copies of the highest that they do (3.6). */
        private boolean isCanonical(long iova) {
            int lowerHalf = facts().addressBits() < FirstStageMode.LEVELS_4.bits()
                    ? FirstStageMode.LEVELS_4.bits() - 1 : FirstStageMode.LEVELS_5.bits() - 1;
            long upper = iova >> lowerHalf;
            return upper == 0 || upper == -1;
        }

        @Override
        Optional<FaultReason> page(Optional<Mapped.Leaf> leaf, long iova, Access access) {
            if (!isCanonical(iova)) {
                return Optional.of(FaultReason.SM_ADDRESS_NOT_CANONICAL);
            }
            if (leaf.isEmpty()) {
                return Optional.of(FaultReason.FIRST_STAGE_ENTRY_NOT_PRESENT);
            }
            return access == Access.WRITE && (leaf.get().prot() & Prot.WRITE) == 0
                    ? Optional.of(FaultReason.SM_WRITE_NOT_PERMITTED) : Optional.empty();
        }
    }
}
