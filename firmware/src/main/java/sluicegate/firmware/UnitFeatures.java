package sluicegate.firmware;

import java.util.Optional;
import java.util.function.Supplier;
import sluicegate.api.types.IommuException;

/**
 * What a unit can do, as its settings say.
 *
 * @param features those of the settings; the usual ones if there is a problem
 * @param problem why the settings describe no unit: one sentence with file and line
 */
record UnitFeatures<F>(F features, Optional<String> problem) {

    /**
     * @param read reads the settings, and throws if one of them makes no sense or they contradict each other
     * @param usual what the unit counts as then
     */
    static <F> UnitFeatures<F> of(Supplier<F> read, F usual) {
        try {
            return new UnitFeatures<>(read.get(), Optional.empty());
        } catch (IommuException e) {
            return new UnitFeatures<>(usual, Optional.of(e.getMessage()));
        }
    }
}
