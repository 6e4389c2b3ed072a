package sluicegate.firmware;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import sluicegate.api.types.IommuException;

/**
 * A property of a {@link DeviceTreeNode}: bytes, that are read as cells of 32 bits or as texts. Immutable.
 */
public final class DeviceTreeProperty {
    private final FirmwareFile file;
    private final DeviceTreeNode node;
    private final int offset;
    private final String name;
    private final byte[] value;

    DeviceTreeProperty(FirmwareFile file, DeviceTreeNode node, int offset, String name, byte[] value) {
        this.file = file;
        this.node = node;
        this.offset = offset;
        this.name = name;
        this.value = value;
    }

    public String name() {
        return name;
    }

    /** Where its value starts in the file, in bytes. */
    public int offset() {
        return offset;
    }

    /** Its bytes. */
    public byte[] bytes() {
        return value.clone();
    }

    /**
     * How many cells it has.
     *
     * @throws IommuException EINVAL if it is not made of cells
     */
    public int cellCount() {
        if (value.length % Integer.BYTES != 0) {
            throw malformed("has %d bytes, which are no cells of %d", value.length, Integer.BYTES);
        }
        return value.length / Integer.BYTES;
    }

    /**
     * One of its cells, unsigned.
     *
     * @throws IommuException EINVAL if it doesn't have that many
     */
    public long cell(int index) {
        if (index >= cellCount()) {
            throw malformed("has %d cells, too few for one more at %d", cellCount(), index);
        }
        int at = index * Integer.BYTES;
        return (value[at] & 0xffL) << 24 | (value[at + 1] & 0xff) << 16 | (value[at + 2] & 0xff) << 8 | value[at + 3] & 0xff;
    }

    /**
     * Its only cell, unsigned.
     *
     * @throws IommuException EINVAL if it has none or several
     */
    public long cell() {
        if (cellCount() != 1) {
            throw malformed("has %d cells instead of 1", cellCount());
        }
        return cell(0);
    }

    /**
     * A number of several cells, the highest first. Zero for no cells.
     *
     * @throws IommuException EINVAL if it doesn't have that many, or if the number needs more than 64 bits
     */
    public long number(int index, int cells) {
        long number = 0;
        for (int i = 0; i < cells; i++) {
            if (number >>> Integer.SIZE != 0) {
                throw malformed("has a number of more than 64 bits");
            }
            number = number << Integer.SIZE | cell(index + i);
        }
        return number;
    }

    /** Its first text. */
    public String string() {
        var texts = strings();
        return texts.isEmpty() ? "" : texts.get(0);
    }

    /** Its texts, each of which ends with a zero; what is missing at the end is not missed. */
    public List<String> strings() {
        var texts = new ArrayList<String>();
        int start = 0;
        for (int at = 0; at <= value.length; at++) {
            if (at == value.length ? start < at : value[at] == 0) {
                texts.add(new String(value, start, at - start, StandardCharsets.ISO_8859_1).replaceAll("[^\\x20-\\x7e]", "?"));
                start = at + 1;
            }
        }
        return List.copyOf(texts);
    }

    /** What is wrong with the property: EINVAL with file, offset and path. */
    IommuException malformed(String format, Object... args) {
        return file.malformed(offset, "%s: %s %s", node.path(), name, String.format(format, args));
    }

    /** How warnings name the property. */
    String at() {
        return file.at(offset) + ": " + node.path() + ": " + name;
    }

    @Override
    public String toString() {
        return name;
    }
}
