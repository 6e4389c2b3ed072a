package sluicegate.api.types;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HexTest {

    @Test
    void addressesArePrintedUnsigned() {
        assertThat(Hex.of(0x1000)).isEqualTo("0x1000");
        assertThat(Hex.of(-1L)).isEqualTo("0xffffffffffffffff");
        assertThat(Hex.range(0xfee00000L, 0x100000)).isEqualTo("[0xfee00000, 0xfeefffff]");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0", "4096, 4096", "0x1000, 4096", "0X1f, 31", "4K, 4096", "2M, 2097152", "1GiB, 1073741824", "2kb, 2048",
        "0x1B, 27", "0x10K, 16384", "0xffffffffffffffff, -1", "18446744073709551615, -1", "1T, 1099511627776"
    })
    void numbersAreReadAsPeopleWriteThem(String text, long value) {
        assertThat(Hex.parse(text)).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "0x", "-1", "+1", "1.5", "4Q", "K", "0x1g0", "1 000"})
    void whatIsNoNumberIsRefusedByName(String text) {
        assertThatThrownBy(() -> Hex.parse(text)).isInstanceOfSatisfying(IommuException.class,
                e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL)).hasMessageContaining("'" + text + "'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0x10000000000000000", "18446744073709551616", "16777216T"})
    void whatDoesNotFitIn64BitsOverflows(String text) {
        assertThatThrownBy(() -> Hex.parse(text)).isInstanceOfSatisfying(IommuException.class,
                e -> assertThat(e.errno()).isEqualTo(Errno.EOVERFLOW));
    }

    @Test
    void bytesAreReadAndPrintedInMemoryOrder() {
        assertThat(Hex.parseBytes("0xdeadbeef")).containsExactly(0xde, 0xad, 0xbe, 0xef);
        assertThat(Hex.bytes(new byte[] {(byte) 0xde, 1})).isEqualTo("de01");
        assertThatThrownBy(() -> Hex.parseBytes("abc")).isInstanceOf(IommuException.class);
    }
}
