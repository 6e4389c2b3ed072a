package sluicegate.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import sluicegate.api.types.IommuException;
import sluicegate.judge.generate.Generator;
import sluicegate.judge.program.Program;
import sluicegate.judge.program.Step;
import sluicegate.judge.run.Facts;
import sluicegate.judge.run.Make;
import sluicegate.judge.verdict.Shrinker;

class ProgramTest {
    private static final Facts FACTS =
            new Facts(Make.VTD, 16 << 20, 16 << 20, List.of(new Facts.Span(0, 256 << 20)), 0x4020_1000, 48, 48,
                    List.of(new Facts.Span(0xfee0_0000L, 0xfef0_0000L)), List.of(new Facts.Port(0x28, 0, 64, true, true),
                            new Facts.Port(0x10, 1, 32, false, true)));

    @Test
    void theTextOfAProgramIsTheProgram() {
        for (long seed = 0; seed < 20; seed++) {
            var program = Generator.program(seed, 100, FACTS);
            assertThat(Program.parse(program.toString())).isEqualTo(program);
        }
    }

    @Test
    void aSeedGivesOneProgram() {
        assertThat(Generator.program(7, 100, FACTS)).isEqualTo(Generator.program(7, 100, FACTS))
                .isNotEqualTo(Generator.program(8, 100, FACTS));
    }

    @Test
    void commentsAndBlankLinesMeanNothing() {
        var program = Program.parse("""
                # what went wrong

                read d0 buffer+0x10 8   # here
                """);
        assertThat(program.steps()).singleElement().isInstanceOf(Step.Read.class);
    }

    @Test
    void aLineThatIsNoStepIsNamed() {
        assertThatThrownBy(() -> Program.parse("swap\nmap A 0x1000")).isInstanceOf(IommuException.class)
                .hasMessageContaining("Line 2").hasMessageContaining("map A 0x1000");
        assertThatThrownBy(() -> Program.parse("jump")).isInstanceOf(IommuException.class).hasMessageContaining("'jump'");
    }

    @Test
    void aProgramShrinksToTheStepsThatShowSomethingWithTheSimplestNumbers() {
        var program = Generator.program(3, 200, FACTS);
        // Stands for a difference that takes a map, an unmap after it and two bytes of reading.
        var small = new Shrinker(ProgramTest::mapsUnmapsAndReads, 3000).shrink(program);

        assertThat(small.steps()).hasSize(3);
        assertThat(small.steps().get(0)).isInstanceOfSatisfying(Step.Map.class, map -> assertThat(map.target().offset()).isZero());
        assertThat(small.steps().get(2)).isInstanceOfSatisfying(Step.Read.class, read -> {
            assertThat(read.length()).isBetween(2, 3);
            assertThat(read.iova().offset() & 0xfff).isZero();
        });
    }

    private static boolean mapsUnmapsAndReads(Program program) {
        int state = 0;
        for (var step : program.steps()) {
            if (state == 0 && step instanceof Step.Map || state == 1 && step instanceof Step.Unmap
                    || state == 2 && step instanceof Step.Read read && read.length() > 1) {
                state++;
            }
        }
        return state == 3;
    }
}
