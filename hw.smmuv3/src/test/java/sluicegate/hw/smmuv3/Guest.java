package sluicegate.hw.smmuv3;

import static sluicegate.hw.smmuv3.Rig.RW;

import java.util.List;
import sluicegate.pgtable.ArmLpae;
import sluicegate.spec.smmuv3.AddressSize;
import sluicegate.spec.smmuv3.StreamTableEntry;

/**
 * A guest that writes stage 1 in its own addresses.
 *
 * @param memory where IPA 0 is
 */
record Guest(Rig rig, long memory) {
    static final int ASID = 3;
    private static final long CONTEXTS = 0x1_0000;
    private static final long TABLES = 0x2_0000;
    private static final long OTHER_TABLES = 0x3_0000;
    private static final ArmLpae FORMAT = ArmLpae.stage1(12, 48, 48, ArmLpae.SIZES_4K);

    /** The first two words of its stream table entry. */
    static List<Long> entry(int config) {
        long word0 = StreamTableEntry.CONFIG.set(StreamTableEntry.V.mask() | CONTEXTS, config);
        return List.of(word0, StreamTableEntry.S1DSS.set(0, StreamTableEntry.S1DSS_SSID0));
    }

    /** It writes a descriptor and tables of four levels for one page. */
    void maps(long iova, long ipa) {
        hasTablesAt(TABLES);
        for (int level = 4; level > 1; level--) {
            long table = TABLES + (4 - level) * 0x1000L;
            rig.memory().set64(memory + table + FORMAT.slotOffset(level, iova), FORMAT.tableEntry(level, table + 0x1000));
        }
        rig.memory().set64(memory + TABLES + 0x3000 + FORMAT.slotOffset(1, iova), FORMAT.leaf(1, 12, ipa, RW));
    }

    /** Its descriptor leads to tables in which nothing is mapped. */
    void movesTables() {
        hasTablesAt(OTHER_TABLES);
    }

    private void hasTablesAt(long tables) {
        long[] cd = ContextDescriptors.stage1(ASID, FORMAT, tables, AddressSize.BITS_48, false, false);
        for (int i = 0; i < cd.length; i++) {
            rig.memory().set64(memory + CONTEXTS + 8L * i, cd[i]);
        }
    }
}
