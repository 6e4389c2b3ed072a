package sluicegate.hw.vtd;

import static org.assertj.core.api.Assertions.assertThat;
import static sluicegate.hw.vtd.Rig.RW;

import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import sluicegate.api.driver.FaultRecord;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.types.Access;
import sluicegate.api.types.DecodedField;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.api.types.Translation;
import sluicegate.hw.common.rig.TestDevice;
import sluicegate.hw.common.rig.WindowFilter;
import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.FaultStatusRegister;
import sluicegate.spec.vtd.RootEntry;

class FaultsAndWalkTest {
    private static final int NIC = 0x0010;

    @Test
    void aFaultReachesTheSinkDecoded() {
        try (var rig = new Rig()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var domain = Rig.domain(unit, nic);
            domain.attachDev(nic, Optional.empty());
            Rig.map(domain, 0x1000, 0x20_0000, 1, Prot.READ);
            rig.write(NIC, 0x1abc);
            Rig.await(() -> rig.faults.size() == 1);
            assertThat(rig.faults.get(0)).isEqualTo(new FaultRecord(NIC, Pasid.NONE, 0x1000, Access.WRITE, 5, "WRITE_NOT_PERMITTED",
                    "05h: a write or atomic operation, and no write permission (VT-d 7.1, LGN.2)"));
            rig.read(NIC, 0x7000);
            Rig.await(() -> rig.faults.size() == 2);
            assertThat(rig.faults.get(1)).extracting(FaultRecord::name, FaultRecord::access, FaultRecord::iova)
                    .containsExactly("READ_NOT_PERMITTED", Access.READ, 0x7000L);
            rig.read(0x4321, 0);
            Rig.await(() -> rig.faults.size() == 3);
            assertThat(rig.faults.get(2)).extracting(FaultRecord::name, FaultRecord::sourceId)
                    .containsExactly("ROOT_ENTRY_NOT_PRESENT", 0x4321);
            assertThat(rig.overflows).hasValue(0);
        }
    }

    @Test
    void lostFaultsAreReportedAndTheLogGoesOn() throws Exception {
        try (var rig = new Rig().cap(CapabilityRegister.NFR, 1)) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            Rig.domain(unit, nic).attachDev(nic, Optional.empty());
            // While the machine's interrupt thread is kept busy, records pile up.
            var busy = new CountDownLatch(1);
            var go = new CountDownLatch(1);
            var blocker = rig.context().unit().interrupts().allocate("blocker", () -> {
                busy.countDown();
                try {
                    go.await(10, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            ((sluicegate.sim.interrupt.InterruptController) rig.context().unit().interrupts())
                    .raise(blocker.address(), blocker.data());
            assertThat(busy.await(10, TimeUnit.SECONDS)).isTrue();
            for (long iova = 0x1000; iova <= 0x9000; iova += 0x1000) {
                rig.read(NIC, iova);
            }
            go.countDown();
            Rig.await(() -> rig.overflows.get() == 1);
            assertThat(rig.faults).extracting(FaultRecord::iova).containsExactly(0x1000L, 0x2000L);
            rig.read(NIC, 0xa000);
            Rig.await(() -> rig.faults.size() == 3);
            assertThat(rig.faults.get(2).iova()).isEqualTo(0xa000);
        }
    }

    @Test
    void hardwareThatAnnouncesFaultsAndShowsNoneHangsNobody() {
        try (var rig = new Rig()) {
            rig.registers(real -> WindowFilter.always(real, FaultStatusRegister.OFFSET,
                    FaultStatusRegister.PPF.mask() | FaultStatusRegister.PFO.mask()));
            rig.start();
            assertThat(rig.faults).isEmpty();
        }
    }

    @Test
    void faultsThatNobodyTookAreThereForTheNextDriver() {
        try (var rig = new Rig()) {
            rig.start().leave(LeavePolicy.BLOCK);
            rig.read(NIC, 0x5000);
            assertThat(rig.faults).isEmpty();
            rig.start();
            assertThat(rig.faults).extracting(FaultRecord::name).containsExactly("ROOT_ENTRY_NOT_PRESENT");
        }
    }

    @Test
    void everyReasonHasItsNameAndSentence() {
        for (var reason : FaultReason.values()) {
            long high = sluicegate.spec.vtd.FaultRecord.F.mask();
            high = sluicegate.spec.vtd.FaultRecord.FR.set(high, reason.code());
            high = sluicegate.spec.vtd.FaultRecord.PV.set(sluicegate.spec.vtd.FaultRecord.PP.set(high, 1), 0xfedcb);
            var record = FaultLog.decode(0x1234_5000L, sluicegate.spec.vtd.FaultRecord.T1.set(high, 1));
            assertThat(record.name()).isEqualTo(reason.name());
            assertThat(record.reason()).startsWith(String.format("%02xh: %s", reason.code(), reason.meaning()));
            assertThat(record.pasid()).isEqualTo(0xfedcb);
            assertThat(record.access()).isEqualTo(Access.READ);
        }
        long unknown = sluicegate.spec.vtd.FaultRecord.FR.set(0, 0x1f);
        assertThat(FaultLog.decode(0, unknown).name()).isEqualTo("RESERVED_1F");
    }

    @Test
    void theWalkAgreesWithTheHardware() {
        try (var rig = new Rig()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var domain = Rig.domain(unit, nic);
            assertOutcome(rig, unit, nic, 0x1000, 2, "ROOT_ENTRY_NOT_PRESENT, 01h");
            domain.attachDev(nic, Optional.empty());
            Rig.map(domain, 0x1000, 0x20_0000, 1, Prot.READ);
            domain.mapPages(0x4000_0000, 0x40_0000, 0x20_0000, 1, RW);
            assertOutcome(rig, unit, nic, 0x1234, 7, "0x200234, permissions r, in a page of 0x1000");
            assertOutcome(rig, unit, nic, 0x4001_2345, 6, "0x412345, permissions rw, in a page of 0x200000");
            assertOutcome(rig, unit, nic, 0x2000, 7, "not present: a read faults with READ_NOT_PERMITTED, 06h");
            assertOutcome(rig, unit, nic, 1L << 48, 3, "ADDRESS_BEYOND_WIDTH, 04h");
            assertThat(unit.walk(nic, 1, 0).get(0).outcome()).startsWith("TABLE_MODE_NO_PASID, 31h");
            unit.identityDomain().orElseThrow().attachDev(nic, Optional.empty());
            assertOutcome(rig, unit, nic, 0x5678, 3, "pass-through: 0x5678");
            unit.blockedDomain().attachDev(nic, Optional.empty());
            assertOutcome(rig, unit, nic, 0x5678, 3, "CONTEXT_ENTRY_NOT_PRESENT, 02h");
            var entry = unit.walk(nic, Pasid.NONE, 0).get(1);
            assertThat(entry.fields()).anyMatch(field -> field.name().equals("P") && field.value() == 1)
                    .anyMatch(field -> field.name().equals("CTP") && field.value() == RootEntry.CTP.inPlace(entry.words().get(0)));
            domain.attachDev(nic, Optional.empty());
            assertThat(unit.walk(nic, Pasid.NONE, 0).get(2).fields()).as("a code is put into words")
                    .contains(new DecodedField("AW", 2, "48 bits, 4 levels"));
        }
    }

    @Test
    void brokenEntriesAreNamedAsTheHardwareNamesThem() {
        try (var rig = new Rig()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var domain = Rig.domain(unit, nic);
            domain.attachDev(nic, Optional.empty());
            Rig.map(domain, 0x1000, 0x20_0000, 1, RW);
            var steps = unit.walk(nic, Pasid.NONE, 0x1000);
            long leaf = steps.get(6).address();
            long context = steps.get(2).address();
            long root = steps.get(1).address();
            breakAndCheck(rig, unit, nic, leaf, 1L << 62, "SECOND_STAGE_ENTRY_RESERVED");
            breakAndCheck(rig, unit, nic, steps.get(4).address(), 1L << 11, "SECOND_STAGE_ENTRY_RESERVED");
            breakAndCheck(rig, unit, nic, steps.get(5).address(), 1L << 45, "SECOND_STAGE_ENTRY_UNREADABLE");
            breakAndCheck(rig, unit, nic, context, 1L << 45, "CONTEXT_ENTRY_INVALID");
            breakAndCheck(rig, unit, nic, context, 1L << 5, "CONTEXT_ENTRY_RESERVED");
            breakAndCheck(rig, unit, nic, context, 3L << 2, "CONTEXT_ENTRY_INVALID");
            breakAndCheck(rig, unit, nic, context + 8, 7, "CONTEXT_ENTRY_INVALID");
            breakAndCheck(rig, unit, nic, root, 1L << 3, "ROOT_ENTRY_RESERVED");
            breakAndCheck(rig, unit, nic, root, 1L << 45, "CONTEXT_ENTRY_UNREADABLE");
        }
    }

    private static void breakAndCheck(Rig rig, VtdUnit unit, TestDevice device, long address, long bits, String fault) {
        long good = rig.memory().get64(address);
        rig.memory().set64(address, good | bits);
        var steps = unit.walk(device, Pasid.NONE, 0x1000);
        assertThat(steps.get(steps.size() - 1).outcome()).startsWith(fault);
        assertThat(rig.model().probe(NIC, Pasid.NONE, 0x1000, Access.READ))
                .isInstanceOfSatisfying(Translation.Fault.class, found -> assertThat(found.name()).isEqualTo(fault));
        rig.memory().set64(address, good);
    }

    /** The last step says what is expected, and the model's own answer is the same. */
    private static void assertOutcome(Rig rig, VtdUnit unit, TestDevice device, long iova, int steps, String outcome) {
        var walked = unit.walk(device, Pasid.NONE, iova);
        assertThat(walked).hasSize(steps);
        var last = walked.get(steps - 1).outcome();
        assertThat(last).startsWith(outcome);
        var answer = rig.model().probe(NIC, Pasid.NONE, iova, Access.READ);
        if (answer instanceof Translation.Mapped mapped) {
            assertThat(last).contains("0x" + Long.toHexString(mapped.address()));
        } else {
            assertThat(last).contains(((Translation.Fault) answer).name());
        }
    }
}
