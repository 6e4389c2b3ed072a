package sluicegate.sim.pci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import sluicegate.api.platform.DmaMaster.AtsCompletion;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.machine.memory.AddressMap;
import sluicegate.machine.memory.HeapMemory;
import sluicegate.machine.memory.PageAllocator;
import sluicegate.machine.memory.UnitArena;
import sluicegate.machine.unit.UnitPlace;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.sim.smmuv3.Smmuv3Capabilities;
import sluicegate.sim.smmuv3.Smmuv3Unit;
import sluicegate.sim.unit.Arrival;

/** What a device keeps of translations, and the answers that it gets to page requests. */
class DeviceTlbTest {
    private static final int RW = Prot.READ | Prot.WRITE;
    private final DeviceTlb tlb = new DeviceTlb();

    private void keep(int pasid, long iova, long address, long size, int prot) {
        tlb.fill(pasid, iova, new AtsCompletion(DmaStatus.OK, address, size, prot), tlb.since());
    }

    private boolean has(int pasid, long iova) {
        return tlb.find(pasid, iova, false) != DeviceTlb.NONE;
    }

    @Test
    void aPageIsKeptForItsPasidAndWithItsPermissions() {
        keep(7, 0x1000, 0x70_0000, 0x1000, Prot.READ);
        assertThat(tlb.find(7, 0x1238, false)).isEqualTo(0x70_0238);
        assertThat(tlb.find(7, 0x1238, true)).isEqualTo(DeviceTlb.NONE);
        assertThat(has(8, 0x1238)).isFalse();
        assertThat(has(Pasid.NONE, 0x1238)).isFalse();
        assertThat(has(7, 0x2238)).isFalse();
    }

    @Test
    void ofALargePageThePartThatWasAskedForIsKept() {
        keep(Pasid.NONE, 0x4012_3456L, 0x8000_0000L, 1L << 30, RW);
        assertThat(tlb.find(Pasid.NONE, 0x4012_3008L, true)).isEqualTo(0x8012_3008L);
    }

    @Test
    void whatIsNotGrantedIsNotKept() {
        keep(Pasid.NONE, 0x1000, 0, 0x1000, 0);
        assertThat(has(Pasid.NONE, 0x1000)).isFalse();
    }

    @Test
    void anInvalidationTakesItsRangeOfOnePasid() {
        for (long iova = 0; iova < 0x8000; iova += 0x1000) {
            keep(7, iova, 0x70_0000, 0x1000, RW);
            keep(8, iova, 0x70_0000, 0x1000, RW);
        }
        tlb.invalidate(7, false, 0x2000, 0x2000);
        assertThat(has(7, 0x1000)).isTrue();
        assertThat(has(7, 0x2000)).isFalse();
        assertThat(has(7, 0x3000)).isFalse();
        assertThat(has(7, 0x4000)).isTrue();
        assertThat(has(8, 0x2000)).isTrue();
        tlb.invalidate(7, true, 0x2000, 0x2000);
        assertThat(has(8, 0x2000)).as("global").isFalse();
        tlb.invalidate(Pasid.NONE, false, 0x4000, 0x1000);
        assertThat(has(7, 0x4000) || has(8, 0x4000)).as("without PASID all are meant").isFalse();
        tlb.invalidate(Pasid.NONE, false, 0, 0);
        assertThat(has(7, 0x1000) || has(8, 0x7000)).as("everything").isFalse();
    }

    @Test
    void anAnswerToAnOldQuestionIsNotKept() {
        long since = tlb.since();
        tlb.invalidate(7, false, 0x9000, 0x1000);
        tlb.fill(Pasid.NONE, 0x1000, new AtsCompletion(DmaStatus.OK, 0x70_0000, 0x1000, RW), since);
        assertThat(has(Pasid.NONE, 0x1000)).isFalse();
    }

    // Page requests

    private record Asking(boolean hasPri, boolean priEnabled) implements Requester {
        @Override
        public String name() {
            return "0000:00:05.0";
        }

        @Override
        public boolean hasAts() {
            return true;
        }

        @Override
        public boolean atsEnabled() {
            return true;
        }

        @Override
        public int pasidBits() {
            return 8;
        }

        @Override
        public boolean pasidEnabled() {
            return true;
        }
    }

    @Test
    void anAnswerToAPageRequestReachesItsDevice() {
        var memory = new HeapMemory(new AddressMap(List.of(new AddressMap.Range(0, 1 << 20))));
        try (var interrupts = new InterruptController("test")) {
            var unit = new Smmuv3Unit(new UnitPlace(null, "smmu", 0, 0), Smmuv3Capabilities.FULL,
                    memory, new UnitArena("smmu", memory, new PageAllocator(memory.map(), List.of())), interrupts);
            var arrival = Optional.of(new Arrival(unit, 5));
            var device = new DmaEngine(new Asking(true, true), memory, interrupts, arrival);
            var other = new DmaEngine(new Asking(true, false), memory, interrupts, Optional.of(new Arrival(unit, 6)));
            var behind = new Endpoints();
            unit.connect(behind);
            behind.add(5, device);
            behind.add(6, other);
            device.setGate(DmaEngine.Gate.OPEN);
            // The unit's queue is off, so it answers by itself that requests fail.
            device.requestPage(Pasid.NONE, 0x1000, RW, 3, true);
            assertThat(other.takePageResponse(3)).isEmpty();
            assertThat(device.takePageResponse(3)).isEqualTo(OptionalInt.of(15));
            assertThat(device.takePageResponse(3)).as("taken").isEmpty();
            behind.remove(5, device);
            device.requestPage(Pasid.NONE, 0x1000, RW, 3, true);
            assertThat(device.takePageResponse(3)).as("no longer there").isEmpty();
            assertRefused(Errno.EOPNOTSUPP, "switched off", () -> other.requestPage(Pasid.NONE, 0, RW, 0, true));
            assertRefused(Errno.EINVAL, "512", () -> device.requestPage(Pasid.NONE, 0, RW, 512, true));
            assertRefused(Errno.EINVAL, "PASIDs of 8 bits", () -> device.requestPage(256, 0, RW, 0, true));
        }
    }

    private static void assertRefused(Errno errno, String why, Runnable request) {
        assertThatThrownBy(request::run).isInstanceOfSatisfying(IommuException.class,
                error -> assertThat(error.errno()).isEqualTo(errno)).hasMessageContaining(why);
    }
}
