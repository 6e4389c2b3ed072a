package sluicegate.sim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import sluicegate.api.types.Pasid;
import sluicegate.sim.smmuv3.Rig.Space;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.Field;
import sluicegate.spec.smmuv3.EventType;
import sluicegate.spec.smmuv3.Idr0Register;
import sluicegate.spec.smmuv3.Idr1Register;
import sluicegate.spec.smmuv3.Idr3Register;
import sluicegate.spec.smmuv3.Idr5Register;
import sluicegate.spec.smmuv3.StreamTableEntry;
import sluicegate.spec.vmsa.Stage1Descriptor;

/** Every rule of 5.2 by which an entry is ILLEGAL, and what is just inside of it. */
class StreamEntryTest {
    private static final int PAGE = 0x70_0000;

    /** An entry with a change, in a unit. */
    private record Case(String name, Smmuv3Capabilities unit, int config, boolean legal, UnaryOperator<long[]> change) {}

    private static final class Cases {
        private final List<Case> all = new ArrayList<>();

        void add(String name, Smmuv3Capabilities unit, int config, boolean legal, UnaryOperator<long[]> change) {
            all.add(new Case(name, unit, config, legal, change));
        }

        void field(String name, Smmuv3Capabilities unit, int config, boolean legal, Field field, long value) {
            add(name, unit, config, legal, words -> Rig.with(words, field, value));
        }
    }

    @TestFactory
    Stream<DynamicTest> legality() {
        var cases = new Cases();
        stages(cases);
        ats(cases);
        worlds(cases);
        substreams(cases);
        faults(cases);
        stage2(cases);
        return cases.all.stream().map(one -> DynamicTest.dynamicTest(one.name, () -> check(one)));
    }

    private static void stages(Cases cases) {
        var full = Smmuv3Capabilities.FULL;
        int s1 = StreamTableEntry.CONFIG_S1;
        int s2 = StreamTableEntry.CONFIG_S2;
        int nested = StreamTableEntry.CONFIG_NESTED;
        var noStage1 = without(Idr0Register.S1P, Idr0Register.HYP);
        var noStage2 = without(Idr0Register.S2P, Idr0Register.HYP);
        cases.add("stage 1", full, s1, true, words -> words);
        cases.add("stage 2", full, s2, true, words -> words);
        cases.add("both", full, nested, true, words -> words);
        cases.add("stage 1 without stage 1", noStage1, s1, false, words -> words);
        cases.add("both without stage 1", noStage1, nested, false, words -> words);
        cases.add("stage 2 without stage 1", noStage1, s2, true, words -> words);
        cases.add("stage 2 without stage 2", noStage2, s2, false, words -> words);
        cases.add("both without stage 2", noStage2, nested, false, words -> words);
        cases.add("stage 1 without stage 2", noStage2, s1, true, words -> words);
        cases.field("not valid", full, s1, false, StreamTableEntry.V, 0);
        var vmid8 = Rig.withIdr0(Idr0Register.VMID16, 0);
        cases.field("VMID of 16 bits", full, s2, true, StreamTableEntry.S2VMID, 0x100);
        cases.field("VMID of 16 bits in a unit with 8", vmid8, s2, false, StreamTableEntry.S2VMID, 0x100);
        cases.field("VMID of 16 bits in a unit with 8, stage 1", vmid8, s1, false, StreamTableEntry.S2VMID, 0x100);
        cases.field("VMID of 8 bits in a unit with 8", vmid8, s2, true, StreamTableEntry.S2VMID, 0xff);
        cases.field("VMID in bypass", vmid8, StreamTableEntry.CONFIG_BYPASS, true, StreamTableEntry.S2VMID, 0x100);
    }

    private static Smmuv3Capabilities without(Field one, Field other) {
        var full = Smmuv3Capabilities.FULL;
        return new Smmuv3Capabilities(other.clear(one.clear(full.idr0())), full.idr1(), full.idr3(), full.idr5(), full.aidr());
    }

    private static void ats(Cases cases) {
        var full = Smmuv3Capabilities.FULL;
        var noSplit = Rig.withIdr0(Idr0Register.NS1ATS, 1);
        int nested = StreamTableEntry.CONFIG_NESTED;
        int split = StreamTableEntry.EATS_SPLIT;
        cases.field("full ATS", full, StreamTableEntry.CONFIG_S1, true, StreamTableEntry.EATS, StreamTableEntry.EATS_FULL);
        cases.field("split ATS with both stages", full, nested, true, StreamTableEntry.EATS, split);
        cases.field("split ATS with stage 1", full, StreamTableEntry.CONFIG_S1, false, StreamTableEntry.EATS, split);
        cases.field("split ATS with stage 2", full, StreamTableEntry.CONFIG_S2, false, StreamTableEntry.EATS, split);
        cases.field("split ATS in a unit without", noSplit, nested, false, StreamTableEntry.EATS, split);
        cases.field("split ATS in bypass", full, StreamTableEntry.CONFIG_BYPASS, true, StreamTableEntry.EATS, split);
        cases.add("ATS with stage 2 stalls", full, StreamTableEntry.CONFIG_S2, false, words -> Rig.with(
                Rig.with(words, StreamTableEntry.EATS, StreamTableEntry.EATS_FULL), StreamTableEntry.S2S, 1));
        cases.add("split ATS with stage 2 stalls", full, nested, false, words -> Rig.with(
                Rig.with(words, StreamTableEntry.EATS, split), StreamTableEntry.S2S, 1));
        cases.add("ATS with S2S where there is no stage 2", full, StreamTableEntry.CONFIG_S1, true, words -> Rig.with(
                Rig.with(words, StreamTableEntry.EATS, StreamTableEntry.EATS_FULL), StreamTableEntry.S2S, 1));
        cases.add("ATS in a unit without it", without(Idr0Register.ATS, Idr0Register.PRI), StreamTableEntry.CONFIG_S1, true,
                words -> Rig.with(words, StreamTableEntry.EATS, split));
    }

    private static void worlds(Cases cases) {
        var full = Smmuv3Capabilities.FULL;
        cases.field("EL2", full, StreamTableEntry.CONFIG_S1, true, StreamTableEntry.STRW, StreamTableEntry.STRW_EL2);
        cases.field("reserved world 1", full, StreamTableEntry.CONFIG_S1, false, StreamTableEntry.STRW, 1);
        cases.field("reserved world 3", full, StreamTableEntry.CONFIG_S1, false, StreamTableEntry.STRW, 3);
        cases.field("world with stage 2", full, StreamTableEntry.CONFIG_NESTED, true, StreamTableEntry.STRW, 1);
        cases.field("world in a unit without EL2", Rig.withIdr0(Idr0Register.HYP, 0), StreamTableEntry.CONFIG_S1, true,
                StreamTableEntry.STRW, 1);
    }

    private static void substreams(Cases cases) {
        var full = Smmuv3Capabilities.FULL;
        var few = Rig.withIdr1(Idr1Register.SSIDSIZE, 8);
        var none = Rig.withIdr1(Idr1Register.SSIDSIZE, 0);
        var linear = Rig.withIdr0(Idr0Register.CD2L, 0);
        int s1 = StreamTableEntry.CONFIG_S1;
        UnaryOperator<long[]> ssid0 = words -> Rig.with(words, StreamTableEntry.S1DSS, StreamTableEntry.S1DSS_SSID0);
        cases.add("as many substreams as there are", few, s1, true,
                words -> ssid0.apply(Rig.with(words, StreamTableEntry.S1CDMAX, 8)));
        cases.add("too many substreams", few, s1, false,
                words -> ssid0.apply(Rig.with(words, StreamTableEntry.S1CDMAX, 9)));
        cases.field("substreams in a unit without", none, s1, true, StreamTableEntry.S1CDMAX, 9);
        cases.add("two levels in a unit with one", linear, s1, false, words -> ssid0.apply(
                Rig.with(Rig.with(words, StreamTableEntry.S1CDMAX, 8), StreamTableEntry.S1FMT, 1)));
        cases.field("two levels of a single descriptor", linear, s1, true, StreamTableEntry.S1FMT, 1);
        cases.add("descriptors beyond the output size", full, s1, false,
                words -> Rig.withAddress(words, StreamTableEntry.S1CONTEXTPTR, 1L << 48));
        cases.add("descriptors beyond the output size, stage 2 only", full, StreamTableEntry.CONFIG_S2, true,
                words -> Rig.withAddress(words, StreamTableEntry.S1CONTEXTPTR, 1L << 48));
    }

    private static void faults(Cases cases) {
        var full = Smmuv3Capabilities.FULL;
        var terminate = Rig.withIdr0(Idr0Register.STALL_MODEL, Idr0Register.TERMINATE_ONLY);
        var stall = Rig.withIdr0(Idr0Register.STALL_MODEL, Idr0Register.STALL_ONLY);
        int s2 = StreamTableEntry.CONFIG_S2;
        cases.field("stalls disabled", full, StreamTableEntry.CONFIG_S1, true, StreamTableEntry.S1STALLD, 1);
        cases.field("stalls disabled where there are none", terminate, StreamTableEntry.CONFIG_S1, false,
                StreamTableEntry.S1STALLD, 1);
        cases.field("stalls disabled where there is nothing else", stall, StreamTableEntry.CONFIG_S1, false,
                StreamTableEntry.S1STALLD, 1);
        cases.field("stage 2 stalls", full, s2, true, StreamTableEntry.S2S, 1);
        cases.field("stage 2 stalls where there are none", terminate, s2, false, StreamTableEntry.S2S, 1);
        cases.field("stage 2 terminates where there are only stalls", stall, s2, false, StreamTableEntry.S2S, 0);
        cases.field("stage 2 stalls where there are only stalls", stall, s2, true, StreamTableEntry.S2S, 1);
        var none = Rig.withIdr0(Idr0Register.HTTU, Idr0Register.HTTU_NONE);
        var access = Rig.withIdr0(Idr0Register.HTTU, Idr0Register.HTTU_ACCESS);
        cases.field("access flag by hardware", access, s2, true, StreamTableEntry.S2HA, 1);
        cases.field("access flag by hardware that can't", none, s2, false, StreamTableEntry.S2HA, 1);
        cases.field("dirty state by hardware that can't", access, s2, false, StreamTableEntry.S2HD, 1);
        cases.field("dirty state by hardware", full, s2, true, StreamTableEntry.S2HD, 1);
    }

    private static void stage2(Cases cases) {
        var full = Smmuv3Capabilities.FULL;
        int s2 = StreamTableEntry.CONFIG_S2;
        cases.field("VMSAv8-32", full, s2, false, StreamTableEntry.S2AA64, 0);
        cases.field("big-endian tables", full, s2, false, StreamTableEntry.S2ENDI, 1);
        cases.field("reserved granule", full, s2, false, StreamTableEntry.S2TG, 3);
        cases.field("granule of 4 KiB in a unit without", Rig.withIdr5(Idr5Register.GRAN4K, 0), s2, false,
                StreamTableEntry.S2TG, 0);
        cases.field("input wider than an IPA", full, s2, false, StreamTableEntry.S2T0SZ, 15);
        var narrow = Rig.withIdr5(Idr5Register.OAS, 2);
        cases.field("input wider than an IPA of 40 bits", narrow, s2, false, StreamTableEntry.S2T0SZ, 23);
        cases.field("input as wide as an IPA of 40 bits", narrow, s2, true, StreamTableEntry.S2T0SZ, 24);
        // From level 1 (SL0 1) 40 bits are two tables; 43 are sixteen, 44 too many; 31 are one, 30 none.
        cases.field("sixteen tables", full, s2, true, StreamTableEntry.S2T0SZ, 64 - 43);
        cases.field("more than sixteen tables", full, s2, false, StreamTableEntry.S2T0SZ, 64 - 44);
        cases.field("the narrowest for its level", full, s2, true, StreamTableEntry.S2T0SZ, 64 - 31);
        cases.field("too narrow for its level", full, s2, false, StreamTableEntry.S2T0SZ, 64 - 30);
        var noSmall = Rig.withIdr3(Idr3Register.STT, 0);
        cases.add("a level 3 that only small tables have", noSmall, s2, false, words -> Rig.with(
                Rig.with(words, StreamTableEntry.S2SL0, 3), StreamTableEntry.S2T0SZ, 64 - 25));
        cases.add("a level 3", full, s2, true, words -> Rig.with(
                Rig.with(words, StreamTableEntry.S2SL0, 3), StreamTableEntry.S2T0SZ, 64 - 21));
        cases.add("level 0 where addresses are too short for it", narrow, s2, false, words -> Rig.with(
                Rig.with(words, StreamTableEntry.S2SL0, 2), StreamTableEntry.S2T0SZ, 24));
        cases.add("tables beyond the output size", full, s2, false, words -> Rig.withAddress(
                Rig.with(words, StreamTableEntry.S2PS, 2), StreamTableEntry.S2TTB, 1L << 40));
        cases.field("stage 2 fields of stage 1", full, StreamTableEntry.CONFIG_S1, true, StreamTableEntry.S2AA64, 0);
    }

    private static void check(Case one) {
        try (var rig = new Rig(one.unit)) {
            rig.start();
            var stage1 = rig.stage1Space();
            // As many tables as any start needs.
            long memory = rig.table(0x10_0000);
            Space stage2 = rig.stage2Space();
            rig.put(Rig.CONTEXTS, Rig.context(stage1, Rig.ASID));
            long[] words = switch (one.config) {
                case StreamTableEntry.CONFIG_S1 -> Rig.stage1Entry(Rig.CONTEXTS);
                case StreamTableEntry.CONFIG_S2 -> Rig.stage2Entry(stage2, Rig.VMID);
                case StreamTableEntry.CONFIG_NESTED -> Rig.nestedEntry(Rig.CONTEXTS, stage2, Rig.VMID);
                default -> Rig.ste(one.config);
            };
            if (one.config != StreamTableEntry.CONFIG_S1 && one.config != StreamTableEntry.CONFIG_BYPASS) {
                words = Rig.withAddress(words, StreamTableEntry.S2TTB, memory);
            }
            rig.put(Rig.steAddress(Rig.SID), one.change.apply(words));
            long answer = rig.request(PAGE, RequestAccess.READ);
            if (one.legal) {
                assertThat(answer).isNotEqualTo(-EventType.C_BAD_STE.code());
            } else {
                assertThat(answer).isEqualTo(-EventType.C_BAD_STE.code());
                assertThat(Rig.event(rig.takeEvent())).isEqualTo(EventType.C_BAD_STE.code());
                assertThat(rig.waitingEvents()).isZero();
            }
        }
    }

    @Test
    void anEntryOverridesPrivilegeAndInstruction() {
        try (var rig = new Rig()) {
            var space = rig.stage1Space();
            rig.stage1(space).start();
            // For privileged accesses only.
            space.page(0x1000, PAGE | Stage1Descriptor.AP.set(Rig.USER, 0));
            rig.put(Rig.steAddress(1), Rig.with(Rig.stage1Entry(Rig.CONTEXTS), StreamTableEntry.PRIVCFG, 3));
            rig.put(Rig.steAddress(2), Rig.with(Rig.stage1Entry(Rig.CONTEXTS), StreamTableEntry.PRIVCFG, 2));
            rig.put(Rig.steAddress(3), Rig.with(Rig.stage1Entry(Rig.CONTEXTS), StreamTableEntry.INSTCFG, 3));
            int read = RequestAccess.READ;
            assertThat(rig.unit.translate(1, Pasid.NONE, 0x1000, read)).as("made privileged").isEqualTo(PAGE);
            assertThat(rig.unit.translate(2, Pasid.NONE, 0x1000, read | RequestAccess.PRIVILEGED)).as("made unprivileged")
                    .isEqualTo(-EventType.F_PERMISSION.code());
            assertThat(rig.unit.translate(3, Pasid.NONE, 0x1000, read)).as("execute-only, made an instruction").isEqualTo(PAGE);
            assertThat(rig.unit.translate(3, Pasid.NONE, 0x1000, RequestAccess.WRITE)).as("writes are data")
                    .isEqualTo(-EventType.F_PERMISSION.code());
        }
    }
}
