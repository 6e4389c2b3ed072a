package sluicegate.core.impl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.Domain;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.DomainType;
import sluicegate.api.types.Errno;
import sluicegate.api.types.GuestInvalidation;
import sluicegate.api.types.Prot;
import sluicegate.core.impl.fake.FakeDriver;

/** A guest's tables on top of a parent domain ({@code domain_alloc_nested}). */
class NestedDomainTest extends CoreFixture {
    private static final List<Long> GUEST = List.of(0x1001L, 0x2L);
    private Domain parent;

    @BeforeEach
    void withParent() {
        driver.nested = DomainType.NESTED;
        machine.bus.put("00:02.0", dmar0);
        machine.bus.put("00:03.0", dmar0);
        boot();
        parent = core.allocateDomain(device("00:02.0"), Set.of(AllocFlag.NEST_PARENT));
    }

    @Test
    void itIsMadeOfTheGuestsTablesAndItsParentAndAttachedLikeAnyOther() {
        var nested = core.allocateNestedDomain(device("00:02.0"), parent, GUEST);
        assertThat(nested.type()).isEqualTo(DomainType.NESTED);
        assertThat(nested.parent()).contains(parent);
        assertThat(parent.parent()).isEmpty();
        nested.attach(device("00:02.0"));
        assertThat(hardware("00:02.0").guestTables).isEqualTo(GUEST);
        assertThat(hardware("00:02.0").parent).isNotNull();
        failing(() -> nested.map(0x1000, 0x1000, K4, Prot.READ), Errno.EINVAL);
        assertThat(nested.unmap(0x1000, K4)).isZero();
        assertThat(nested.iovaToPhys(0x1000)).isEmpty();
        failing(nested::close, Errno.EBUSY);
        nested.detach(device("00:02.0"));
        nested.close();
    }

    @Test
    void aParentLivesAsLongAsItsNestedDomains() {
        var nested = core.allocateNestedDomain(device("00:02.0"), parent, GUEST);
        assertThat(failing(parent::close, Errno.EBUSY)).hasMessageContaining("nested");
        nested.close();
        nested.close();
        parent.close();
        failing(() -> core.allocateNestedDomain(device("00:02.0"), parent, GUEST), Errno.ENODEV);
    }

    @Test
    void whatCannotBeNestedIsRefusedAndLeavesNothing() {
        failing(() -> core.allocateNestedDomain(device("00:02.0"), domainFor("00:02.0"), GUEST), Errno.EINVAL);
        var dmar1 = machine.unit("dmar1");
        core.addUnit(dmar1);
        machine.bus.put("00:04.0", dmar1);
        failing(() -> core.allocateNestedDomain(device("00:04.0"), parent, GUEST), Errno.EINVAL);
        driver.nested = null;
        failing(() -> core.allocateNestedDomain(device("00:02.0"), parent, GUEST), Errno.EOPNOTSUPP);
        driver.nested = DomainType.UNMANAGED;
        assertThat(failing(() -> core.allocateNestedDomain(device("00:02.0"), parent, GUEST), Errno.EIO))
                .hasMessageContaining("instead of a nested one");
        parent.close();
    }

    @Test
    void whatAGuestHasForgottenGoesToTheDriverUpToWhatItMayNotSay() {
        var nested = core.allocateNestedDomain(device("00:02.0"), parent, GUEST);
        nested.attach(device("00:02.0"));
        var known = Map.of(7, device("00:02.0"), 8, device("00:03.0"));
        assertThat(nested.invalidateGuest(List.of(7L, 8L), known)).isEqualTo(new GuestInvalidation(2, Optional.empty()));
        var some = nested.invalidateGuest(List.of(8L, 0L, 7L), known);
        assertThat(some.done()).isEqualTo(1);
        assertThat(some.refused().orElseThrow().errno()).isEqualTo(Errno.EIO);
        assertThat(hardware("00:02.0").guestCommands)
                .containsExactly("7 of 0000:00:02.0", "8 of 0000:00:03.0", "8 of 0000:00:03.0");
    }

    @Test
    void onlyNestedDomainsAndTheirUnitsDevicesHaveAnythingThatAGuestMayHaveForgotten() {
        var nested = core.allocateNestedDomain(device("00:02.0"), parent, GUEST);
        var dmar1 = machine.unit("dmar1");
        core.addUnit(dmar1);
        machine.bus.put("00:04.0", dmar1);
        assertThat(failing(() -> parent.invalidateGuest(List.of(7L), Map.of(7, device("00:02.0"))), Errno.EINVAL))
                .hasMessageContaining(parent.name());
        assertThat(failing(() -> nested.invalidateGuest(List.of(7L), Map.of(7, device("00:04.0"))), Errno.EINVAL))
                .hasMessageContaining("00:04.0").hasMessageContaining("0x7").hasMessageContaining("dmar1");
        core.removeDriver(entry);
        failing(() -> nested.invalidateGuest(List.of(7L), Map.of(7, device("00:02.0"))), Errno.ENODEV);
    }

    @Test
    void theNextDriverGetsParentAndGuestsTablesBack() {
        parent.map(0x10000, 0x5000, K4, Prot.READ);
        var nested = core.allocateNestedDomain(device("00:02.0"), parent, GUEST);
        var idle = core.allocateNestedDomain(device("00:03.0"), parent, GUEST);
        nested.attach(device("00:02.0"));
        core.removeDriver(entry);
        assertThat(driver.domainsAlive).hasValue(0);
        var next = new FakeDriver("next");
        next.nested = DomainType.NESTED;
        core.addDriver(next.entry(0));
        var tables = next.attached("0000:00:02.0").orElseThrow();
        assertThat(tables.guestTables).isEqualTo(GUEST);
        assertThat(tables.parent.iovaToPhys(0x10000)).isEqualTo(0x5000);
        idle.attach(device("00:03.0"));
        core.removeUnit(dmar0);
        assertThat(next.violations).isEmpty();
        assertThat(next.domainsAlive).hasValue(0);
        assertThat(core.domains()).isEmpty();
    }
}
