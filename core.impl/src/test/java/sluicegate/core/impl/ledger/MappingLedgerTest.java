package sluicegate.core.impl.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import sluicegate.api.Domain.Mapping;

class MappingLedgerTest {
    private final MappingLedger ledger = new MappingLedger();

    @Test
    void whatIsTakenOutOfTheMiddleLeavesBothEnds() {
        ledger.insert(0x10000, 0x90000, 0x4000, 3);
        ledger.remove(0x11000, 0x11fff);
        assertThat(ledger.toList()).containsExactly(new Mapping(0x10000, 0x90000, 0x1000, 3),
                new Mapping(0x12000, 0x92000, 0x2000, 3));
    }

    @Test
    void theTopOfTheAddressSpaceIsNoEnd() {
        ledger.insert(-0x1000L, 0, 0x1000, 1);
        assertThat(ledger.holding(-1L)).isNotEqualTo(MappingLedger.NONE);
        assertThat(ledger.overlapping(0, 0xfff)).isEqualTo(MappingLedger.NONE);
        assertThat(ledger.overlapping(0, -1L)).isNotEqualTo(MappingLedger.NONE);
        ledger.remove(-0x1000L, -1L);
        assertThat(ledger.isEmpty()).isTrue();
    }

    /** Against a map of single pages, with enough entries that blocks split and vanish. */
    @Test
    void agreesWithAMapOfPagesAfterRandomChanges() {
        var random = new Random(42);
        var pages = new TreeMap<Long, Long>();
        for (int i = 0; i < 30_000; i++) {
            long iova = random.nextInt(4096);
            long count = 1 + random.nextInt(random.nextInt(8) == 0 ? 64 : 2);
            boolean free = pages.subMap(iova, iova + count).isEmpty();
            assertThat(ledger.overlapping(iova << 12, (iova + count << 12) - 1) == MappingLedger.NONE).isEqualTo(free);
            if (random.nextInt(5) < 3) {
                if (free) {
                    long address = random.nextInt(1 << 20);
                    ledger.insert(iova << 12, address << 12, count << 12, 1);
                    for (long p = 0; p < count; p++) {
                        pages.put(iova + p, address + p);
                    }
                }
            } else {
                ledger.remove(iova << 12, (iova + count << 12) - 1);
                pages.subMap(iova, iova + count).clear();
            }
        }
        var expanded = new TreeMap<Long, Long>();
        long last = -1;
        long ranges = 0;
        for (var mapping : ledger.toList()) {
            assertThat(mapping.iova()).isGreaterThan(last);
            for (long offset = 0; offset < mapping.size(); offset += 4096) {
                expanded.put(mapping.iova() + offset >>> 12, mapping.address() + offset >>> 12);
            }
            last = mapping.iova();
            ranges++;
        }
        assertThat(expanded).isEqualTo(pages);
        assertThat(ledger.size()).isEqualTo(ranges).isGreaterThan(256);
    }

    @Test
    void ascendingAndDescendingInsertsKeepOrder() {
        List<Long> expected = new ArrayList<>();
        for (long i = 0; i < 1000; i++) {
            ledger.insert((5000 + i) << 12, 0, 0x1000, 1);
            ledger.insert((4999 - i) << 12, 0, 0x1000, 1);
        }
        for (long i = 4000; i < 6000; i++) {
            expected.add(i << 12);
        }
        assertThat(ledger.toList()).extracting(Mapping::iova).isEqualTo(expected);
        ledger.remove(0, -1L);
        assertThat(ledger.isEmpty()).isTrue();
        assertThat(ledger.first()).isEqualTo(MappingLedger.NONE);
    }

    /** Blocks split and vanish under the reader; what it asks for stays. */
    @Test
    void whatARangeAllowsIsReadWhileOthersChangeIt() throws Exception {
        long kept = 0x800 << 12;
        ledger.insert(kept, 0, 0x1000, 2);
        var over = new AtomicBoolean();
        var seen = CompletableFuture.supplyAsync(() -> {
            long wrong = 0;
            while (!over.get()) {
                wrong += ledger.protOf(kept + 8) == 2 && ledger.protOf(0x2000 << 12) == 0 ? 0 : 1;
            }
            return wrong;
        });
        for (int round = 0; round < 200; round++) {
            for (long page = 0; page < 0x1000; page += 3) {
                if (page != 0x800) {
                    ledger.insert(page << 12, 0, 0x1000, 1);
                }
            }
            ledger.remove(0, kept - 1);
            ledger.remove(kept + 0x1000, -1L);
        }
        over.set(true);
        assertThat(seen.get(10, TimeUnit.SECONDS)).isZero();
    }
}
