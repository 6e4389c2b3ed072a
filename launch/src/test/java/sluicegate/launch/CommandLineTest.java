package sluicegate.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;

import org.apache.felix.gogo.runtime.CommandNotFoundException;
import org.junit.jupiter.api.Test;

class CommandLineTest {

    @Test
    void nothingMeansStandardInput() {
        CommandLine line = CommandLine.parse(List.of());
        assertThat(line.commands()).isEmpty();
        assertThat(line.script()).isEmpty();
    }

    @Test
    void commandsAndTheirArguments() {
        CommandLine line = CommandLine.parse(List.of("-c", "echo $1", "a b"));
        assertThat(line.commands()).contains("echo $1");
        assertThat(line.arguments()).containsExactly("a b");
    }

    @Test
    void scriptAndItsArguments() {
        CommandLine line = CommandLine.parse(List.of("run.gosh", "-c", "x"));
        assertThat(line.script()).contains("run.gosh");
        assertThat(line.arguments()).containsExactly("-c", "x");
    }

    @Test
    void commandsMustFollow() {
        assertThatThrownBy(() -> CommandLine.parse(List.of("-c"))).hasMessageContaining("-c needs");
    }

    @Test
    void failuresAreOneLine() {
        assertThat(ExitStatus.describe(new IllegalStateException("first\n  second\n"))).isEqualTo("first second");
        assertThat(ExitStatus.describe(new IllegalStateException())).isEqualTo("java.lang.IllegalStateException");
        assertThat(ExitStatus.describe(new CommandNotFoundException("nope"))).startsWith("nope: command not found");
    }

    @Test
    void statusesAreThoseOfAShell() {
        assertThat(ExitStatus.of(new IllegalStateException("x"))).isEqualTo(1);
        assertThat(ExitStatus.of(new CommandNotFoundException("nope"))).isEqualTo(127);
    }
}
