package sluicegate.sim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluicegate.spec.smmuv3.CommandOpcode;
import sluicegate.spec.smmuv3.EventType;
import sluicegate.spec.smmuv3.TlbiNhVaCommand;
import sluicegate.spec.vmsa.Stage1Descriptor;

@DisplayName("The contiguous hint")
class ContiguousTest {
    private static final long CONTIGUOUS = Stage1Descriptor.CONTIGUOUS.mask();
    private static final long INPUT = 0x4000_0000L;
    private static final long OUTPUT = 0x2_0000_0000L;

    private final Rig rig = new Rig();

    @AfterEach
    void close() {
        rig.close();
    }

    private long read(long address) {
        return rig.request(address, StreamAccess.READ);
    }

    /** Tables with a group of descriptors that map one range. */
    private Rig.Space group(int granule, int level, int entries, long bits) {
        var space = rig.new Space(granule, 48);
        rig.stage1(space).start();
        for (int i = 0; i < entries; i++) {
            long offset = (long) i << space.shift(level);
            space.set(INPUT + offset, level, OUTPUT + offset | bits);
        }
        return space;
    }

    @ParameterizedTest(name = "granule 2^{0}, level {1}: {2}")
    @CsvSource({"12, 3, 16", "12, 2, 16", "14, 3, 128", "14, 2, 32", "16, 3, 32"})
    @DisplayName("makes one translation of the whole group, which goes as a whole")
    void makesOnePage(int granule, int level, int entries) {
        var space = group(granule, level, entries, (level == 3 ? Rig.USER : Rig.USER_BLOCK) | CONTIGUOUS);
        int shift = space.shift(level);
        long last = INPUT + ((long) entries - 1 << shift);
        assertThat(read(INPUT + 8)).isEqualTo(OUTPUT + 8);
        // Nobody needs the other descriptors any more.
        for (int i = 0; i < entries; i++) {
            space.set(INPUT + ((long) i << shift), level, 0);
        }
        assertThat(read(last + 16)).isEqualTo(OUTPUT + (last - INPUT) + 16);
        assertThat(read(last + (1L << shift))).as("behind the group").isEqualTo(-EventType.F_TRANSLATION.code());

        // Naming one of its pages is enough, also by granule and level.
        rig.command(CommandOpcode.TLBI_NH_VA, TlbiNhVaCommand.ASID.set(0, Rig.ASID), TlbiNhVaCommand.ADDRESS.inPlace(last)
                | TlbiNhVaCommand.TG.set(0, (granule - 10) / 2) | TlbiNhVaCommand.TTL.set(0, level));
        assertThat(rig.commandError()).isZero();
        assertThat(read(INPUT)).isEqualTo(-EventType.F_TRANSLATION.code());
    }

    @Test
    @DisplayName("is not believed where a neighbour says something else")
    void isChecked() {
        var space = group(12, 3, 16, Rig.USER | CONTIGUOUS);
        long[][] wrong = {{5, 0}, {6, OUTPUT + 0x7000 | Rig.USER | CONTIGUOUS}, {7, OUTPUT + 0x7000 | Rig.USER},
            {8, OUTPUT + 0x8000 | Stage1Descriptor.AP.set(Rig.USER, 3) | CONTIGUOUS},
            {9, OUTPUT + 0x9000 | Stage1Descriptor.AF.clear(Rig.USER) | CONTIGUOUS}};
        for (var each : wrong) {
            long at = INPUT + (each[0] << 12);
            long right = rig.memory.get64(space.place(at, 3));
            space.page(at, each[1]);
            assertThat(read(INPUT)).isEqualTo(OUTPUT);
            space.page(INPUT + 0x1000, 0);
            assertThat(read(INPUT + 0x1000)).as("entry %d", each[0]).isEqualTo(-EventType.F_TRANSLATION.code());
            space.page(INPUT + 0x1000, OUTPUT + 0x1000 | Rig.USER | CONTIGUOUS);
            space.page(at, right);
            rig.command(CommandOpcode.TLBI_NSNH_ALL, 0, 0);
            rig.takeEvents();
        }
        assertThat(read(INPUT)).isEqualTo(OUTPUT);
        space.page(INPUT + 0x1000, 0);
        assertThat(read(INPUT + 0x1000)).as("all agree again").isEqualTo(OUTPUT + 0x1000);
    }

    @Test
    @DisplayName("counts at both stages, for as much as both give")
    void countsAtBothStages() {
        var under = rig.stage2Space();
        for (long page = 0; page < 32L << 20; page += 2 << 20) {
            under.set(page, 2, page | Rig.S2_BLOCK);
        }
        var space = rig.stage1Space();
        for (int i = 0; i < 16; i++) {
            space.page(INPUT + ((long) i << 12), 0x100_0000 + ((long) i << 12) | Rig.USER | CONTIGUOUS);
        }
        rig.put(Rig.CONTEXTS, Rig.context(space, Rig.ASID));
        rig.put(Rig.steAddress(Rig.SID), Rig.nestedEntry(Rig.CONTEXTS, under, Rig.VMID));
        rig.start();
        assertThat(read(INPUT)).isEqualTo(0x100_0000);
        space.page(INPUT + 0xf000, 0);
        assertThat(read(INPUT + 0xf000)).isEqualTo(0x100_f000);
    }
}
