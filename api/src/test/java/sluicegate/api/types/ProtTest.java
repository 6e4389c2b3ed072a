package sluicegate.api.types;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProtTest {

    @ParameterizedTest
    @ValueSource(strings = {"r", "w", "rw", "rx", "rwx"})
    void lettersSurviveARoundTrip(String letters) {
        assertThat(Prot.toString(Prot.parse(letters))).isEqualTo(letters);
    }

    @Test
    void theBitsAreTheKernels() {
        assertThat(Prot.parse("wr")).isEqualTo(1 | 2 | 8);
        assertThat(Prot.toString(0)).isEqualTo("-");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "q", "rw-"})
    void aMappingThatAllowsNothingOrSomethingUnknownIsRefused(String letters) {
        assertThatThrownBy(() -> Prot.parse(letters)).isInstanceOf(IommuException.class).hasMessageContaining(letters);
    }

    @Test
    void unknownBitsAreRefused() {
        assertThat(Prot.check(Prot.READ | Prot.PRIV)).isEqualTo(33);
        assertThatThrownBy(() -> Prot.check(64)).isInstanceOf(IommuException.class);
    }
}
