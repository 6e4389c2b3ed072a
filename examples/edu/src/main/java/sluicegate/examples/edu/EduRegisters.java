package sluicegate.examples.edu;

/** The device's registers, by their offsets in BAR 0, and what they say (QEMU, {@code docs/specs/edu.rst}). */
final class EduRegisters {
    static final int IDENTIFICATION = 0x00;
    /** Answers with what was written, inverted. */
    static final int LIVENESS = 0x04;
    static final int FACTORIAL = 0x08;
    static final int STATUS = 0x20;
    static final int INTERRUPT_STATUS = 0x24;
    static final int INTERRUPT_ACKNOWLEDGE = 0x64;
    static final int DMA_SOURCE = 0x80;
    static final int DMA_DESTINATION = 0x88;
    static final int DMA_COUNT = 0x90;
    static final int DMA_COMMAND = 0x98;

    /** The low 16 bits of the identification; above are the minor and, in the highest byte, the major version. */
    static final int EDU = 0x00ed;

    static final int STATUS_COMPUTING = 0x01;
    static final int STATUS_INTERRUPT = 0x80;

    static final int FACTORIAL_DONE = 0x001;
    static final int DMA_DONE = 0x100;

    static final int COMMAND_RUN = 0x1;
    static final int COMMAND_TO_MEMORY = 0x2;
    static final int COMMAND_INTERRUPT = 0x4;

    /** Where the device's buffer is for its own transfers. */
    static final long BUFFER = 0x40000;
    /** Of 4096; QEMU 7.2 aborts when a transfer touches the last byte. */
    static final int BUFFER_BYTES = 4095;
    /** Bits of its addresses. */
    static final int ADDRESS_BITS = 28;

    private EduRegisters() {}
}
