package sluicegate.pgtable;

import java.util.Random;
import sluicegate.api.driver.IotlbGather;
import sluicegate.api.types.Prot;
import sluicegate.spec.vtd.AddressWidth;

/** Rough figures on one's own machine, without a benchmark harness; run {@code main}. The bench module has the real ones. */
final class PageTableTiming {
    private static final int PAGES = 16384;
    private static final int RW = Prot.READ | Prot.WRITE;

    private PageTableTiming() {}

    public static void main(String[] args) {
        var memory = new ArrayMemory(0x1000_0000, 64L << 20);
        var arena = new TestArena(memory, 0x1000_0000, 64L << 20);
        var table = new PageTable(new VtdSecondStage(AddressWidth.BITS_48, 0x4020_1000L), memory, arena, gather -> {});
        long span = 1L << 30;
        table.map(0, 0, 4096, span >>> 12, Prot.READ);
        var random = new Random(1);
        var iovas = new long[1 << 20];
        for (int i = 0; i < iovas.length; i++) {
            iovas[i] = random.nextLong(span);
        }
        var gather = new IotlbGather();
        // Shifted by one page, so that no table is ever covered as a whole and taken out.
        long base = 2 * span + 4096;
        table.map(base, 0, 4096, PAGES, RW);
        table.unmap(base, 4096L * PAGES, gather);
        for (int round = 0; round < 8; round++) {
            long t = System.nanoTime();
            long sum = 0;
            for (long iova : iovas) {
                sum += table.iovaToPhys(iova);
            }
            double lookup = System.nanoTime() - t;
            System.out.printf("ns a page: lookup %.1f (%d)", lookup / iovas.length, sum & 1);
            for (int run : new int[] {1, 64}) {
                long map = 0;
                long unmap = 0;
                for (int repeat = 0; repeat < 64; repeat++) {
                    t = System.nanoTime();
                    for (long i = 0; i < PAGES; i += run) {
                        table.map(base + i * 4096, i * 4096, 4096, run, RW);
                    }
                    map += System.nanoTime() - t;
                    t = System.nanoTime();
                    for (long i = 0; i < PAGES; i += run) {
                        gather.reset();
                        table.unmap(base + i * 4096, 4096L * run, gather);
                    }
                    unmap += System.nanoTime() - t;
                }
                System.out.printf("; %d at once: map %.2f unmap %.2f", run, map / 64.0 / PAGES, unmap / 64.0 / PAGES);
            }
            System.out.println();
        }
    }
}
