package sluicegate.judge.program;

import sluicegate.api.types.Hex;

/**
 * One step of a program. Domains go by name ({@code A}, {@code B}, and those that every unit has: {@link #IDENTITY} and {@link
 * #BLOCKED}), devices by number. A step that speaks of a domain that the program has not allocated does nothing, so that any
 * part of a program is a program.
 */
public sealed interface Step {
    /** The unit's domain in which addresses pass unchanged. */
    String IDENTITY = "identity";
    /** The unit's domain in which all DMA aborts. */
    String BLOCKED = "blocked";

    /** The line of {@link ProgramText}. */
    String text();

    /** Allocates a paging domain for the unit of a device. Does nothing if one of that name is open. */
    record Allocate(String domain, int device) implements Step {
        @Override
        public String text() {
            return "allocate " + domain + " d" + device;
        }
    }

    /** Closes a domain. Its handle stays known and fails from then on. */
    record Free(String domain) implements Step {
        @Override
        public String text() {
            return "free " + domain;
        }
    }

    /** Attaches a device. */
    record Attach(String domain, int device) implements Step {
        @Override
        public String text() {
            return "attach " + domain + " d" + device;
        }
    }

    /** Returns a device to its default domain. */
    record Detach(String domain, int device) implements Step {
        @Override
        public String text() {
            return "detach " + domain + " d" + device;
        }
    }

    /**
     * Maps a range.
     *
     * @param prot {@link sluicegate.api.types.Prot} bits, perhaps none
     */
    record Map(String domain, long iova, Place target, long size, int prot) implements Step {
        @Override
        public String text() {
            return "map " + domain + " " + Hex.of(iova) + " " + target + " " + Hex.of(size) + " " + ProgramText.prot(prot);
        }
    }

    /** Unmaps a range. */
    record Unmap(String domain, long iova, long size) implements Step {
        @Override
        public String text() {
            return "unmap " + domain + " " + Hex.of(iova) + " " + Hex.of(size);
        }
    }

    /** Asks the page tables where an IOVA leads. */
    record LookUp(String domain, long iova) implements Step {
        @Override
        public String text() {
            return "lookup " + domain + " " + Hex.of(iova);
        }
    }

    /** Takes the driver away and binds it anew; the core restores everything. */
    record Swap() implements Step {
        @Override
        public String text() {
            return "swap";
        }
    }

    /** A DMA of some bytes. */
    sealed interface Dma extends Step {
        int device();

        Place iova();

        int length();
    }

    /** A device reads. */
    record Read(int device, Place iova, int length) implements Dma {
        @Override
        public String text() {
            return "read d" + device + " " + iova + " " + length;
        }
    }

    /**
     * A device writes bytes that follow from {@code seed} and are never zero.
     */
    record Write(int device, Place iova, int length, int seed) implements Dma {
        @Override
        public String text() {
            return "write d" + device + " " + iova + " " + length + " " + seed;
        }

        /** What is written. */
        public byte[] data() {
            var data = new byte[length];
            for (int i = 0; i < length; i++) {
                data[i] = (byte) (1 + Integer.remainderUnsigned((seed + i) * 0x9e3779b1 >>> 8, 255));
            }
            return data;
        }
    }
}
