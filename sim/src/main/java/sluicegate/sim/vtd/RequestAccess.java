package sluicegate.sim.vtd;

import sluicegate.api.types.Access;

/** What a request wants to do, as the small numbers that hot paths pass: the permission bits that it needs. */
public final class RequestAccess {
    public static final int READ = 1;
    public static final int WRITE = 2;
    /** Reads and writes in one: needs both permissions. */
    public static final int ATOMIC = READ | WRITE;
    /** A read of no bytes, which flushes writes: with CAP.ZLR it needs either permission. */
    public static final int ZERO_LENGTH_READ = 4;

    private RequestAccess() {}

    /** The number for an access. */
    public static int of(Access access) {
        return switch (access) {
            case READ, EXECUTE -> READ;
            case WRITE -> WRITE;
            case ATOMIC -> ATOMIC;
        };
    }
}
