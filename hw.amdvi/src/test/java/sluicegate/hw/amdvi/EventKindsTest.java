package sluicegate.hw.amdvi;

import static org.assertj.core.api.Assertions.assertThat;
import static sluicegate.hw.amdvi.CommandBufferTest.assertErrno;

import java.util.EnumSet;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import sluicegate.api.driver.FaultRecord;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.types.Access;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Pasid;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.amdvi.DeviceTableBaseRegister;
import sluicegate.spec.amdvi.DeviceTableEntry;
import sluicegate.spec.amdvi.EventCode;
import sluicegate.spec.amdvi.EventFlags;
import sluicegate.spec.amdvi.EventLogRecord;

/** Each kind of event (2.5.2 to 2.5.15): that the model raises it where the manual says, and what this driver makes of it. */
class EventKindsTest {
    private static final int NIC = 0x0118;
    private static final long NOWHERE = 1L << 40;

    /** What the core hears of what {@code cause} does to a unit whose device has a domain with host tables. */
    private static FaultRecord fault(Consumer<Rig> cause) {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            Rig.host(unit, nic).attachDev(nic, Optional.empty());
            cause.accept(rig);
            unit.leave(LeavePolicy.BLOCK);
            assertThat(rig.sink.faults).hasSize(1);
            return rig.sink.faults.get(0);
        }
    }

    private static void change(Rig rig, int word, long set, long clear) {
        long place = AttachTest.entry(rig, NIC) + 8L * word;
        rig.memory().set64(place, rig.memory().get64(place) & ~clear | set);
    }

    private static void assertTold(FaultRecord fault, EventCode event, int pasid, long iova, Access access, String... words) {
        assertThat(fault.name()).isEqualTo(event.name());
        assertThat(fault.code()).isEqualTo(event.code());
        assertThat(fault.sourceId()).isEqualTo(NIC);
        assertThat(fault.pasid()).isEqualTo(pasid);
        assertThat(fault.iova()).isEqualTo(iova);
        assertThat(fault.access()).isEqualTo(access);
        assertThat(fault.reason()).contains(event.meaning()).contains("section " + event.section());
        assertThat(words).allSatisfy(word -> assertThat(fault.reason()).contains(word));
        boolean tellsDomain = EnumSet.of(EventCode.IO_PAGE_FAULT, EventCode.PAGE_TAB_HARDWARE_ERROR, EventCode.INVALID_DEVICE_REQUEST)
                .contains(event);
        assertThat(fault.reason().contains(", domain ")).isEqualTo(tellsDomain && pasid == Pasid.NONE);
    }

    @Test
    void aDeviceTableEntryWithAReservedBitAndOneWithACodeThatIsNone() {
        assertTold(fault(rig -> {
            change(rig, 0, 1L << 63, 0);
            rig.write(NIC, 0x5000);
        }), EventCode.ILLEGAL_DEV_TABLE_ENTRY, Pasid.NONE, 0x5000, Access.WRITE, "a reserved bit");
        assertTold(fault(rig -> {
            change(rig, 0, DeviceTableEntry.MODE.mask(), 0);
            rig.read(NIC, 7, 0x5000);
        }), EventCode.ILLEGAL_DEV_TABLE_ENTRY, 7, 0x5000, Access.READ, "a code");
    }

    @Test
    void aPageThatIsNotThere() {
        assertTold(fault(rig -> rig.write(NIC, 0x5000)), EventCode.IO_PAGE_FAULT, Pasid.NONE, 0x5000, Access.WRITE,
                "write, the page is not present", "domain ");
    }

    @Test
    void aDeviceTableWhereNoMemoryIs() {
        assertTold(fault(rig -> {
            long base = rig.registers().read64(DeviceTableBaseRegister.OFFSET);
            rig.registers().write64(DeviceTableBaseRegister.OFFSET, DeviceTableBaseRegister.BASE.setInPlace(base, NOWHERE));
            rig.read(NIC, 0x5000);
            rig.registers().write64(DeviceTableBaseRegister.OFFSET, base);
        }), EventCode.DEV_TAB_HARDWARE_ERROR, Pasid.NONE, 0, Access.READ, "at 0x10000002300: ", "nothing is at the address");
    }

    @Test
    void aPageTableWhereNoMemoryIs() {
        assertTold(fault(rig -> {
            change(rig, 0, NOWHERE, DeviceTableEntry.ROOT.mask());
            rig.write(NIC, 0x5000);
        }), EventCode.PAGE_TAB_HARDWARE_ERROR, Pasid.NONE, 0, Access.WRITE, "at 0x10000000000: ", "nothing is at the address");
    }

    @Test
    void requestsThatADeviceMayNotMake() {
        assertTold(fault(rig -> rig.model().translated(NIC, Pasid.NONE, 0x7000, RequestAccess.WRITE)),
                EventCode.INVALID_DEVICE_REQUEST, Pasid.NONE, 0x7000, Access.WRITE, "a translated request");
        assertTold(fault(rig -> rig.model().translationRequest(NIC, Pasid.NONE, 0x7000, true)),
                EventCode.INVALID_DEVICE_REQUEST, Pasid.NONE, 0x7000, Access.READ, "a translation request");
        assertTold(fault(rig -> rig.read(NIC, 0xfee0_0000L)),
                EventCode.INVALID_DEVICE_REQUEST, Pasid.NONE, 0xfee0_0000L, Access.READ, "in the interrupt address range");
    }

    @Test
    void aPageRequestOfADeviceThatMayNotAsk() {
        assertTold(fault(rig -> rig.model().requestPage(NIC, 0x1_2345, 0x5000, RequestAccess.WRITE, 3, true)),
                EventCode.INVALID_PPR_REQUEST, 0x1_2345, 0x5000, Access.WRITE);
    }

    /** The device is not to blame for it: its submitter is told. */
    @Test
    void aCommandThatIsNoneAndADeviceThatDoesNotAnswer() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            assertErrno(Errno.EINVAL, () -> unit.invalidator().commands().run(0xf000_0000_0000_0000L, 0));
            rig.silenceDevices(true);
            assertErrno(Errno.ETIMEDOUT, () -> unit.invalidator().deviceTlb(FlushTargets.target(NIC, 1, Pasid.NONE, true, 32)));
            rig.silenceDevices(false);
            unit.invalidator().domain(1);
            assertThat(rig.sink.faults).isEmpty();
        }
    }

    /** Of features that no machine here has: performance counters and SNP. */
    @Test
    void eventsThatTheModelDoesNotRaise() {
        for (var event : EnumSet.of(EventCode.EVENT_COUNTER_ZERO, EventCode.RMP_PAGE_FAULT, EventCode.RMP_HW_ERROR)) {
            long low = EventLogRecord.CODE.set(EventLogRecord.DEVICEID.set(0, NIC), event.code());
            boolean counter = event == EventCode.EVENT_COUNTER_ZERO;
            // Where other events have a PASID, these have something else.
            long flags = counter ? 0 : EventFlags.RW.mask() | EventFlags.GN.mask() | 0x1234L << 32;
            assertTold(EventDecoder.decode(low | flags, 0x9000), event, Pasid.NONE, event == EventCode.RMP_PAGE_FAULT ? 0x9000 : 0,
                    counter ? Access.READ : Access.WRITE);
        }
    }
}
