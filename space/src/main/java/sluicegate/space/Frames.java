package sluicegate.space;

import java.util.HashMap;
import java.util.Map;
import sluicegate.api.platform.Machine;
import sluicegate.api.types.IommuException;

/** Pages of physical memory, and in how many spaces each is. Shared by a space and its forks. Thread-safe. */
final class Frames {
    static final int SIZE = 4096;

    private final Machine machine;
    private final Map<Long, Integer> users = new HashMap<>();

    Frames(Machine machine) {
        this.machine = machine;
    }

    /** A page of zeroes with one user. @throws IommuException ENOMEM */
    long allocate() {
        long frame = machine.allocate(SIZE);
        synchronized (users) {
            users.put(frame, 1);
        }
        return frame;
    }

    /** A page with the contents of another, with one user. @throws IommuException ENOMEM */
    long copy(long original) {
        long frame = allocate();
        var contents = new byte[SIZE];
        machine.memory().read(original, contents, 0, SIZE);
        machine.memory().write(frame, contents, 0, SIZE);
        return frame;
    }

    /** One more space has it. */
    void share(long frame) {
        synchronized (users) {
            users.merge(frame, 1, Integer::sum);
        }
    }

    boolean isShared(long frame) {
        synchronized (users) {
            return users.get(frame) > 1;
        }
    }

    /** One space less; no device reaches it by way of that any more. */
    void release(long frame) {
        boolean last;
        synchronized (users) {
            last = users.merge(frame, -1, Integer::sum) == 0;
            if (last) {
                users.remove(frame);
            }
        }
        if (last) {
            machine.free(frame);
        }
    }
}
