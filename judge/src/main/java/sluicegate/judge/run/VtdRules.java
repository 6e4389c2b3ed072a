package sluicegate.judge.run;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.Access;
import sluicegate.judge.program.Step;
import sluicegate.judge.run.Outcome.Reported;
import sluicegate.spec.vtd.FaultReason;

/** The manual's legacy mode. */
final class VtdRules extends Rules {
    private static final long INTERRUPTS_FIRST = 0xfee0_0000L;
    private static final long INTERRUPTS_LAST = 0xfeef_ffffL;
    /** Where a PC has the registers of its devices. */
    private static final long REGISTERS_FIRST = 0x8000_0000L;
    private static final long REGISTERS_LAST = 0xffff_ffffL;

    /** Buses whose root entry is present: a driver makes a context table when a device of the bus is first let through. */
    private final Set<Integer> busesWithTable = new HashSet<>();

    VtdRules(Facts facts) {
        super(facts);
        // On bus 0 are devices that no program uses; they are in their default domains.
        busesWithTable.add(0);
    }

    private static boolean isMessage(long address) {
        return address >= INTERRUPTS_FIRST && address <= INTERRUPTS_LAST;
    }

    @Override
    void moved(IntFunction<String> domainOf) {
        for (int device = 0; device < facts().deviceCount(); device++) {
            if (!domainOf.apply(device).equals(Step.BLOCKED)) {
                busesWithTable.add(facts().devices().get(device).sourceId() >>> 8);
            }
        }
    }

    /** Everything is as it was, but blocked devices get no table. */
    @Override
    void renewed() {
        busesWithTable.clear();
        busesWithTable.add(0);
    }

    @Override
    Verdict verdict(Facts.Port device, String domain, Optional<Mapped.Leaf> leaf, long iova, int length, Access access) {
        if (isMessage(iova)) {
            // No memory request, whatever the tables say (3.14): a message of four bytes, or refused.
            return access == Access.WRITE && length == 4 && (iova & 3) == 0
                    ? Verdict.TAKEN
                    : refused(device, iova, access, FaultReason.INTERRUPT_REQUEST_INVALID);
        }
        if (domain.equals(Step.BLOCKED)) {
            return refused(device, iova, access, busesWithTable.contains(device.sourceId() >>> 8)
                    ? FaultReason.CONTEXT_ENTRY_NOT_PRESENT
                    : FaultReason.ROOT_ENTRY_NOT_PRESENT);
        }
        // What passes through is a physical address already (3.9).
        boolean identity = domain.equals(Step.IDENTITY);
        if (iova >>> (identity ? facts().physicalBits() : facts().addressBits()) != 0) {
            return refused(device, iova, access, FaultReason.ADDRESS_BEYOND_WIDTH);
        }
        if (identity) {
            return Verdict.reaching(facts(), iova);
        }
        if (leaf.isEmpty() || (leaf.get().prot() & access.prot()) == 0) {
            return refused(device, iova, access,
                    access == Access.WRITE ? FaultReason.WRITE_NOT_PERMITTED : FaultReason.READ_NOT_PERMITTED);
        }
        long address = leaf.get().translate(iova);
        return isMessage(address)
                ? refused(device, iova, access, FaultReason.ADDRESS_IN_INTERRUPT_RANGE)
                : Verdict.reaching(facts(), address);
    }

    private static Verdict refused(Facts.Port device, long iova, Access access, FaultReason reason) {
        return Verdict.refused(new Reported(device.sourceId(), iova & -BufferImage.PAGE, access, reason.code(), reason.name()));
    }

    /** Not half of it a message, the other not: what comes of the second half depends on whether the first counts as done. */
    @Override
    boolean isClear(long iova, int length) {
        return isMessage(iova + length - 1) == isMessage(iova) || !isMessage(iova);
    }

    @Override
    boolean isSafe(Facts.Port device, Access access, long iova, Verdict verdict) {
        boolean registers = verdict.status() == DmaStatus.NO_TARGET && verdict.address() >= REGISTERS_FIRST
                && verdict.address() <= REGISTERS_LAST;
        return !registers && (device.messages() || access == Access.READ || !isMessage(iova));
    }
}
