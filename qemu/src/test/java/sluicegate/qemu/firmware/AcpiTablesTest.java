package sluicegate.qemu.firmware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import sluicegate.api.types.IommuException;
import sluicegate.spec.acpi.AcpiHeader;

class AcpiTablesTest {
    private static byte[] table(String signature, int length) {
        var bytes = new byte[length];
        for (int i = 0; i < 4; i++) {
            bytes[i] = (byte) signature.charAt(i);
        }
        AcpiHeader.LENGTH.put(bytes, 0, length);
        bytes[length - 1] = 77;
        return bytes;
    }

    private static byte[] script(int... checksums) {
        var script = ByteBuffer.allocate(128 * (1 + checksums.length / 2)).order(ByteOrder.LITTLE_ENDIAN);
        script.putInt(0, 1);
        for (int i = 0; i < checksums.length / 2; i++) {
            int at = 128 * (i + 1);
            script.putInt(at, 3);
            script.put(at + 4, "etc/acpi/tables".getBytes());
            script.putInt(at + 60, checksums[2 * i] + 9);
            script.putInt(at + 64, checksums[2 * i]);
            script.putInt(at + 68, checksums[2 * i + 1]);
        }
        return script.array();
    }

    @Test
    void tablesAreWhereTheScriptMakesAChecksum() {
        var blob = ByteBuffer.allocate(200).put(10, table("DMAR", 50)).put(100, table("MCFG", 60)).array();
        var tables = new AcpiTables("test", script(10, 50, 100, 60), blob).folder();
        var dmar = tables.read("dmar.bin");
        assertThat(dmar.size()).isEqualTo(50);
        assertThat(AcpiHeader.checksum(dmar.bytes(), 0, 50)).isZero();
        assertThat(dmar.path()).isEqualTo("test/dmar.bin");
        assertThat(tables.names()).containsExactlyInAnyOrder("dmar.bin", "mcfg.bin");
    }

    @Test
    void aScriptThatPointsOutsideIsRefused() {
        for (int[] range : new int[][] {{-1, 40}, {180, 40}, {0, Integer.MAX_VALUE}, {0, 8}, {Integer.MAX_VALUE, 40}}) {
            assertThatThrownBy(() -> new AcpiTables("test", script(range), new byte[200])).isInstanceOf(IommuException.class)
                    .hasMessageContaining("etc/acpi/tables");
        }
    }
}
