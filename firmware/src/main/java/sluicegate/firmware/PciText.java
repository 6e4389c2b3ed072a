package sluicegate.firmware;

import java.util.List;
import sluicegate.api.types.IommuException;

/**
 * Reads PCI functions from text: what {@code lspci -x}, {@code -xxx} or {@code -xxxx} prints (with or without
 * {@code -v}), or a list of lines {@code 00:04.0 1b36:000c class 060400 bridge pri 00 sec 01 sub 01}.
 */
public final class PciText {

    private PciText() {}

    /**
     * Reads what {@code lspci} prints. Only lines of bytes matter, and the line that starts a function; text in between,
     * as {@code -vvv} prints it, is passed over.
     *
     * @throws IommuException EINVAL with file and line
     */
    public static List<PciConfigImage> parseLspci(FirmwareFile file) {
        throw new UnsupportedOperationException("not yet");
    }

    /**
     * Reads a list of functions, one a line, and makes the configuration space that each at least has: ids, class, header
     * type and, for a bridge, bus numbers. There are no capabilities in it.
     *
     * @throws IommuException EINVAL with file and line
     */
    public static List<PciConfigImage> parseTopology(FirmwareFile file) {
        throw new UnsupportedOperationException("not yet");
    }
}
