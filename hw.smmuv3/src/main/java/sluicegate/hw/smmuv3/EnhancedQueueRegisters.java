package sluicegate.hw.smmuv3;

import sluicegate.spec.smmuv3.CommandError;
import sluicegate.spec.smmuv3.EcmdqBaseRegister;
import sluicegate.spec.smmuv3.EcmdqConsRegister;
import sluicegate.spec.smmuv3.EcmdqProdRegister;

/**
 * The registers of one enhanced command queue (section 3.5.6). Its producer register has the write index and the acknowledgement
 * of errors, so both are always written together.
 */
final class EnhancedQueueRegisters implements QueueRegisters {
    private static final int EN = (int) EcmdqProdRegister.EN.mask();
    private static final int ENACK = (int) EcmdqConsRegister.ENACK.mask();
    /** The same bit as {@link EcmdqProdRegister#ERRACK}. */
    private static final int ERR = (int) EcmdqConsRegister.ERR.mask();

    private final Smmuv3Window window;
    private final int place;
    private volatile int acknowledged;

    /** @param place offset of the queue's registers in the window */
    EnhancedQueueRegisters(Smmuv3Window window, int place) {
        this.window = window;
        this.place = place;
    }

    @Override
    public void start(long base) {
        stop();
        window.write64(place + EcmdqBaseRegister.OFFSET, base);
        window.write32(place + EcmdqConsRegister.OFFSET, 0);
        // On with ERR and ERRACK different it may do anything.
        acknowledged = consumer() & ERR;
        window.write32(place + EcmdqProdRegister.OFFSET, acknowledged);
        publish(0);
        awaitAcknowledge(ENACK, "an enhanced command queue is not switched on");
    }

    /** {@inheritDoc} Whoever used it, and in whatever state they left it; nothing is written where it is off. */
    @Override
    public void stop() {
        int producer = window.read32(place + EcmdqProdRegister.OFFSET);
        // It may be about to be switched on, and can't be written until it is.
        awaitAcknowledge(producer & EN, "an enhanced command queue does not become what it was told to be");
        if ((producer & EN) != 0) {
            window.write32(place + EcmdqProdRegister.OFFSET, producer & ~EN);
            awaitAcknowledge(0, "an enhanced command queue is not switched off");
        }
    }

    private void awaitAcknowledge(int value, String complaint) {
        window.await(place + EcmdqConsRegister.OFFSET, ENACK, value, complaint);
    }

    @Override
    public void publish(int index) {
        window.write32(place + EcmdqProdRegister.OFFSET, EN | acknowledged | index);
    }

    @Override
    public int consumer() {
        return window.read32(place + EcmdqConsRegister.OFFSET);
    }

    @Override
    public CommandError error(int consumer) {
        return (consumer & ERR) == acknowledged ? CommandError.CERROR_NONE
                : CommandError.of(EcmdqConsRegister.ERR_REASON.get(consumer)).orElse(CommandError.CERROR_ILL);
    }

    @Override
    public boolean acknowledge(int consumer) {
        acknowledged = consumer & ERR;
        return true;
    }
}
