package sluicegate.qemu.qtest;

/**
 * Reads what QEMU says beside its answers: its trace and its log of refused accesses. As QEMU says what a request leads to before it
 * answers, all of that has been read when the request returns. What a device does in its own time is read a little later, or with the
 * next request.
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
