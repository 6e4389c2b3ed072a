package sluicegate.firmware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * What every reader owes for input that is not what it should be: a value, or an error that says where. Anything else that
 * is thrown fails the test that asked.
 */
final class BrokenInput {
    private static final String NAME = "test.bin";

    private final Consumer<FirmwareFile> reader;
    private final UnaryOperator<byte[]> repair;

    /**
     * @param reader reads a file and looks at all there is in what it read
     * @param repair makes those parts right that would hide all else, such as a checksum
     */
    BrokenInput(Consumer<FirmwareFile> reader, UnaryOperator<byte[]> repair) {
        this.reader = reader;
        this.repair = repair;
    }

    /** Every truncation of something small, many of something large. How many were refused. */
    int truncated(byte[] good) {
        int refused = 0;
        for (int length = 0; length < good.length; length += 1 + length / 512) {
            refused += refused(repair.apply(Arrays.copyOf(good, length)));
        }
        return refused;
    }

    /** Every byte with each of its bits flipped, and with values that matter. How many were refused. */
    int everyByte(byte[] good) {
        int refused = 0;
        for (int at = 0; at < good.length; at++) {
            int there = good[at];
            for (int value : new int[] {there ^ 1, there ^ 2, there ^ 4, there ^ 8, there ^ 16, there ^ 32, there ^ 64,
                there ^ 128, there + 1, there - 1, 0, 0xff}) {
                var bad = good.clone();
                bad[at] = (byte) value;
                refused += refused(repair.apply(bad));
            }
        }
        return refused;
    }

    /** Some bytes changed at random, one to eight, mostly to values that matter; some tables cut off as well. */
    int random(byte[] good, long seed, int times) {
        var random = new Random(seed);
        int[] values = {0, 1, 2, 0x7f, 0x80, 0xff};
        int refused = 0;
        for (int i = 0; i < times; i++) {
            var bad = random.nextInt(8) == 0 ? Arrays.copyOf(good, random.nextInt(good.length)) : good.clone();
            for (int change = random.nextInt(8); change >= 0 && bad.length > 0; change--) {
                bad[random.nextInt(bad.length)] = (byte) (random.nextBoolean()
                        ? values[random.nextInt(values.length)] : random.nextInt(256));
            }
            try {
                refused += refused(repair.apply(bad));
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed + ", attempt " + i, e);
            }
        }
        return refused;
    }

    private int refused(byte[] bytes) {
        try {
            reader.accept(new FirmwareFile(NAME, bytes));
            return 0;
        } catch (IommuException e) {
            assertThat(e.errno()).isEqualTo(Errno.EINVAL);
            assertThat(e.getMessage()).matches("(?s)test\\.bin, offset 0x[0-9a-f]+: .*");
            return 1;
        }
    }

    /** An ACPI table with length and checksum as they should be. */
    static byte[] sealed(byte[] table) {
        if (table.length >= 8) {
            for (int i = 0; i < 4; i++) {
                table[4 + i] = (byte) (table.length >>> 8 * i);
            }
        }
        return DmarBuilder.sealed(table);
    }
}
