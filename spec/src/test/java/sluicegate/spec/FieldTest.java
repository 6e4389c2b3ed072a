package sluicegate.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

/** The tools on structures made up for the purpose. */
class FieldTest {

    private static final Field P = Field.bit("P", 0, "1", "present");
    private static final Field PTR = Field.address("PTR", 63, 12, "1", "pointer");
    private static final Field ID = Field.bits("ID", 87, 72, "1", "id");
    private static final Layout LAYOUT = Layout.of("Made up", "1", 128, P, Field.reserved(11, 1, "1"), PTR, ID,
            Field.reserved(71, 64, "1"), Field.ignored(127, 88, "1"));

    @Test
    void anAddressIsUsedInPlaceAndANumberShifted() {
        long low = PTR.setInPlace(P.set(0, 1), 0x1000);
        assertThat(low).isEqualTo(0x1001);
        assertThat(PTR.inPlace(low)).isEqualTo(0x1000);
        assertThat(PTR.get(low)).isEqualTo(1);
        assertThat(P.isSet(low)).isTrue();
        assertThat(P.clear(low)).isEqualTo(0x1000);
    }

    @Test
    void aFieldAboveBit63TakesTheSecondWord() {
        assertThat(ID.word()).isEqualTo(1);
        assertThat(ID.mask()).isEqualTo(0xFFFF00);
        assertThat(ID.get(0x123400)).isEqualTo(0x1234);
        assertThat(ID.set(-1, 0)).isEqualTo(~0xFFFF00L);
    }

    @Test
    void sixtyFourBitsAreAFieldToo() {
        Field all = Field.bits("ALL", 127, 64, "1", "everything");
        assertThat(all.mask()).isEqualTo(-1);
        assertThat(all.get(-1)).isEqualTo(-1);
        assertThat(all.set(0, 0x8000_0000_0000_0000L)).isEqualTo(0x8000_0000_0000_0000L);
        assertThat(all.clear(-1)).isZero();
    }

    @Test
    void messagesNameFieldValueAndWidth() {
        assertThatIllegalArgumentException().isThrownBy(() -> ID.set(0, 0x10000))
                .withMessage("field ID: value 0x10000 does not fit into its 16 bits");
        assertThatIllegalArgumentException().isThrownBy(() -> P.set(0, 2))
                .withMessage("field P: value 0x2 does not fit into its 1 bit");
        assertThatIllegalArgumentException().isThrownBy(() -> PTR.setInPlace(0, 0x1008))
                .withMessage("field PTR: address 0x1008 has bits outside its 52 bits, mask 0xfffffffffffff000");
    }

    @Test
    void impossibleFieldsAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> Field.bits("X", 64, 63, "1", "x"))
                .withMessageContaining("two fields");
        assertThatIllegalArgumentException().isThrownBy(() -> Field.bits("X", 3, 4, "1", "x"));
        assertThatIllegalArgumentException().isThrownBy(() -> Field.bits("X", 0, -1, "1", "x"));
    }

    @Test
    void impossibleLayoutsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Layout.of("L", "1", 64, P, Field.bits("Q", 3, 0, "1", "overlaps")))
                .withMessageContaining("overlaps");
        assertThatIllegalArgumentException().isThrownBy(() -> Layout.of("L", "1", 64, ID))
                .withMessageContaining("outside");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Layout.of("L", "1", 64, P, Field.bit("P", 1, "1", "again")))
                .withMessageContaining("share a name");
        assertThatIllegalArgumentException().isThrownBy(() -> Layout.of("L", "1", 0));
        assertThatIllegalArgumentException().isThrownBy(() -> LAYOUT.field("NONE")).withMessageContaining("NONE");
    }

    @Test
    void aStructureDescribesItself() {
        assertThat(LAYOUT.describe(0x12345001L, 0x4200)).isEqualTo("P=1 PTR=0x12345000 ID=0x42");
        assertThat(LAYOUT.describe(0x12345801L, 0)).isEqualTo("P=1 RSVD=0x400[11:1] PTR=0x12345000");
        assertThat(LAYOUT.describe(0, -1L << 24)).as("ignored bits say nothing").isEqualTo("0");
        assertThat(LAYOUT.markdownTable()).startsWith("| bits | field | kind | section | meaning |\n")
                .contains("| 63:12 | `PTR` | address | 1 | pointer |\n")
                .contains("| 71:64 | – | reserved | 1 | reserved, must be zero |\n");
        assertThat(LAYOUT.fields()).extracting(Field::high).containsExactly(127, 87, 71, 63, 11, 0);
    }

    @Test
    void aRegisterMustSuitItsLayout() {
        Layout word = Layout.of("R", "1", 32, Field.bits("V", 31, 0, "1", "value"));
        assertThat(Register.at(4, word)).isEqualTo(new Register("R", 4, 32, word, "1")).hasToString("R@0x4");
        assertThat(Register.at(4, word).bytes()).isEqualTo(4);
        assertThatIllegalArgumentException().isThrownBy(() -> new Register("R", 4, 64, word, "1"));
        assertThatIllegalArgumentException().isThrownBy(() -> Register.at(2, word)).withMessageContaining("aligned");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Register.at(0, Layout.of("B", "1", 8, Field.bits("V", 7, 0, "1", "v"))));
    }

    @Test
    void impossibleByteLayoutsAreRefused() {
        ByteField a = new ByteField("A", 0, 4, "1", "a");
        assertThatIllegalArgumentException().isThrownBy(() -> new ByteField("A", -1, 4, "1", "a"));
        assertThatIllegalArgumentException().isThrownBy(() -> new ByteField("A", 0, 0, "1", "a"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ByteLayout.of("L", "1", 8, a, new ByteField("B", 3, 1, "1", "b")))
                .withMessageContaining("overlaps");
        assertThatIllegalArgumentException().isThrownBy(() -> ByteLayout.of("L", "1", 3, a))
                .withMessageContaining("outside");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ByteLayout.of("L", "1", 8, a, new ByteField("A", 4, 1, "1", "again")))
                .withMessageContaining("share a name");
        assertThatIllegalArgumentException().isThrownBy(() -> ByteLayout.of("L", "1", 8, a).field("B"));
    }
}
