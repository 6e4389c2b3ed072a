package sluicegate.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import sluicegate.api.platform.Machine;
import sluicegate.judge.generate.Generator;
import sluicegate.judge.run.DriverView;
import sluicegate.judge.run.Subject;
import sluicegate.judge.verdict.Judge;

class BrokenMachineTest {
    @Test
    void aMachineThatIsGoneIsADifferenceOfTheWholeProgram() {
        Machine machine = Subjects.embeddedMachine(Subjects.PLAIN);
        try (var judge = new Judge(List.of(new Judge.Bench(
                new Subject(machine, 48, List.of(new Subject.Engine("00:05.0")), DriverView.CLEAR), List.of())))) {
            machine.powerOff();
            var program = Generator.program(1, 100, judge.facts());

            assertThat(judge.judgeAndShrink(program, 100)).hasValueSatisfying(difference -> {
                assertThat(difference.actual()).contains("GONE");
            });
        }
    }
}
