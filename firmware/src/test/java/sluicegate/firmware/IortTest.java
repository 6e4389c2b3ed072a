package sluicegate.firmware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.Iort.IdMapping;
import sluicegate.firmware.Iort.NamedComponent;
import sluicegate.firmware.Iort.SmmuV3;
import sluicegate.firmware.IortPaths.Arrival;

@DisplayName("The IORT table")
class IortTest {
    private static final int ITS = 0x30;
    private static final int SMMU = 0x48;

    /** An ITS group and an SMMUv3 whose ids go there plus 0x10000; then whatever a test wants. */
    private static AcpiBuilder table(int nodes) {
        return smmu(its(new AcpiBuilder("IORT").revision(5).u32(nodes, 0x30, 0)), 5, 0x19, 1);
    }

    private static AcpiBuilder head(AcpiBuilder table, int type, int length, int revision, int mappings, int mappingsAt) {
        return table.u8(type).u16(length).u8(revision).u32(table.at(), mappings, mappingsAt);
    }

    private static AcpiBuilder its(AcpiBuilder table) {
        return head(table, 0, 24, 1, 0, 0).u32(1, 7);
    }

    private static AcpiBuilder smmu(AcpiBuilder table, int revision, int flags, int ownMapping) {
        head(table, 4, 68 + 40, revision, 2, 68).u64(0x9050000).u32(flags, 0).u64(0).u32(0, 0x6a, 0x6b, 0x6d, 0, 3, ownMapping);
        return mapping(mapping(table, 0, 0xffff, 0x10000, ITS, 0), 0, 0, 0x42, ITS, 1);
    }

    private static AcpiBuilder root(AcpiBuilder table, int segment, int mappings) {
        return head(table, 2, 36 + 20 * mappings, 4, mappings, 36).u32(1).u8(0, 0, 0, 3).u32(1, segment).u8(48).u16(20).u8(0);
    }

    private static AcpiBuilder component(AcpiBuilder table, int mappings, String path) {
        int fixed = 29 + path.length() + 1;
        return head(table, 1, fixed + 20 * mappings, 4, mappings, fixed).u32(0x21).u32(1).u8(0, 0, 0, 1).u8(40)
                .text(path).u8(0);
    }

    private static AcpiBuilder mapping(AcpiBuilder table, long input, long more, long output, long target, int flags) {
        return table.u32(input, more, output, target, flags);
    }

    /** One of each. */
    private static AcpiBuilder full() {
        var table = table(8);
        root(table, 1, 2);
        mapping(table, 0, 0x7fff, 0, SMMU, 0);
        mapping(table, 0x8000, 0x7fff, 0x8000, ITS, 0);
        component(table, 2, "\\_SB.DMA0");
        mapping(table, 0, 0, 0x1234, SMMU, 1);
        mapping(table, 0, 0, 0x1235, SMMU, 1);
        int old = table.at();
        head(table, 3, 60 + 24, 3, 0, 0).u64(0x50000000).u64(0x10000).u32(3, 3, 60, 1, 76, 0, 0).u32(97, 0, 0, 0, 99, 1);
        component(table, 1, "\\_SB.USB0");
        mapping(table, 0x10, 0xf, 0x20, old, 0);
        head(table, 5, 40, 2, 0, 0).u64(0x9052000).u32(123, SMMU).u64(0x9062000);
        head(table, 6, 28 + 40 + 40, 3, 2, 28).u32(0x17, 2, 68);
        mapping(table, 0, 1, 0x1234, SMMU, 0);
        mapping(table, 0, 0, 0x20, old, 0);
        return table.u64(0x80000000L, 0x10000).u32(0).u64(0x90001000L, 0x2000).u32(0);
    }

    @Test
    @DisplayName("tells nodes of every kind with the place of each")
    void readsEveryNode() {
        var iort = Iort.parse(file(full()));

        assertThat(iort.nodes(Iort.ItsGroup.class)).containsExactly(new Iort.ItsGroup(ITS, 1, List.of(7L)));
        assertThat(iort.nodes(SmmuV3.class)).singleElement().satisfies(smmu -> {
            assertThat(smmu.base()).isEqualTo(0x9050000);
            assertThat(smmu.registerSize()).isEqualTo(0x20000);
            assertThat(smmu.coherentWalk()).isTrue();
            assertThat(smmu.eventGsiv()).isEqualTo(0x6a);
            assertThat(smmu.priGsiv()).isEqualTo(0x6b);
            assertThat(smmu.gerrorGsiv()).isEqualTo(0x6d);
            assertThat(smmu.syncGsiv()).isZero();
            assertThat(smmu.proximityDomain()).contains(3L);
            assertThat(smmu.mappings()).first().isEqualTo(new IdMapping(SMMU + 68, 0, 0xffff, 0x10000, ITS, false));
            assertThat(smmu.ownMapping()).contains(smmu.mappings().get(1));
        });
        assertThat(iort.rootComplex(1)).get().satisfies(root -> {
            assertThat(root.ats()).isTrue();
            assertThat(root.pri()).isFalse();
            assertThat(root.pasidBits()).isEqualTo(20);
            assertThat(root.memory()).isEqualTo(new Iort.MemoryAccess(true, true, true, 48));
        });
        assertThat(iort.rootComplex(0)).isEmpty();
        assertThat(iort.component("\\_SB.DMA0")).get().satisfies(component -> {
            assertThat(component.stalls()).isTrue();
            assertThat(component.pasidBits()).isEqualTo(16);
            assertThat(component.memory()).isEqualTo(new Iort.MemoryAccess(true, true, false, 40));
        });
        assertThat(iort.nodes(Iort.Smmu.class)).singleElement().satisfies(smmu -> {
            assertThat(smmu.model()).isEqualTo(3);
            assertThat(smmu.span()).isEqualTo(0x10000);
            assertThat(smmu.coherentWalk()).isTrue();
            assertThat(smmu.dvm()).isTrue();
            assertThat(smmu.globalInterrupts()).containsExactly(new Iort.Interrupt(97, false), new Iort.Interrupt(0, false));
            assertThat(smmu.contextInterrupts()).containsExactly(new Iort.Interrupt(99, true));
        });
        assertThat(iort.nodes(Iort.Pmcg.class)).singleElement().satisfies(pmcg -> {
            assertThat(pmcg.page0()).isEqualTo(0x9052000);
            assertThat(pmcg.page1()).contains(0x9062000L);
            assertThat(pmcg.overflowGsiv()).isEqualTo(123);
            assertThat(pmcg.counts()).isEqualTo(SMMU);
        });
        assertThat(iort.nodes(Iort.Rmr.class)).singleElement().satisfies(rmr -> {
            assertThat(rmr.remapPermitted()).isTrue();
            assertThat(rmr.privileged()).isTrue();
            assertThat(rmr.attributes()).isEqualTo(5);
            assertThat(rmr.ranges()).extracting(Iort.ReservedRange::base, Iort.ReservedRange::end).containsExactly(
                    tuple(0x80000000L, 0x8000ffffL),
                    tuple(0x90001000L, 0x90002fffL));
        });
        assertThat(iort.warnings()).singleElement().asString().contains("64 KiB", "[0x90001000, 0x90002fff]");
    }

    @Test
    @DisplayName("leads from a requester id or a component to stream ids and to device ids")
    void followsIds() {
        var iort = Iort.parse(file(full()));
        var paths = new IortPaths(iort);
        var smmu = iort.nodes(SmmuV3.class).get(0);
        var its = iort.nodes(Iort.ItsGroup.class).get(0);

        assertThat(paths.smmuOf(1, 0x0108)).contains(new Arrival(smmu, 0x0108));
        assertThat(paths.itsOf(1, 0x0108)).contains(new Arrival(its, 0x10108));
        assertThat(paths.smmuOf(1, 0x8108)).as("bypasses the SMMU").isEmpty();
        assertThat(paths.itsOf(1, 0x8108)).contains(new Arrival(its, 0x8108));
        assertThat(paths.smmuOf(0, 0x0108)).as("another segment").isEmpty();
        var dma = iort.component("\\_SB.DMA0").orElseThrow();
        assertThat(paths.smmusOf(dma)).containsExactly(new Arrival(smmu, 0x1234), new Arrival(smmu, 0x1235));
        assertThat(paths.itsOf(dma)).containsExactly(new Arrival(its, 0x11234), new Arrival(its, 0x11235));
        var usb = iort.component("\\_SB.USB0").orElseThrow();
        assertThat(paths.smmusOf(usb)).as("no single mapping, so it has to send an id").isEmpty();
        assertThat(paths.smmuOf(usb, 0x12)).map(Arrival::id).contains(0x22L);
        assertThat(paths.smmuOf(usb, 0x20)).isEmpty();
        assertThat(paths.ownItsOf(smmu)).contains(new Arrival(its, 0x42));
        assertThat(paths.behind(smmu)).containsExactly(iort.rootComplex(1).orElseThrow(), dma);
    }

    @Test
    @DisplayName("tells what is reserved for which stream ids of which SMMU")
    void readsReservations() {
        var iort = Iort.parse(file(full()));
        var paths = new IortPaths(iort);

        assertThat(paths.reservationsOf(iort.nodes(SmmuV3.class).get(0))).singleElement().satisfies(reservation -> {
            assertThat(reservation.concerns(0x1234)).isTrue();
            assertThat(reservation.concerns(0x1235)).isTrue();
            assertThat(reservation.concerns(0x1236)).isFalse();
            assertThat(reservation.ranges().ranges()).hasSize(2);
        });
        assertThat(paths.reservationsOf(iort.nodes(Iort.Smmu.class).get(0))).singleElement()
                .satisfies(reservation -> assertThat(reservation.concerns(0x20)).isTrue());
    }

    @Test
    @DisplayName("has the last id of a range be the first of the next where firmware counted one too many")
    void repairsTheCommonMistake() {
        var table = root(table(3), 0, 3);
        mapping(table, 0, 0x800, 0, SMMU, 0);
        mapping(table, 0x800, 0x800, 0x800, ITS, 0);
        mapping(table, 0x900, 0x10, 0x5000, SMMU, 0);
        var paths = new IortPaths(Iort.parse(file(table)));

        assertThat(paths.smmuOf(0, 0x7ff)).isPresent();
        assertThat(paths.smmuOf(0, 0x800)).as("the second range counts").isEmpty();
        assertThat(paths.itsOf(0, 0x800)).map(Arrival::id).contains(0x800L);
        assertThat(paths.itsOf(0, 0x1000)).as("nobody else has it").map(Arrival::id).contains(0x1000L);
        assertThat(paths.smmuOf(0, 0x905)).as("what is not at the end is the first one's").isEmpty();
    }

    @Test
    @DisplayName("doesn't take single mappings for ids that are passed on, nor the mapping of an SMMU's own interrupts")
    void knowsWhichMappingsCount() {
        var table = root(its(new AcpiBuilder("IORT").u32(4, 0x30, 0)), 0, 1);
        int rootMapping = table.at() - 36 - 16;
        assertThat(rootMapping).isPositive();
        int smmuAt = table.at() + 20;
        mapping(table, 0, 0xffff, 0x100, smmuAt, 1);
        head(table, 4, 68 + 40, 1, 2, 68).u64(0x9050000).u32(0, 0).u64(0).u32(0, 0, 0, 0, 0, 0, 0);
        mapping(mapping(table, 0, 0xffff, 0x10000, ITS, 0), 0x100, 0, 0x42, ITS, 1);
        component(table, 0, "\\_SB.X");
        var iort = Iort.parse(file(table));
        var paths = new IortPaths(iort);

        assertThat(paths.smmuOf(0, 0x555)).as("whatever comes in").map(Arrival::id).contains(0x100L);
        assertThat(paths.itsOf(0, 0x555)).as("the only range is the SMMU's own").isEmpty();
        assertThat(paths.ownItsOf(iort.nodes(SmmuV3.class).get(0))).as("it is no single mapping").isEmpty();
        assertThat(paths.smmusOf(iort.component("\\_SB.X").orElseThrow())).isEmpty();
    }

    @Test
    @DisplayName("of real machines and of QEMU parses")
    void readsRealTables() throws IOException {
        int tables = 0;
        try (var files = Files.list(Shared.data("acpi/iort"))) {
            for (var path : (Iterable<Path>) files::iterator) {
                var iort = Iort.parse(Shared.file(path));
                tables++;
                if (path.endsWith("D05Iort.aml")) {
                    assertThat(iort.warnings()).singleElement().asString().contains("no SMMU");
                } else {
                    assertThat(iort.warnings()).as("%s", path).isEmpty();
                }
            }
        }
        assertThat(tables).isEqualTo(3);
        var laptop = Iort.parse(Shared.file(Shared.data("acpi/iort/surface_laptop_7_qcom.iort.bin")));
        assertThat(laptop.nodes(Iort.Smmu.class)).hasSize(2);
        assertThat(laptop.nodes(NamedComponent.class)).extracting(NamedComponent::path).contains("\\_SB.UFS0");
        var server = Iort.parse(Shared.file(Shared.data("acpi/iort/Hi1620Iort.aml")));
        assertThat(server.nodes(SmmuV3.class)).hasSizeGreaterThan(3).allSatisfy(smmu ->
                assertThat(new IortPaths(server).ownItsOf(smmu)).isPresent());
        assertThat(server.rootComplex(0)).isPresent();
        for (var kind : new String[] {"basic", "rich"}) {
            assertThat(Iort.parse(Shared.file(Shared.data("qemu/iort-" + kind + ".iort.bin"))).warnings()).isEmpty();
        }
    }

    @Test
    @DisplayName("of QEMU's rich machine puts all but one root complex behind the SMMU")
    void agreesWithQemu() {
        var paths = new IortPaths(Iort.parse(Shared.file(Shared.data("qemu/iort-rich.iort.bin"))));
        for (var function : PciText.parseTopology(Shared.file(Shared.data("qemu/iort-rich.topology.txt")))) {
            var address = function.address();
            int requester = address.bus() << 8 | address.device() << 3 | address.function();
            assertThat(paths.smmuOf(0, requester)).as("%s", address).map(Arrival::id)
                    .isEqualTo(address.bus() < 0x40 ? Optional.of((long) requester) : Optional.empty());
            assertThat(paths.itsOf(0, requester)).as("%s", address).map(Arrival::id).contains((long) requester);
        }
    }

    @Test
    @DisplayName("is refused when nodes, mappings or ranges cannot be what they say")
    void refusesContradictions() {
        assertRefused(new AcpiBuilder("IORT").u32(0), "offset 0x28", "fixed part of 48");
        assertRefused(new AcpiBuilder("IORT").u32(1, 0x20, 0), "offset 0x28", "0x20");
        assertRefused(new AcpiBuilder("IORT").u32(1, 0x1000, 0), "offset 0x28", "0x1000");
        assertRefused(new AcpiBuilder("IORT").u32(1, 0x30, 0), "offset 0x30", "ends after 0 bytes", "node 1 of 1");
        assertRefused(new AcpiBuilder("IORT").u32(1, 0x30, 0).u8(0).u16(8).u8(0).u32(0, 0, 0), "offset 0x30", "length of 8");
        assertRefused(head(new AcpiBuilder("IORT").u32(1, 0x30, 0), 0, 64, 0, 0, 0), "offset 0x30", "64 bytes passes the end");
        assertRefused(head(new AcpiBuilder("IORT").u32(1, 0x30, 0), 4, 16, 0, 0, 0), "offset 0x30", "SMMU_V3", "less than the 60");
        assertRefused(head(new AcpiBuilder("IORT").u32(1, 0x30, 0), 0, 20, 0, 0, 0).u32(1), "offset 0x30", "1 services");
        assertRefused(mapping(root(table(3), 0, 1), 0, 9, 0, 0x50, 0), "offset 0xd8", "0x50, where no node starts");
        assertRefused(mapping(root(table(3), 0, 1), 0, 9, 0, 0xfffffff0L, 0), "offset 0xd8", "no node starts");
        assertRefused(mapping(root(table(3), 0, 1), 0xffffffffL, 1, 0, SMMU, 0), "offset 0xd8", "greatest id");
        assertRefused(head(table(3), 2, 36, 4, 2, 36).u64(0).u32(0, 0, 0), "offset 0xbc", "2 id mappings", "end at 36");
        assertRefused(head(table(3), 2, 36, 4, 0xffffffff, 36).u64(0).u32(0, 0, 0), "offset 0xbc", "4294967295 id mappings");
        assertRefused(smmu(table(3), 5, 0, 0), "offset 0xb4", "0x9050000, as the node at 0x48");
        assertRefused(head(new AcpiBuilder("IORT").u32(1, 0x30, 0), 4, 60, 0, 0, 0).u64(0x9050800).u64(0, 0).u64(0, 0).u32(0),
                "offset 0x30", "64 KiB");
        assertRefused(head(table(3), 1, 29 + 4, 4, 0, 0).u32(0).u64(0).u8(0).text("\\_SB"), "offset 0xd1", "path", "zero");
        assertRefused(head(table(3), 5, 40, 2, 0, 0).u64(0).u32(0, 0x50).u64(0), "offset 0xb4", "counts for a node at 0x50");
        assertRefused(head(table(3), 6, 28, 3, 0, 0).u32(0, 1, 28), "offset 0xb4", "1 ranges");
        assertRefused(head(table(3), 3, 60, 3, 0, 0).u64(0x50000000).u64(0x10000).u32(3, 3, 60, 1, 76, 0, 0),
                "offset 0xb4", "interrupts");
        var circle = mapping(root(table(4), 0, 1), 0, 9, 0, 0xec, 0);
        assertRefused(mapping(root(circle, 1, 1), 0, 9, 0, 0xb4, 0), "offset 0xb4", "circle");
        assertRefused(mapping(root(table(3), 0, 1), 0, 9, 0, 0xb4, 0), "offset 0xb4", "circle");
    }

    @Test
    @DisplayName("is taken with a warning where the kernel goes on")
    void toleratesWhatTheKernelTolerates() {
        assertWarns(table(2).u64(0), "offset 0xb4", "8 bytes follow the last of 2 nodes");
        assertWarns(head(table(3), 9, 16, 0, 0, 0), "offset 0xb4", "unknown type 9");
        assertWarns(mapping(root(table(3), 0, 1), 0, 9, 0, 0, 0), "offset 0xd8", "no node, left out");
        assertWarns(mapping(root(head(table(4), 9, 16, 0, 0, 0), 0, 1), 0, 9, 0, 0xb4, 0), "unknown type 9", "takes no ids");
        assertWarns(root(root(table(4), 0, 0), 0, 0), "offset 0xd8", "segment 0000", "first one counts");
        assertWarns(smmu(its(new AcpiBuilder("IORT").u32(2, 0x30, 0)), 5, 0x10, 2), "offset 0x48", "mapping 2", "2 mappings");
        assertWarns(its(new AcpiBuilder("IORT").u32(1, 0x30, 0)), "offset 0x24", "no unit");
        assertWarns(head(table(3), 6, 28, 3, 0, 0).u32(0, 0, 0), "offset 0xb4", "nothing is reserved");
        var rmr = mapping(head(table(3), 6, 28 + 40, 3, 1, 28).u32(0, 1, 48), 0, 0, 8, SMMU, 0);
        assertWarns(rmr.u64(0x10000, 0).u32(0), "offset 0xe4", "no range");
        var tooOld = its(new AcpiBuilder("IORT").revision(3).u32(3, 0x30, 0));
        smmu(tooOld, 5, 0, 0);
        assertWarns(head(tooOld, 6, 28, 3, 0, 0).u32(0, 0, 0), "offset 0xb4", "revision 5", "left out");
    }

    @Test
    @DisplayName("gives a value or a reason for every truncation and every byte gone wrong")
    void survivesBrokenInput() throws IOException {
        var broken = new BrokenInput(IortTest::use, BrokenInput::sealed);
        var good = full().bytes();
        broken.truncated(good);
        assertThat(broken.everyByte(good)).isBetween(500, good.length * 12);
        for (var name : new String[] {"acpi/iort/D05Iort.aml", "acpi/iort/Hi1620Iort.aml",
            "acpi/iort/surface_laptop_7_qcom.iort.bin", "qemu/iort-rich.iort.bin"}) {
            var real = Files.readAllBytes(Shared.data(name));
            broken.truncated(real);
            broken.random(real, name.hashCode(), 1000);
        }
    }

    /** Looks for everything that can be looked for. */
    private static void use(FirmwareFile table) {
        var iort = Iort.parse(table);
        var paths = new IortPaths(iort);
        for (var node : iort.nodes()) {
            for (long id : new long[] {0, 0x100, 0x1234, 0xffff_ffffL}) {
                paths.smmuOf(node, id);
                paths.itsOf(node, id);
            }
            paths.ownItsOf(node);
            paths.reservationsOf(node);
            paths.behind(node).count();
            if (node instanceof NamedComponent component) {
                paths.smmusOf(component);
                paths.itsOf(component);
            }
        }
    }

    private static void assertRefused(AcpiBuilder table, String... words) {
        assertThatExceptionOfType(IommuException.class).isThrownBy(() -> Iort.parse(file(table)))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL))
                .satisfies(e -> assertThat(e.getMessage()).contains(words).startsWith("test.iort.bin, offset 0x"));
    }

    private static void assertWarns(AcpiBuilder table, String... words) {
        var warnings = String.join("\n", Iort.parse(file(table)).warnings());
        assertThat(warnings).contains(words).startsWith("test.iort.bin, offset 0x");
    }

    private static FirmwareFile file(AcpiBuilder table) {
        return new FirmwareFile("test.iort.bin", table.bytes());
    }
}
