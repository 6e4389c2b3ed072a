package sluicegate.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

import org.junit.jupiter.api.Test;

class StatementsTest {

    private static List<String> texts(String program) {
        return Statements.of(program).stream().map(Statements.One::text).toList();
    }

    @Test
    void semicolonsAndLinesSeparate() {
        assertThat(texts("a 1; b 'x; y'\n\nc\n")).containsExactly("a 1", "b 'x; y'", "c");
    }

    @Test
    void pipesAndConditionsHoldTogether() {
        assertThat(texts("a | b | c; d && e")).containsExactly("a | b | c", "d && e");
    }

    @Test
    void closuresAndNestedCommandsStayWhole() {
        assertThat(texts("f = { a; b }; c (d; e)\ng")).containsExactly("f = { a; b }", "c (d; e)", "g");
    }

    @Test
    void commentsAndEmptyLinesAreNothing() {
        assertThat(texts("# only a comment\n\n")).isEmpty();
    }

    @Test
    void assignmentsAreKnown() {
        assertThat(Statements.of("x = 3; echo = a; echo x = 3")).extracting(Statements.One::assignment)
                .containsExactly(true, true, false);
    }

    @Test
    void unfinishedTextAsksForMore() {
        assertThat(Statements.incomplete("f = {")).isTrue();
        assertThat(Statements.incomplete("echo 'abc")).isTrue();
        assertThat(Statements.incomplete("echo abc")).isFalse();
        assertThat(Statements.incomplete("echo }")).isFalse();
    }
}
