package sluicegate.machine.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

class AllocatorTest {
    private static final long MIB = 1 << 20;
    private final AddressMap map = new AddressMap(List.of(new AddressMap.Range(0, 64 * MIB)));
    private final HeapMemory memory = new HeapMemory(map);
    private final PageAllocator pages = new PageAllocator(map, List.of(new AddressMap.Range(8 * MIB, 3000)));
    private final UnitArena arena = new UnitArena("dmar0", memory, pages);
    private final DataAllocator data = new DataAllocator(memory, pages);

    private static void assertFails(Errno errno, ThrowingCallable access) {
        assertThatThrownBy(access).isInstanceOfSatisfying(IommuException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    @Test
    void lowAndReservedMemoryIsNeverHandedOut() {
        assertThat(pages.freeBytes()).isEqualTo(63 * MIB - 4096);
        var taken = new ArrayList<Long>();
        while (pages.freeBytes() > 0) {
            taken.add(pages.take(4096, 4096));
        }
        assertThat(taken).doesNotHaveDuplicates().allMatch(page -> page >= MIB).doesNotContain(8 * MIB);
        assertFails(Errno.ENOMEM, () -> pages.take(4096, 4096));
        taken.forEach(page -> pages.give(page, 4096));
        assertThat(pages.take(32 * MIB, 32 * MIB)).as("blocks have grown together again").isEqualTo(32 * MIB);
    }

    @Test
    void dataIsAlignedForLargePagesAndZero() {
        long buffer = data.allocate(3 * MIB - 5);
        assertThat(buffer % (2 * MIB)).isZero();
        memory.set64(buffer, 77);
        data.free(buffer);
        assertThat(data.allocate(3 * MIB)).isEqualTo(buffer);
        assertThat(memory.get64(buffer)).isZero();
        assertThat(data.allocate(1) % 4096).isZero();
    }

    @Test
    void wrongAllocationsAreRefused() {
        assertFails(Errno.EINVAL, () -> data.allocate(0));
        assertFails(Errno.ENOMEM, () -> data.allocate(Long.MAX_VALUE));
        assertFails(Errno.ENOMEM, () -> data.allocate(64 * MIB));
        assertFails(Errno.EINVAL, () -> data.free(0x1000));
        long page = arena.allocate(1);
        assertThat(arena.holds(page)).isTrue();
        assertThat(arena.holds(page + 4096)).isFalse();
        assertFails(Errno.EINVAL, () -> arena.free(page, 8192));
        assertFails(Errno.EINVAL, () -> arena.free(page + 4096, 4096));
        assertFails(Errno.EINVAL, () -> arena.allocate(-1));
        assertFails(Errno.EINVAL, () -> data.free(page));
        arena.free(page, 4096);
        assertFails(Errno.EINVAL, () -> arena.free(page, 4096));
        assertThat(arena.holds(page)).isFalse();
    }

    @Test
    void theArenaRoundsToPowersOfTwoAndCounts() {
        long table = arena.allocate(12_000);
        assertThat(table % 16384).isZero();
        assertThat(arena.allocatedBytes()).isEqualTo(16384);
        long page = arena.allocate(4096);
        memory.set64(page, 5);
        arena.free(page, 4096);
        assertThat(arena.allocate(100)).isEqualTo(page);
        assertThat(memory.get64(page)).isZero();
        arena.free(page, 100);
        arena.free(table, 12_000);
        assertThat(arena.allocatedBytes()).isZero();
    }

    @Test
    void theArenaUsesTheLastPageOfMemory() {
        var taken = new ArrayList<Long>();
        assertFails(Errno.ENOMEM, () -> {
            while (true) {
                taken.add(arena.allocate(4096));
            }
        });
        assertThat(taken).hasSize((int) ((63 * MIB - 4096) / 4096)).doesNotHaveDuplicates();
    }

    @Test
    void blocksNeverOverlapWhateverTheOrder() {
        var random = new Random(1);
        var held = new java.util.TreeMap<Long, Long>();
        for (int i = 0; i < 5_000; i++) {
            if (random.nextInt(3) > 0 && held.size() < 200) {
                long size = 4096L * (1 + random.nextInt(40));
                long address = pages.take(size, 4096);
                var below = held.floorEntry(address);
                var above = held.ceilingKey(address);
                assertThat(below == null || below.getKey() + below.getValue() <= address).isTrue();
                assertThat(above == null || address + size <= above).isTrue();
                held.put(address, size);
            } else if (!held.isEmpty()) {
                long address = new ArrayList<>(held.keySet()).get(random.nextInt(held.size()));
                pages.give(address, held.remove(address));
            }
        }
        held.forEach(pages::give);
        assertThat(pages.freeBytes()).isEqualTo(63 * MIB - 4096);
    }
}
