package sluicegate.api.types;

/**
 * The error numbers of the Linux kernel that the IOMMU subsystem uses, with the meaning they have there.
 *
 * <p>Source: {@code include/uapi/asm-generic/errno*.h} and {@code include/linux/errno.h}; the conditions under which
 * each operation fails with which of them stand at that operation.
 */
public enum Errno {
    /** Operation not permitted: the group has another owner. */
    EPERM(1),
    /** No such entry: an id, IOVA or handle that is not there. */
    ENOENT(2),
    /** The thread was interrupted while it waited; nothing was done. */
    EINTR(4),
    /** Input/output error: the hardware did not answer or answered with an error. */
    EIO(5),
    /** What is needed was not there in time and may be later. */
    EAGAIN(11),
    /** No memory for tables or queues. */
    ENOMEM(12),
    /** An address outside the memory or register window that it should lie in. */
    EFAULT(14),
    /** The resource is in use in a way that excludes this operation. */
    EBUSY(16),
    /** Something is already there: an overlapping mapping, a name that is taken. */
    EEXIST(17),
    /** No such device, or no IOMMU in front of it. */
    ENODEV(19),
    /** An argument breaks a rule: misaligned, out of range, incompatible. */
    EINVAL(22),
    /** No space left in a hardware resource: domain ids, PASIDs, IOVA space. */
    ENOSPC(28),
    /** What is to be changed can only be read, such as a capture of another machine. */
    EROFS(30),
    /** A value does not fit where it has to go. */
    EOVERFLOW(75),
    /** Neither the hardware nor the driver offers this. */
    EOPNOTSUPP(95),
    /** An address clashes with a reserved one. */
    EADDRINUSE(98),
    /** The hardware did not complete an operation in time. */
    ETIMEDOUT(110),
    /** The device's unit has no driver yet: try again when one arrives. */
    EPROBE_DEFER(517);

    private final int number;

    Errno(int number) {
        this.number = number;
    }

    /** The positive error number, as in the kernel's headers. */
    public int number() {
        return number;
    }
}
