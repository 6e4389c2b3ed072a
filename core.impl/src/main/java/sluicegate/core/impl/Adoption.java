package sluicegate.core.impl;

import java.util.Optional;
import sluicegate.api.types.IommuException;

/** Whether a driver would take over in place what another one left translating. */
final class Adoption {
    private Adoption() {}

    /** Why a driver can't take over a unit as it is now, as a sentence; empty if it can. */
    static Optional<String> obstacle(DriverEntry driver, CoreUnit unit) {
        if (!driver.driver().adopts()) {
            return Optional.of("Driver " + driver.name() + " can't take over a unit that goes on translating");
        }
        Optional<String> obstacle;
        try {
            obstacle = DriverCall.make("Asking " + driver.name(), () -> driver.driver().obstacle(unit.platform()));
        } catch (IommuException e) {
            obstacle = Optional.of("could not be looked at: " + e.getMessage());
        }
        return obstacle.map(why -> "Driver " + driver.name() + " can't take over " + unit.name() + " in place: the unit " + why);
    }
}
