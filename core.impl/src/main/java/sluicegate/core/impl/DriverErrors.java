package sluicegate.core.impl;

import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/** What a driver throws, as the core passes it on: an errno that the operation allows, and a sentence. */
final class DriverErrors {
    private DriverErrors() {}

    /** {@code e} itself if it is an error of this platform; EIO for anything else, which is a bug of the driver or its bundle. */
    static IommuException of(Throwable e, String what) {
        return e instanceof IommuException known
                ? known
                : new IommuException(Errno.EIO, what + ": the driver failed with " + e, e);
    }

    /** As attaching may fail: EINVAL, ENOMEM, ENOSPC, EBUSY, ENODEV and EROFS stay, others count as ENODEV. */
    static IommuException ofAttach(Throwable e, String what) {
        var known = of(e, what);
        return switch (known.errno()) {
            case EINVAL, ENOMEM, ENOSPC, EBUSY, ENODEV, EOPNOTSUPP, EROFS -> known;
            default -> new IommuException(Errno.ENODEV, what + ": " + known.getMessage(), known);
        };
    }
}
