package sluicegate.hw.vtd;

import static org.assertj.core.api.Assertions.assertThat;
import static sluicegate.hw.vtd.AttachTest.fault;
import static sluicegate.hw.vtd.Rig.RW;
import static sluicegate.hw.vtd.ScalableAttachTest.assertFails;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.IotlbGather;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.driver.SharedTables;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Prot;
import sluicegate.hw.common.rig.TestDevice;
import sluicegate.pgtable.PageTable;
import sluicegate.pgtable.X86LongMode;
import sluicegate.spec.Field;
import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.FirstStageMode;

/** Domains with the tables of an address space, which a processor uses as well. */
class SharedTablesTest {
    private static final int GPU = 0x0118;
    private static final int PASID = 9;

    private static Rig wide() {
        return Rig.scalable().ecap(ExtendedCapabilityRegister.PRS, 1).cap(CapabilityRegister.FS5LP, 1).cap(CapabilityRegister.MGAW, 56);
    }

    private static TestDevice gpu(VtdUnit unit) {
        return Rig.probed(unit, new TestDevice("gpu", 0x030000).withTlb(16), GPU);
    }

    /** An address space's own tables. */
    private static PageTable tables(Rig rig, FirstStageMode mode) {
        return new PageTable(new X86LongMode(mode.levels(), X86LongMode.ALL_SIZES, true), rig.memory(), rig.arena(), gather -> {});
    }

    private static SharedTables shared(PageTable tables, FirstStageMode mode) {
        return new SharedTables(mode == FirstStageMode.LEVELS_4 ? SharedTables.Format.X86_64_4_LEVELS
                : SharedTables.Format.X86_64_5_LEVELS, tables.top());
    }

    @ParameterizedTest
    @EnumSource
    void theDeviceWalksTheTablesThatAreGivenUpToTheirHighestAddressAndLeavesThemAlone(FirstStageMode mode) {
        try (var rig = wide().ecap(ExtendedCapabilityRegister.ERS, 1)) {
            var unit = rig.start();
            var gpu = gpu(unit);
            var tables = tables(rig, mode);
            long highest = (1L << mode.bits() - 1) - 4096;
            tables.map(highest, 0x30_0000, 4096, 1, RW | Prot.NOEXEC);
            long without = rig.arena().allocatedBytes();
            var domain = unit.domainAllocSva(gpu, shared(tables, mode));
            assertThat(domain.type()).isEqualTo(DomainType.SVA);
            assertThat(domain.apertureEnd()).isEqualTo(highest + 4095);
            domain.setDevPasid(gpu, PASID, Optional.empty());
            assertThat(rig.read(GPU, PASID, highest)).as("a page that forbids execution").isEqualTo(0x30_0000);
            assertThat(domain.iovaToPhys(highest + 5)).isEqualTo(0x30_0005);
            assertThat(unit.walk(gpu, PASID, highest)).filteredOn(step -> step.entry().startsWith("first-stage")).hasSize(mode.levels());
            unit.blockedDomain().setDevPasid(gpu, PASID, Optional.of(domain));
            domain.free();
            assertThat(tables.iovaToPhys(highest)).isEqualTo(0x30_0000);
            unit.releaseDevice(gpu);
            unit.leave(LeavePolicy.BLOCK);
            tables.free();
            assertThat(rig.arena().allocatedBytes()).as("the fence; without the domain it was %d", without).isEqualTo(4096);
        }
    }

    @Test
    void whatTheSpaceTakesAwayIsForgottenByUnitAndDevice() {
        try (var rig = wide()) {
            var unit = rig.start();
            var gpu = gpu(unit);
            var tables = tables(rig, FirstStageMode.LEVELS_4);
            tables.map(0x20_0000, 0x30_0000, 4096, 1, RW);
            var domain = unit.domainAllocSva(gpu, shared(tables, FirstStageMode.LEVELS_4));
            domain.setDevPasid(gpu, PASID, Optional.empty());
            assertThat(rig.read(GPU, PASID, 0x20_0000)).isEqualTo(0x30_0000);
            tables.unmap(0x20_0000, 4096, new IotlbGather());
            rig.told.clear();
            var gone = new IotlbGather();
            gone.add(0x20_0000, 4096, 4096);
            domain.iotlbSync(gone);
            assertThat(rig.read(GPU, PASID, 0x20_0000)).isEqualTo(fault(FaultReason.FIRST_STAGE_ENTRY_NOT_PRESENT));
            assertThat(rig.told).containsExactly("flush 0118 9 200000+1000");
        }
    }

    /** A device that was not told to stop would fill the log with refusals; once it is unbound they count again. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aSpaceThatEndsIsReachedNoMoreAndItsRefusalsAreNotRecordedUntilThePasidIsBlocked(boolean cachingMode) {
        try (var rig = wide().cap(CapabilityRegister.CM, cachingMode ? 1 : 0)) {
            var unit = rig.start();
            var gpu = gpu(unit);
            Rig.domain(unit, gpu).attachDev(gpu, Optional.empty());
            var tables = tables(rig, FirstStageMode.LEVELS_4);
            tables.map(0x20_0000, 0x30_0000, 4096, 1, RW);
            var domain = unit.domainAllocSva(gpu, shared(tables, FirstStageMode.LEVELS_4));
            domain.setDevPasid(gpu, PASID, Optional.empty());
            assertThat(rig.read(GPU, PASID, 0x20_0000)).isEqualTo(0x30_0000);
            rig.told.clear();
            domain.spaceEnded(gpu, PASID, unit.blockedDomain());
            assertThat(rig.told).contains("flush 0118 9 0+0");
            assertThat(rig.read(GPU, PASID, 0x20_0000)).isEqualTo(fault(FaultReason.PASID_ENTRY_NOT_PRESENT));
            assertThat(gpu.priEnabled()).as("the device goes on as before").isTrue();
            domain.free();
            domain.spaceEnded(gpu, PASID, unit.blockedDomain());
            unit.blockedDomain().setDevPasid(gpu, PASID, Optional.of(domain));
            assertThat(rig.read(GPU, PASID, 0x20_0000)).isEqualTo(fault(FaultReason.PASID_ENTRY_NOT_PRESENT));
            Rig.await(() -> rig.faults.size() == 1);
            assertThat(gpu.priEnabled()).isFalse();
            var next = unit.domainAllocSva(gpu, shared(tables, FirstStageMode.LEVELS_4));
            next.setDevPasid(gpu, PASID, Optional.empty());
            assertThat(rig.read(GPU, PASID, 0x20_0000)).as("the PASID's next use").isEqualTo(0x30_0000);
        }
    }

    /** Whose it was may have ended, and others use the memory; what is there looks like a table that leads to one of the unit's pages. */
    @Test
    void theNextDriverNeitherFollowsThemNorGivesThemBack() {
        try (var rig = wide()) {
            var first = rig.start();
            var gpu = gpu(first);
            long top = 0x800_0000;
            long page = rig.arena().allocate(4096);
            rig.memory().set64(top, page | 0b111);
            first.domainAllocSva(gpu, new SharedTables(SharedTables.Format.X86_64_4_LEVELS, top)).setDevPasid(gpu, PASID, Optional.empty());
            first.leave(LeavePolicy.KEEP);
            rig.held().start().adopted();
            assertThat(rig.arena().holds(page)).isTrue();
        }
    }

    @Test
    void aUnitSharesWhatItCanWalkWhole() {
        try (var rig = wide()) {
            var unit = rig.start();
            assertThat(unit.sharedFormats(gpu(unit))).containsExactlyInAnyOrder(SharedTables.Format.X86_64_4_LEVELS,
                    SharedTables.Format.X86_64_5_LEVELS);
        }
        try (var rig = wide().cap(CapabilityRegister.MGAW, 47)) {
            var unit = rig.start();
            var gpu = gpu(unit);
            assertThat(unit.sharedFormats(gpu)).as("57 bits are more than it accepts").containsExactly(SharedTables.Format.X86_64_4_LEVELS);
            assertFails(Errno.EOPNOTSUPP, "x86-64, 5 levels", () -> unit.domainAllocSva(gpu,
                    new SharedTables(SharedTables.Format.X86_64_5_LEVELS, 0x1000)));
            assertFails(Errno.EOPNOTSUPP, "arm64", () -> unit.domainAllocSva(gpu, new SharedTables(SharedTables.Format.ARM64_4K, 0x1000)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"FSTS", "PASID", "PRS", "FS1GP", "MGAW"})
    void withoutOneOfTheseItSharesNothing(String lacking) {
        Field field = switch (lacking) {
            case "FS1GP" -> CapabilityRegister.FS1GP;
            case "MGAW" -> CapabilityRegister.MGAW;
            default -> ExtendedCapabilityRegister.LAYOUT.fields().stream().filter(each -> each.name().equals(lacking)).findFirst()
                    .orElseThrow();
        };
        try (var rig = wide()) {
            if (lacking.equals("MGAW")) {
                rig.cap(field, 38);
            } else if (lacking.equals("FS1GP")) {
                rig.cap(field, 0);
            } else {
                rig.ecap(field, 0);
            }
            var unit = rig.start();
            assertThat(unit.sharedFormats(gpu(unit))).isEmpty();
        }
    }
}
