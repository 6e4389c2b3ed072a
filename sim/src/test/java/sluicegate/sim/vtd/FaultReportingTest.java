package sluicegate.sim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.Field;
import sluicegate.spec.vtd.FaultEventControlRegister;
import sluicegate.spec.vtd.FaultStatusRegister;

/** Fault recording registers, overflow and the fault event (VT-d 7.2.1, 7.3). */
class FaultReportingTest {
    private final Rig rig = new Rig();

    @BeforeEach
    void start() {
        rig.start();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private void fault(long iova) {
        assertThat(rig.request(iova, RequestAccess.READ)).isEqualTo(-6);
    }

    private void clear(Field bit) {
        rig.write32(FaultStatusRegister.OFFSET, bit.mask());
    }

    @Test
    void recordsAreFilledInTurnAndFreedOneByOne() {
        for (int i = 0; i < rig.records(); i++) {
            fault(0x1000L * (i + 1));
        }
        assertThat(rig.faultStatus()).isEqualTo(FaultStatusRegister.PPF.mask());
        for (int i = 0; i < rig.records(); i++) {
            assertThat(rig.takeRecord(i).address()).isEqualTo(0x1000L * (i + 1));
        }
        assertThat(rig.faultStatus()).as("PPF follows the records").isZero();
    }

    @Test
    void theIndexOfTheFirstFaultIsWhereTheRingHasGotTo() {
        fault(0x1000);
        rig.takeRecord(0);
        fault(0x2000);
        fault(0x3000);
        assertThat(FaultStatusRegister.FRI.get(rig.faultStatus())).isEqualTo(1);
        assertThat(rig.takeRecord(1).address()).isEqualTo(0x2000);
        assertThat(rig.takeRecord(2).address()).isEqualTo(0x3000);
    }

    @Test
    void aFaultThatFindsNoRecordSetsOverflowAndIsLost() {
        for (int i = 0; i <= rig.records(); i++) {
            fault(0x1000L * (i + 1));
        }
        assertThat(FaultStatusRegister.PFO.isSet(rig.faultStatus())).isTrue();
        rig.takeRecord(0);
        fault(0x9000);
        assertThat(rig.hasRecord(0)).as("nothing is recorded while PFO is set").isFalse();
        clear(FaultStatusRegister.PFO);
        fault(0xa000);
        assertThat(rig.takeRecord(0).address()).isEqualTo(0xa000);
    }

    @Test
    void pendingFaultsCantBeClearedByTheStatusRegister() {
        fault(0x1000);
        clear(FaultStatusRegister.PPF);
        assertThat(FaultStatusRegister.PPF.isSet(rig.faultStatus())).isTrue();
    }

    @Test
    void oneEventForFaultsUntilAllAreDealtWith() {
        var events = rig.countFaultEvents();
        fault(0x1000);
        fault(0x2000);
        rig.settleInterrupts();
        assertThat(events).hasValue(1);
        rig.takeRecord(0);
        fault(0x3000);
        rig.settleInterrupts();
        assertThat(events).as("a fault was still pending").hasValue(1);
        rig.takeRecord(1);
        rig.takeRecord(2);
        fault(0x4000);
        rig.settleInterrupts();
        assertThat(events).hasValue(2);
    }

    @Test
    void aMaskedEventWaitsAndIsForgottenWithItsCause() {
        var events = rig.countFaultEvents();
        rig.write32(FaultEventControlRegister.OFFSET, FaultEventControlRegister.IM.mask());
        fault(0x1000);
        assertThat(FaultEventControlRegister.IP.isSet(rig.read32(FaultEventControlRegister.OFFSET))).isTrue();
        rig.takeRecord(0);
        assertThat(FaultEventControlRegister.IP.isSet(rig.read32(FaultEventControlRegister.OFFSET))).isFalse();
        fault(0x2000);
        rig.write32(FaultEventControlRegister.OFFSET, 0);
        rig.settleInterrupts();
        assertThat(events).hasValue(1);
    }
}
