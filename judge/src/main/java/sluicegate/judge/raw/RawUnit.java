package sluicegate.judge.raw;

import sluicegate.api.platform.Machine;
import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;

/** A VT-d unit in legacy mode. */
public final class RawUnit extends VtdBench<RawCase> {
    private final RawTables tables;
    private final Manual manual;

    /**
     * Takes the first unit of a machine.
     *
     * @param machine powered off by {@link #close}
     * @param device the device to use, such as {@code 00:05.0}
     */
    public RawUnit(Machine machine, String device) {
        super(machine, device);
        tables = new RawTables(machine, machine.units().get(0).arena(), buffer, sourceId);
        manual = new Manual(machine.memory(), CapabilityRegister.guestAddressWidth(cap), (int) CapabilityRegister.SAGAW.get(cap),
                ExtendedCapabilityRegister.PT.isSet(ecap), ExtendedCapabilityRegister.DT.isSet(ecap),
                ExtendedCapabilityRegister.SC.isSet(ecap),
                Long.numberOfTrailingZeros(CapabilityRegister.domainCount(cap)));
    }

    /** A case in which the page lies where no memory may be. */
    public RawCase toMessages(boolean write) {
        return RawCase.toMessages(tables.page(), write);
    }

    @Override
    void write(RawCase raw) {
        tables.write(raw);
    }

    @Override
    long root(RawCase raw) {
        return tables.root() ^ raw.flipped(Word.ROOT_ADDRESS);
    }

    @Override
    long iova(RawCase raw) {
        return tables.iova(raw.levels()) ^ raw.iovaFlips();
    }

    @Override
    long page() {
        return tables.page();
    }

    @Override
    Manual.Answer answer(RawCase raw) {
        return manual.answer(root(raw), sourceId, iova(raw), raw.write());
    }
}
