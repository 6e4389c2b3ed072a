package sluicegate.sim.smmuv3;

import sluicegate.api.types.Access;
import sluicegate.sim.unit.RequestAccess;

/**
 * What a request wants to do, as the small numbers that hot paths pass: the permissions that it needs, unprivileged ones in
 * bits 2:0 and privileged ones in bits 5:3.
 */
public final class StreamAccess {
    public static final int READ = 1;
    public static final int WRITE = 2;
    /** A read of an instruction. */
    public static final int EXECUTE = 4;
    /** How far the same, asked for with privilege, is to the left. */
    public static final int PRIVILEGE_SHIFT = 3;

    static final int UNPRIVILEGED = READ | WRITE | EXECUTE;
    static final int PRIVILEGED = UNPRIVILEGED << PRIVILEGE_SHIFT;
    static final int ALL = UNPRIVILEGED | PRIVILEGED;

    private StreamAccess() {}

    /** The number for what the fabric says. A read of no bytes needs what any read needs. */
    static int of(int requested) {
        int plain = requested & RequestAccess.ATOMIC;
        if ((requested & RequestAccess.ZERO_LENGTH_READ) != 0) {
            plain |= READ;
        }
        if ((requested & RequestAccess.EXECUTE) != 0) {
            plain = plain & ~READ | EXECUTE;
        }
        return (requested & RequestAccess.PRIVILEGED) != 0 ? plain << PRIVILEGE_SHIFT : plain;
    }

    /** The number for an access without privilege. */
    public static int of(Access access) {
        return switch (access) {
            case READ -> READ;
            case WRITE -> WRITE;
            case EXECUTE -> EXECUTE;
            case ATOMIC -> READ | WRITE;
        };
    }

    static boolean isPrivileged(int access) {
        return (access & PRIVILEGED) != 0;
    }

    /** Whether anything would be written. */
    static boolean writes(int access) {
        return (access & (WRITE | WRITE << PRIVILEGE_SHIFT)) != 0;
    }

    static boolean executes(int access) {
        return (access & (EXECUTE | EXECUTE << PRIVILEGE_SHIFT)) != 0;
    }

    /** The same access with or without privilege. */
    static int withPrivilege(int access, boolean privileged) {
        int plain = (access | access >>> PRIVILEGE_SHIFT) & UNPRIVILEGED;
        return privileged ? plain << PRIVILEGE_SHIFT : plain;
    }

    /** The same access as one of data, or of instructions as far as it only reads. */
    static int withInstruction(int access, boolean instruction) {
        if (writes(access)) {
            return access;
        }
        int plain = instruction ? EXECUTE : READ;
        return isPrivileged(access) ? plain << PRIVILEGE_SHIFT : plain;
    }
}
