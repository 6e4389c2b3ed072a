package sluicegate.firmware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import sluicegate.api.types.IommuException;

@DisplayName("The MCFG table")
class McfgTest {

    @Test
    @DisplayName("of QEMU's q35 has one window for all buses")
    void readsQemu() {
        var mcfg = Mcfg.parse(Shared.machine("q35-vtd").read("mcfg.bin"));

        assertThat(mcfg.allocations()).containsExactly(new Mcfg.Allocation(44, 0xb0000000L, 0, 0, 255));
        assertThat(mcfg.find(0, 0x40)).isPresent();
        assertThat(mcfg.find(1, 0)).isEmpty();
        assertThat(mcfg.warnings()).isEmpty();
    }

    @Test
    @DisplayName("is refused when windows make no sense")
    void refusesNonsense() {
        assertRefused(table(0x100000, 0, 8, 4), "offset 0x2c", "ends at bus 04");
        assertRefused(table(0, 0, 0, 255), "offset 0x2c", "1 MiB");
        assertRefused(table(0x100000, 0, 0, 16, 0x80000000L, 0, 16, 255), "offset 0x3c", "overlap", "0x2c");
        assertRefused(DmarBuilder.sealed(setLength(Arrays.copyOf(table(0x100000, 0, 0, 255), 50))), "offset 0x2c", "multiple of 16");
        assertRefused(DmarBuilder.sealed(setLength(Arrays.copyOf(table(), 40))), "offset 0x28");
    }

    @Test
    @DisplayName("without a window is taken with a warning")
    void warnsWithoutWindow() {
        assertThat(Mcfg.parse(new FirmwareFile("mcfg.bin", table())).warnings()).hasSize(1);
    }

    /** Base, segment, first and last bus for each window. */
    private static byte[] table(long... windows) {
        var table = ByteBuffer.allocate(44 + windows.length / 4 * 16).order(ByteOrder.LITTLE_ENDIAN)
                .put("MCFG".getBytes(StandardCharsets.ISO_8859_1)).position(44);
        for (int i = 0; i < windows.length; i += 4) {
            table.putLong(windows[i]).putShort((short) windows[i + 1])
                    .put((byte) windows[i + 2]).put((byte) windows[i + 3]).putInt(0);
        }
        return DmarBuilder.sealed(setLength(table.array()));
    }

    private static byte[] setLength(byte[] table) {
        table[4] = (byte) table.length;
        return table;
    }

    private static void assertRefused(byte[] table, String... words) {
        assertThatExceptionOfType(IommuException.class)
                .isThrownBy(() -> Mcfg.parse(new FirmwareFile("mcfg.bin", table)))
                .satisfies(e -> assertThat(e.getMessage()).startsWith("mcfg.bin, ").contains(words));
    }
}
