package sluicegate.judge.raw;

import sluicegate.api.platform.Machine;
import sluicegate.judge.raw.ScalableCase.Stage;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.GlobalCommandRegister;
import sluicegate.spec.vtd.GlobalStatusRegister;
import sluicegate.spec.vtd.RootTableAddressRegister;

/** A VT-d unit in scalable mode. */
public final class ScalableUnit extends VtdBench<ScalableCase> {
    private final ScalableTables tables;
    private final ScalableManual manual;

    /**
     * Takes the first unit of a machine.
     *
     * @param machine powered off by {@link #close}
     * @param device the device to use, such as {@code 00:05.0}
     * @param physicalBits how wide physical addresses are
     */
    public ScalableUnit(Machine machine, String device, int physicalBits) {
        super(machine, device);
        tables = new ScalableTables(machine, machine.units().get(0).arena(), buffer, sourceId,
                ExtendedCapabilityRegister.SMPWCS.isSet(ecap));
        manual = new ScalableManual(machine.memory(), cap, ecap, physicalBits);
    }

    /** A case in which the page lies where no memory may be. */
    public ScalableCase toMessages(Stage stage, boolean write) {
        return ScalableCase.toMessages(stage, tables.page(), write);
    }

    /** The PASID cache can be invalidated by queue only; but going off, hardware forgets everything (11.4.4, TE). */
    @Override
    void use(long root) {
        command(GlobalCommandRegister.TE, GlobalStatusRegister.TES, false);
        super.use(root);
    }

    @Override
    void write(ScalableCase raw) {
        tables.write(raw);
    }

    @Override
    long root(ScalableCase raw) {
        return RootTableAddressRegister.TTM.set(tables.root(), RootTableAddressRegister.SCALABLE_MODE);
    }

    @Override
    long iova(ScalableCase raw) {
        return tables.iova(raw.stage()) ^ raw.iovaFlips();
    }

    @Override
    long page() {
        return tables.page();
    }

    @Override
    Manual.Answer answer(ScalableCase raw) {
        return manual.answer(tables.root(), sourceId, iova(raw), raw.write());
    }
}
