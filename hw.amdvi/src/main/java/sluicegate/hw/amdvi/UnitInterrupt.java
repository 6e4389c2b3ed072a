package sluicegate.hw.amdvi;

import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.platform.Interrupts;
import sluicegate.api.platform.PciConfig;
import sluicegate.hw.common.PciCapabilityList;
import sluicegate.spec.amdvi.ControlRegister;
import sluicegate.spec.amdvi.ExtendedFeatureRegister;
import sluicegate.spec.amdvi.InterruptMessage;
import sluicegate.spec.amdvi.MsiAddressHighRegister;
import sluicegate.spec.amdvi.MsiAddressLowRegister;
import sluicegate.spec.amdvi.MsiCapabilityRegister;
import sluicegate.spec.amdvi.MsiDataRegister;
import sluicegate.spec.amdvi.StatusRegister;
import sluicegate.spec.amdvi.XtInterruptRegister;
import sluicegate.spec.amdvi.XtPprInterruptRegister;
import sluicegate.spec.pci.CapabilityId;
import sluicegate.spec.pci.MsiCapability;

/**
 * The unit's one interrupt: a message that all its logs share ({@code iommu_setup_msi}). It is set up in the MSI capability of the
 * unit's function, in the copy of that in the register window, or in the x2APIC interrupt registers ({@code
 * iommu_setup_intcapxt}), which otherwise are off, as firmware may have left them on. A unit with none of them does not interrupt, and
 * its logs are read when somebody waits for a command.
 */
final class UnitInterrupt implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UnitInterrupt.class);
    private static final long HANDLED = StatusRegister.EVENTLOGINT.mask() | StatusRegister.PPRINT.mask();
    /** The unit may set a bit again at the very moment in which it is cleared, and then never interrupts again (erratum 1312). */
    private static final int ROUNDS = 64;

    private final AmdviWindow window;
    private final UnitFunction function;
    private final boolean inRegisters;
    private final boolean x2apic;
    private Interrupts.Vector vector;

    UnitInterrupt(AmdviWindow window, AmdviCapabilities capabilities, UnitFunction function) {
        this.window = window;
        this.function = function;
        this.inRegisters = capabilities.has(ExtendedFeatureRegister.MSICAPMMIOSUP);
        this.x2apic = capabilities.has(ExtendedFeatureRegister.XTSUP);
    }

    /**
     * Connects the message. What is in the logs already is the caller's to take.
     *
     * @param handler takes what logs hold; runs once more if more came meanwhile
     */
    void open(Interrupts interrupts, Runnable handler) {
        vector = interrupts.allocate(window.unit() + "-event", () -> serve(handler));
        if (!write(true)) {
            LOG.warn("{}: neither an MSI capability nor x2APIC interrupt registers were found; faults are reported late", window.unit());
        }
        // The unit interrupts when it sets one of them: what an earlier driver did not get to see would silence it for ever.
        window.acknowledge(HANDLED);
    }

    /** Has the unit interrupt again, if a bit was left set that nobody saw. What is in the logs is the caller's to take. */
    void rearm() {
        window.acknowledge(HANDLED);
    }

    /** One at a time: when it returns, all is reported that was logged before, whoever took it. */
    private synchronized void serve(Runnable handler) {
        for (int round = 0; round < ROUNDS; round++) {
            long pending = window.read64(StatusRegister.OFFSET) & HANDLED;
            if (pending == 0) {
                return;
            }
            window.acknowledge(pending);
            handler.run();
        }
    }

    private boolean write(boolean enabled) {
        OptionalInt at = function.config().map(config -> PciCapabilityList.find(config, CapabilityId.MSI)).orElse(OptionalInt.empty());
        if (at.isPresent()) {
            writeConfig(function.config().orElseThrow(), at.getAsInt(), enabled);
        } else if (inRegisters) {
            writeRegisters(enabled);
        }
        boolean message = at.isPresent() || inRegisters;
        if (x2apic) {
            writeX2apic(enabled && !message);
        }
        return message || x2apic;
    }

    private void writeX2apic(boolean enabled) {
        if (enabled) {
            long control = XtInterruptRegister.DESTLO.set(XtInterruptRegister.VECTOR.set(0, vector.data() & 0xff),
                    InterruptMessage.DEST.get(vector.address()));
            control = XtInterruptRegister.DESTMODE.set(control, InterruptMessage.DM.get(vector.address()));
            window.write64(XtInterruptRegister.OFFSET, control);
            window.write64(XtPprInterruptRegister.OFFSET, control);
        }
        window.control(ControlRegister.INTCAPXTEN.mask(), enabled ? ControlRegister.INTCAPXTEN.mask() : 0);
    }

    private void writeConfig(PciConfig config, int at, boolean enabled) {
        int control = at + MsiCapability.CONTROL_REGISTER.offset();
        long now = MsiCapability.ENABLE.clear(MsiCapability.MULTIPLE_MESSAGE_ENABLE.clear(config.read16(control)));
        config.write16(control, (int) now);
        if (enabled) {
            boolean wide = MsiCapability.ADDRESS_64.isSet(now);
            config.write32(at + MsiCapability.MESSAGE_ADDRESS.offset(), (int) vector.address());
            if (wide) {
                config.write32(at + MsiCapability.MESSAGE_UPPER_ADDRESS, (int) (vector.address() >>> 32));
            }
            config.write16(at + MsiCapability.messageData(wide), vector.data());
            config.write16(control, (int) (now | MsiCapability.ENABLE.mask()));
        }
    }

    private void writeRegisters(boolean enabled) {
        long now = MsiCapabilityRegister.MSIEN.clear(Integer.toUnsignedLong(window.read32(MsiCapabilityRegister.OFFSET)));
        window.write32(MsiCapabilityRegister.OFFSET, (int) now);
        if (enabled) {
            window.write32(MsiAddressLowRegister.OFFSET, (int) vector.address());
            window.write32(MsiAddressHighRegister.OFFSET, (int) (vector.address() >>> 32));
            window.write32(MsiDataRegister.OFFSET, vector.data());
            window.write32(MsiCapabilityRegister.OFFSET, (int) (now | MsiCapabilityRegister.MSIEN.mask()));
        }
    }

    /** Switches the message off and disconnects it. */
    @Override
    public void close() {
        if (vector != null) {
            write(false);
            vector.close();
            vector = null;
        }
    }
}
