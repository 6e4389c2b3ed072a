package sluicegate.sim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.types.Access;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Translation;
import sluicegate.sim.smmuv3.TranslationEngine.AtsAnswer.Status;
import sluicegate.spec.smmuv3.CommandOpcode;
import sluicegate.spec.smmuv3.EventRecord;
import sluicegate.spec.smmuv3.EventType;
import sluicegate.spec.smmuv3.Idr3Register;
import sluicegate.spec.smmuv3.StreamTableEntry;
import sluicegate.spec.smmuv3.TlbConflictEvent;
import sluicegate.spec.smmuv3.TlbiNhVaCommand;

@DisplayName("A block in the place of smaller pages that were not invalidated")
class TlbConflictTest {
    private static final long INPUT = 0x20_0000;
    private static final long OUTPUT = 0x80_0000;
    private static final long CONFLICT = -EventType.F_TLB_CONFLICT.code();

    private static void request(Rig rig, long address, long expected) {
        assertThat(rig.request(address, StreamAccess.READ)).isEqualTo(expected);
    }

    @Test
    @DisplayName("is a conflict until they are invalidated, where software has to break before it makes")
    void isAConflict() {
        try (var rig = new Rig(Rig.withIdr3(Idr3Register.BBML, 0))) {
            var space = rig.stage1Space();
            rig.stage1(space).start();
            space.page(INPUT + 0x5000, OUTPUT + 0x5000 | Rig.USER);
            request(rig, INPUT + 0x5000, OUTPUT + 0x5000);
            space.set(INPUT, 2, OUTPUT | Rig.USER_BLOCK);
            request(rig, INPUT + 0x6008, CONFLICT);
            var event = rig.takeEvent();
            assertThat(Rig.event(event)).isEqualTo(EventType.F_TLB_CONFLICT.code());
            assertThat(EventRecord.STREAMID.get(event[0])).isEqualTo(Rig.SID);
            assertThat(TlbConflictEvent.RNW.isSet(event[1])).isTrue();
            assertThat(TlbConflictEvent.S2.isSet(event[1])).isFalse();
            assertThat(event[2]).isEqualTo(INPUT + 0x6008);
            assertThat(rig.unit.probe(Rig.SID, Pasid.NONE, INPUT + 0x6008, Access.READ))
                    .isInstanceOfSatisfying(Translation.Fault.class, fault -> assertThat(fault.name()).isEqualTo("F_TLB_CONFLICT"));
            request(rig, INPUT + 0x5000, OUTPUT + 0x5000);

            rig.command(CommandOpcode.TLBI_NH_VA, TlbiNhVaCommand.ASID.set(0, Rig.ASID), TlbiNhVaCommand.ADDRESS.inPlace(INPUT + 0x5000));
            request(rig, INPUT + 0x6008, OUTPUT + 0x6008);
            assertThat(rig.waitingEvents()).isZero();
        }
    }

    @Test
    @DisplayName("is an error for a device that asks for a translation, and no event")
    void isAnErrorForAts() {
        try (var rig = new Rig(Rig.withIdr3(Idr3Register.BBML, 0))) {
            var space = rig.stage1Space();
            rig.put(Rig.CONTEXTS, Rig.context(space, Rig.ASID));
            rig.put(Rig.steAddress(Rig.SID), Rig.with(Rig.stage1Entry(Rig.CONTEXTS), StreamTableEntry.EATS, StreamTableEntry.EATS_FULL));
            rig.start();
            space.page(INPUT, OUTPUT | Rig.USER);
            request(rig, INPUT, OUTPUT);
            space.set(INPUT, 2, OUTPUT | Rig.USER_BLOCK);
            assertThat(rig.unit.engine().translationRequest(Rig.SID, Pasid.NONE, INPUT + 0x1000, true).status())
                    .isEqualTo(Status.COMPLETER_ABORT);
            assertThat(rig.waitingEvents()).isZero();
        }
    }

    @Test
    @DisplayName("is told of with the intermediate address at stage 2")
    void tellsTheIntermediateAddress() {
        try (var rig = new Rig(Rig.withIdr3(Idr3Register.BBML, 0))) {
            var under = rig.stage2Space();
            rig.put(Rig.steAddress(Rig.SID), Rig.stage2Entry(under, Rig.VMID));
            rig.start();
            under.page(INPUT, OUTPUT | Rig.S2_PAGE);
            request(rig, INPUT, OUTPUT);
            under.set(INPUT, 2, OUTPUT | Rig.S2_BLOCK);
            request(rig, INPUT + 0x1000, CONFLICT);
            var event = rig.takeEvent();
            assertThat(TlbConflictEvent.S2.isSet(event[1])).isTrue();
            assertThat(TlbConflictEvent.IPA.inPlace(event[3])).isEqualTo(INPUT + 0x1000);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    @DisplayName("is none where hardware copes: the smaller ones count as long as they are cached")
    void isNoneWhereHardwareCopes(int level) {
        try (var rig = new Rig(Rig.withIdr3(Idr3Register.BBML, level))) {
            var space = rig.stage1Space();
            rig.stage1(space).start();
            space.page(INPUT + 0x5000, 0x70_0000 | Rig.USER);
            request(rig, INPUT + 0x5000, 0x70_0000);
            space.set(INPUT, 2, OUTPUT | Rig.USER_BLOCK);
            request(rig, INPUT + 0x6000, OUTPUT + 0x6000);
            request(rig, INPUT + 0x5000, 0x70_0000);
        }
    }
}
