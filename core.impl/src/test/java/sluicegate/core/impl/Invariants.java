package sluicegate.core.impl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import sluicegate.api.Device;

/** What holds of a core whenever nothing is under way. */
final class Invariants {
    private Invariants() {}

    static void hold(IommuCore core) {
        everyDeviceIsInOneGroup(core);
    }

    private static void everyDeviceIsInOneGroup(IommuCore core) {
        var seen = new HashSet<Device>();
        for (var group : core.groups()) {
            assertThat(group.devices()).as("%s has members", group).isNotEmpty();
            for (var member : group.devices()) {
                assertThat(seen.add(member)).as("%s is in one group", member).isTrue();
                assertThat(member.group()).contains(group);
            }
        }
        core.devices().forEach(device -> assertThat(device.group().isPresent()).isEqualTo(seen.contains(device)));
    }
}
