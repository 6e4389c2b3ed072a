package sluicegate.api.dma;

import sluicegate.api.types.Prot;

/** Which way data goes between memory and a device ({@code enum dma_data_direction}). */
public enum DmaDirection {
    /** The device reads and writes. */
    BIDIRECTIONAL(Prot.READ | Prot.WRITE),
    /** The device reads. */
    TO_DEVICE(Prot.READ),
    /** The device writes. */
    FROM_DEVICE(Prot.WRITE);

    private final int prot;

    DmaDirection(int prot) {
        this.prot = prot;
    }

    /** The {@link Prot} bits that a mapping needs ({@code dma_info_to_prot}). */
    public int prot() {
        return prot;
    }
}
