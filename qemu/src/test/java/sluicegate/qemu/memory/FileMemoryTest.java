package sluicegate.qemu.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.machine.memory.AddressMap;

/** Two ranges with a hole between them, one file. */
class FileMemoryTest {
    private static final long LOW_BYTES = 64 << 10;
    private static final long HIGH = 1L << 30;

    @TempDir
    Path folder;

    private Path file;
    private FileMemory memory;

    @BeforeEach
    void map() throws Exception {
        file = folder.resolve("memory");
        try (var created = new RandomAccessFile(file.toFile(), "rw")) {
            created.setLength(2 * LOW_BYTES);
        }
        memory = new FileMemory(new AddressMap(List.of(new AddressMap.Range(0, LOW_BYTES),
                new AddressMap.Range(HIGH, LOW_BYTES))), file);
    }

    private static void assertFails(Errno errno, ThrowingCallable access) {
        assertThatThrownBy(access).isInstanceOfSatisfying(IommuException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    @Test
    void whatIsStoredIsInTheFileLittleEndian() throws Exception {
        memory.set64(8, 0x1122_3344_5566_7788L);
        memory.set32Release(HIGH + 4, 0xcafe_babe);
        var bytes = Files.readAllBytes(file);
        assertThat(bytes[8]).isEqualTo((byte) 0x88);
        assertThat(bytes[15]).isEqualTo((byte) 0x11);
        assertThat(bytes[(int) LOW_BYTES + 4]).isEqualTo((byte) 0xbe);
        assertThat(memory.get64Acquire(HIGH)).isEqualTo(0xcafe_babeL << 32);
        assertThat(memory.get32(HIGH + 4)).isEqualTo(0xcafe_babe);
        assertThat(memory.compareAndSet64(8, 1, 2)).isFalse();
        assertThat(memory.compareAndSet64(8, 0x1122_3344_5566_7788L, 2)).isTrue();
        assertThat(memory.get64(8)).isEqualTo(2);
    }

    @Test
    void holesAndMisalignedWordsAreRefused() {
        for (long address : new long[] {LOW_BYTES, HIGH - 8, HIGH + LOW_BYTES, 1L << 45, -8}) {
            assertFails(Errno.EFAULT, () -> memory.get64(address));
            assertFails(Errno.EFAULT, () -> memory.set32Release(address, 1));
            assertFails(Errno.EFAULT, () -> memory.fill64(address, 0, 0, 1));
            assertFails(Errno.EFAULT, () -> memory.write(address, new byte[1], 0, 1));
        }
        assertFails(Errno.EINVAL, () -> memory.get64(4));
        assertFails(Errno.EINVAL, () -> memory.get32(2));
        assertFails(Errno.EINVAL, () -> memory.clear(4, 8));
        assertFails(Errno.EFAULT, () -> memory.read(LOW_BYTES - 4, new byte[8], 0, 8));
        assertThat(memory.contains(LOW_BYTES - 4, 8)).isFalse();
    }

    @Test
    void bytesKeepTheirPlacesAtEveryAlignment() {
        var bytes = "a text of some length, to be cut".getBytes();
        for (int start = 0; start < 9; start++) {
            for (int length : new int[] {0, 1, 7, 8, 9, bytes.length}) {
                memory.clear(0, 128);
                memory.write(32 + start, bytes, 0, length);
                var there = new byte[length];
                memory.read(32 + start, there, 0, length);
                assertThat(there).isEqualTo(java.util.Arrays.copyOf(bytes, length));
                var around = new byte[128];
                memory.read(0, around, 0, 128);
                assertThat(around[31 + start]).isZero();
                assertThat(around[32 + start + length]).isZero();
            }
        }
    }

    @Test
    void aFillCountsUp() {
        memory.fill64(HIGH, 5, 0x1000, 3);
        assertThat(new long[] {memory.get64(HIGH), memory.get64(HIGH + 8), memory.get64(HIGH + 16), memory.get64(HIGH + 24)})
                .containsExactly(5, 0x1005, 0x2005, 0);
    }
}
