package sluicegate.core.impl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import sluicegate.api.Fault;
import sluicegate.api.driver.FaultRecord;
import sluicegate.api.platform.DmaDescription;
import sluicegate.api.types.Access;
import sluicegate.api.types.Pasid;
import sluicegate.core.impl.fault.FaultRing;
import sluicegate.core.impl.fault.RateLimit;

class FaultsTest extends CoreFixture {
    private static FaultRecord record(int source, long iova) {
        return new FaultRecord(source, Pasid.NONE, iova, Access.WRITE, 5, "WRITE_NOT_PERMITTED", "the page is read-only");
    }

    @Test
    void aFaultFindsItsDeviceByUnitAndSourceId() {
        machine.bus.put("00:02.0", dmar0);
        var dmar1 = machine.unit("dmar1");
        var wide = machine.bus.pci("00:03.0");
        machine.bus.add(wide, Optional.of(new DmaDescription(dmar1, List.of(List.of(0x10), List.of(0x12345)), false)));
        core.addUnit(dmar1);
        boot();
        var heard = new ArrayList<Fault>();
        core.addListener(heard::add);
        driver.faults("dmar0").fault(record(0x10, 0x1000));
        driver.faults("dmar1").fault(record(0x10, 0x2000));
        driver.faults("dmar1").fault(record(0x12345, 0x3000));
        driver.faults("dmar1").fault(record(0x99, 0x4000));

        assertThat(heard).extracting(f -> f.device().orElse("?"))
                .containsExactly("0000:00:02.0", "0000:00:03.0", "0000:00:03.0", "?");
        assertThat(core.recentFaults()).isEqualTo(heard);
        assertThat(heard.get(0)).returns("dmar0", Fault::unit).returns(0x1000L, Fault::iova).returns(5, Fault::code);
    }

    @Test
    void report_iommu_fault_withoutAListenerIsNoErrorAndKept() {
        machine.bus.put("00:02.0", dmar0);
        boot();
        driver.faults("dmar0").fault(record(0x10, 0x1000));
        assertThat(core.recentFaults()).extracting(Fault::iova).containsExactly(0x1000L);
    }

    @Test
    void aListenerThatThrowsIsNobodyElsesTrouble() {
        machine.bus.put("00:02.0", dmar0);
        boot();
        var heard = new ArrayList<Fault>();
        core.addListener(fault -> {
            throw new AssertionError("bad");
        });
        core.addListener(heard::add);
        driver.faults("dmar0").fault(record(0x10, 0));
        assertThat(heard).hasSize(1);
        core.removeListener(heard::add);
    }

    @Test
    void ofDevicesThatShareAnIdTheNextOneIsFoundWhenTheFirstIsGone() {
        var shared = Optional.of(new DmaDescription(dmar0, List.of(List.of(0x300)), false));
        var first = machine.bus.pci("03:02.0");
        machine.bus.add(first, shared);
        machine.bus.add(machine.bus.pci("03:03.0"), shared);
        boot();
        driver.faults("dmar0").fault(record(0x300, 0));
        machine.bus.remove(first);
        driver.faults("dmar0").fault(record(0x300, 0));
        assertThat(core.recentFaults()).extracting(f -> f.device().orElseThrow()).containsExactly("0000:03:02.0", "0000:03:03.0");
    }

    @Test
    void aDriverThatLeftIsNotListenedTo() {
        machine.bus.put("00:02.0", dmar0);
        boot();
        var sink = driver.faults("dmar0");
        core.removeDriver(entry);
        sink.fault(record(0x10, 0));
        assertThat(core.recentFaults()).isEmpty();
    }

    @Test
    void theRingKeepsTheLatest() {
        var ring = new FaultRing(4);
        var faults = new ArrayList<Fault>();
        for (int i = 0; i < 10; i++) {
            faults.add(new Fault("u", Optional.empty(), 0, -1, i, Access.READ, 0, "N", "r", java.time.Instant.EPOCH));
            ring.add(faults.get(i));
            assertThat(ring.latest()).isEqualTo(faults.subList(Math.max(0, i - 3), i + 1));
        }
    }

    @Test
    void aBurstPassesAndTheRestIsCounted() {
        var now = new long[1];
        var limit = new RateLimit(2, 100, () -> now[0]);
        assertThat(List.of(limit.pass(), limit.pass(), limit.pass(), limit.pass())).containsExactly(true, true, false, false);
        now[0] = 100;
        assertThat(limit.pass()).isTrue();
        assertThat(limit.heldBack()).isEqualTo(2);
        assertThat(limit.heldBack()).isZero();
    }

    @Test
    void withoutAModelATranslationIsReadFromTheTables() {
        machine.bus.put("00:02.0", dmar0);
        boot();
        var domain = domainFor("00:02.0");
        domain.attach(device("00:02.0"));
        domain.map(0x1000, 0x9000, K4, 1);
        assertThat(device("00:02.0").translate(Pasid.NONE, 0x1008, false))
                .isEqualTo(new sluicegate.api.types.Translation.Mapped(0x1008, 0x9008, 1, K4));
        assertThat(device("00:02.0").translate(Pasid.NONE, 0x5000, false))
                .isInstanceOf(sluicegate.api.types.Translation.Fault.class);
        assertThat(device("00:02.0").translate(7, 0x1000, false)).isInstanceOf(sluicegate.api.types.Translation.Fault.class);
    }
}
