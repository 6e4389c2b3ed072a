package sluicegate.machine.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/** Sparse memory with a hole: 4 MiB and a page, then 2 MiB at 16 MiB. */
class HeapMemoryTest {
    private static final long LOW_END = (4 << 20) + 4096;
    private static final long HIGH = 16 << 20;
    private final HeapMemory memory = new HeapMemory(new AddressMap(List.of(
            new AddressMap.Range(HIGH, 2 << 20), new AddressMap.Range(0, LOW_END))));

    private static void assertFails(Errno errno, ThrowingCallable access) {
        assertThatThrownBy(access).isInstanceOfSatisfying(IommuException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    @Test
    void untouchedMemoryIsZeroAndWrittenMemoryStays() {
        assertThat(memory.get64(0)).isZero();
        memory.set64(LOW_END - 8, -5);
        memory.set64Release(HIGH, 7);
        assertThat(memory.get64Acquire(LOW_END - 8)).isEqualTo(-5);
        assertThat(memory.get64(HIGH)).isEqualTo(7);
        assertThat(memory.get64(HIGH + 8)).isZero();
        assertThat(memory.size()).isEqualTo(LOW_END + (2 << 20));
    }

    @Test
    void holesAreNotMemory() {
        for (long address : new long[] {LOW_END, 6 << 20, HIGH - 8, HIGH + (2 << 20), 1L << 45, -8}) {
            assertFails(Errno.EFAULT, () -> memory.get64(address));
            assertFails(Errno.EFAULT, () -> memory.set64(address, 1));
            assertFails(Errno.EFAULT, () -> memory.set32Release(address, 1));
            assertFails(Errno.EFAULT, () -> memory.compareAndSet64(address, 0, 1));
            assertThat(memory.contains(address, 8)).isFalse();
        }
        assertThat(memory.contains(0, LOW_END)).isTrue();
        assertThat(memory.contains(0, LOW_END + 1)).isFalse();
        assertThat(memory.contains(8, Long.MAX_VALUE)).isFalse();
        assertThat(memory.contains(8, -1)).isFalse();
    }

    @Test
    void misalignedWordsAreRefused() {
        assertFails(Errno.EINVAL, () -> memory.get64(4));
        assertFails(Errno.EINVAL, () -> memory.set64Release(1, 0));
        assertFails(Errno.EINVAL, () -> memory.get32(2));
        assertFails(Errno.EINVAL, () -> memory.fill64(4, 0, 0, 1));
    }

    @Test
    void halfWordsLeaveTheirNeighboursAlone() {
        memory.set64(64, 0x1122_3344_5566_7788L);
        memory.set32Release(68, 0xaabb_ccdd);
        assertThat(memory.get64(64)).isEqualTo(0xaabb_ccdd_5566_7788L);
        memory.set32Release(64, 1);
        assertThat(memory.get32(64)).isEqualTo(1);
        assertThat(memory.get32(68)).isEqualTo(0xaabb_ccdd);
    }

    @Test
    void concurrentHalfWordWritesLoseNothing() {
        var writers = List.of(64L, 68L).stream().map(address -> CompletableFuture.runAsync(() -> {
            for (int i = 1; i <= 200_000; i++) {
                memory.set32Release(address, i);
                if (memory.get32(address) != i) {
                    throw new AssertionError("lost at " + i);
                }
            }
        })).toArray(CompletableFuture<?>[]::new);
        CompletableFuture.allOf(writers).join();
        assertThat(memory.get64(64)).isEqualTo(200_000L << 32 | 200_000L);
    }

    @Test
    void bytesAreLittleEndianAndCrossWordsAndChunks() {
        var data = new byte[100];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) (i + 1);
        }
        long address = (2 << 20) - 51;
        memory.set64((2 << 20) - 56, -1);
        memory.write(address, data, 0, data.length);
        var back = new byte[102];
        memory.read(address - 1, back, 0, back.length);
        assertThat(back[0]).isEqualTo((byte) -1);
        assertThat(java.util.Arrays.copyOfRange(back, 1, 101)).isEqualTo(data);
        assertThat(back[101]).isZero();
        memory.write(0, new byte[] {0, 1, 2, 3, 4, 5, 6, 7, 8}, 1, 8);
        assertThat(memory.get64(0)).isEqualTo(0x0807060504030201L);
    }

    @Test
    void aCopyThatLeavesMemoryMovesNothing() {
        assertFails(Errno.EFAULT, () -> memory.write(LOW_END - 8, new byte[16], 0, 16));
        memory.set64(LOW_END - 8, 5);
        assertFails(Errno.EFAULT, () -> memory.write(LOW_END - 8, new byte[16], 0, 16));
        assertThat(memory.get64(LOW_END - 8)).isEqualTo(5);
        assertThatThrownBy(() -> memory.read(0, new byte[4], 2, 4)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void fillWritesAProgressionAcrossChunks() {
        memory.fill64((2 << 20) - 16, 0x1000, 0x1000, 4);
        assertThat(memory.get64((2 << 20) - 16)).isEqualTo(0x1000);
        assertThat(memory.get64((2 << 20) + 8)).isEqualTo(0x4000);
        assertThat(memory.get64((2 << 20) + 16)).isZero();
        assertFails(Errno.EFAULT, () -> memory.fill64(LOW_END - 16, 1, 0, 3));
        assertThat(memory.get64(LOW_END - 16)).isZero();
    }

    @Test
    void clearingMakesZeros() {
        memory.set64(4096, 5);
        memory.set64(8192, 6);
        memory.clear(4096, 4096);
        assertThat(memory.get64(4096)).isZero();
        assertThat(memory.get64(8192)).isEqualTo(6);
    }

    @Test
    void compareAndSetExchangesOnce() {
        assertThat(memory.compareAndSet64(8, 0, 3)).isTrue();
        assertThat(memory.compareAndSet64(8, 0, 4)).isFalse();
        assertThat(memory.get64(8)).isEqualTo(3);
    }

    @Test
    void impossibleMapsAreRefused() {
        assertFails(Errno.EINVAL, () -> new AddressMap(List.of()));
        assertFails(Errno.EINVAL, () -> new AddressMap(List.of(new AddressMap.Range(0, 100))));
        assertFails(Errno.EINVAL, () -> new AddressMap(List.of(new AddressMap.Range(0, 1L << 45))));
        assertFails(Errno.EINVAL, () -> new AddressMap(List.of(new AddressMap.Range(0, 8192), new AddressMap.Range(4096, 4096))));
        assertFails(Errno.EINVAL, () -> new HeapMemory(new AddressMap(List.of(new AddressMap.Range(4096, 4096)))));
    }
}
