package sluicegate.sim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.types.Access;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.api.types.Translation;
import sluicegate.sim.smmuv3.Rig.Space;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.smmuv3.AddressSize;
import sluicegate.spec.smmuv3.CommandOpcode;
import sluicegate.spec.smmuv3.ContextDescriptor;
import sluicegate.spec.smmuv3.EventType;
import sluicegate.spec.vmsa.Stage1Descriptor;

/** Stage 1: from an address to a page, and every reason why there is none. */
class Stage1Test {
    private static final int READ = RequestAccess.READ;
    private static final int WRITE = RequestAccess.WRITE;
    private static final int EXECUTE = RequestAccess.READ | RequestAccess.EXECUTE;
    private static final int PRIVILEGED = RequestAccess.PRIVILEGED;
    private static final long PAGE = 0x70_0000;
    private Rig rig = new Rig();

    @AfterEach
    void close() {
        rig.close();
    }

    private void with(Smmuv3Capabilities capabilities) {
        rig.close();
        rig = new Rig(capabilities);
    }

    private Space started() {
        var space = rig.stage1Space();
        rig.stage1(space).start();
        return space;
    }

    private void context(long[] words) {
        rig.put(Rig.CONTEXTS, words);
    }

    private void assertFault(long iova, int access, EventType expected) {
        assertThat(rig.request(iova, access)).as("answer").isEqualTo(-expected.code());
        assertThat(rig.takeEvent()[0] & 0xff).isEqualTo(expected.code());
    }

    @Test
    void aPageIsReachedAtItsOffset() {
        var space = started();
        space.page(0x1234_5000L, PAGE | Rig.USER);
        assertThat(rig.request(0x1234_5678L, READ)).isEqualTo(PAGE + 0x678);
        assertThat(rig.request(0x1234_5678L, WRITE)).isEqualTo(PAGE + 0x678);
        assertThat(rig.waitingEvents()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"12, 3, 12", "12, 2, 21", "12, 1, 30", "14, 3, 14", "14, 2, 25", "16, 3, 16", "16, 2, 29"})
    void everyGranuleHasItsPagesAndBlocks(int granule, int level, int shift) {
        var space = rig.new Space(granule, 48);
        rig.stage1(space).start();
        long iova = 0x7f00_0000_0000L;
        long address = (1L << 40) + (1L << shift);
        space.set(iova, level, address | (level == 3 ? Rig.USER : Rig.USER_BLOCK));
        long offset = (1L << shift) - 8;
        assertThat(rig.request(iova + offset, READ)).as("from memory").isEqualTo(address + offset);
        assertThat(rig.request(iova + 8, READ)).as("from the TLB").isEqualTo(address + 8);
        assertFault(iova + (1L << shift), READ, EventType.F_TRANSLATION);
    }

    @ParameterizedTest
    @CsvSource({"12, 0", "12, 3", "14, 1", "14, 0", "14, 3", "16, 1", "16, 3"})
    void aBlockWhereThereAreNoneIsInvalid(int granule, int level) {
        var space = rig.new Space(granule, 48);
        rig.stage1(space).start();
        space.set(0, level, Rig.USER_BLOCK);
        assertFault(0, READ, EventType.F_TRANSLATION);
    }

    @ParameterizedTest
    @CsvSource({"12, 48", "12, 47", "12, 40", "12, 39", "12, 31", "12, 30", "12, 25", "14, 48", "14, 47", "14, 37", "14, 36",
        "14, 26", "14, 25", "16, 48", "16, 43", "16, 42", "16, 30", "16, 29", "16, 25", "12, 16", "14, 16", "16, 17"})
    void theSizeOfTheInputDecidesWhereAWalkStartsAndWhatIsOutOfRange(int granule, int bits) {
        var space = rig.new Space(granule, bits);
        rig.stage1(space).start();
        long last = (1L << bits) - 1;
        space.page(last, 0x50_0000 | Rig.USER);
        assertThat(rig.request(last, READ)).isEqualTo(0x50_0000 + (last & (1L << granule) - 1));
        assertFault(1L << bits, READ, EventType.F_TRANSLATION);
        assertFault(last | 1L << 63, READ, EventType.F_TRANSLATION);
        assertFault(last | 1L << 55, READ, EventType.F_TRANSLATION);
    }

    @Test
    void aGranuleOf64KReaches52BitsOnBothSides() {
        with(Rig.wide());
        var space = rig.new Space(16, 52);
        rig.stage1(space).start();
        context(Rig.with(Rig.context(space, Rig.ASID), ContextDescriptor.IPS, AddressSize.BITS_52.code()));
        long iova = 0xf_ffff_ffff_0000L;
        space.page(iova, Stage1Descriptor.ADDR_HIGH.set(0x1234_5671_0000L | Rig.USER, 0xa));
        assertThat(rig.request(iova + 4, READ)).isEqualTo(0xa_1234_5671_0004L);
    }

    @Test
    void withWideAddressesTheLargestGranuleHasBlocksOf4TiB() {
        with(Rig.wide());
        var space = rig.new Space(16, 52);
        rig.stage1(space).start();
        context(Rig.with(Rig.context(space, Rig.ASID), ContextDescriptor.IPS, AddressSize.BITS_52.code()));
        space.set(3L << 42, 1, Stage1Descriptor.ADDR_HIGH.set(5L << 42 | Rig.USER_BLOCK, 0xa));
        long address = 0xaL << 48 | 5L << 42;
        assertThat(rig.request(3L << 42 | 0x3ff_ffff_fff8L, READ)).isEqualTo(address | 0x3ff_ffff_fff8L);
        assertThat(rig.unit.probe(Rig.SID, Pasid.NONE, 3L << 42, Access.READ))
                .isInstanceOfSatisfying(Translation.Mapped.class, page -> assertThat(page.size()).isEqualTo(1L << 42));
        space.set(3L << 42, 1, 0);
        assertThat(rig.request(3L << 42, READ)).as("from the TLB").isEqualTo(address);
    }

    @Test
    void highAddressesUseTheOtherTables() {
        var low = rig.stage1Space();
        var high = rig.new Space(16, 42);
        rig.stage1(low).start();
        context(Rig.withHigh(Rig.context(low, Rig.ASID), high));
        low.page(0x1000, PAGE | Rig.USER);
        high.page(0x3ff_ffff_0000L, 0x10_0000 | Rig.USER);
        assertThat(rig.request(0x1008, READ)).isEqualTo(PAGE + 8);
        assertThat(rig.request(-0x1_0000L + 8, READ)).isEqualTo(0x10_0008);
        assertThat(rig.request(-0x1_0000L + 8, READ)).as("from the TLB").isEqualTo(0x10_0008);
        assertFault(-1L << 43, READ, EventType.F_TRANSLATION);
        assertFault(0x3ff_ffff_0000L, READ, EventType.F_TRANSLATION);
    }

    @Test
    void walksThatAreDisabledFault() {
        var space = started();
        space.page(0, PAGE | Rig.USER);
        context(Rig.with(Rig.withHigh(Rig.context(space, Rig.ASID), space), ContextDescriptor.EPD0, 1));
        assertFault(0x1000, READ, EventType.F_TRANSLATION);
        assertThat(rig.request(-1L << 48, READ)).isEqualTo(PAGE);
    }

    @Test
    void theTopByteIsIgnoredWhereTheContextSaysSo() {
        var space = started();
        space.page(0x1000, PAGE | Rig.USER);
        assertFault(0x5a00_0000_0000_1000L, READ, EventType.F_TRANSLATION);
        context(Rig.with(Rig.context(space, Rig.ASID), ContextDescriptor.TBI0, 1));
        rig.command(CommandOpcode.CFGI_STE_RANGE, 0, 31);
        assertThat(rig.request(0x5a00_0000_0000_1000L, READ)).isEqualTo(PAGE);
        assertThat(rig.request(0x1000, READ)).isEqualTo(PAGE);
        assertFault(0x5a01_0000_0000_1000L, READ, EventType.F_TRANSLATION);
    }

    @Test
    void anOutputWiderThanTheContextAllowsFaults() {
        var space = rig.stage1Space();
        rig.stage1(space).start();
        context(Rig.with(Rig.context(space, Rig.ASID), ContextDescriptor.IPS, AddressSize.BITS_36.code()));
        space.page(0x1000, 0xf_ffff_f000L | Rig.USER);
        space.page(0x2000, 0x10_0000_0000L | Rig.USER);
        assertThat(rig.request(0x1000, READ)).isEqualTo(0xf_ffff_f000L);
        assertFault(0x2000, READ, EventType.F_ADDR_SIZE);
        space.set(0x8000_0000L, 1, 0x10_0000_0000L | 3);
        assertFault(0x8000_0000L, READ, EventType.F_ADDR_SIZE);
    }

    @Test
    void aTableWhereThereIsNoMemoryIsAWalkAbort() {
        var space = started();
        space.set(0, 2, Rig.MEMORY | 3);
        assertThat(rig.request(0x5000, WRITE)).isEqualTo(-EventType.F_WALK_EABT.code());
        var event = rig.takeEvent();
        assertThat(event[0] & 0xff).isEqualTo(EventType.F_WALK_EABT.code());
        assertThat(event[2]).as("input address").isEqualTo(0x5000);
        assertThat(event[3]).as("fetch address").isEqualTo(Rig.MEMORY + 5 * 8);
    }

    // Access flag and dirty state

    @Test
    void anAccessFlagThatIsClearFaultsUnlessThatIsDisabled() {
        var space = started();
        long descriptor = PAGE | Stage1Descriptor.AF.clear(Rig.USER);
        long place = space.page(0x1000, descriptor);
        assertFault(0x1000, READ, EventType.F_ACCESS);
        context(Rig.with(Rig.context(space, Rig.ASID), ContextDescriptor.AFFD, 1));
        rig.command(CommandOpcode.CFGI_STE_RANGE, 0, 31);
        assertThat(rig.request(0x1000, READ)).isEqualTo(PAGE);
        assertThat(rig.memory.get64(place)).as("left alone").isEqualTo(descriptor);
    }

    @Test
    void hardwareSetsTheAccessFlagAndMakesWhatIsWrittenDirty() {
        var space = started();
        var words = Rig.with(Rig.context(space, Rig.ASID), ContextDescriptor.HA, 1);
        context(Rig.with(words, ContextDescriptor.HD, 1));
        long clean = PAGE | Stage1Descriptor.AP.set(Stage1Descriptor.AF.clear(Rig.USER), 3) | Stage1Descriptor.DBM.mask();
        long place = space.page(0x1000, clean);
        assertThat(rig.unit.probe(Rig.SID, Pasid.NONE, 0x1000, Access.WRITE)).isInstanceOf(Translation.Mapped.class);
        assertThat(rig.memory.get64(place)).as("after a probe").isEqualTo(clean);
        assertThat(rig.request(0x1000, READ)).isEqualTo(PAGE);
        assertThat(rig.memory.get64(place)).as("after a read").isEqualTo(clean | Stage1Descriptor.AF.mask());
        assertThat(rig.request(0x1000, WRITE)).isEqualTo(PAGE);
        assertThat(rig.memory.get64(place)).as("after a write")
                .isEqualTo(Stage1Descriptor.AP.set(clean | Stage1Descriptor.AF.mask(), 1));
        assertThat(rig.waitingEvents()).isZero();
    }

    @Test
    void whatIsNotMarkedForDirtyStateStaysReadOnly() {
        var space = started();
        var words = Rig.with(Rig.context(space, Rig.ASID), ContextDescriptor.HA, 1);
        context(Rig.with(words, ContextDescriptor.HD, 1));
        long place = space.page(0x1000, PAGE | Stage1Descriptor.AP.set(Rig.USER, 3));
        assertFault(0x1000, WRITE, EventType.F_PERMISSION);
        assertThat(Stage1Descriptor.AP.get(rig.memory.get64(place))).isEqualTo(3);
    }

    @Test
    void aWriteThatIsRefusedAllTheSameDoesNotDirtyAPage() {
        var space = started();
        var words = Rig.with(Rig.context(space, Rig.ASID), ContextDescriptor.HA, 1);
        context(Rig.with(words, ContextDescriptor.HD, 1));
        // For privileged accesses only: becoming writable would not help.
        long place = space.page(0x1000, PAGE | Stage1Descriptor.AP.set(Rig.USER, 2) | Stage1Descriptor.DBM.mask());
        assertFault(0x1000, WRITE, EventType.F_PERMISSION);
        assertThat(Stage1Descriptor.AP.get(rig.memory.get64(place))).isEqualTo(2);
    }

    // Permissions

    /** AP, UXN and PXN against what unprivileged and privileged requests may do, as in DDI 0487, table D8-59. */
    @ParameterizedTest
    @CsvSource({
        "0, 0, 0, ..x, rwx", "1, 0, 0, rwx, rw.", "2, 0, 0, ..x, r.x", "3, 0, 0, r.x, r.x",
        "0, 1, 0, ..., rwx", "1, 1, 0, rw., rw.", "2, 1, 0, ..., r.x", "3, 1, 0, r.., r.x",
        "0, 0, 1, ..x, rw.", "1, 0, 1, rwx, rw.", "2, 0, 1, ..x, r..", "3, 0, 1, r.x, r..",
        "0, 1, 1, ..., rw.", "3, 1, 1, r.., r.."})
    void permissionsOfAPage(int ap, int uxn, int pxn, String user, String privileged) {
        var space = started();
        long descriptor = Stage1Descriptor.AP.set(Rig.USER, ap);
        descriptor = Stage1Descriptor.UXN.set(descriptor, uxn);
        space.page(0x1000, PAGE | Stage1Descriptor.PXN.set(descriptor, pxn));
        assertThat(rights(0x1000, 0)).as("unprivileged").isEqualTo(user);
        assertThat(rights(0x1000, PRIVILEGED)).as("privileged").isEqualTo(privileged);
    }

    private String rights(long iova, int privilege) {
        String granted = "";
        for (int access : new int[] {READ, WRITE, EXECUTE}) {
            boolean may = rig.request(iova, access | privilege) >= 0;
            granted += !may ? "." : access == READ ? "r" : access == WRITE ? "w" : "x";
        }
        rig.takeEvents();
        return granted;
    }

    @Test
    void tablesTakePermissionsAwayUnlessThatIsDisabled() {
        var space = started();
        space.page(0x1000, PAGE | Rig.USER);
        long[] tables = {Stage1Descriptor.APTABLE.set(0, 1), Stage1Descriptor.APTABLE.set(0, 2),
            Stage1Descriptor.UXNTABLE.mask(), Stage1Descriptor.PXNTABLE.mask()};
        String[] user = {"..x", "r.x", "rw.", "rwx"};
        String[] privileged = {"rwx", "r.x", "rw.", "rw."};
        long place = space.place(0x1000, 2);
        long table = rig.memory.get64(place);
        for (int i = 0; i < tables.length; i++) {
            rig.memory.set64(place, table | tables[i]);
            context(Rig.context(space, Rig.ASID));
            forgetAll();
            assertThat(rights(0x1000, 0)).as("unprivileged, %d", i).isEqualTo(user[i]);
            assertThat(rights(0x1000, PRIVILEGED)).as("privileged, %d", i).isEqualTo(privileged[i]);
            context(Rig.with(Rig.context(space, Rig.ASID), ContextDescriptor.HAD0, 1));
            forgetAll();
            assertThat(rights(0x1000, 0)).as("disabled, %d", i).isEqualTo("rwx");
        }
    }

    private void forgetAll() {
        rig.command(CommandOpcode.CFGI_STE_RANGE, 0, 31);
        rig.command(CommandOpcode.TLBI_NSNH_ALL, 0, 0);
    }

    @Test
    void whatIsWritableIsNotExecutableWithWxn() {
        var space = started();
        space.page(0x1000, PAGE | Rig.USER);
        space.page(0x2000, PAGE | Stage1Descriptor.AP.set(Rig.USER, 3));
        context(Rig.with(Rig.context(space, Rig.ASID), ContextDescriptor.WXN, 1));
        assertThat(rights(0x1000, 0)).isEqualTo("rw.");
        assertThat(rights(0x2000, 0)).isEqualTo("r.x");
    }

    @Test
    void privilegeMayNotUseWhatIsUnprivilegedWithPan() {
        var space = started();
        space.page(0x1000, PAGE | Rig.USER);
        space.page(0x2000, PAGE | Stage1Descriptor.AP.set(Rig.USER, 0));
        context(Rig.with(Rig.context(space, Rig.ASID), ContextDescriptor.PAN, 1));
        assertThat(rights(0x1000, PRIVILEGED)).isEqualTo("...");
        assertThat(rights(0x1000, 0)).isEqualTo("rwx");
        assertThat(rights(0x2000, PRIVILEGED)).isEqualTo("rwx");
    }

    @Test
    void aProbeTellsTheWholePage() {
        var space = started();
        space.set(0x4000_0000L, 1, 0x8000_0000L | Stage1Descriptor.AP.set(Rig.USER_BLOCK, 3) | Stage1Descriptor.UXN.mask());
        assertThat(rig.unit.probe(Rig.SID, Pasid.NONE, 0x4012_3456L, Access.READ))
                .isEqualTo(new Translation.Mapped(0x4012_3456L, 0x8012_3456L, Prot.READ | Prot.NOEXEC, 1L << 30));
        assertThat(rig.unit.probe(Rig.SID, Pasid.NONE, 0x4012_3456L, Access.WRITE))
                .isInstanceOfSatisfying(Translation.Fault.class, fault -> assertThat(fault.name()).isEqualTo("F_PERMISSION"));
        assertThat(rig.waitingEvents()).as("a probe leaves no event").isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 14, 16})
    void theContiguousHintChangesNothing(int granule) {
        var space = rig.new Space(granule, 48);
        rig.stage1(space).start();
        for (int i = 0; i < 4; i++) {
            space.page((long) i << granule, (0x40L + i) << 20 | Rig.USER | Stage1Descriptor.CONTIGUOUS.mask());
        }
        for (int i = 3; i >= 0; i--) {
            assertThat(rig.request((long) i << granule, READ)).isEqualTo((0x40L + i) << 20);
        }
    }
}
