package sluicegate.pgtable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import sluicegate.api.types.Prot;
import sluicegate.spec.amdvi.GuestPageEntry;
import sluicegate.spec.vtd.FirstStageEntry;

class X86LongModeTest extends PageTableFormatContract {

    @Override
    Stream<PageTableFormat> formats() {
        return Stream.of(new X86LongMode(4, X86LongMode.ALL_SIZES, true), new X86LongMode(5, X86LongMode.ALL_SIZES, true),
                new X86LongMode(4, 0x1000, false));
    }

    @Override
    int granted(int prot) {
        return prot | Prot.READ;
    }

    @Test
    void entriesHaveTheBitsOfTheManual() {
        var format = new X86LongMode(4, X86LongMode.ALL_SIZES, true);
        assertThat(format.tableEntry(4, 0x1000)).as("accessed, user, write, present").isEqualTo(0x1027);
        assertThat(format.leaf(1, 12, 0x1000, Prot.READ)).isEqualTo(0x1025);
        assertThat(format.leaf(1, 12, 0x1000, RW)).as("dirty").isEqualTo(0x1067);
        assertThat(format.leaf(2, 21, 0x20_0000, RW)).as("page size").isEqualTo(0x20_00e7);
        assertThat(format.leaf(3, 30, 0x4000_0000, RW | Prot.NOEXEC)).isEqualTo(0x8000_0000_4000_00e7L);
        assertThat(format.leaf(1, 12, 0x1000, RW | Prot.PRIV)).as("no user").isEqualTo(0x1063);
        assertThat(new X86LongMode(4, 0x1000, false).leaf(1, 12, 0, Prot.READ | Prot.NOEXEC))
                .as("execute disable is reserved").isEqualTo(0x25);
        long attribute = 1L << 12;
        assertThat(format.leafAddress(2, format.leaf(2, 21, 0x20_0000, RW) | attribute)).isEqualTo(0x20_0000);
    }

    @Test
    void protectionsAreReadBack() {
        var format = new X86LongMode(5, X86LongMode.ALL_SIZES, true);
        for (int prot : new int[] {Prot.READ, RW, RW | Prot.NOEXEC, Prot.READ | Prot.PRIV | Prot.NOEXEC}) {
            assertThat(format.leafProt(1, format.leaf(1, 12, 0, prot))).isEqualTo(prot);
        }
    }

    @Test
    void bothVendorsHaveTheSameBits() {
        assertThat(List.of(GuestPageEntry.P, GuestPageEntry.RW, GuestPageEntry.US, GuestPageEntry.A, GuestPageEntry.D,
                GuestPageEntry.PS, GuestPageEntry.ADDR, GuestPageEntry.NX)).extracting(f -> f.mask()).containsExactly(
                FirstStageEntry.P.mask(), FirstStageEntry.RW.mask(), FirstStageEntry.US.mask(), FirstStageEntry.A.mask(),
                FirstStageEntry.D.mask(), FirstStageEntry.PS.mask(), FirstStageEntry.ADDR.mask(), FirstStageEntry.XD.mask());
    }

    @Test
    void onlyTheLowerHalfIsMapped() {
        assertThat(new X86LongMode(4, 0x1000, true).inputBits()).isEqualTo(47);
        assertThat(new X86LongMode(5, 0x1000, true).inputBits()).isEqualTo(56);
        assertThatIllegalArgumentException().isThrownBy(() -> new X86LongMode(3, 0x1000, true));
    }
}
