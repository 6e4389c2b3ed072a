package sluicegate.judge.run;

import java.util.Optional;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.Access;
import sluicegate.api.types.Prot;
import sluicegate.judge.program.Step;
import sluicegate.judge.run.Outcome.Reported;
import sluicegate.spec.smmuv3.EventType;

/** IHI 0070: streams that abort (5.2 Config), bypass (3.4) or use stage 1 with TTB0 alone (3.4.1, 7.3.13 to 7.3.16). */
final class Smmuv3Rules extends Rules {
    /** On QEMU's virt there are registers below the memory and, from here on, above it. */
    private static final long REGISTERS_ABOVE = 1L << 38;
    /** Where an embedded machine's interrupt controller takes messages, whatever the machine. */
    private static final long DOORBELLS_FIRST = 0xfee0_0000L;
    private static final long DOORBELLS_LAST = 0xfeef_ffffL;

    Smmuv3Rules(Facts facts) {
        super(facts);
    }

    @Override
    Verdict verdict(Facts.Port device, String domain, Optional<Mapped.Leaf> leaf, long iova, int length, Access access) {
        if (domain.equals(Step.BLOCKED)) {
            return Verdict.SILENT;
        }
        if (domain.equals(Step.IDENTITY)) {
            return iova >>> facts().physicalBits() == 0
                    ? Verdict.reaching(facts(), iova)
                    : refused(device, iova, access, EventType.F_ADDR_SIZE);
        }
        // Addresses beyond the range, and those of the upper half, have no tables: no page is there.
        if (leaf.isEmpty()) {
            return refused(device, iova, access, EventType.F_TRANSLATION);
        }
        // What may be written may be read: stage 1 has no other permissions (DDI 0487, AP[2:1]).
        return access == Access.WRITE && (leaf.get().prot() & Prot.WRITE) == 0
                ? refused(device, iova, access, EventType.F_PERMISSION)
                : translated(device, leaf.get().translate(iova), iova, access);
    }

    private Verdict translated(Facts.Port device, long address, long iova, Access access) {
        return address >>> facts().physicalBits() == 0
                ? Verdict.reaching(facts(), address)
                : refused(device, iova, access, EventType.F_ADDR_SIZE);
    }

    private static Verdict refused(Facts.Port device, long iova, Access access, EventType event) {
        return Verdict.refused(new Reported(device.sourceId(), iova & -BufferImage.PAGE, access, event.code(), event.name()));
    }

    @Override
    boolean isSafe(Facts.Port device, Access access, long iova, Verdict verdict) {
        long address = verdict.address();
        boolean free = address >= facts().memory().get(0).start() && address < REGISTERS_ABOVE
                && (address < DOORBELLS_FIRST || address > DOORBELLS_LAST);
        return verdict.status() != DmaStatus.NO_TARGET && !verdict.reachesMemory() || free;
    }
}
