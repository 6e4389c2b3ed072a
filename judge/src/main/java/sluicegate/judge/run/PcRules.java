package sluicegate.judge.run;

import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.Access;

/** What all PCs have in common: interrupts are sent to a range of addresses, and devices have registers below 4 GiB. */
abstract class PcRules extends Rules {
    private static final int INTERRUPT_RANGE = 0xfee;
    private static final long REGISTERS_FIRST = 0x8000_0000L;
    private static final long REGISTERS_LAST = 0xffff_ffffL;

    PcRules(Facts facts) {
        super(facts);
    }

    static boolean isMessage(long address) {
        return address >>> 20 == INTERRUPT_RANGE;
    }

    /** Whether a request to the interrupt address range is one interrupt. */
    static boolean isInterrupt(long iova, int length, Access access) {
        return access == Access.WRITE && length == 4 && (iova & 3) == 0;
    }

    /** Not half of it a message, the other not: what comes of the second half depends on whether the first counts as done. */
    @Override
    final boolean isClear(long iova, int length) {
        return isMessage(iova + length - 1) == isMessage(iova) || !isMessage(iova);
    }

    @Override
    final boolean isSafe(Facts.Port device, Access access, long iova, Verdict verdict) {
        boolean registers = verdict.status() == DmaStatus.NO_TARGET && verdict.address() >= REGISTERS_FIRST
                && verdict.address() <= REGISTERS_LAST;
        return !registers && (device.messages() || access == Access.READ || !isMessage(iova));
    }
}
