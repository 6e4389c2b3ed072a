package sluicegate.hw.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.driver.PageRequest;
import sluicegate.api.types.Access;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.hw.common.Patience;
import sluicegate.machine.memory.AddressMap;
import sluicegate.machine.memory.HeapMemory;
import sluicegate.machine.memory.PageAllocator;
import sluicegate.machine.memory.UnitArena;
import sluicegate.spec.amdvi.CommandCode;
import sluicegate.spec.amdvi.CompletePprCommand;
import sluicegate.spec.amdvi.ControlRegister;
import sluicegate.spec.amdvi.EventCode;
import sluicegate.spec.amdvi.EventFlags;
import sluicegate.spec.amdvi.EventLogRecord;
import sluicegate.spec.amdvi.PprRecord;
import sluicegate.spec.amdvi.StatusRegister;

class LogsTest {
    private static final int NIC = 0x0118;
    /** A device that expects no PASID in answers. */
    private static final int WITHOUT_PASID = 0x0200;
    private static final int PASIDS = 1 << 16;

    private final HeapMemory memory;
    private final UnitArena arena;
    private final ScriptedUnit unit;
    private final Sink sink = new Sink();
    private final AtomicLong clock = new AtomicLong();
    private Runnable beforeLook = () -> {};
    private EventLog events;
    private PageRequestLog requests;

    LogsTest() {
        var map = new AddressMap(List.of(new AddressMap.Range(0, 4 << 20)));
        memory = new HeapMemory(map);
        arena = new UnitArena("ivhd0", memory, new PageAllocator(map, List.of()));
        unit = new ScriptedUnit(memory);
    }

    @BeforeEach
    void start() {
        unit.write64(ControlRegister.OFFSET, ControlRegister.IOMMUEN.mask());
        var window = new AmdviWindow("ivhd0", unit, new Patience(1_000_000_000L, () -> {
            beforeLook.run();
            return clock.addAndGet(1_000_000L);
        }));
        var commands = new CommandBuffer(window, memory, arena);
        events = new EventLog(window, memory, arena, sink, commands.errors());
        events.ring().start();
        requests = new PageRequestLog(new LogRing(window, memory, arena, PageRequestLog.LAYOUT), sink, new Invalidator(commands, true),
                deviceId -> deviceId == NIC ? PASIDS : 0, deviceId -> deviceId != WITHOUT_PASID, false);
        requests.ring().start();
    }

    private static long fault(int deviceId, int domain) {
        long low = EventLogRecord.CODE.set(0, EventCode.IO_PAGE_FAULT.code());
        return EventLogRecord.DOMAINID.set(EventLogRecord.DEVICEID.set(low, deviceId), domain);
    }

    private static long request(int deviceId, int pasid, int tag) {
        long low = PprRecord.CODE.set(0, PprRecord.PAGE_SERVICE_REQUEST) | PprRecord.GN.mask() | PprRecord.R.mask()
                | PprRecord.US.mask();
        low = PprRecord.PASID_19_16.set(PprRecord.PASID_15_0.set(low, pasid & 0xffff), pasid >>> 16);
        return PprRecord.TAG.set(EventLogRecord.DEVICEID.set(low, deviceId), tag);
    }

    @Test
    void faultsAreReportedInTheirOrderAndTheRingGoesRound() {
        for (int i = 0; i < 1200; i++) {
            unit.log(fault(NIC, 7), 0x1000L * i, true);
            if (i % 100 == 0) {
                events.drain();
            }
        }
        events.drain();
        assertThat(sink.faults).hasSize(1200);
        for (int i = 0; i < 1200; i++) {
            assertThat(sink.faults.get(i).iova()).isEqualTo(0x1000L * i);
        }
    }

    @Test
    void aFaultTellsWhoWantedWhatAndWhyNot() {
        unit.log(fault(NIC, 7) | EventFlags.RW.mask() | EventFlags.PR.mask() | EventFlags.PE.mask(), 0xdead_b000L, true);
        unit.log(EventFlags.GN.mask() | EventLogRecord.PASID_19_16.set(fault(NIC, 0x2345), 1), 0x5000, true);
        unit.log(EventLogRecord.CODE.set(EventLogRecord.DEVICEID.set(0, NIC), 0xb), 0, true);
        events.drain();
        var write = sink.faults.get(0);
        assertThat(write.sourceId()).isEqualTo(NIC);
        assertThat(write.pasid()).isEqualTo(Pasid.NONE);
        assertThat(write.iova()).isEqualTo(0xdead_b000L);
        assertThat(write.access()).isEqualTo(Access.WRITE);
        assertThat(write.name()).isEqualTo("IO_PAGE_FAULT");
        assertThat(write.reason()).contains("write, the permission is missing").contains("domain 7").contains("2.5.3");
        assertThat(sink.faults.get(1).pasid()).isEqualTo(0x1_2345);
        assertThat(sink.faults.get(1).access()).isEqualTo(Access.READ);
        assertThat(sink.faults.get(1).reason()).contains("read of a PASID as supervisor, the page is not present");
        assertThat(sink.faults.get(2).name()).isEqualTo("RESERVED_B");
    }

    /** Kernels print 0x0010 for it: PR alone, since no entry was without permission. */
    @Test
    void anAddressThatIsWiderThanTheTablesIsNotCalledAnIllegalLevel() {
        unit.log(fault(NIC, 7) | 0x0010L << EventFlags.SHIFT, 1L << 60, true);
        events.drain();
        assertThat(sink.faults.get(0).reason()).contains(EventFlags.sentence(0x0010L << EventFlags.SHIFT))
                .contains("wider than the tables");
    }

    @Test
    void aRecordThatIsWrittenAfterItsInterruptIsWaitedFor() {
        long place = unit.log(0, 0, false);
        var looks = new AtomicInteger();
        beforeLook = () -> {
            if (looks.incrementAndGet() == 5) {
                memory.set64(place + 8, 0x7000);
                memory.set64Release(place, fault(NIC, 7));
            }
        };
        events.drain();
        assertThat(sink.faults).hasSize(1);
        assertThat(sink.faults.get(0).iova()).isEqualTo(0x7000);
        assertThat(memory.get64(place)).as("cleared, so that the next one in its place is waited for too").isZero();
    }

    @Test
    void aPageRequestThatIsWrittenAfterItsInterruptIsWaitedFor() {
        long place = unit.ask(0, 0, false);
        unit.ask(request(NIC, 5, PprRecord.LAST | 2), 0x8000);
        var looks = new AtomicInteger();
        beforeLook = () -> {
            if (looks.incrementAndGet() == 5) {
                memory.set64(place + 8, 0x7000);
                memory.set64Release(place, request(NIC, 5, PprRecord.LAST | 1));
            }
        };
        requests.drain();
        assertThat(sink.requests).extracting(PageRequest::group).containsExactly(1, 2);
        assertThat(sink.requests.get(0).iova()).isEqualTo(0x7000);
        assertThat(memory.get64(place)).as("cleared, so that the next one in its place is waited for too").isZero();
    }

    @Test
    void aRecordThatNeverComesIsSkipped() {
        unit.log(0, 0, false);
        unit.log(fault(NIC, 7), 0x7000, true);
        events.drain();
        assertThat(sink.faults).extracting(record -> record.iova()).containsExactly(0x7000L);
    }

    @Test
    void aLogThatWasFullIsStartedAgain() {
        unit.log(fault(NIC, 7), 0x7000, true);
        unit.overflow(StatusRegister.EVENTOVERFLOW, StatusRegister.EVENTLOGRUN);
        events.drain();
        assertThat(sink.faults).hasSize(1);
        assertThat(sink.overflows.get()).isEqualTo(1);
        long status = unit.get(StatusRegister.OFFSET);
        assertThat(StatusRegister.EVENTOVERFLOW.isSet(status)).isFalse();
        assertThat(StatusRegister.EVENTLOGRUN.isSet(status)).isTrue();
    }

    @Test
    void aDeviceThatNeverStopsDoesNotKeepTheHandler() {
        var endless = new Sink();
        var window = new AmdviWindow("ivhd0", unit, new Patience(1_000_000_000L, () -> clock.addAndGet(1_000_000L)));
        var sinkThatCausesMore = new sluicegate.api.driver.FaultSink() {
            @Override
            public void fault(sluicegate.api.driver.FaultRecord record) {
                endless.fault(record);
                unit.log(LogsTest.fault(NIC, 7), 0, true);
            }

            @Override
            public void overflow() {
                endless.overflow();
            }

            @Override
            public void pageRequest(PageRequest request) {
                endless.pageRequest(request);
            }
        };
        var log = new EventLog(window, memory, arena, sinkThatCausesMore, new CommandBuffer(window, memory, arena).errors());
        log.ring().start();
        unit.log(fault(NIC, 7), 0, true);
        log.drain();
        assertThat(endless.faults.size()).isBetween(1, 64);
        assertThat(endless.overflows.get()).isEqualTo(1);
    }

    @Test
    void pageRequestsReachTheCore() {
        unit.ask(request(NIC, 0x1234, PprRecord.LAST | 0x1ff) | PprRecord.W.mask(), 0x7fff_0000L);
        unit.ask(request(NIC, 1, 3) | PprRecord.X.mask(), 0x8000);
        unit.ask(PprRecord.US.clear(request(NIC, 1, 4)), 0x9000);
        requests.drain();
        assertThat(sink.requests).containsExactly(
                new PageRequest(NIC, 0x1234, 0x7fff_0000L, Prot.READ | Prot.WRITE | Prot.NOEXEC, 0x1ff, true),
                new PageRequest(NIC, 1, 0x8000, Prot.READ, 3, false),
                new PageRequest(NIC, 1, 0x9000, Prot.READ | Prot.NOEXEC | Prot.PRIV, 4, false));
    }

    /** It is of a device that the core is just letting go of. */
    @Test
    void aRequestThatTheCoreDoesNotTakeStaysInFrontAndIsOfferedAgain() {
        sink.closed = true;
        unit.ask(request(NIC, 1, PprRecord.LAST | 1), 0x1000);
        unit.ask(request(NIC, 1, PprRecord.LAST | 2), 0x2000);
        requests.drain();
        requests.drain();
        assertThat(sink.requests).isEmpty();
        sink.closed = false;
        unit.ask(request(NIC, 1, PprRecord.LAST | 3), 0x3000);
        requests.drain();
        assertThat(sink.requests).extracting(PageRequest::group).containsExactly(1, 2, 3);
        assertThat(unit.take()).as("answers").isEmpty();
    }

    @Test
    void aFullLogWhoseFirstRequestStaysIsStartedAgainWhenThatIsTaken() {
        sink.closed = true;
        for (int i = 0; i < 511; i++) {
            unit.ask(request(NIC, 5, i & 31), 0x1000L * i);
        }
        unit.overflow(StatusRegister.PPROVERFLOW, StatusRegister.PPRLOGRUN);
        requests.drain();
        assertThat(sink.overflows).hasValue(0);
        sink.closed = false;
        requests.drain();
        assertThat(sink.requests).hasSize(511);
        assertThat(sink.overflows).hasValue(1);
        assertThat(StatusRegister.PPRLOGRUN.isSet(unit.get(StatusRegister.OFFSET))).isTrue();
    }

    @Test
    void aStopMarkerIsNoRequestAndGetsNoAnswer() {
        unit.ask(PprRecord.R.clear(request(NIC, 5, PprRecord.LAST)), 0);
        unit.ask(PprRecord.R.clear(request(0x9999, 5, PprRecord.LAST)), 0);
        unit.ask(request(NIC, 5, PprRecord.LAST | 1), 0x1000);
        requests.drain();
        assertThat(sink.requests).extracting(PageRequest::group).containsExactly(1);
        assertThat(unit.take()).isEmpty();
    }

    /** Who else asks must not be refused because of it: the core knows who asks too much. */
    @Test
    void aDeviceThatAsksWithoutEndDoesNotKeepTheHandlerAndNobodyIsRefused() {
        var asked = new java.util.concurrent.atomic.AtomicInteger();
        var endless = new sluicegate.api.driver.FaultSink() {
            @Override
            public void fault(sluicegate.api.driver.FaultRecord record) {
                sink.fault(record);
            }

            @Override
            public void overflow() {
                sink.overflow();
            }

            @Override
            public void pageRequest(PageRequest request) {
                asked.incrementAndGet();
                unit.ask(LogsTest.request(NIC, 5, PprRecord.LAST | 1), 0x1000);
                unit.ask(PprRecord.R.clear(LogsTest.request(NIC, 5, PprRecord.LAST)), 0);
            }
        };
        var window = new AmdviWindow("ivhd0", unit, new Patience(1_000_000_000L, () -> clock.addAndGet(1_000_000L)));
        var commands = new CommandBuffer(window, memory, arena);
        var log = new PageRequestLog(new LogRing(window, memory, arena, PageRequestLog.LAYOUT), endless,
                new Invalidator(commands, true), deviceId -> PASIDS, deviceId -> true, false);
        log.ring().start();
        unit.ask(request(NIC, 5, PprRecord.LAST | 1), 0x1000);
        log.drain();
        assertThat(asked).hasPositiveValue();
        assertThat(unit.take()).as("answers of the driver's own").isEmpty();
    }

    @Test
    void requestsThatMakeNoSenseAreAnsweredWithFailure() {
        unit.ask(PprRecord.GN.clear(request(NIC, 0, PprRecord.LAST | 1)), 0x1000);
        unit.ask(request(NIC, 5, PprRecord.LAST | 2) | PprRecord.RZ.mask(), 0x1000);
        unit.ask(request(NIC, 0, PprRecord.LAST | 3), 0x1000);
        unit.ask(request(NIC, PASIDS, PprRecord.LAST | 4), 0x1000);
        unit.ask(request(0x9999, 5, PprRecord.LAST | 5), 0x1000);
        unit.ask(request(WITHOUT_PASID, 5, PprRecord.LAST | 6), 0x1000);
        requests.drain();
        assertThat(sink.requests).isEmpty();
        var answers = unit.take();
        assertThat(answers).hasSize(6).allMatch(command -> command.code() == CommandCode.COMPLETE_PPR_REQUEST
                && CompletePprCommand.CODE.get(command.high()) == CompletePprCommand.FAILURE);
        assertThat(answers).extracting(command -> (int) CompletePprCommand.TAG.get(command.high())).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(answers).extracting(command -> CompletePprCommand.GN.isSet(command.high()))
                .containsExactly(false, true, true, true, true, false);
        assertThat(CompletePprCommand.PASID.get(answers.get(3).low())).isEqualTo(PASIDS);
    }

    @Test
    void nobodyAnswersAStopMarkerOrARequestThatDoesNotCloseItsGroup() {
        unit.ask(PprRecord.R.clear(request(NIC, 5, PprRecord.LAST | 1)), 0x1000);
        unit.ask(PprRecord.R.clear(request(0x9999, 5, PprRecord.LAST | 2)), 0x1000);
        unit.ask(request(0x9999, 5, 3), 0x1000);
        requests.drain();
        assertThat(sink.requests).isEmpty();
        assertThat(unit.take()).isEmpty();
    }

    @Test
    void aPprLogThatWasFullIsStartedAgain() {
        for (int i = 0; i < 511; i++) {
            unit.ask(request(NIC, 5, i & 31), 0x1000L * i);
        }
        unit.overflow(StatusRegister.PPROVERFLOW, StatusRegister.PPRLOGRUN);
        requests.drain();
        assertThat(sink.requests).hasSize(511);
        assertThat(sink.overflows.get()).isEqualTo(1);
        assertThat(StatusRegister.PPRLOGRUN.isSet(unit.get(StatusRegister.OFFSET))).isTrue();
    }
}
