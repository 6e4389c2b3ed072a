package sluicegate.machine.pci;

/**
 * What a machine says of the place where a function is.
 *
 * @param externalFacing it is a port that leads out of the machine ({@code pci_dev::external_facing}): what is behind it is not trusted
 * @param dmaLimit the highest address that its requests can have on their way
 */
public record Placement(boolean externalFacing, long dmaLimit) {
    /** A place of which nothing is said. */
    public static final Placement ORDINARY = new Placement(false, -1L);
}
