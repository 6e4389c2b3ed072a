package sluicegate.core.impl;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.Unit;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.driver.DeviceGroup;
import sluicegate.api.driver.DomainType;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Prot;
import sluicegate.core.impl.fake.FakeDomain;
import sluicegate.core.impl.fake.FakeDriver;

/** A driver leaves, another takes over: handles, numbers, mappings and attachments stay. */
class DriverSwapTest extends CoreFixture {
    private final FakeDriver next = new FakeDriver("next");
    private Domain domain;

    @BeforeEach
    void inUse() {
        machine.bus.put("00:02.0", dmar0);
        machine.bus.put(machine.bus.pci("00:06.0").multi(), dmar0);
        machine.bus.put(machine.bus.pci("00:06.1").multi(), dmar0);
        boot();
        domain = domainFor("00:02.0");
        domain.attach(device("00:02.0"));
        domain.map(M2 - K4, 0x40000000L + M2 - K4, K4 + M2, Prot.READ);
        domain.map(0x10000, 0x5000, K4, Prot.WRITE);
    }

    @AfterEach
    void theNextDriverIsContentToo() {
        assertThat(next.violations).isEmpty();
    }

    @Test
    void whileNoDriverIsThereOperationsFailAndSayWhy() {
        core.removeDriver(entry);
        assertThat(core.unit("dmar0").state()).isEqualTo(Unit.State.HELD);
        assertThat(core.unit("dmar0").driver()).isEmpty();
        assertThat(device("00:02.0").state()).isEqualTo(Device.State.DEFERRED);
        assertThat(failing(() -> domain.map(0, 0, K4, Prot.READ), Errno.ENODEV)).hasMessageContaining("Unit dmar0 has no driver");
        failing(() -> domain.unmap(0x10000, K4), Errno.ENODEV);
        failing(() -> domain.iovaToPhys(0x10000), Errno.ENODEV);
        failing(() -> domainFor("00:02.0"), Errno.ENODEV);
        failing(() -> core.group(1).attach(domain), Errno.ENODEV);
        failing(() -> device("00:02.0").walk(-1, 0), Errno.ENODEV);
        failing(() -> core.unit("dmar0").registers(), Errno.ENODEV);
        assertThat(domain.mappings()).hasSize(2);
        assertThat(names(domain.attached())).containsExactly("0000:00:02.0");
    }

    @Test
    void aDriverLeavesWithNothingAttachedAndItsDomainsFreed() {
        core.removeDriver(entry);
        assertThat(driver.domainsAlive).hasValue(0);
        assertThat(driver.log.get(driver.log.size() - 1)).isEqualTo("leave dmar0 BLOCK");
    }

    @Test
    void theNextDriverGetsGroupsMappingsAndAttachmentsBack() {
        var groups = core.groups();
        var members = groups.stream().map(group -> names(group.devices())).toList();
        core.removeDriver(entry);
        core.addDriver(next.entry(0));

        assertThat(core.groups()).isEqualTo(groups);
        assertThat(core.groups().stream().map(group -> names(group.devices())).toList()).isEqualTo(members);
        assertThat(core.devices()).extracting(Device::state).containsOnly(Device.State.READY);
        var tables = next.attached("0000:00:02.0").orElseThrow();
        assertThat(tables.pages).containsOnlyKeys(0x10000L, M2 - K4, M2);
        assertThat(tables.pages.get(0x10000L)).isEqualTo(new FakeDomain.Page(0x5000, K4, Prot.WRITE));
        assertThat(domain.iovaToPhys(M2 + 1)).hasValue(0x40000000L + M2 + 1);
        assertThat(next.attached("0000:00:06.0")).isEqualTo(next.attached("0000:00:06.1"));
        assertThat(next.probes).hasSize(3);
        domain.unmap(0x10000, K4);
        domain.detach(device("00:02.0"));
        assertThat(next.attached("0000:00:02.0").orElseThrow()).isNotSameAs(tables);
        core.removeUnit(dmar0);
        assertThat(next.domainsAlive).hasValue(0);
    }

    @Test
    void anotherDriverThatIsThereTakesOverAtOnce() {
        core.addDriver(next.entry(-1));
        core.removeDriver(entry);
        assertThat(core.unit("dmar0").driver().map(d -> d.name())).contains("next");
        assertThat(device("00:02.0").domain()).contains(domain);
    }

    @Test
    void aDomainThatNobodyUsesIsRebuiltToo() {
        domain.detach(device("00:02.0"));
        core.removeDriver(entry);
        core.addDriver(next.entry(0));
        assertThat(domain.iovaToPhys(0x10000)).hasValue(0x5000);
        domain.map(0x20000, 0x6000, K4, Prot.READ);
        domain.close();
    }

    @Test
    void whatCannotBeReplayedStaysBlockedAndSaysWhy() {
        core.removeDriver(entry);
        next.pageSizes = M2;
        core.addDriver(next.entry(0));
        assertThat(device("00:02.0").state()).isEqualTo(Device.State.FAILED);
        assertThat(device("00:02.0").problem()).hasValueSatisfying(p -> assertThat(p).startsWith("Blocked").contains("multiples of 0x200000"));
        assertThat(next.attached("0000:00:02.0").orElseThrow().type()).isEqualTo(DomainType.BLOCKED);
        assertThat(device("00:06.0").state()).isEqualTo(Device.State.READY);
        assertThat(domain.mappings()).hasSize(2);
        domain.detach(device("00:02.0"));
        assertThat(next.attached("0000:00:02.0").orElseThrow().type()).isEqualTo(DomainType.UNMANAGED);
    }

    @Test
    void aDeviceThatGoesWhileNobodyDrivesTheUnitIsForgotten() {
        core.removeDriver(entry);
        domain.detach(device("00:02.0"));
        machine.bus.devices().stream().filter(d -> d.name().endsWith("06.0")).findFirst().ifPresent(machine.bus::remove);
        core.addDriver(next.entry(0));
        assertThat(names(core.group(1).devices())).containsExactly("0000:00:06.1");
        assertThat(next.probes).containsOnlyKeys("0000:00:02.0", "0000:00:06.1");
        domain.close();
    }

    @Test
    void pasidsAreReplayed() {
        core.removeDriver(entry);
        next.maxPasids = 256;
        machine.bus.put(machine.bus.pci("00:07.0").pasids(8), dmar0);
        var nextEntry = next.entry(0);
        core.addDriver(nextEntry);
        var shared = domainFor("00:07.0");
        shared.attach(device("00:07.0"), 9);
        var third = new FakeDriver("third");
        third.maxPasids = 256;
        core.addDriver(third.entry(-5));
        core.removeDriver(nextEntry);
        assertThat(third.bound.get("dmar0").pasid("0000:00:07.0", 9)).isPresent();
        shared.detach(device("00:07.0"), 9);
        assertThat(third.violations).isEmpty();
    }

    @Test
    void referencesToGroupsThatADriverKeptEndWithIt() {
        var kept = new ArrayList<DeviceGroup>();
        driver.grouping = (device, groups) -> {
            var group = groups.genericDeviceGroup(device);
            kept.add(group.reference());
            return group;
        };
        var late = machine.bus.put("00:09.0", dmar0);
        assertThat(core.groups()).hasSize(3);
        core.removeDriver(entry);
        machine.bus.remove(late);
        assertThat(core.groups()).hasSize(2);
        kept.get(0).release();
        assertThat(core.groups()).hasSize(2);
    }

    @Test
    void whatADriverStoredWithADeviceIsDropped() {
        var context = new AtomicReference<DeviceContext>();
        driver.onProbeDevice = context::set;
        machine.bus.put("00:09.0", dmar0);
        assertThat(context.get().driverData()).isPresent();
        core.removeDriver(entry);
        assertThat(context.get().driverData()).isEmpty();
    }

    @Test
    void nothingOfADriverIsReferencedOnceItLeft() throws InterruptedException {
        var old = new FakeDriver("old");
        var oldEntry = old.entry(100);
        core.removeDriver(entry);
        core.addDriver(oldEntry);
        assertThat(core.unit("dmar0").driver().map(d -> d.name())).contains("old");
        var references = List.of(new WeakReference<Object>(old), new WeakReference<Object>(old.attached("0000:00:02.0").orElseThrow()),
                new WeakReference<Object>(old.bound.get("dmar0")));
        core.removeDriver(oldEntry);
        assertThat(old.violations).isEmpty();
        old = null;
        oldEntry = null;
        for (int i = 0; i < 50 && references.stream().anyMatch(r -> r.get() != null); i++) {
            System.gc();
            Thread.yield();
        }
        assertThat(references).allMatch(r -> r.get() == null);
    }
}
