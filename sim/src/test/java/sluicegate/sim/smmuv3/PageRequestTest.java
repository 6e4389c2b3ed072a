package sluicegate.sim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluicegate.api.types.Pasid;
import sluicegate.sim.unit.Devices;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.smmuv3.Cr0Register;
import sluicegate.spec.smmuv3.GerrorRegister;
import sluicegate.spec.smmuv3.Idr3Register;
import sluicegate.spec.smmuv3.IrqCtrlRegister;
import sluicegate.spec.smmuv3.PageRequestRecord;
import sluicegate.spec.smmuv3.PriqBaseRegister;
import sluicegate.spec.smmuv3.PriqConsRegister;
import sluicegate.spec.smmuv3.PriqIrqCfg0Register;
import sluicegate.spec.smmuv3.PriqIrqCfg1Register;
import sluicegate.spec.smmuv3.PriqIrqCfg2Register;
import sluicegate.spec.smmuv3.PriqProdRegister;
import sluicegate.spec.smmuv3.StreamTableEntry;

/** The PRI queue (chapter 8). */
class PageRequestTest {
    private static final int SUCCESS = 0;
    private static final int FAILURE = 15;
    private Rig rig;
    private final List<String> responses = new ArrayList<>();

    @BeforeEach
    void start() {
        with(Smmuv3Capabilities.FULL);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private void with(Smmuv3Capabilities capabilities) {
        if (rig != null) {
            rig.close();
        }
        rig = new Rig(capabilities);
        rig.unit.connect(new Devices() {
            @Override
            public boolean invalidate(int requesterId, int pasid, boolean global, long address, long size) {
                return true;
            }

            @Override
            public void respond(int requesterId, int pasid, int group, int code) {
                responses.add(requesterId + " " + pasid + " " + group + " " + code);
            }
        });
        rig.start();
    }

    private void request(int substream, int group, boolean last) {
        rig.unit.requestPage(Rig.SID, substream, 0x1234_5678L, RequestAccess.READ, group, last);
    }

    private static String response(int substream, int group, int code) {
        return Rig.SID + " " + substream + " " + group + " " + code;
    }

    private long producer() {
        return PriqProdRegister.WR.get(rig.read(PriqProdRegister.OFFSET));
    }

    private boolean overflows() {
        return PriqProdRegister.OVFLG.isSet(rig.read(PriqProdRegister.OFFSET))
                != PriqConsRegister.OVACKFLG.isSet(rig.read(PriqConsRegister.OFFSET));
    }

    private void fill() {
        for (int i = 0; i < 8; i++) {
            request(Pasid.NONE, i, true);
        }
        assertThat(responses).isEmpty();
    }

    @Test
    void aRequestIsWrittenAsTheDeviceMadeIt() {
        rig.unit.requestPage(Rig.SID, 0x12345, 0x1234_5678L, RequestAccess.READ | RequestAccess.WRITE, 0x1a5, true);
        long low = rig.memory.get64(Rig.PAGE_REQUESTS);
        long high = rig.memory.get64(Rig.PAGE_REQUESTS + 8);
        assertThat(PageRequestRecord.STREAMID.get(low)).isEqualTo(Rig.SID);
        assertThat(PageRequestRecord.SUBSTREAMID.get(low)).isEqualTo(0x12345);
        assertThat(PageRequestRecord.SSV.isSet(low)).isTrue();
        assertThat(PageRequestRecord.LAST.isSet(low)).isTrue();
        assertThat(PageRequestRecord.R.isSet(low)).isTrue();
        assertThat(PageRequestRecord.W.isSet(low)).isTrue();
        assertThat(PageRequestRecord.X.isSet(low)).isFalse();
        assertThat(PageRequestRecord.PRIV.isSet(low)).isFalse();
        assertThat(PageRequestRecord.ADDRESS.inPlace(high)).isEqualTo(0x1234_5000L);
        assertThat(PageRequestRecord.PRGINDEX.get(high)).isEqualTo(0x1a5);
        rig.unit.requestPage(Rig.SID, Pasid.NONE, 0, RequestAccess.EXECUTE | RequestAccess.PRIVILEGED, 0, false);
        low = rig.memory.get64(Rig.PAGE_REQUESTS + 16);
        assertThat(PageRequestRecord.SSV.isSet(low)).isFalse();
        assertThat(PageRequestRecord.X.isSet(low)).isTrue();
        assertThat(PageRequestRecord.PRIV.isSet(low)).isTrue();
        assertThat(producer()).isEqualTo(2);
    }

    @Test
    void whatFindsNoRoomIsAnsweredAndKeepsOutWhatFollows() {
        fill();
        request(Pasid.NONE, 20, false);
        assertThat(responses).as("not the last of its group").isEmpty();
        assertThat(overflows()).isTrue();
        request(Pasid.NONE, 20, true);
        assertThat(responses).containsExactly(response(Pasid.NONE, 20, SUCCESS));
        rig.write(PriqConsRegister.OFFSET, 4);
        request(Pasid.NONE, 21, true);
        assertThat(responses).as("until the overflow is acknowledged").hasSize(2);
        assertThat(producer()).isEqualTo(8);
        rig.write(PriqConsRegister.OFFSET, 4 | rig.read(PriqProdRegister.OFFSET) & PriqProdRegister.OVFLG.mask());
        request(Pasid.NONE, 22, true);
        assertThat(producer()).isEqualTo(9);
        assertThat(responses).hasSize(2);
    }

    /** IDR3.PPS, whether the stream's entry is valid, its PPAR, and the answer's PASID and code. */
    @ParameterizedTest
    @CsvSource({"1, false, 0, 9, 0", "1, true, 0, 9, 0", "0, true, 1, 9, 0", "0, true, 0, -1, 0", "0, false, 1, -1, 15"})
    void anAutomaticAnswerHasAPasidIfThatIsWanted(int pps, boolean valid, int ppar, int pasid, int code) {
        with(Rig.withIdr3(Idr3Register.PPS, pps));
        if (valid) {
            rig.put(Rig.steAddress(Rig.SID), Rig.with(Rig.ste(StreamTableEntry.CONFIG_BYPASS), StreamTableEntry.PPAR, ppar));
        }
        fill();
        request(9, 33, true);
        assertThat(responses).containsExactly(response(pasid, 33, code));
    }

    @Test
    void stopMarkersAreRecordedAndNeverAnswered() {
        rig.unit.requestPage(Rig.SID, 9, 0, 0, 0, true);
        assertThat(producer()).isEqualTo(1);
        for (int i = 1; i < 8; i++) {
            request(Pasid.NONE, i, true);
        }
        rig.unit.requestPage(Rig.SID, 9, 0, 0, 0, true);
        assertThat(overflows()).isTrue();
        rig.write(Cr0Register.OFFSET, Cr0Register.SMMUEN.mask());
        rig.unit.requestPage(Rig.SID, 9, 0, 0, 0, true);
        assertThat(responses).isEmpty();
    }

    @Test
    void aQueueThatIsOffAnswersFailureToEverything() {
        rig.write(Cr0Register.OFFSET, Cr0Register.SMMUEN.mask());
        request(9, 1, false);
        rig.write(Cr0Register.OFFSET, Cr0Register.PRIQEN.mask());
        request(9, 2, true);
        assertThat(responses).containsExactly(response(Pasid.NONE, 1, FAILURE), response(Pasid.NONE, 2, FAILURE));
    }

    @Test
    void aQueueThatIsNotInMemoryIsAGlobalError() {
        rig.write(Cr0Register.OFFSET, 0);
        rig.write64(PriqBaseRegister.OFFSET, Rig.MEMORY | Rig.QUEUE_BITS);
        rig.write(Cr0Register.OFFSET, Cr0Register.SMMUEN.mask() | Cr0Register.PRIQEN.mask());
        request(Pasid.NONE, 1, false);
        assertThat(rig.read(GerrorRegister.OFFSET)).isEqualTo(GerrorRegister.PRIQ_ABT_ERR.mask());
        request(Pasid.NONE, 2, true);
        assertThat(responses).containsExactly(response(Pasid.NONE, 1, FAILURE), response(Pasid.NONE, 2, FAILURE));
    }

    @Test
    void anInterruptComesWithTheFirstOrWithTheLastOfAGroup() {
        var count = new AtomicInteger();
        var vector = rig.interrupts.allocate("pri", count::incrementAndGet);
        rig.write64(PriqIrqCfg0Register.OFFSET, vector.address());
        rig.write(PriqIrqCfg1Register.OFFSET, vector.data());
        rig.write(IrqCtrlRegister.OFFSET, IrqCtrlRegister.PRIQ_IRQEN.mask());
        request(Pasid.NONE, 1, false);
        request(Pasid.NONE, 1, true);
        rig.settleInterrupts();
        assertThat(count).as("when the queue is no longer empty").hasValue(1);
        rig.write(IrqCtrlRegister.OFFSET, 0);
        rig.write(PriqIrqCfg2Register.OFFSET, PriqIrqCfg2Register.LO.mask());
        rig.write(IrqCtrlRegister.OFFSET, IrqCtrlRegister.PRIQ_IRQEN.mask());
        request(Pasid.NONE, 2, false);
        rig.settleInterrupts();
        assertThat(count).hasValue(1);
        request(Pasid.NONE, 2, true);
        rig.settleInterrupts();
        assertThat(count).as("with the last of a group").hasValue(2);
    }
}
