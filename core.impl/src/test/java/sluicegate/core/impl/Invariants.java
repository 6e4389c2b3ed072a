package sluicegate.core.impl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.TreeMap;
import sluicegate.api.Device;
import sluicegate.api.driver.DomainType;
import sluicegate.core.impl.fake.FakeDomain;
import sluicegate.core.impl.fake.FakeDriver;

/** What holds of a core, and of the hardware behind its drivers, whenever nothing is under way. */
final class Invariants {
    private Invariants() {}

    static void hold(IommuCore core, FakeDriver... drivers) {
        everyDeviceIsInOneGroup(core);
        core.domains().forEach(domain -> usersAreThoseWhoAreAttached(core, (CoreDomain) domain));
        if (drivers.length != 0) {
            core.devices().forEach(device -> hardwareUsesWhatTheCoreSays((CoreDevice) device, List.of(drivers)));
            core.domains().forEach(domain -> tablesEqualTheLedger((CoreDomain) domain));
        }
        for (var driver : drivers) {
            assertThat(driver.violations).isEmpty();
        }
    }

    private static void everyDeviceIsInOneGroup(IommuCore core) {
        var seen = new HashSet<Device>();
        for (var group : core.groups()) {
            assertThat(group.devices()).as("%s has members", group).isNotEmpty();
            for (var member : group.devices()) {
                assertThat(seen.add(member)).as("%s is in one group", member).isTrue();
                assertThat(member.group()).contains(group);
            }
            if (group instanceof CoreGroup known) {
                assertThat(known.references().count()).as("references of %s", group).isGreaterThanOrEqualTo(known.members().size());
                assertThat(group.defaultDomain()).as("default domain of %s", group).isPresent();
                assertThat(core.domains()).contains(group.domain(), group.defaultDomain().get());
            }
        }
        core.devices().forEach(device -> assertThat(device.group().isPresent()).isEqualTo(seen.contains(device)));
    }

    private static void usersAreThoseWhoAreAttached(IommuCore core, CoreDomain domain) {
        var expected = new HashSet<Device>();
        for (var group : core.groups()) {
            if (group.hasIommu() && (group.domain() == domain || usesPasids((CoreGroup) group, domain))) {
                expected.addAll(group.devices());
            }
        }
        if (domain.use() != CoreDomain.Use.STATIC || domain.type() != DomainType.BLOCKED) { // nobody counts who is blocked
            assertThat(new HashSet<>(domain.attached())).as("attached to %s", domain).isEqualTo(expected);
        }
    }

    private static boolean usesPasids(CoreGroup group, CoreDomain domain) {
        for (int pasid = 1; pasid < 8; pasid++) {
            if (group.pasids().holder(pasid).filter(domain::equals).isPresent()) {
                return true;
            }
        }
        return false;
    }

    private static void hardwareUsesWhatTheCoreSays(CoreDevice device, List<FakeDriver> drivers) {
        var hardware = new ArrayList<FakeDomain>();
        drivers.forEach(driver -> driver.attached(device.name()).ifPresent(hardware::add));
        var bound = device.bound();
        if (bound.isEmpty()) {
            assertThat(hardware).as("%s is in no driver's hands", device).isEmpty();
            return;
        }
        assertThat(hardware).as("%s is in one driver's hands", device).hasSize(1);
        var group = device.coreGroup().orElseThrow();
        boolean asRecorded = group.domain().part().filter(part -> part == hardware.get(0)).isPresent();
        if (device.inReset() || !asRecorded) {
            assertThat(hardware.get(0).type()).as("what %s uses, %s", device, device.problem()).isEqualTo(DomainType.BLOCKED);
            assertThat(device.inReset() || device.problem().isPresent()).as("%s says why it is not in %s", device, group.domain()).isTrue();
        }
        for (int pasid = 1; pasid < 8 && device.busDevice().pasidBits() != 0; pasid++) {
            int id = pasid;
            var used = drivers.stream().flatMap(driver -> driver.bound.values().stream())
                    .flatMap(ops -> ops.pasid(device.name(), id).stream()).findFirst();
            var recorded = group.pasids().holder(pasid).flatMap(CoreDomain::part);
            if (used.isPresent()) {
                assertThat(recorded).as("PASID %d of %s", pasid, device).contains(used.get());
            } else {
                assertThat(group.domainOf(id).isEmpty() || device.inReset() || device.problem().isPresent())
                        .as("PASID %d of %s is blocked though in %s", pasid, device, recorded).isTrue();
            }
        }
    }

    private static void tablesEqualTheLedger(CoreDomain domain) {
        if (!(domain.part().orElse(null) instanceof FakeDomain part) || !domain.type().paging()) {
            return;
        }
        var pages = new TreeMap<Long, Long>();
        part.leaves().forEach((iova, page) -> {
            for (long at = 0; at < page.size(); at += 0x1000) {
                pages.put(iova + at, page.address() + at);
            }
        });
        var ledger = new TreeMap<Long, Long>();
        domain.mappings().forEach(mapping -> {
            for (long at = 0; at < mapping.size(); at += 0x1000) {
                ledger.put(mapping.iova() + at, mapping.address() + at);
            }
        });
        assertThat(pages).as("tables of %s", domain).isEqualTo(ledger);
    }

}
