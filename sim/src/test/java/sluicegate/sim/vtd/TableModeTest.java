package sluicegate.sim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.vtd.ContextCacheInvalidateDescriptor;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.GlobalCommandRegister;
import sluicegate.spec.vtd.RootEntry;
import sluicegate.spec.vtd.RootTableAddressRegister;

/** Another mode of tables, with translation on and off (RTADDR_REG.TTM, CAP_REG.ESRTPS). */
class TableModeTest {
    private static final long IOVA = 0x5000;
    private static final long OLD = 0x9000;
    private static final long NEW = 0xa000;

    /** In scalable mode {@link #IOVA} leads to {@link #OLD}; tables of legacy mode beside that lead to {@link #NEW}. */
    private static ScalableRig rig(boolean enhanced) {
        var features = ScalableRig.features();
        features.enhancedRootPointer = enhanced;
        var rig = new ScalableRig(features).start();
        rig.secondStage(0, Rig.DID, 0);
        rig.rig.entry(Rig.DID, IOVA, 1, OLD | Rig.RW);
        rig.rig.rootEntry(Rig.CONTEXTS | RootEntry.P.mask(), 0);
        rig.rig.context(Rig.SID, Rig.DID + 1, 0, 0);
        rig.rig.entry(Rig.DID + 1, IOVA, 1, NEW | Rig.RW);
        assertThat(read(rig)).isEqualTo(OLD);
        return rig;
    }

    private static long read(ScalableRig rig) {
        return rig.rig.request(IOVA, RequestAccess.READ);
    }

    @Test
    void changesInFlightWhereTheUnitAllowsThat() {
        try (var rig = rig(true)) {
            rig.rig.setRoot(Rig.ROOT);
            assertThat(read(rig)).isEqualTo(NEW);
            rig.rig.setRoot(RootTableAddressRegister.TTM.set(ScalableRig.ROOT, RootTableAddressRegister.SCALABLE_MODE));
            assertThat(read(rig)).isEqualTo(OLD);
        }
    }

    /** Root entries of both modes have their present bits in the same place. */
    @Test
    void isReadAsTheOldOneWhereItDoesNot() {
        try (var rig = rig(false)) {
            rig.rig.setRoot(Rig.ROOT);
            rig.submit(Rig.contextInvalidate(ContextCacheInvalidateDescriptor.GLOBAL, 0, 0, 0), 0);
            assertThat(read(rig)).isEqualTo(-FaultReason.SM_CONTEXT_ENTRY_NOT_PRESENT.code());
            rig.rig.commandOff(GlobalCommandRegister.TE.mask());
            assertThat(read(rig)).as("untranslated").isEqualTo(IOVA);
            rig.rig.command(GlobalCommandRegister.TE.mask());
            assertThat(read(rig)).isEqualTo(NEW);
        }
    }

    @Test
    void switchingTranslationOffEmptiesTheCachesOfAUnitWithScalableMode() {
        try (var rig = rig(false)) {
            rig.rig.entry(Rig.DID, IOVA, 1, NEW | Rig.RW);
            assertThat(read(rig)).as("cached").isEqualTo(OLD);
            rig.rig.commandOff(GlobalCommandRegister.TE.mask());
            rig.rig.command(GlobalCommandRegister.TE.mask());
            assertThat(read(rig)).isEqualTo(NEW);
        }
    }
}
