package sluicegate.hw.vtd;

import java.util.Optional;
import sluicegate.api.driver.ProbeContext;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.spec.vtd.GlobalCommandRegister;
import sluicegate.spec.vtd.GlobalStatusRegister;
import sluicegate.spec.vtd.RootTableAddressRegister;

/**
 * How a unit that translates comes to use another root table, without a request that passes untranslated.
 *
 * <p>Between two tables of the same mode, and of whatever mode where the unit says so (CAP_REG.ESRTPS), the switch is one command
 * while translation is on (sections 11.4.4 and 11.4.5). Otherwise translation has to go off for a moment. Until it is on again
 * <ul>
 *   <li>all memory is protected memory, on a unit that has both regions for that;
 *   <li>or else nothing behind the unit sends, if the core can see to that;
 *   <li>or else nothing is done: the unit goes on with the tables that it has.
 * </ul>
 */
final class RootSwitch {
    private final VtdCapabilities capabilities;
    private final VtdWindow window;
    private final ProbeContext context;

    RootSwitch(VtdCapabilities capabilities, VtdWindow window, ProbeContext context) {
        this.capabilities = capabilities;
        this.window = window;
        this.context = context;
    }

    /** Whether the switch to tables of that mode is one command, so that requests meet the old tables or the new. */
    static boolean isWhole(VtdCapabilities capabilities, VtdWindow window, int mode) {
        return !window.status(GlobalStatusRegister.TES) || capabilities.changesModeInFlight() || mode(window) == mode;
    }

    /** Why tables of that mode can't take the place of those in use while requests go on; empty if they can. */
    static Optional<String> obstacle(VtdCapabilities capabilities, VtdWindow window, int mode) {
        return isWhole(capabilities, window, mode) ? Optional.empty() : Optional.of(String.format("translates in %s mode, the driver "
                + "would use it in %s mode, and it can't change that while it translates (CAP_REG.ESRTPS is 0)", name(mode(window)),
                name(mode)));
    }

    /** Mode of the tables in use, as {@link RootTableAddressRegister#TTM} has it. */
    static int mode(VtdWindow window) {
        return (int) RootTableAddressRegister.TTM.get(window.read64(RootTableAddressRegister.OFFSET));
    }

    /**
     * Switches. What hardware has cached of the old tables it may still have. Memory may be protected on return: that is for the
     * caller to lift, when the unit is ready.
     *
     * @throws IommuException EBUSY if that can't be done without letting DMA pass; nothing has changed then. ETIMEDOUT if hardware does
     *     not answer: nothing passes then either
     */
    void to(TranslationTables tables) {
        if (isWhole(capabilities, window, tables.mode())) {
            window.setRootTable(tables.root(), tables.mode());
        } else if (capabilities.protectsAllMemory()) {
            new ProtectedMemory(window).protectAll();
            offAndOn(tables);
        } else {
            silently(tables);
        }
    }

    private void silently(TranslationTables tables) {
        try {
            context.withoutDma(() -> offAndOn(tables));
        } catch (IommuException e) {
            if (e.errno() != Errno.EBUSY) {
                throw e;
            }
            throw new IommuException(Errno.EBUSY, String.format("%s translates in %s mode, and can't change to %s mode without DMA that "
                    + "passes untranslated meanwhile: it can do neither while it translates (CAP_REG.ESRTPS) nor protect all memory "
                    + "(CAP_REG.PLMR, PHMR), and %s; use it in the mode that it is in", window.unit(), name(mode(window)),
                    name(tables.mode()), e.getMessage()), e);
        }
    }

    /** Going off empties all caches, because a unit that knows two modes has scalable mode. */
    private void offAndOn(TranslationTables tables) {
        window.command(GlobalCommandRegister.TE, GlobalStatusRegister.TES, false);
        window.setRootTable(tables.root(), tables.mode());
        window.command(GlobalCommandRegister.TE, GlobalStatusRegister.TES, true);
    }

    /** The mode's name in a sentence. */
    static String name(int mode) {
        return switch (mode) {
            case RootTableAddressRegister.LEGACY_MODE -> "legacy";
            case RootTableAddressRegister.SCALABLE_MODE -> "scalable";
            case RootTableAddressRegister.ABORT_DMA_MODE -> "abort-DMA";
            default -> "an unknown";
        };
    }
}
