package sluicegate.judge.run;

import java.util.Arrays;
import java.util.Set;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.Access;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;

/** What came of a step. */
public sealed interface Outcome {

    /** The step spoke of something that does not exist, or was not safe to run; nothing was done. */
    record Skipped() implements Outcome {
        @Override
        public String toString() {
            return "skipped";
        }
    }

    /** It succeeded. @param value bytes unmapped, the address found or -1 for none, or 0 */
    record Done(long value) implements Outcome {
        @Override
        public String toString() {
            return value == 0 ? "done" : Hex.of(value);
        }
    }

    /** The platform refused it. */
    record Refused(Errno errno) implements Outcome {
        @Override
        public String toString() {
            return errno.name();
        }
    }

    /** Something threw what is no {@code IommuException}. @param what it was */
    record Broken(String what) implements Outcome {
        @Override
        public String toString() {
            return "broken: " + what;
        }
    }

    /**
     * A DMA was issued.
     *
     * @param status as the device saw it
     * @param data what a read brought, zero where it brought nothing; empty for writes
     * @param faults what the driver reported, each once
     */
    record Transfer(DmaStatus status, byte[] data, Set<Reported> faults) implements Outcome {
        public Transfer {
            data = data.clone();
            faults = Set.copyOf(faults);
        }

        @Override
        public byte[] data() {
            return data.clone();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Transfer that && status == that.status && faults.equals(that.faults)
                    && Arrays.equals(data, that.data);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(data) + 31 * faults.hashCode();
        }

        @Override
        public String toString() {
            return status + (faults.isEmpty() ? "" : " " + faults) + (data.length == 0 ? "" : " " + brief());
        }

        private String brief() {
            return data.length <= 16 ? Hex.bytes(data)
                    : Hex.bytes(Arrays.copyOf(data, 16)) + "... (hash " + Integer.toHexString(Arrays.hashCode(data)) + ")";
        }
    }

    /**
     * A fault as the driver reported it.
     *
     * @param sourceId requester id
     * @param page address of the page that was asked for
     * @param code the manual's fault reason
     * @param name what the manual calls it
     */
    record Reported(int sourceId, long page, Access access, int code, String name) {
        @Override
        public String toString() {
            return access.word() + " " + Hex.of(page) + " by " + Hex.of(sourceId) + ": "
                    + name + " (" + Integer.toHexString(code) + "h)";
        }
    }
}
