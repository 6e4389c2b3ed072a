package sluicegate.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import sluicegate.judge.generate.Generator;
import sluicegate.judge.inject.Sabotage;
import sluicegate.judge.program.Program;
import sluicegate.judge.run.DriverView;
import sluicegate.judge.run.Facts;
import sluicegate.judge.verdict.Difference;
import sluicegate.judge.verdict.Judge;
import sluicegate.spec.vtd.SecondStageEntry;

/** A driver that does one thing wrong is found out, and the program that shows it shrinks to the steps that matter. */
class SabotageTest {
    private static final int PROGRAMS = 50;
    private static final int LENGTH = 150;

    static Stream<Arguments> sabotages() {
        var facts = facts();
        long buffer = facts.buffer();
        long size = facts.bufferSize();
        long permissions = SecondStageEntry.R.mask() | SecondStageEntry.W.mask();
        long nextPage = Long.lowestOneBit(SecondStageEntry.ADDR.mask());
        return Stream.of(
                sabotage("pages for reading can be written, and only written", Sabotage.flippedLeafBits(permissions, buffer, size)),
                sabotage("the lowest address bit of pages is wrong", Sabotage.flippedLeafBits(nextPage, buffer, size)),
                sabotage("it is wrong in one page of ten", Sabotage.rarelyFlippedLeafBits(nextPage, 10, buffer, size)),
                sabotage("large pages are not marked as such",
                        Sabotage.flippedLeafBits(SecondStageEntry.PS.mask(), buffer, size)),
                sabotage("a reserved bit is set in pages", Sabotage.flippedLeafBits(SecondStageEntry.TM.mask(), buffer, size)),
                sabotage("context entries have one level too few", Sabotage.narrowContexts()),
                sabotage("the IOTLB is not invalidated", Sabotage.lostInvalidations()));
    }

    private static Facts facts() {
        try (var subject = Subjects.embedded(Subjects.PLAIN, DriverView.CLEAR)) {
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
