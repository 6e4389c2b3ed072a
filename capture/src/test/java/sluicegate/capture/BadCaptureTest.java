package sluicegate.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.platform.TranslationProbe;
import sluicegate.api.types.Access;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;

/** Whatever is wrong in a capture folder ends in one sentence with the file and the place, and leaves nothing running. */
class BadCaptureTest {
    @TempDir
    Path temp;
    private Path folder;

    @BeforeEach
    void write() throws IOException {
        folder = TinyCapture.write(temp.resolve("tiny"));
    }

    private String refused(Errno errno) {
        var before = interruptThreads();
        var e = Assertions.catchThrowableOfType(IommuException.class, () -> CapturedMachine.boot(folder.toString(), 0));
        assertThat(e).as("the capture is refused").isNotNull();
        assertThat(e.errno()).as(e.getMessage()).isEqualTo(errno);
        assertThat(interruptThreads()).isEqualTo(before);
        return e.getMessage();
    }

    private static long interruptThreads() {
        return Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().contains("interrupts")).count();
    }

    private void replace(String file, String old, String by) throws IOException {
        var text = Files.readString(folder.resolve(file));
        assertThat(text).contains(old);
        Files.writeString(folder.resolve(file), text.replace(old, by));
    }

    @ParameterizedTest
    @ValueSource(strings = {"capture.json", "registers.tsv", "memory.bin.gz", "tables/dmar.bin"})
    void aFileThatIsMissingIsNamed(String file) throws IOException {
        Files.delete(folder.resolve(file));
        assertThat(refused(Errno.ENOENT)).contains(file).contains("does not exist");
    }

    @Test
    void tablesThatAreMissingAreNamed() throws IOException {
        Files.delete(folder.resolve("tables/dmar.bin"));
        Files.delete(folder.resolve("tables"));
        assertThat(refused(Errno.ENOENT)).contains("tables").contains("is not a folder");
    }

    // ---- capture.json

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "`\"iommu\": \"intel-vtd\"` | `\"iommu\": \"gart\"` | line 2: 'gart' is no kind of IOMMU: intel-vtd, amd-vi, arm-smmuv3 are known",
        "`\"iommu\": \"intel-vtd\",` | `` | line 1: the object that begins here has no 'iommu'",
        "`\"iommu\": \"intel-vtd\"` | `\"iommu\": [1]` | line 2: an object or array stands where a string belongs",
        "`[\"0xfed90000\"]` | `[]` | 'units' names 0 units",
        "`[\"0xfed90000\"]` | `[\"0xfed90000\", \"0xfed90000\"]` | 'units' names a unit twice",
        "`[\"0xfed90000\"]` | `[\"fed9\"]` | line 5: 'fed9' is not a number",
        "`[\"0xfed90000\"]` | `[\"0x12345000\"]` | belongs to no unit; those of",
        "`[\"0xfed90000\"]` | `[\"0xfed8f000\"]` | there is a unit at 0xfed8f000, but",
        "`[\"0xfed90000\"]` | `7` | line 5: '7' stands where an array belongs",
        "`\"size\": \"0x10000000\"` | `\"size\": \"1\"` | line 6: Memory at 0x0 with a size of 0x1",
        "`\"size\": \"0x10000000\"` | `\"sise\": \"1\"` | line 6: the object that begins here has no 'size'",
        "`\"id\": 3` | `\"id\": 7` | line 11: group 7 is there twice, the first time in line 8",
        "`\"id\": 3` | `\"id\": -3` | is out of range",
        "`\"id\": 3` | `\"id\": 99999999999999999999` | line 11: this is no JSON",
        "`\"end\": \"0xfff\"` | `\"end\": \"0xfff\", \"start\": \"0x2000\"` | line 9: this is no JSON: Duplicate field 'start'",
        "`\"start\": \"0xfee00000\"` | `\"start\": \"0xff000000\"` | line 10: the region ends at 0xfeefffff, before its start",
        "`\"type\": \"msi\"` | `\"type\": \"lost\"` | line 10: 'lost' is no type of reserved region",
        "`\"devices\": [\"0000:00:03.0\"]` | `\"devices\": [\"0000:00:06.0\"]` | line 11: group 3 has a member 0000:00:06.0",
        "`\"devices\": [\"0000:00:03.0\"]` | `\"devices\": [\"0000:00:02.0\"]` | line 11: 0000:00:02.0 is in group 7 and in group 3",
        "`\"devices\": [\"0000:00:03.0\"]` | `\"devices\": [\"there\"]` | line 11: 'there' is no PCI address",
        "`\"group\": \"3\"` | `\"group\": \"7\"` | line 15: 0000:00:03.0 names group 7, but the groups have it in group 3",
        "`\"group\": \"3\"` | `\"group\": \"\"` | line 15: 0000:00:03.0 names no group, but",
        "`\"bdf\": \"0000:00:05.0\"` | `\"bdf\": \"0000:00:04.0\"` | line 17: 0000:00:04.0 is there twice, the first time in line 16",
        "`8680d310` | `8680d3zz` | line 14: '8680d3zz00",
        "`8680d310` | `8680d31000` | configuration space of 0000:00:02.0 has 257 bytes instead of 256 or 4096",
        "`\"dma_mask_bits\": 64` | `\"dma_mask_bits\": 65` | line 14: 65 is out of range",
        "`\"events\": null` | `\"events\": nonsense` | line 18: this is no JSON",
    })
    void whatIsWrongInTheJsonIsNamedWithItsLine(String old, String by, String message) throws IOException {
        replace("capture.json", old, by);
        assertThat(refused(Errno.EINVAL)).contains("tiny").contains(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "null", "{}", "\0\0\0\0", "{\"groups\": [[[[", "{\"groups\": [{\"id\": 1,"})
    void whatIsNoCaptureIsRefused(String text) throws IOException {
        Files.writeString(folder.resolve("capture.json"), text);
        assertThat(refused(Errno.EINVAL)).contains("capture.json, line 1: ");
    }

    @Test
    void everyCutOfTheJsonIsRefused() throws IOException {
        var text = Files.readString(folder.resolve("capture.json")).strip();
        for (int length = 0; length < text.length(); length += 7) {
            Files.writeString(folder.resolve("capture.json"), text.substring(0, length));
            assertThat(refused(Errno.EINVAL)).contains("capture.json, line ");
        }
    }

    @Test
    void nestingWithoutEndIsRefused() throws IOException {
        Files.writeString(folder.resolve("capture.json"), "{\"x\": " + "[".repeat(100_000));
        assertThat(refused(Errno.EINVAL)).contains("this is no JSON");
    }

    // ---- registers.tsv

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "`0xfed90008\t0x22260206` | `garbage` | line 4: 'garbage' is not an address and a 32-bit value in hex",
        "`0xfed90008\t0x22260206` | `0xfed90008 0x22260206` | line 4: '0xfed90008 0x22260206' is not",
        "`0xfed90008\t0x22260206` | `0xfed90008\t0x122260206` | line 4: ",
        "`0xfed90008\t0x22260206` | `0xfed9000a\t0x22260206` | line 4: the address 0xfed9000a is no multiple of 4",
        "`0xfed90008\t0x22260206` | `0xfed90000\t0x22260206` | line 4: the address 0xfed90000 is there twice",
        "`0xfed90008\t0x22260206` | `0xfec90008\t0x22260206` | the register at 0xfec90008 belongs to no unit; those of",
        "`0xfed90008\t0x22260206` | `0xfff90008\t0x22260206` | the register at 0xfff90008 belongs to no unit; those of",
        "`0xfed90008\t0x22260206` | `# lost` | registers.tsv: The capture holds no register at 0x8 of unit dmar0",
        "`0xfed90010\t0x00f00f4a` | `0xfed90010\t0x00ffff4a` | registers.tsv: the capability registers of unit dmar0 contradict",
        "`0xfed90010\t0x00f00f4a` | `0xfed90010\t0x0000004a` | registers.tsv: the capability registers of unit dmar0 contradict",
    })
    void whatIsWrongInTheRegistersIsNamed(String old, String by, String message) throws IOException {
        replace("registers.tsv", old, by);
        assertThat(refused(Errno.EINVAL)).contains("registers.tsv").contains(message);
    }

    @Test
    void bytesThatAreNoTextAreRefused() throws IOException {
        Files.write(folder.resolve("registers.tsv"), new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1, '\n'});
        assertThat(refused(Errno.EINVAL)).contains("registers.tsv, line 1: ");
    }

    // ---- memory.bin.gz

    @Test
    void aCutOfTheMemoryIsRefusedWithItsPlace() throws IOException {
        var whole = Files.readAllBytes(folder.resolve("memory.bin.gz"));
        for (int length = 0; length < whole.length; length += 9) {
            Files.write(folder.resolve("memory.bin.gz"), Arrays.copyOf(whole, length));
            assertThat(refused(Errno.EINVAL)).contains("memory.bin.gz, offset 0x").containsPattern("cut short|no gzip");
        }
    }

    @Test
    void aRecordThatIsNotWholeIsRefused() throws IOException {
        var contents = TinyCapture.memory();
        Files.write(folder.resolve("memory.bin.gz"), TinyCapture.gzip(Arrays.copyOf(contents, contents.length - 1)));
        assertThat(refused(Errno.EINVAL)).endsWith(
                "memory.bin.gz, offset 0x4020 of its contents: the last record has 4103 bytes instead of 4104");
    }

    @Test
    void memoryThatIsNoGzipIsRefused() throws IOException {
        Files.write(folder.resolve("memory.bin.gz"), TinyCapture.memory());
        assertThat(refused(Errno.EINVAL)).contains("memory.bin.gz, offset 0x0").contains("the file is no gzip or is damaged");
    }

    @Test
    void aDamagedByteIsRefused() throws IOException {
        var bytes = Files.readAllBytes(folder.resolve("memory.bin.gz"));
        bytes[bytes.length - 6] ^= 1; // in the checksum
        Files.write(folder.resolve("memory.bin.gz"), bytes);
        assertThat(refused(Errno.EINVAL)).contains("the file is no gzip or is damaged");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "1 | 0x1000 | offset 0x1008 of its contents: the page address 0x1000 is not above the one before it, 0x1000",
        "0 | 0x1234 | offset 0x0 of its contents: the page address 0x1234 is no multiple of 4096",
    })
    void pageAddressesAscend(int record, String address, String message) throws IOException {
        var contents = ByteBuffer.wrap(TinyCapture.memory()).order(ByteOrder.LITTLE_ENDIAN);
        contents.putLong(record * (8 + 4096), Long.decode(address));
        Files.write(folder.resolve("memory.bin.gz"), TinyCapture.gzip(contents.array()));
        assertThat(refused(Errno.EINVAL)).endsWith(message);
    }

    // ---- tables

    @Test
    void aTableThatIsMalformedIsRefusedWithItsPlace() throws IOException {
        var table = TinyCapture.dmar();
        table[60]++;
        Files.write(folder.resolve("tables/dmar.bin"), table);
        assertThat(refused(Errno.EINVAL)).contains("dmar.bin, offset 0x9: the checksum is wrong");
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', value = {
        "0x0d441019 | 0x0d641019 | SMMU_IDR0 of 0xd641019 describes no unit that can be modelled",
        "0x02730010 | 0x0273003f | SMMU_IDR1 of 0x273003f describes no unit that can be modelled"})
    void anSmmuOfWhichThereIsNoModelIsRefused(String old, String by, String message) throws IOException {
        var real = KnownTranslations.folder("smmuv3-s2-6.12");
        Files.delete(folder.resolve("tables/dmar.bin"));
        for (var file : List.of("capture.json", "memory.bin.gz", "registers.tsv", "tables/fdt.dtb")) {
            Files.copy(real.resolve(file), folder.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
        replace("registers.tsv", old, by);
        assertThat(refused(Errno.EINVAL)).contains("registers.tsv: " + message);
        Files.delete(folder.resolve("tables/fdt.dtb"));
        assertThat(refused(Errno.ENOENT)).contains("iort.bin");
    }

    // ---- nonsense that has the right form

    @Test
    void registersOfAnyValueBootOrAreRefused() throws IOException {
        var random = new Random(1);
        for (int round = 0; round < 300; round++) {
            var registers = new StringBuilder();
            for (int offset = 0; offset < 0x28; offset += 4) {
                registers.append(String.format("0x%x\t0x%x%n", 0xfed90000L + offset, random.nextInt()));
            }
            Files.writeString(folder.resolve("registers.tsv"), registers);
            try {
                ask(random);
            } catch (IommuException e) {
                assertThat(e.errno()).as("round %d: %s", round, e.getMessage()).isEqualTo(Errno.EINVAL);
                assertThat(e.getMessage()).contains("registers.tsv");
            }
        }
    }

    @Test
    void tablesOfAnyContentsAreAnswered() throws IOException {
        var random = new Random(2);
        for (int round = 0; round < 100; round++) {
            var contents = ByteBuffer.wrap(TinyCapture.memory()).order(ByteOrder.LITTLE_ENDIAN);
            for (int page = 0; page < 5; page++) {
                for (int word = 0; word < 512; word++) {
                    // Few bits, so that entries are now and then possible ones and lead to one another.
                    long entry = (long) random.nextInt(8) << 12 | random.nextLong() & random.nextLong() & 0x80000000000000ffL;
                    contents.putLong(page * (8 + 4096) + 8 + 8 * word, random.nextInt(8) == 0 ? random.nextLong() : entry);
                }
            }
            Files.write(folder.resolve("memory.bin.gz"), TinyCapture.gzip(contents.array()));
            ask(random);
        }
    }

    private void ask(Random random) {
        var machine = CapturedMachine.boot(folder.toString(), 0);
        try {
            var unit = (TranslationProbe) machine.units().get(0);
            for (int i = 0; i < 100; i++) {
                int requester = random.nextInt(4) == 0 ? random.nextInt(0x10000) : random.nextInt(0x100);
                long iova = random.nextLong() >>> random.nextInt(64);
                for (int pasid : new int[] {Pasid.NONE, 0, random.nextInt(Pasid.MAX + 1)}) {
                    assertThat(unit.probe(requester, pasid, iova, Access.values()[random.nextInt(Access.values().length)]))
                            .isNotNull();
                }
            }
        } finally {
            machine.powerOff();
        }
    }
}
