package sluicegate.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every structure made of bits, whichever manual it comes from. */
class EveryLayoutTest {

    static List<Layout> layouts() {
        return SpecCatalogue.layouts();
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void fieldsDoNotOverlapAndCoverTheStructure(Layout layout) {
        long[] covered = new long[layout.words()];
        for (Field field : layout.fields()) {
            assertThat(field.high()).as(field.name()).isLessThan(layout.bits());
            assertThat(field.low() / 64).as("word of %s", field.name()).isEqualTo(field.word())
                    .isEqualTo(field.high() / 64);
            for (int bit = field.low(); bit <= field.high(); bit++) {
                long one = 1L << bit % 64;
                assertThat(covered[bit / 64] & one).as("bit %d, %s", bit, field.name()).isZero();
                covered[bit / 64] |= one;
            }
        }
        assertThat(covered).as("bits that some field describes").isEqualTo(all(layout));
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void masksAreTheBitsOfTheField(Layout layout) {
        for (Field field : layout.fields()) {
            long mask = 0;
            for (int bit = field.low(); bit <= field.high(); bit++) {
                mask |= 1L << bit % 64;
            }
            assertThat(field.mask()).as(field.name()).isEqualTo(mask);
            assertThat(Long.bitCount(field.mask())).as(field.name()).isEqualTo(field.width());
        }
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void decodedAndEncodedAgainIsTheSame(Layout layout) {
        for (long[] words : patterns(layout)) {
            long[] encoded = new long[layout.words()];
            long[] other = all(layout);
            for (Field field : layout.fields()) {
                int w = field.word();
                encoded[w] = field.kind() == Kind.ADDRESS
                        ? field.setInPlace(encoded[w], field.inPlace(words[w]))
                        : field.set(encoded[w], field.get(words[w]));
                other[w] = field.set(other[w], field.get(words[w]));
            }
            assertThat(encoded).as("built up from zeros").isEqualTo(words);
            assertThat(other).as("changed from ones").isEqualTo(words);
        }
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void aFieldChangesNothingButItself(Layout layout) {
        for (Field field : layout.fields()) {
            for (long word : new long[] {0, -1, 0x0123456789ABCDEFL}) {
                long outside = word & ~field.mask();
                long greatest = -1L >>> 64 - field.width();
                assertThat(field.set(word, greatest)).isEqualTo(outside | field.mask());
                assertThat(field.get(field.set(word, greatest))).isEqualTo(greatest);
                assertThat(field.set(word, 0)).isEqualTo(outside).isEqualTo(field.clear(word));
                assertThat(field.isSet(field.clear(word))).isFalse();
                assertThat(field.isSet(field.set(word, 1))).isTrue();
                assertThat(field.inPlace(word)).isEqualTo(word & field.mask());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void whatDoesNotFitIsRefusedByName(Layout layout) {
        for (Field field : layout.fields()) {
            if (field.width() == 64) {
                continue;
            }
            long tooWide = 1L << field.width();
            assertThatIllegalArgumentException().isThrownBy(() -> field.set(0, tooWide))
                    .withMessageContaining(field.name())
                    .withMessageContaining("0x" + Long.toHexString(tooWide))
                    .withMessageContaining(String.valueOf(field.width()));
            assertThatIllegalArgumentException().isThrownBy(() -> field.set(0, -1L));
            long outside = ~field.mask() & -~field.mask();
            assertThatIllegalArgumentException().isThrownBy(() -> field.setInPlace(0, outside))
                    .withMessageContaining(field.name())
                    .withMessageContaining("0x" + Long.toHexString(outside));
        }
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void decodingShowsEveryNamedFieldAndEveryReservedBitThatIsSet(Layout layout) {
        long named = layout.fields().stream().filter(EveryLayoutTest::isNamed).count();
        assertThat(layout.decode(new long[layout.words()])).hasSize((int) named)
                .allSatisfy(value -> assertThat(value.value()).isZero());
        long reserved = layout.fields().stream().filter(f -> f.kind() == Kind.RESERVED).count();
        assertThat(layout.decode(all(layout))).hasSize((int) (named + reserved));
        assertThat(layout.describe(new long[layout.words()])).isEqualTo("0");
        assertThat(layout.describe(all(layout))).isNotEqualTo("0");
        assertThatThrownBy(() -> layout.decode(new long[layout.words() + 1]))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining(layout.name());
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void reservedMasksAreTheReservedFields(Layout layout) {
        for (int word = 0; word < layout.words(); word++) {
            long mask = 0;
            for (Field field : layout.fields()) {
                if (field.kind() == Kind.RESERVED && field.word() == word) {
                    mask |= field.mask();
                }
            }
            assertThat(layout.reservedMask(word)).isEqualTo(mask);
        }
        assertThatIllegalArgumentException().isThrownBy(() -> layout.reservedMask(layout.words()));
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void everyFieldIsFoundByNameAndExplained(Layout layout) {
        assertThat(layout.name()).isNotBlank();
        assertThat(layout.section()).isNotBlank();
        for (Field field : layout.fields()) {
            assertThat(field.section()).as(field.name()).isNotBlank();
            assertThat(field.meaning()).as(field.name()).isNotBlank().doesNotContain("|");
            if (isNamed(field)) {
                assertThat(layout.field(field.name())).isSameAs(field);
            }
        }
        assertThat(layout.markdownTable().lines()).hasSize(layout.fields().size() + 2);
    }

    /** All zeros, all ones, and each bit alone. */
    private static List<long[]> patterns(Layout layout) {
        List<long[]> patterns = new ArrayList<>();
        patterns.add(new long[layout.words()]);
        patterns.add(all(layout));
        for (int bit = 0; bit < layout.bits(); bit++) {
            long[] words = new long[layout.words()];
            words[bit / 64] = 1L << bit % 64;
            patterns.add(words);
        }
        return patterns;
    }

    private static long[] all(Layout layout) {
        long[] words = new long[layout.words()];
        for (int bit = 0; bit < layout.bits(); bit++) {
            words[bit / 64] |= 1L << bit % 64;
        }
        return words;
    }

    private static boolean isNamed(Field field) {
        return field.kind() == Kind.VALUE || field.kind() == Kind.ADDRESS;
    }
}
