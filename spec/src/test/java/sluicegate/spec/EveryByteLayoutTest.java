package sluicegate.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every structure made of bytes. */
class EveryByteLayoutTest {

    static List<ByteLayout> layouts() {
        return SpecCatalogue.byteLayouts();
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void fieldsFollowEachOtherWithoutGap(ByteLayout layout) {
        int end = 0;
        for (ByteField field : layout.fields()) {
            assertThat(field.offset()).as(field.name()).isEqualTo(end);
            end = field.end();
        }
        assertThat(end).isEqualTo(layout.size());
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void numbersAreLittleEndianWhereverTheStructureStands(ByteLayout layout) {
        byte[] data = new byte[layout.size() + 7];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) (0xA0 + i);
        }
        for (int base : new int[] {0, 3, 7}) {
            for (ByteField field : layout.fields()) {
                if (field.size() > Long.BYTES) {
                    assertThatIllegalArgumentException().isThrownBy(() -> field.get(data, base))
                            .withMessageContaining("not a number");
                } else {
                    long expected = 0;
                    for (int i = 0; i < field.size(); i++) {
                        expected |= (data[base + field.offset() + i] & 0xFFL) << 8 * i;
                    }
                    assertThat(field.get(data, base)).as(field.name()).isEqualTo(expected);
                    assertThat(field.get(ByteBuffer.wrap(data).order(ByteOrder.BIG_ENDIAN), base)).isEqualTo(expected);
                    byte[] copy = new byte[data.length];
                    field.put(copy, base, expected);
                    assertThat(field.bytes(copy, base)).isEqualTo(field.bytes(data, base));
                    assertThat(Arrays.copyOf(copy, base + field.offset())).isEqualTo(new byte[base + field.offset()]);
                }
                assertThat(field.bytes(data, base))
                        .isEqualTo(Arrays.copyOfRange(data, base + field.offset(), base + field.end()));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void whatLiesBeyondTheDataIsRefusedByName(ByteLayout layout) {
        for (ByteField field : layout.fields()) {
            byte[] tooShort = new byte[field.end() - 1];
            assertThatIllegalArgumentException().isThrownBy(() -> field.get(tooShort, 0))
                    .withMessageContaining(field.name()).withMessageContaining("beyond");
            assertThatIllegalArgumentException().isThrownBy(() -> field.get(ByteBuffer.wrap(tooShort), 0));
            assertThatIllegalArgumentException().isThrownBy(() -> field.bytes(tooShort, 0));
            assertThatIllegalArgumentException().isThrownBy(() -> field.get(new byte[field.end()], -1));
            assertThatIllegalArgumentException().isThrownBy(() -> field.get(new byte[field.end()], Integer.MAX_VALUE));
            if (field.size() < Long.BYTES) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> field.put(new byte[field.end()], 0, 1L << 8 * field.size()))
                        .withMessageContaining(field.name());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void everyFieldIsFoundByNameAndExplained(ByteLayout layout) {
        for (ByteField field : layout.fields()) {
            assertThat(field.meaning()).as(field.name()).isNotBlank().doesNotContain("|");
            if (!field.isReserved()) {
                assertThat(layout.field(field.name())).isSameAs(field);
            }
        }
        assertThat(layout.markdownTable().lines()).hasSize(layout.fields().size() + 2);
        assertThat(layout.describe(new byte[layout.size()], 0)).doesNotContain("RSVD");
    }
}
