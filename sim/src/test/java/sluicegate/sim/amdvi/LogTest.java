package sluicegate.sim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.types.Pasid;
import sluicegate.firmware.AmdviFlag;
import sluicegate.sim.unit.Devices;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.amdvi.ControlRegister;
import sluicegate.spec.amdvi.DeviceTableEntry;
import sluicegate.spec.amdvi.EventCode;
import sluicegate.spec.amdvi.EventLogBaseRegister;
import sluicegate.spec.amdvi.EventLogHeadRegister;
import sluicegate.spec.amdvi.EventLogTailRegister;
import sluicegate.spec.amdvi.HardwareEventLowerRegister;
import sluicegate.spec.amdvi.HardwareEventStatusRegister;
import sluicegate.spec.amdvi.HardwareEventUpperRegister;
import sluicegate.spec.amdvi.MsiAddressHighRegister;
import sluicegate.spec.amdvi.MsiAddressLowRegister;
import sluicegate.spec.amdvi.MsiCapabilityRegister;
import sluicegate.spec.amdvi.MsiDataRegister;
import sluicegate.spec.amdvi.PprAutoResponseRegister;
import sluicegate.spec.amdvi.PprEarlyOverflowRegister;
import sluicegate.spec.amdvi.PprLogHeadRegister;
import sluicegate.spec.amdvi.PprLogTailRegister;
import sluicegate.spec.amdvi.PprRecord;
import sluicegate.spec.amdvi.StatusRegister;
import sluicegate.spec.amdvi.XtInterruptRegister;
import sluicegate.spec.amdvi.XtPprInterruptRegister;

/** The event log and the PPR log (2.5, 2.6): interrupts, overflow and restart, answers that the unit gives by itself. */
class LogTest {
    private static final int ENTRIES = 256;
    private final Rig rig = new Rig().start();
    private final List<String> answers = new ArrayList<>();

    LogTest() {
        rig.unit.connect(new Devices() {
            @Override
            public boolean invalidate(int requesterId, int pasid, boolean global, long address, long size) {
                return true;
            }

            @Override
            public void respond(int requesterId, int pasid, int group, int code) {
                answers.add(pasid + ":" + group + ":" + code);
            }
        });
        rig.changeDte(Rig.DEVICE, 0, DeviceTableEntry.PPR.mask(), 0);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private void fault() {
        rig.read(0x4000_0000L);
    }

    @Test
    void aFullLogStopsAndIsRestartedAsTheManualSays() {
        for (int i = 0; i < ENTRIES - 1; i++) {
            fault();
        }
        assertThat(rig.status(StatusRegister.EVENTLOGRUN)).isTrue();
        assertThat(rig.status(StatusRegister.EVENTOVERFLOW)).isFalse();
        fault();
        assertThat(rig.status(StatusRegister.EVENTOVERFLOW)).isTrue();
        assertThat(rig.status(StatusRegister.EVENTLOGRUN)).isFalse();
        assertThat(rig.events()).hasSize(ENTRIES - 1);
        fault();
        assertThat(rig.events()).as("room alone does not make it go on").isEmpty();
        rig.clearControl(ControlRegister.EVENTLOGEN.mask());
        rig.control(ControlRegister.EVENTLOGEN.mask());
        assertThat(rig.status(StatusRegister.EVENTLOGRUN)).as("the overflow was not cleared").isFalse();
        rig.clearControl(ControlRegister.EVENTLOGEN.mask());
        rig.setRegister(StatusRegister.OFFSET, StatusRegister.EVENTOVERFLOW.mask());
        rig.control(ControlRegister.EVENTLOGEN.mask());
        fault();
        assertThat(rig.events()).hasSize(1);
    }

    @Test
    void eventsInterruptOnceUntilTheStatusIsCleared() {
        var interrupts = rig.countInterrupts();
        fault();
        assertThat(rig.status(StatusRegister.EVENTLOGINT)).as("interrupts are off").isFalse();
        rig.control(ControlRegister.EVENTINTEN.mask());
        fault();
        fault();
        Rig.await(interrupts, 1);
        assertThat(rig.status(StatusRegister.EVENTLOGINT)).isTrue();
        rig.setRegister(StatusRegister.OFFSET, StatusRegister.EVENTLOGINT.mask());
        fault();
        Rig.await(interrupts, 2);
    }

    @Test
    void aLogThatIsOffTakesNothing() {
        rig.clearControl(ControlRegister.EVENTLOGEN.mask());
        fault();
        assertThat(rig.register(EventLogTailRegister.OFFSET)).isZero();
        rig.setRegister(EventLogTailRegister.OFFSET, 0x40);
        rig.setRegister(EventLogHeadRegister.OFFSET, 0x40);
        rig.setRegister(EventLogBaseRegister.OFFSET, 0x50_0000 | 9L << 56);
        rig.control(ControlRegister.EVENTLOGEN.mask());
        rig.setRegister(EventLogTailRegister.OFFSET, 0x80);
        rig.setRegister(EventLogBaseRegister.OFFSET, 0);
        fault();
        assertThat(rig.register(EventLogTailRegister.OFFSET)).as("guarded while it runs").isEqualTo(0x50);
        assertThat(rig.memory.get64(0x50_0040) >>> 60).isEqualTo(EventCode.IO_PAGE_FAULT.code());
    }

    @Test
    void anEventThatCannotBeWrittenIsHeldInRegisters() {
        rig.clearControl(ControlRegister.EVENTLOGEN.mask());
        rig.setRegister(EventLogBaseRegister.OFFSET, 0x8000_0000L | 8L << 56);
        rig.control(ControlRegister.EVENTLOGEN.mask());
        fault();
        assertThat(rig.register(HardwareEventStatusRegister.OFFSET)).isEqualTo(1);
        assertThat(rig.register(HardwareEventUpperRegister.OFFSET) >>> 60).isEqualTo(EventCode.IO_PAGE_FAULT.code());
        assertThat(rig.register(HardwareEventLowerRegister.OFFSET)).isEqualTo(0x4000_0000L);
        fault();
        assertThat(rig.register(HardwareEventStatusRegister.OFFSET)).as("another came").isEqualTo(3);
        rig.setRegister(HardwareEventStatusRegister.OFFSET, 3);
        assertThat(rig.register(HardwareEventStatusRegister.OFFSET)).isZero();
    }

    @Test
    void msiRegistersAreInTheWindowToo() {
        var interrupts = new java.util.concurrent.atomic.AtomicInteger();
        var vector = rig.interrupts.allocate("rig", interrupts::incrementAndGet);
        rig.unit.registers().write32(MsiAddressLowRegister.OFFSET, (int) vector.address());
        rig.unit.registers().write32(MsiAddressHighRegister.OFFSET, (int) (vector.address() >>> 32));
        rig.unit.registers().write32(MsiDataRegister.OFFSET, vector.data());
        rig.control(ControlRegister.EVENTINTEN.mask());
        fault();
        rig.setRegister(StatusRegister.OFFSET, StatusRegister.EVENTLOGINT.mask());
        rig.unit.registers().write32(MsiCapabilityRegister.OFFSET, (int) MsiCapabilityRegister.MSIEN.mask());
        fault();
        Rig.await(interrupts, 1);
    }

    @Test
    void x2ApicRegistersTellTheLogsApart() {
        var general = new java.util.concurrent.atomic.AtomicInteger();
        var pageRequests = new java.util.concurrent.atomic.AtomicInteger();
        var first = rig.interrupts.allocate("events", general::incrementAndGet);
        var second = rig.interrupts.allocate("page requests", pageRequests::incrementAndGet);
        rig.setRegister(XtInterruptRegister.OFFSET, XtInterruptRegister.VECTOR.set(0, first.data()));
        rig.setRegister(XtPprInterruptRegister.OFFSET, XtPprInterruptRegister.VECTOR.set(0, second.data()));
        rig.control(ControlRegister.INTCAPXTEN.mask() | ControlRegister.EVENTINTEN.mask() | ControlRegister.PPRINTEN.mask());
        fault();
        Rig.await(general, 1);
        rig.unit.requestPage(Rig.DEVICE, Pasid.NONE, 0x1000, RequestAccess.READ, 0, true);
        Rig.await(pageRequests, 1);
        assertThat(general).hasValue(1);
    }

    private List<String> pageRequests() {
        long at = rig.register(PprLogHeadRegister.OFFSET);
        var records = new ArrayList<String>();
        while (at != rig.register(PprLogTailRegister.OFFSET)) {
            records.add(PprRecord.LAYOUT.describe(rig.memory.get64(Rig.PAGE_REQUESTS + at),
                    rig.memory.get64(Rig.PAGE_REQUESTS + at + 8)));
            at = at + 16 & Rig.RING - 1;
        }
        rig.setRegister(PprLogHeadRegister.OFFSET, at);
        return records;
    }

    @Test
    void pageRequestsAreLoggedAsTheyCome() {
        rig.unit.requestPage(Rig.DEVICE, 0xABCDE, 0x7f00_0012_3abcL, RequestAccess.READ | RequestAccess.WRITE, 5, true);
        rig.unit.requestPage(Rig.DEVICE, Pasid.NONE, 0x1000, RequestAccess.WRITE, 511, false);
        rig.unit.requestPage(Rig.DEVICE, 1, 0x2000, RequestAccess.READ | RequestAccess.EXECUTE | RequestAccess.PRIVILEGED, 0, true);
        rig.unit.requestPage(Rig.DEVICE, 1, 0, 0, 0, true);
        assertThat(pageRequests()).containsExactly(
                "DEVICEID=0x28 PASID_15_0=0xbcde TAG=0x205 PASID_19_16=0xa R=1 W=1 US=1 GN=1 CODE=0x1 ADDRESS=0x7f0000123000",
                "DEVICEID=0x28 TAG=0x1ff W=1 CODE=0x1 ADDRESS=0x1000",
                "DEVICEID=0x28 PASID_15_0=0x1 TAG=0x200 X=1 R=1 GN=1 CODE=0x1 ADDRESS=0x2000",
                "DEVICEID=0x28 PASID_15_0=0x1 TAG=0x200 US=1 GN=1 CODE=0x1");
        assertThat(answers).isEmpty();
        rig.control(ControlRegister.BLKSTOPMRKEN.mask());
        rig.unit.requestPage(Rig.DEVICE, 1, 0, 0, 0, true);
        assertThat(pageRequests()).as("stop markers are blocked").isEmpty();
    }

    @Test
    void devicesThatMayNotAskGetAnAnswerAtOnce() {
        rig.changeDte(Rig.DEVICE, 0, 0, DeviceTableEntry.PPR.mask());
        rig.unit.requestPage(Rig.DEVICE, 3, 0x5000, RequestAccess.READ, 9, false);
        rig.unit.requestPage(Rig.DEVICE, 3, 0x5000, RequestAccess.READ, 9, true);
        assertThat(answers).as("only the last of a group").containsExactly("3:9:1");
        var events = rig.events();
        assertThat(events).hasSize(2).allMatch(event -> event.code() == EventCode.INVALID_PPR_REQUEST
                && event.high() == 0x5000);
        assertThat(PprRecord.pasid(events.get(0).low())).isEqualTo(3);
        rig.clearControl(ControlRegister.EPHEN.mask());
        rig.unit.requestPage(Rig.DEVICE, 3, 0x5000, RequestAccess.READ, 9, true);
        assertThat(pageRequests()).as("without enhanced handling the bit does not count").hasSize(1);
        rig.clearControl(ControlRegister.PPREN.mask());
        rig.unit.requestPage(Rig.DEVICE, 3, 0x5000, RequestAccess.READ, 10, true);
        assertThat(answers).containsExactly("3:9:1", "3:10:1");
    }

    @Test
    void anOverflowOfPageRequestsIsAnsweredIfSoftwareWantsThat() {
        for (int i = 0; i < ENTRIES; i++) {
            rig.unit.requestPage(Rig.DEVICE, 3, i * 0x1000L, RequestAccess.READ, i, true);
        }
        assertThat(rig.status(StatusRegister.PPROVERFLOW)).isTrue();
        assertThat(rig.status(StatusRegister.PPRLOGRUN)).isFalse();
        assertThat(answers).isEmpty();
        rig.setRegister(PprAutoResponseRegister.OFFSET, 0xF);
        rig.control(ControlRegister.PPRAUTORSPEN.mask());
        rig.unit.requestPage(Rig.DEVICE, 3, 0, RequestAccess.READ, 300, true);
        assertThat(answers).containsExactly("3:300:15");
        rig.setRegister(PprAutoResponseRegister.OFFSET, 0x1F);
        rig.unit.requestPage(Rig.DEVICE, 3, 0, RequestAccess.READ, 301, true);
        rig.unit.requestPage(Rig.DEVICE, Pasid.NONE, 0, RequestAccess.READ, 302, true);
        assertThat(answers).as("those with PASID are left out").containsExactly("3:300:15", Pasid.NONE + ":302:15");
        assertThat(pageRequests()).hasSize(ENTRIES - 1);
        rig.clearControl(ControlRegister.PPRLOGEN.mask());
        rig.setRegister(StatusRegister.OFFSET, StatusRegister.PPROVERFLOW.mask());
        rig.control(ControlRegister.PPRLOGEN.mask());
        rig.unit.requestPage(Rig.DEVICE, 3, 0, RequestAccess.READ, 303, true);
        assertThat(pageRequests()).hasSize(1);
        rig.setRegister(PprAutoResponseRegister.OFFSET, 0);
        rig.control(ControlRegister.PPRAUTORSPAON.mask());
        rig.unit.requestPage(Rig.DEVICE, 3, 0, RequestAccess.READ, 304, true);
        assertThat(pageRequests()).as("always answered").isEmpty();
        assertThat(answers).last().isEqualTo("3:304:0");
    }

    @Test
    void anEarlyWarningComesBeforeTheOverflow() {
        var interrupts = rig.countInterrupts();
        rig.setRegister(PprEarlyOverflowRegister.OFFSET, 3L << 30 | 10);
        for (int i = 0; i < 9; i++) {
            rig.unit.requestPage(Rig.DEVICE, 3, 0, RequestAccess.READ, i, true);
        }
        assertThat(rig.status(StatusRegister.PPROVRFLWEARLY)).isFalse();
        rig.unit.requestPage(Rig.DEVICE, 3, 0, RequestAccess.READ, 9, true);
        assertThat(rig.status(StatusRegister.PPROVRFLWEARLY)).isTrue();
        Rig.await(interrupts, 1);
    }

    @Test
    void aUnitWithoutPageRequestsRefusesThem() {
        try (var poor = new Rig(Rig.without(AmdviFlag.PAGE_REQUESTS, AmdviFlag.ENHANCED_PPR)).start()) {
            poor.unit.requestPage(Rig.DEVICE, 3, 0x5000, RequestAccess.READ, 9, true);
            assertThat(poor.event().code()).isEqualTo(EventCode.INVALID_PPR_REQUEST);
            assertThat(poor.register(PprLogTailRegister.OFFSET)).isZero();
        }
    }
}
