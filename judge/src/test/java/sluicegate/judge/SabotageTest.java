package sluicegate.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import sluicegate.judge.generate.Generator;
import sluicegate.judge.inject.AmdviSabotage;
import sluicegate.judge.inject.Sabotage;
import sluicegate.judge.inject.Smmuv3Sabotage;
import sluicegate.judge.inject.VtdSabotage;
import sluicegate.judge.program.Program;
import sluicegate.judge.run.DriverView;
import sluicegate.judge.run.Facts;
import sluicegate.judge.verdict.Difference;
import sluicegate.judge.verdict.Judge;
import sluicegate.spec.amdvi.HostPageEntry;
import sluicegate.spec.vmsa.Stage1Descriptor;
import sluicegate.spec.vtd.FirstStageEntry;
import sluicegate.spec.vtd.SecondStageEntry;

/** A driver that does one thing wrong is found out, and the program that shows it shrinks to the steps that matter. */
class SabotageTest {
    private static final int PROGRAMS = 50;
    private static final int LENGTH = 150;

    static Stream<Arguments> sabotages() {
        var facts = facts(Subjects.PLAIN);
        long buffer = facts.buffer();
        long size = facts.bufferSize();
        long permissions = SecondStageEntry.R.mask() | SecondStageEntry.W.mask();
        long nextPage = Long.lowestOneBit(SecondStageEntry.ADDR.mask());
        return Stream.of(
                sabotage("pages for reading can be written, and only written", VtdSabotage.flippedLeafBits(permissions, buffer, size)),
                sabotage("the lowest address bit of pages is wrong", VtdSabotage.flippedLeafBits(nextPage, buffer, size)),
                sabotage("it is wrong in one page of ten", VtdSabotage.rarelyFlippedLeafBits(nextPage, 10, buffer, size)),
                sabotage("large pages are not marked as such",
                        VtdSabotage.flippedLeafBits(SecondStageEntry.PS.mask(), buffer, size)),
                sabotage("a reserved bit is set in pages", VtdSabotage.flippedLeafBits(SecondStageEntry.TM.mask(), buffer, size)),
                sabotage("context entries have one level too few", VtdSabotage.narrowContexts()),
                sabotage("the IOTLB is not invalidated", VtdSabotage.lostInvalidations()));
    }

    static Stream<Arguments> sabotagesInScalableMode() {
        var facts = facts(Subjects.SCALABLE);
        long buffer = facts.buffer();
        long size = facts.bufferSize();
        long nextPage = Long.lowestOneBit(FirstStageEntry.ADDR.mask());
        return Stream.of(
                sabotage("pages for reading can be written, and those for writing not",
                        VtdSabotage.flippedLeafBits(FirstStageEntry.RW.mask(), buffer, size)),
                sabotage("the lowest address bit of pages is wrong", VtdSabotage.flippedLeafBits(nextPage, buffer, size)),
                sabotage("it is wrong in one page of ten", VtdSabotage.rarelyFlippedLeafBits(nextPage, 10, buffer, size)),
                sabotage("large pages are not marked as such", VtdSabotage.flippedLeafBits(FirstStageEntry.PS.mask(), buffer, size)),
                sabotage("pages are for supervisors only", VtdSabotage.flippedLeafBits(FirstStageEntry.US.mask(), buffer, size)),
                sabotage("the PASID cache is not invalidated", VtdSabotage.lostPasidCacheInvalidations()),
                sabotage("the IOTLB is not invalidated", VtdSabotage.lostInvalidations()));
    }

    static Stream<Arguments> sabotagesOnArm() {
        var facts = facts(Subjects.ARM);
        long buffer = facts.buffer();
        long size = facts.bufferSize();
        long nextPage = Long.lowestOneBit(Stage1Descriptor.ADDR.mask());
        long readOnly = Stage1Descriptor.AP.set(0, Stage1Descriptor.AP_READ_ONLY);
        return Stream.of(
                sabotage("pages for reading can be written, and those for writing not", Smmuv3Sabotage.flippedLeafBits(readOnly, buffer, size)),
                sabotage("the lowest address bit of pages is wrong", Smmuv3Sabotage.flippedLeafBits(nextPage, buffer, size)),
                sabotage("it is wrong in one page of ten", Smmuv3Sabotage.rarelyFlippedLeafBits(nextPage, 10, buffer, size)),
                sabotage("pages are marked as blocks, and blocks as tables",
                        Smmuv3Sabotage.flippedLeafBits(Stage1Descriptor.TYPE.mask(), buffer, size)),
                sabotage("the access flag of pages is clear", Smmuv3Sabotage.flippedLeafBits(Stage1Descriptor.AF.mask(), buffer, size)),
                sabotage("context descriptors have one level too few", Smmuv3Sabotage.narrowContexts()),
                sabotage("configuration is not invalidated", Smmuv3Sabotage.lostConfigurationInvalidations()),
                sabotage("the TLB is not invalidated", Smmuv3Sabotage.lostInvalidations()));
    }

    static Stream<Arguments> sabotagesOnAmd() {
        var facts = facts(Subjects.AMD);
        long buffer = facts.buffer();
        long size = facts.bufferSize();
        return Stream.of(
                sabotage("pages for reading can be written, and only written", AmdviSabotage.flippedLeafBits(HostPageEntry.RW, buffer, size)),
                sabotage("the lowest address bit of pages is wrong",
                        AmdviSabotage.flippedLeafBits(Long.lowestOneBit(HostPageEntry.ADDR.mask()), buffer, size)),
                sabotage("the IOTLB is not invalidated", AmdviSabotage.lostInvalidations()));
    }

    private static Facts facts(String machine) {
        try (var subject = Subjects.embedded(machine, DriverView.CLEAR)) {
            return subject.facts();
        }
    }

    private static Arguments sabotage(String what, Sabotage sabotage) {
        return Arguments.of(what, sabotage);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("sabotages")
    void isCaughtAndShrunk(String what, Sabotage sabotage) {
        assertCaught(what, new Judge.Bench(Subjects.embedded(Subjects.PLAIN, sabotage.view()), List.of()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("sabotagesInScalableMode")
    void isCaughtAndShrunkInScalableMode(String what, Sabotage sabotage) {
        assertCaught(what, new Judge.Bench(Subjects.embedded(Subjects.SCALABLE, sabotage.view()), List.of()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("sabotagesOnArm")
    void isCaughtAndShrunkOnArm(String what, Sabotage sabotage) {
        assertCaught(what, new Judge.Bench(Subjects.embedded(Subjects.ARM, sabotage.view()), List.of()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("sabotagesOnAmd")
    void isCaughtAndShrunkOnAmd(String what, Sabotage sabotage) {
        assertCaught(what, new Judge.Bench(Subjects.embedded(Subjects.AMD, sabotage.view()), List.of()));
    }

    static Stream<Arguments> someSabotagesOnArm() {
        var all = sabotagesOnArm().toList();
        return Stream.of(all.get(0), all.get(1), all.get(all.size() - 1));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("someSabotagesOnArm")
    void isCaughtByQemuAloneOnArm(String what, Sabotage sabotage) {
        assertCaught(what, Subjects.qemu(Subjects.ARM, sabotage.view()));
    }

    static Stream<Arguments> someSabotages() {
        var all = sabotages().toList();
        return Stream.of(all.get(0), all.get(1), all.get(all.size() - 1));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("someSabotages")
    void isCaughtByQemuAlone(String what, Sabotage sabotage) {
        assertCaught(what, Subjects.qemu(Subjects.PLAIN, sabotage.view()));
    }

    private static void assertCaught(String what, Judge.Bench bench) {
        try (var judge = new Judge(List.of(bench))) {
            var small = find(judge);
            var again = judge.judgeAlone(Program.parse(small.program().toString()));

            assertThat(again).as("shown by the small program too, read from its text: %s%n%s", what, small).isPresent();
            assertThat(small.program().steps()).as("steps that show: %s%n%s", what, small).hasSizeLessThanOrEqualTo(10);
        }
    }

    private static Difference find(Judge judge) {
        for (int seed = 0; seed < PROGRAMS; seed++) {
            var difference = judge.judgeAndShrink(Generator.program(seed, LENGTH, judge.facts()), 1000);
            if (difference.isPresent()) {
                return difference.get();
            }
        }
        throw new AssertionError("not caught in " + judge.tally());
    }
}
