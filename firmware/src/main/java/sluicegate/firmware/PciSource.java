package sluicegate.firmware;

import java.util.List;

/**
 * PCI functions as somebody wrote them down, and what could not be found out from that.
 *
 * @param functions in the order of the source
 * @param lacks what the source does not say and what that makes uncertain, a sentence each; empty if it says all
 */
public record PciSource(List<PciConfigImage> functions, List<String> lacks) {
    public PciSource {
        functions = List.copyOf(functions);
        lacks = List.copyOf(lacks);
    }
}
