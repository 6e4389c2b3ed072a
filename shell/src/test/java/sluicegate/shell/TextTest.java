package sluicegate.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sizes, dumps, JSON and near matches. */
class TextTest {

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "4096, 4K", "5000, 5000", "2097152, 2M", "1073741824, 1G", "1536, 1536", "1048577, 1048577",
        "6144, 6K", "2251799813685248, 2048T"})
    void sizesAreShortWhereThatIsExact(long bytes, String text) {
        assertThat(new Size(bytes)).hasToString(text);
    }

    @Test
    void dumpsShowAddressesBytesAndCharacters() {
        assertThat(HexDump.of(0xff8, "0123456789abcdefgh".getBytes(java.nio.charset.StandardCharsets.US_ASCII))).isEqualTo("""
                0xff8   30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66  0123456789abcdef
                0x1008  67 68                                            gh""");
    }

    @Test
    void jsonEscapesWhatItMust() {
        assertThat(Item.of("reason", "say \"no\"\n", "none", null, "list", List.of(1, "a"), "yes", true, "size",
                new Size(-1)).asJson().text()).isEqualTo(
                        "{\"reason\":\"say \\\"no\\\"\\n\",\"none\":null,\"list\":[1,\"a\"],\"yes\":true,"
                                + "\"size\":18446744073709551615}");
    }

    @Test
    void propertiesAreListedOneBelowTheOther() {
        assertThat(Item.of("group", 3, "devices", List.of("a", "b"), "none", List.of()).text()).isEqualTo("""
                group    3
                devices  a
                         b
                none     -""");
    }

    @Test
    void nearNamesComeNearestFirst() {
        var names = List.of("0000:00:05.0", "0000:00:15.0", "0000:03:00.0");
        assertThat(NearMatches.question("0000:00:05.1", names)).isEqualTo("; did you mean 0000:00:05.0, 0000:00:15.0?");
        assertThat(NearMatches.question("05.0", names)).isEqualTo("; did you mean 0000:00:05.0?");
        assertThat(NearMatches.question("zebra", names)).isEmpty();
        assertThat(NearMatches.distance("kitten", "sitting")).isEqualTo(3);
    }
}
