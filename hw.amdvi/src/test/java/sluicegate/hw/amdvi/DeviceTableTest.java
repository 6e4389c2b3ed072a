package sluicegate.hw.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import sluicegate.hw.common.rig.WatchedMemory;
import sluicegate.machine.memory.AddressMap;
import sluicegate.machine.memory.HeapMemory;
import sluicegate.machine.memory.PageAllocator;
import sluicegate.machine.memory.UnitArena;
import sluicegate.spec.amdvi.DeviceTableEntry;

/** What hardware may see while an entry changes, and how often it has to forget the entry for that. */
class DeviceTableTest {
    private static final int NIC = 0x0118;

    private static final DeviceEntry BLOCKED = DeviceEntry.BLOCKED;
    private static final DeviceEntry IDENTITY = DeviceEntry.identity(1);
    private static final DeviceEntry HOST = DeviceEntry.host(5, 0x10_0000, 3, false);
    private static final DeviceEntry GROWN = DeviceEntry.host(5, 0x20_0000, 4, false);
    private static final DeviceEntry OTHER_HOST = DeviceEntry.host(6, 0x30_0000, 3, false);
    private static final DeviceEntry GUEST4 = DeviceEntry.identity(7).withGuestTables(0xf_1234_5000L, 2, 4).withPasid0ForAll();
    private static final DeviceEntry GUEST5 = DeviceEntry.identity(7).withGuestTables(0xe_0000_1000L, 2, 5).withPasid0ForAll();

    private WatchedMemory memory;
    private DeviceTable table;
    private final List<long[]> seen = new ArrayList<>();
    private int forgotten;

    @BeforeEach
    void liveTable() {
        var map = new AddressMap(List.of(new AddressMap.Range(0, 16 << 20)));
        var heap = new HeapMemory(map);
        memory = new WatchedMemory(heap);
        table = new DeviceTable(memory, new UnitArena("ivhd0", heap, new PageAllocator(map, List.of())), 3);
        table.live(id -> {
            assertThat(id).isEqualTo(NIC);
            forgotten++;
        });
    }

    static Stream<Arguments> changes() {
        return Stream.of(
                Arguments.of("blocked to host", BLOCKED, HOST, 1),
                Arguments.of("host to blocked", HOST, BLOCKED, 1),
                Arguments.of("blocked to identity", BLOCKED, IDENTITY, 1),
                Arguments.of("identity to blocked", IDENTITY, BLOCKED, 1),
                Arguments.of("a table that has grown", HOST, GROWN, 1),
                Arguments.of("dirty tracking", HOST, DeviceEntry.host(5, 0x10_0000, 3, true), 1),
                Arguments.of("a device TLB is allowed", HOST, HOST.withDeviceTlb(), 1),
                Arguments.of("host to another host", HOST, OTHER_HOST, 2),
                Arguments.of("identity to host", IDENTITY, HOST, 2),
                Arguments.of("host to identity", HOST, IDENTITY, 2),
                Arguments.of("blocked to guest", BLOCKED, GUEST4, 1),
                Arguments.of("guest to blocked", GUEST4, BLOCKED, 1),
                Arguments.of("guest to host", GUEST4, HOST, 2),
                Arguments.of("guest to guest with another depth", GUEST4, GUEST5, 2),
                Arguments.of("PASID 0 for all, on", GUEST4, DeviceEntry.identity(7).withGuestTables(0xf_1234_5000L, 2, 4), 1),
                Arguments.of("nothing", HOST, HOST, 1));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("changes")
    void hardwareSeesTheOldEntryTheNewOneOrOneThatBlocks(String change, DeviceEntry old, DeviceEntry target, int times) {
        table.write(NIC, old);
        memory.watch(address -> seen.add(words()));
        forgotten = 0;

        table.write(NIC, target);

        assertThat(forgotten).isEqualTo(times);
        assertThat(words()).containsExactly(target.word0(), target.word1(), target.word2(), 0);
        for (long[] words : seen) {
            boolean blocks = DeviceEntry.blocks(words[0]);
            boolean isOld = words[0] == old.word0() && words[1] == old.word1() && words[2] == old.word2();
            boolean isNew = words[0] == target.word0() && words[1] == target.word1() && words[2] == target.word2();
            assertThat(blocks || isOld || isNew).as(change).isTrue();
            assertThat(DeviceTableEntry.V.isSet(words[0])).as("without V requests pass").isTrue();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("changes")
    void hardwareHasForgottenTheOldEntryBeforeAMixtureIsWritten(String change, DeviceEntry old, DeviceEntry target, int times) {
        table.write(NIC, old);
        // What a unit that caches the entry for ever goes on using.
        var cached = new long[][] {words()};
        table.live(id -> cached[0] = words());
        memory.watch(address -> {
            long[] now = words();
            boolean changesUnderCache = now[1] != old.word1() || now[2] != old.word2();
            if (times == 2 && changesUnderCache) {
                assertThat(DeviceEntry.blocks(cached[0][0])).isTrue();
            }
        });
        table.write(NIC, target);
        assertThat(cached[0]).containsExactly(words());
    }

    @Test
    void allEntriesBlockAtFirst() {
        for (int id : new int[] {0, 1, NIC, 0xffff}) {
            assertThat(table.word(id, 0)).isEqualTo(DeviceTableEntry.V.mask() | DeviceTableEntry.TV.mask());
            assertThat(DeviceEntry.blocks(table.word(id, 0))).isTrue();
        }
    }

    @Test
    void whatIsAboutInterruptsStays() {
        long interrupts = DeviceTableEntry.IV.mask() | DeviceTableEntry.INTROOT.setInPlace(0, 0x12_3000L >>> 6 << 6)
                | DeviceTableEntry.INTTABLEN.set(0, 9) | DeviceTableEntry.INTCTL.set(0, DeviceTableEntry.INTCTL_REMAP);
        memory.set64(table.addressOf(NIC) + 16, interrupts);
        for (var entry : List.of(HOST, GUEST5, IDENTITY, BLOCKED)) {
            table.write(NIC, entry);
            assertThat(table.word(NIC, 2) & ~DeviceEntry.OWN_WORD2).isEqualTo(interrupts);
        }
    }

    @Test
    void anIdentityEntryKeepsItsDomainIdWithAndWithoutDeviceTlb() {
        assertThat(DeviceTableEntry.DOMAINID.get(DeviceEntry.identity(0x1234).word1())).isEqualTo(0x1234);
        var withTlb = DeviceEntry.identity(0x1234).withDeviceTlb();
        assertThat(DeviceTableEntry.DOMAINID.get(withTlb.word1())).isEqualTo(0x1234);
        assertThat(DeviceTableEntry.I.isSet(withTlb.word1())).isTrue();
    }

    @Test
    void firmwareSettingsStandWhereTheManualHasThem() {
        var entry = BLOCKED.withSetting(0b1111_0111);
        assertThat(entry.word1()).isEqualTo(0x3L << 104 - 64);
        assertThat(entry.word2()).isEqualTo(0b1100_0111L << 184 - 128);
        assertThat(BLOCKED.withSetting(0b0001_0010).word1()).isEqualTo(0x1L << 104 - 64);
        assertThat(BLOCKED.withSetting(0b0001_0010).word2()).isEqualTo(0b10L << 184 - 128);
    }

    private long[] words() {
        return new long[] {table.word(NIC, 0), table.word(NIC, 1), table.word(NIC, 2), table.word(NIC, 3)};
    }
}
