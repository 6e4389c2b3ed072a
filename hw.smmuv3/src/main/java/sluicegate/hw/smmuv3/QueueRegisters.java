package sluicegate.hw.smmuv3;

import sluicegate.api.types.IommuException;
import sluicegate.spec.smmuv3.CommandError;

/** The registers of one command queue: those that every unit has, or those of one enhanced queue. Thread-safe but for {@link #publish}. */
interface QueueRegisters {
    /**
     * Programs an empty ring and switches the queue on.
     *
     * @param base as {@link sluicegate.spec.smmuv3.CmdqBaseRegister} has it
     * @throws IommuException ETIMEDOUT if the unit does not switch it on
     */
    void start(long base);

    /**
     * Switches the queue off.
     *
     * @throws IommuException ETIMEDOUT if the unit does not
     */
    void stop();

    /** Moves the producer index with its wrap bit; one thread at a time. */
    void publish(int index);

    /** The consumer register: in its lower bits the index with its wrap bit. */
    int consumer();

    /** Why the queue has stopped, by its consumer register; {@link CommandError#CERROR_NONE} if it has not. */
    CommandError error(int consumer);

    /**
     * The error that a consumer register tells has been dealt with.
     *
     * @return whether the queue goes on when the producer index is published once more; otherwise whoever found the error
     *     lets it go on
     */
    boolean acknowledge(int consumer);
}
