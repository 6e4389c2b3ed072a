package sluicegate.sim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.smmuv3.CommandOpcode;
import sluicegate.spec.smmuv3.ContextDescriptor;
import sluicegate.spec.smmuv3.Cr0Register;
import sluicegate.spec.smmuv3.EventRecord;
import sluicegate.spec.smmuv3.EventType;
import sluicegate.spec.smmuv3.EventqBaseRegister;
import sluicegate.spec.smmuv3.EventqConsRegister;
import sluicegate.spec.smmuv3.EventqIrqCfg0Register;
import sluicegate.spec.smmuv3.EventqIrqCfg1Register;
import sluicegate.spec.smmuv3.EventqProdRegister;
import sluicegate.spec.smmuv3.GerrorNRegister;
import sluicegate.spec.smmuv3.GerrorRegister;
import sluicegate.spec.smmuv3.IrqCtrlRegister;
import sluicegate.spec.smmuv3.StreamTableEntry;
import sluicegate.spec.smmuv3.TranslationFaultEvent;

/** The event queue: what records say, when they are merged or lost, and how software hears of them. */
class EventQueueTest {
    private static final int READ = RequestAccess.READ;
    private static final int WRITE = RequestAccess.WRITE;
    private static final long PAGE = 0x70_0000;
    private final Rig rig = new Rig();

    @AfterEach
    void close() {
        rig.close();
    }

    private void fault(long iova) {
        assertThat(rig.request(iova, READ)).isEqualTo(-EventType.F_TRANSLATION.code());
    }

    private boolean overflows() {
        long producer = rig.read(EventqProdRegister.OFFSET);
        long consumer = rig.read(EventqConsRegister.OFFSET);
        return EventqProdRegister.OVFLG.isSet(producer) != EventqConsRegister.OVACKFLG.isSet(consumer);
    }

    @Test
    void aRecordSaysWhoWantedWhatAndWhere() {
        rig.stage1(rig.stage1Space()).start();
        rig.request(0x1234_5678L, WRITE | RequestAccess.PRIVILEGED);
        var event = rig.takeEvent();
        assertThat(Rig.event(event)).isEqualTo(EventType.F_TRANSLATION.code());
        assertThat(EventRecord.STREAMID.get(event[0])).isEqualTo(Rig.SID);
        assertThat(EventRecord.SSV.isSet(event[0])).isFalse();
        assertThat(event[2]).isEqualTo(0x1234_5678L);
        assertThat(event[1]).isEqualTo(TranslationFaultEvent.PNU.mask()
                | TranslationFaultEvent.CLASS.set(0, TranslationFaultEvent.CLASS_IN));
        assertThat(event[3]).as("no IPA at stage 1").isZero();
        rig.request(0x2000, READ | RequestAccess.EXECUTE);
        assertThat(rig.takeEvent()[1]).isEqualTo(TranslationFaultEvent.RNW.mask() | TranslationFaultEvent.IND.mask()
                | TranslationFaultEvent.CLASS.set(0, TranslationFaultEvent.CLASS_IN));
    }

    @Test
    void aRecordSaysWhichSubstream() {
        rig.start();
        long table = rig.table(4 * 64);
        rig.put(table + 3 * 64, Rig.context(rig.stage1Space(), Rig.ASID));
        rig.put(Rig.steAddress(Rig.SID), Rig.with(Rig.stage1Entry(table), StreamTableEntry.S1CDMAX, 2));
        rig.request(3, 0x1000, READ);
        var event = rig.takeEvent();
        assertThat(EventRecord.SUBSTREAMID.get(event[0])).isEqualTo(3);
        assertThat(EventRecord.SSV.isSet(event[0])).isTrue();
    }

    @Test
    void whatADescriptorDoesNotWantRecordedIsNot() {
        var space = rig.stage1Space();
        rig.stage1(space).start();
        rig.put(Rig.CONTEXTS, Rig.with(Rig.context(space, Rig.ASID), ContextDescriptor.R, 0));
        assertThat(rig.request(0x1000, READ)).isEqualTo(TranslationEngine.ABORTED);
        rig.put(Rig.CONTEXTS, Rig.with(Rig.context(space, Rig.ASID), ContextDescriptor.A, 0));
        rig.command(CommandOpcode.CFGI_STE_RANGE, 0, 31);
        assertThat(rig.waitingEvents()).isZero();
        assertThat(rig.request(0x1000, READ)).as("reads zero, says nothing to the device").isEqualTo(TranslationEngine.IGNORED);
        assertThat(rig.waitingEvents()).as("but to software").isEqualTo(1);
    }

    @Test
    void aFullQueueLosesRecordsAndSaysSoOnce() {
        rig.stage1(rig.stage1Space()).start();
        for (int i = 0; i < 8; i++) {
            fault(i * 0x1000);
        }
        assertThat(overflows()).isFalse();
        fault(0x8000);
        fault(0x9000);
        assertThat(overflows()).isTrue();
        assertThat(rig.waitingEvents()).isEqualTo(8);
        assertThat(rig.takeEvent()[2]).as("the oldest is kept").isZero();
        fault(0xa000);
        assertThat(rig.waitingEvents()).as("an overflow that is not acknowledged keeps nothing out").isEqualTo(8);
        long flag = rig.read(EventqProdRegister.OFFSET) & EventqProdRegister.OVFLG.mask();
        rig.write(EventqConsRegister.OFFSET, rig.read(EventqConsRegister.OFFSET) | flag);
        assertThat(overflows()).isFalse();
        fault(0xb000);
        assertThat(overflows()).as("the next one toggles").isTrue();
    }

    @Test
    void similarEventsOfAStreamThatAllowsItAreMerged() {
        var space = rig.stage1Space();
        rig.stage1(space).start();
        rig.put(Rig.steAddress(Rig.SID), Rig.with(Rig.stage1Entry(Rig.CONTEXTS), StreamTableEntry.MEV, 1));
        fault(0x1000);
        fault(0x1008);
        fault(0x1ff8);
        assertThat(rig.waitingEvents()).as("of one page").isEqualTo(1);
        rig.request(0x1000, WRITE);
        assertThat(rig.waitingEvents()).as("another access").isEqualTo(2);
        fault(0x2000);
        assertThat(rig.waitingEvents()).as("another page").isEqualTo(3);
        rig.takeEvents();
        fault(0x2000);
        assertThat(rig.waitingEvents()).as("after software has seen the first").isEqualTo(1);
        rig.put(Rig.steAddress(Rig.SID), Rig.stage1Entry(Rig.CONTEXTS));
        rig.command(CommandOpcode.CFGI_STE_RANGE, 0, 31);
        fault(0x2000);
        fault(0x2000);
        assertThat(rig.waitingEvents()).as("where merging is not allowed").isEqualTo(3);
    }

    @Test
    void anInterruptComesWhenTheQueueIsNoLongerEmpty() {
        var count = new AtomicInteger();
        var vector = rig.interrupts.allocate("events", count::incrementAndGet);
        rig.write64(EventqIrqCfg0Register.OFFSET, vector.address());
        rig.write(EventqIrqCfg1Register.OFFSET, vector.data());
        rig.stage1(rig.stage1Space()).start();
        fault(0x1000);
        rig.settleInterrupts();
        assertThat(count).as("not enabled").hasValue(0);
        rig.takeEvents();
        rig.write(IrqCtrlRegister.OFFSET, IrqCtrlRegister.EVENTQ_IRQEN.mask());
        fault(0x1000);
        fault(0x2000);
        rig.settleInterrupts();
        assertThat(count).hasValue(1);
        rig.takeEvents();
        fault(0x3000);
        rig.settleInterrupts();
        assertThat(count).hasValue(2);
    }

    @Test
    void withoutAMessageAWiredInterruptComes() {
        var count = new AtomicInteger();
        rig.interrupts.allocate(rig.unit.name() + "-evtq", count::incrementAndGet);
        rig.interrupts.allocate(rig.unit.name() + "-gerror", count::incrementAndGet);
        rig.write(IrqCtrlRegister.OFFSET, IrqCtrlRegister.EVENTQ_IRQEN.mask() | IrqCtrlRegister.GERROR_IRQEN.mask());
        rig.stage1(rig.stage1Space()).start();
        fault(0x1000);
        rig.settleInterrupts();
        assertThat(count).hasValue(1);
        rig.command(0xff, 0);
        rig.settleInterrupts();
        assertThat(count).hasValue(2);
    }

    @Test
    void aQueueThatIsNotInMemoryIsAGlobalErrorUntilAcknowledged() {
        rig.stage1(rig.stage1Space());
        rig.start();
        rig.write(Cr0Register.OFFSET, 0);
        rig.write64(EventqBaseRegister.OFFSET, Rig.MEMORY | Rig.QUEUE_BITS);
        rig.write(Cr0Register.OFFSET, Cr0Register.SMMUEN.mask() | Cr0Register.EVENTQEN.mask());
        fault(0x1000);
        assertThat(rig.read(GerrorRegister.OFFSET)).isEqualTo(GerrorRegister.EVENTQ_ABT_ERR.mask());
        assertThat(rig.waitingEvents()).isZero();
        fault(0x1000);
        rig.write(GerrorNRegister.OFFSET, GerrorRegister.EVENTQ_ABT_ERR.mask());
        fault(0x1000);
        assertThat(rig.read(GerrorRegister.OFFSET)).as("again").isZero();
    }

    @Test
    void aQueueThatIsOffTakesNothing() {
        rig.stage1(rig.stage1Space()).start();
        rig.write(Cr0Register.OFFSET, Cr0Register.SMMUEN.mask());
        fault(0x1000);
        rig.write(Cr0Register.OFFSET, Cr0Register.SMMUEN.mask() | Cr0Register.EVENTQEN.mask());
        assertThat(rig.waitingEvents()).isZero();
        assertThat(overflows()).isFalse();
    }

    @Test
    void indicesThatMakeNoSenseCountAsFull() {
        rig.stage1(rig.stage1Space()).start();
        rig.write(EventqConsRegister.OFFSET, 3);
        fault(0x1000);
        assertThat(overflows()).isTrue();
        assertThat(rig.memory.get64(Rig.EVENTS)).isZero();
        assertThat(rig.unit.translate(Rig.SID, -1, PAGE, READ)).isEqualTo(-EventType.F_TRANSLATION.code());
    }
}
