package sluicegate.sim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.smmuv3.CfgiCdCommand;
import sluicegate.spec.smmuv3.CfgiSteCommand;
import sluicegate.spec.smmuv3.CommandOpcode;
import sluicegate.spec.smmuv3.StreamTableEntry;
import sluicegate.spec.smmuv3.TlbiNhVaCommand;
import sluicegate.spec.vmsa.Stage1Descriptor;

/** Commands that a driver sends for every unmapping leave nothing to the garbage collector. */
class NoAllocationTest {
    private static final int ROUNDS = 20_000;

    static Stream<Arguments> invalidations() {
        long machine = TlbiNhVaCommand.VMID.set(0, Rig.VMID);
        long space = TlbiNhVaCommand.ASID.set(machine, Rig.ASID);
        long range = TlbiNhVaCommand.NUM.set(TlbiNhVaCommand.SCALE.set(space, 1), 5);
        long granule4K = TlbiNhVaCommand.TG.set(0x5000, 1);
        return Stream.of(
                Arguments.of("TLBI_NH_VA", CommandOpcode.TLBI_NH_VA, space, 0x5000L),
                Arguments.of("TLBI_NH_VA of a range", CommandOpcode.TLBI_NH_VA, range, granule4K),
                Arguments.of("TLBI_NH_VAA", CommandOpcode.TLBI_NH_VAA, machine, 0x5000L),
                Arguments.of("TLBI_NH_ASID", CommandOpcode.TLBI_NH_ASID, space, 0L),
                Arguments.of("TLBI_NH_ALL", CommandOpcode.TLBI_NH_ALL, machine, 0L),
                Arguments.of("TLBI_S2_IPA", CommandOpcode.TLBI_S2_IPA, machine, 0x5000L),
                Arguments.of("TLBI_S12_VMALL", CommandOpcode.TLBI_S12_VMALL, machine, 0L),
                Arguments.of("TLBI_EL2_ALL", CommandOpcode.TLBI_EL2_ALL, 0L, 0L),
                Arguments.of("TLBI_NSNH_ALL", CommandOpcode.TLBI_NSNH_ALL, 0L, 0L),
                Arguments.of("CFGI_STE", CommandOpcode.CFGI_STE, CfgiSteCommand.STREAMID.set(0, 9), 1L),
                Arguments.of("CFGI_CD", CommandOpcode.CFGI_CD, CfgiCdCommand.STREAMID.set(0, 9), 1L));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("invalidations")
    void anInvalidationAndItsSync(String name, int opcode, long low, long high) {
        try (var rig = new Rig()) {
            var space = rig.stage1Space();
            rig.put(Rig.CONTEXTS, Rig.context(space, Rig.ASID));
            rig.put(Rig.steAddress(Rig.SID),
                    Rig.with(Rig.stage1Entry(Rig.CONTEXTS), StreamTableEntry.S2VMID, Rig.VMID));
            rig.start();
            // A global page besides, so that invalidations look for such as well.
            space.set(0x5000, 3, 0x70_0000 | Rig.USER);
            space.set(0x9000, 3, 0x71_0000 | Stage1Descriptor.NG.clear(Rig.USER));
            assertThat(rig.request(0x5000, RequestAccess.READ)).isNotNegative();
            assertThat(rig.request(0x9000, RequestAccess.READ)).isNotNegative();
            var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
            long allocated = 0;
            for (int attempt = 0; attempt < 3; attempt++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < ROUNDS; i++) {
                    rig.command(opcode, low, high);
                    rig.command(CommandOpcode.SYNC, 0, 0);
                }
                allocated = threads.getCurrentThreadAllocatedBytes() - before;
            }
            assertThat(rig.commandError()).isZero();
            assertThat(allocated).as("bytes in %d rounds", ROUNDS).isLessThan(ROUNDS);
        }
    }
}
