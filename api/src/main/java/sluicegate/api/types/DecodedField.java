package sluicegate.api.types;

/**
 * One named field of a register or table entry, as the architecture manual names it.
 *
 * @param name the manual's name of the field
 * @param value its bits, shifted down to bit 0; of an address the bits as they stand, so that it reads as that address
 * @param meaning what this value says, in words; empty if the number says it all
 */
public record DecodedField(String name, long value, String meaning) {
    @Override
    public String toString() {
        return name + "=" + Hex.of(value) + (meaning.isEmpty() ? "" : " (" + meaning + ")");
    }
}
