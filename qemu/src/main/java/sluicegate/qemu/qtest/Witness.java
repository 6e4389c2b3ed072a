package sluicegate.qemu.qtest;

/**
 * Reads what QEMU says beside its answers: its trace and its log of refused accesses. As QEMU acts only on requests and says
 * what it does before it answers, all that a request led to has been read when the request returns.
 */
@FunctionalInterface
public interface Witness {

    /**
     * Takes a line; called under the channel's lock, in order.
     *
     * @return whether it meant something; what nobody understands is kept as a message of QEMU's
     */
    boolean read(Line line);
}
