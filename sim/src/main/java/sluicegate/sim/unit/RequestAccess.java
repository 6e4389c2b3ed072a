package sluicegate.sim.unit;

import sluicegate.api.types.Access;

/** What a request wants to do, as the small numbers that hot paths pass: the permission bits that it needs. */
public final class RequestAccess {
    public static final int READ = 1;
    public static final int WRITE = 2;
    /** Reads and writes in one: needs both permissions. */
    public static final int ATOMIC = READ | WRITE;
    /** A read of no bytes, which flushes writes: some units let it pass with either permission. */
    public static final int ZERO_LENGTH_READ = 4;
    /** Added to {@link #READ}: what is read is to be executed. */
    public static final int EXECUTE = 8;
    /** Added to any other: with supervisor privilege, which only a request with PASID can claim. */
    public static final int PRIVILEGED = 16;

    private RequestAccess() {}

    /** Without {@link #EXECUTE} and {@link #PRIVILEGED}, for units that know nothing of these. */
    public static int plain(int access) {
        return access & (ATOMIC | ZERO_LENGTH_READ);
    }

    /** The number for an access. */
    public static int of(Access access) {
        return switch (access) {
            case READ -> READ;
            case EXECUTE -> READ | EXECUTE;
            case WRITE -> WRITE;
            case ATOMIC -> ATOMIC;
        };
    }
}
