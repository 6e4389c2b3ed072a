package sluicegate.sim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import sluicegate.api.types.Pasid;
import sluicegate.spec.smmuv3.CommandOpcode;
import sluicegate.spec.smmuv3.ContextDescriptor;
import sluicegate.spec.smmuv3.Cr0Register;
import sluicegate.spec.smmuv3.PrefetchAddressCommand;
import sluicegate.spec.smmuv3.PrefetchConfigCommand;
import sluicegate.spec.smmuv3.StreamTableEntry;
import sluicegate.spec.vmsa.Stage1Descriptor;

@DisplayName("A prefetch")
class PrefetchTest {
    private static final long INPUT = 0x40_0000;
    private static final long OUTPUT = 0x80_0000;
    private static final long STREAM = PrefetchConfigCommand.STREAMID.set(0, Rig.SID);

    private final Rig rig = new Rig();

    @AfterEach
    void close() {
        rig.close();
    }

    private Rig.Space pages(int count) {
        var space = rig.stage1Space();
        for (int i = 0; i < count; i++) {
            space.page(INPUT + ((long) i << 12), OUTPUT + ((long) i << 12) | Rig.USER);
        }
        rig.stage1(space);
        return space;
    }

    private void prefetch(long address, int size, int stride) {
        rig.command(CommandOpcode.PREFETCH_ADDR, STREAM, PrefetchAddressCommand.STRIDE.set(
                PrefetchAddressCommand.SIZE.set(PrefetchAddressCommand.ADDRESS.inPlace(address), size), stride));
        assertThat(rig.commandError()).isZero();
    }

    private long read(long address) {
        return rig.request(address, StreamAccess.READ);
    }

    @Test
    @DisplayName("of configuration brings entry and descriptor into the cache, where they go stale")
    void fetchesConfiguration() {
        pages(1);
        rig.start();
        rig.command(CommandOpcode.PREFETCH_CONFIG, STREAM, 0);
        rig.put(Rig.CONTEXTS, new long[ContextDescriptor.WORDS]);
        rig.put(Rig.steAddress(Rig.SID), Rig.ste(StreamTableEntry.CONFIG_ABORT));
        assertThat(read(INPUT)).isEqualTo(OUTPUT);
        rig.command(CommandOpcode.CFGI_STE, STREAM, 0);
        assertThat(read(INPUT)).isEqualTo(TranslationEngine.ABORTED);
    }

    @Test
    @DisplayName("of a substream's configuration fetches its descriptor only")
    void fetchesASubstreamsConfiguration() {
        var space = pages(1);
        var entry = Rig.with(Rig.stage1Entry(Rig.CONTEXTS), StreamTableEntry.S1CDMAX, 2);
        rig.put(Rig.steAddress(Rig.SID), Rig.with(entry, StreamTableEntry.S1DSS, StreamTableEntry.S1DSS_SSID0));
        rig.put(Rig.CONTEXTS + 3 * 64, Rig.context(space, Rig.ASID));
        rig.start();
        rig.command(CommandOpcode.PREFETCH_CONFIG, PrefetchConfigCommand.SSV.mask() | PrefetchConfigCommand.SUBSTREAMID.set(STREAM, 3), 0);
        rig.put(Rig.CONTEXTS, new long[ContextDescriptor.WORDS]);
        rig.put(Rig.CONTEXTS + 3 * 64, new long[ContextDescriptor.WORDS]);
        assertThat(rig.request(3, INPUT, StreamAccess.READ)).isEqualTo(OUTPUT);
        assertThat(rig.unit.translate(Rig.SID, Pasid.NONE, INPUT, 1)).isNegative();
    }

    @Test
    @DisplayName("of addresses brings translations into the TLB, where they go stale")
    void fetchesTranslations() {
        var space = pages(8);
        rig.start();
        prefetch(INPUT, 1, 1);
        for (int i = 0; i < 8; i++) {
            space.page(INPUT + ((long) i << 12), 0);
        }
        assertThat(read(INPUT + 0x10)).as("the first").isEqualTo(OUTPUT + 0x10);
        assertThat(read(INPUT + 0x2000)).as("two pages on").isEqualTo(OUTPUT + 0x2000);
        assertThat(read(INPUT + 0x1000)).as("between them").isNegative();
        assertThat(read(INPUT + 0x4000)).as("behind them").isNegative();
        rig.command(CommandOpcode.TLBI_NSNH_ALL, 0, 0);
        assertThat(read(INPUT)).isNegative();
    }

    @Test
    @DisplayName("that fails leaves no trace, and one of everything ends")
    void failsInSilence() {
        var space = pages(2);
        rig.start();
        prefetch(0x7000_0000, 31, 31);
        prefetch(-4096, 0, 0);
        rig.command(CommandOpcode.PREFETCH_CONFIG, PrefetchConfigCommand.STREAMID.set(0, 0xffff_ffffL), 0);
        rig.command(CommandOpcode.PREFETCH_CONFIG, PrefetchConfigCommand.STREAMID.set(0, 9), 0);
        space.page(INPUT, Stage1Descriptor.AF.clear(OUTPUT | Rig.USER));
        prefetch(INPUT, 0, 0);
        assertThat(rig.waitingEvents()).isZero();
        assertThat(rig.commandsDone()).isTrue();
        space.page(INPUT, OUTPUT | Rig.USER);
        assertThat(read(INPUT)).as("what failed is not cached").isEqualTo(OUTPUT);
    }

    @Test
    @DisplayName("does nothing while translation is off")
    void needsTranslation() {
        pages(1);
        rig.start(0);
        rig.command(CommandOpcode.PREFETCH_CONFIG, STREAM, 0);
        prefetch(INPUT, 0, 0);
        rig.put(Rig.steAddress(Rig.SID), Rig.ste(StreamTableEntry.CONFIG_ABORT));
        rig.write(Cr0Register.OFFSET, rig.read(Cr0Register.OFFSET) | Cr0Register.SMMUEN.mask());
        assertThat(read(INPUT)).isEqualTo(TranslationEngine.ABORTED);
    }
}
