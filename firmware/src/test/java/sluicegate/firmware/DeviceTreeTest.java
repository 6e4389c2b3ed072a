package sluicegate.firmware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.DeviceTreeIommus.DeviceAddresses;
import sluicegate.firmware.DeviceTreeIommus.Id;
import sluicegate.firmware.DeviceTreeNode.Range;

@DisplayName("A device tree")
class DeviceTreeTest {

    /** An interrupt controller, a bus with an SMMU and a disabled one, devices, two PCI hosts, memory. */
    private static DeviceTreeBuilder full() {
        return DeviceTreeBuilder.tree().cells("interrupt-parent", 1)
                .node("intc").text("compatible", "arm,gic-v3").cells("#interrupt-cells", 3).cells("phandle", 1).end()
                .node("soc").cells("#address-cells", 1).cells("#size-cells", 1).cells("ranges", 0, 0x10, 0, 0x10000000)
                .flag("dma-coherent")
                .node("iommu@9050000").text("compatible", "arm,smmu-v3").cells("reg", 0x9050000, 0x20000)
                .cells("#iommu-cells", 1).cells("interrupts", 0, 74, 1, 0, 77, 1).text("interrupt-names", "eventq", "gerror")
                .cells("phandle", 2).end()
                .node("iommu@a000000").text("compatible", "arm,smmu-v3").cells("reg", 0xa000000, 0x20000)
                .cells("#iommu-cells", 1).text("status", "disabled").cells("phandle", 3).end()
                .node("dma@1000").cells("reg", 0x1000, 0x100).cells("iommus", 2, 0x1234, 2, 0x1235).flag("dma-can-stall")
                .cells("pasid-num-bits", 16).cells("phandle", 4).flag("dma-noncoherent").end()
                .node("display@2000").cells("reg", 0x2000, 0x100).cells("iommus", 3, 7).end()
                .end()
                .node("pcie@40000000").text("device_type", "pci").cells("reg", 0x40, 0, 0, 0x10000000)
                .cells("#address-cells", 3).cells("#size-cells", 2).cells("iommu-map", 0, 2, 0x10000, 0x100, 0x200, 2, 0, 0x10)
                .flag("ats-supported")
                .node("pci@0,0").text("device_type", "pci").cells("reg", 0x800, 0, 0, 0, 0).end()
                .end()
                .node("pcie@50000000").text("device_type", "pci").cells("linux,pci-domain", 0)
                .cells("iommu-map-mask", 0xf8).cells("iommu-map", 0x10, 2, 0x500, 0xffff).end()
                .node("memory@40000000").text("device_type", "memory").cells("reg", 0, 0x40000000, 0, 0x20000000).end()
                .node("reserved-memory").cells("#address-cells", 2).cells("#size-cells", 2).flag("ranges")
                .node("framebuffer@80000000").cells("reg", 0, 0x80000000, 0, 0x800000).flag("no-map")
                .cells("iommu-addresses", 4, 0x80000000, 0x800000, 4, 0, 0x1000).end()
                .end();
    }

    @Test
    @DisplayName("is read into nodes with properties")
    void readsNodes() {
        var tree = DeviceTree.parse(file(full().bytes()));

        assertThat(tree.warnings()).isEmpty();
        assertThat(tree.reservations()).isEmpty();
        var smmu = tree.find("/soc/iommu@9050000").orElseThrow();
        assertThat(tree.byPhandle(2)).contains(smmu);
        assertThat(smmu.compatible()).containsExactly("arm,smmu-v3");
        assertThat(smmu.property("interrupts").orElseThrow().cell(4)).isEqualTo(77);
        assertThat(smmu.reg()).as("translated by the bus").containsExactly(new Range(0x10_0905_0000L, 0x20000));
        assertThat(smmu.coherent()).as("as the bus is").isTrue();
        assertThat(tree.find("/soc/dma@1000").orElseThrow().coherent()).isFalse();
        assertThat(tree.find("/memory@40000000").orElseThrow().coherent()).isFalse();
        assertThat(smmu.enabled()).isTrue();
        assertThat(tree.find("/soc/iommu@a000000").orElseThrow().enabled()).isFalse();
        assertThat(tree.find("/").orElseThrow()).isSameAs(tree.root());
        assertThat(tree.find("/soc/none")).isEmpty();
    }

    @Test
    @DisplayName("says which units there are and which ids devices and PCI functions have at them")
    void readsIommus() {
        var iommus = DeviceTreeIommus.of(DeviceTree.parse(file(full().bytes())));

        assertThat(iommus.units()).hasSize(2);
        assertThat(iommus.units("arm,smmu-v3")).singleElement().satisfies(unit -> {
            assertThat(unit.registers()).containsExactly(new Range(0x10_0905_0000L, 0x20000));
            assertThat(unit.coherent()).isTrue();
            assertThat(unit.interrupt("eventq").orElseThrow().gicInterrupt()).contains(106L);
            assertThat(unit.interrupt("gerror").orElseThrow().cells()).containsExactly(0L, 77L, 1L);
            assertThat(unit.interrupt("priq")).isEmpty();
        });
        var unit = iommus.units().get(0);
        assertThat(iommus.masters()).hasSize(2);
        assertThat(iommus.masters().get(0)).satisfies(master -> {
            assertThat(master.ids()).containsExactly(new Id(unit, List.of(0x1234L)), new Id(unit, List.of(0x1235L)));
            assertThat(master.canStall()).isTrue();
            assertThat(master.pasidBits()).isEqualTo(16);
        });
        assertThat(iommus.masters().get(1).ids()).singleElement().satisfies(id -> assertThat(id.unit().enabled()).isFalse());

        assertThat(iommus.pciHosts()).extracting(DeviceTreeIommus.PciHost::segment).as("0 is taken").containsExactly(1, 0);
        var first = iommus.pciHost(1).orElseThrow();
        assertThat(first.ats()).isTrue();
        assertThat(first.idOf(0xff)).contains(new Id(unit, List.of(0x100ffL)));
        assertThat(first.idOf(0x100)).isEmpty();
        assertThat(first.idOf(0x205)).contains(new Id(unit, List.of(5L)));
        var second = iommus.pciHost(0).orElseThrow();
        assertThat(second.idOf(0x3412)).as("masked").contains(new Id(unit, List.of(0x500L)));
        assertThat(second.idOf(0x0008)).as("masked and below").isEmpty();
    }

    @Test
    @DisplayName("says where memory is and what of it devices have in use")
    void readsMemory() {
        var tree = DeviceTree.parse(file(full().bytes()));
        var iommus = DeviceTreeIommus.of(tree);
        var dma = tree.find("/soc/dma@1000").orElseThrow();

        assertThat(iommus.memory()).containsExactly(new Range(0x40000000L, 0x20000000L));
        assertThat(iommus.reserved()).singleElement().satisfies(reserved -> {
            assertThat(reserved.noMap()).isTrue();
            assertThat(reserved.memory()).containsExactly(new Range(0x80000000L, 0x800000));
            assertThat(reserved.addresses()).containsExactly(
                    new DeviceAddresses(dma, new Range(0x80000000L, 0x800000)), new DeviceAddresses(dma, new Range(0, 0x1000)));
            assertThat(reserved.addresses()).extracting(reserved::direct).containsExactly(true, false);
        });
    }

    @Test
    @DisplayName("of every real board and of QEMU is read, and its units are where its source says")
    void readsRealTrees() throws IOException {
        int trees = 0;
        try (var files = Files.list(Shared.data("devicetree"))) {
            for (var path : (Iterable<Path>) files.sorted()::iterator) {
                var iommus = iommus("devicetree/" + path.getFileName());
                trees++;
                assertThat(iommus.units()).as("%s", path).isNotEmpty();
            }
        }
        assertThat(trees).isEqualTo(6);

        var juno = iommus("devicetree/juno-r2.dtb");
        assertThat(juno.units()).extracting(unit -> unit.node().name()).contains("iommu@2b400000", "iommu@2b500000");
        assertThat(juno.pciHosts()).singleElement().satisfies(host -> {
            assertThat(host.mask()).isZero();
            assertThat(host.idOf(0x1234)).map(Id::cells).contains(List.of(0L));
        });
        var hip07 = iommus("devicetree/hip07-d05.dtb");
        assertThat(hip07.units()).filteredOn(unit -> !unit.enabled()).extracting(unit -> unit.node().path())
                .contains("/iommu@a0040000");
        assertThat(hip07.units("arm,smmu-v3")).extracting(unit -> unit.registers().get(0).start())
                .contains(0xd0040000L, 0x8_d0040000L);
        var rk3588 = iommus("devicetree/rk3588-rock-5b.dtb");
        assertThat(rk3588.units("arm,smmu-v3")).hasSizeBetween(0, 2);
        assertThat(rk3588.masters()).allSatisfy(master -> assertThat(master.ids()).isNotEmpty());
        var glymur = iommus("devicetree/glymur-crd.dtb");
        assertThat(glymur.units("arm,smmu-v3")).singleElement().satisfies(unit ->
                assertThat(unit.interrupts()).extracting(DeviceTreeIommus.Interrupt::name)
                        .containsExactly("eventq", "cmdq-sync", "gerror"));
        var honeycomb = iommus("devicetree/fsl-lx2160a-honeycomb.dtb");
        assertThat(honeycomb.pciHosts()).hasSize(6).allSatisfy(host -> {
            assertThat(host.idOf(0)).as("the boot loader fills in the others").isPresent();
            assertThat(host.idOf(1)).isEmpty();
        });
    }

    @Test
    @DisplayName("of QEMU's virt puts all of PCI behind its SMMU")
    void readsQemu() {
        for (var name : new String[] {"qemu/virt-basic.dtb", "qemu/virt-rich.dtb"}) {
            var iommus = iommus(name);
            var smmu = iommus.units("arm,smmu-v3").get(0);
            assertThat(smmu.registers()).containsExactly(new Range(0x9050000, 0x20000));
            assertThat(smmu.interrupts()).extracting(line -> line.gicInterrupt().orElseThrow())
                    .containsExactly(106L, 107L, 108L, 109L);
            assertThat(iommus.pciHost(0).orElseThrow().idOf(0x1234)).contains(new Id(smmu, List.of(0x1234L)));
            assertThat(iommus.memory()).containsExactly(new Range(0x40000000L, 0x20000000L));
            assertThat(iommus.warnings()).isEmpty();
        }
        var kernel = iommus("captures/smmuv3-s2-6.12/tables/fdt.dtb");
        assertThat(kernel.units("arm,smmu-v3")).hasSize(1);
        assertThat(iommus("captures/smmuv3-acpi-6.1/tables/fdt.dtb").units()).as("UEFI tells by ACPI").isEmpty();
    }

    @Test
    @DisplayName("is refused when its parts do not fit")
    void refusesBadTrees() {
        var good = full().bytes();
        assertRefused(Arrays.copyOf(good, 20), "offset 0x0", "20 bytes");
        assertRefused(with(good, 0, 0xd00dfeee), "offset 0x0", "0xd00dfeee");
        assertRefused(Arrays.copyOf(good, good.length - 1), "offset 0x4", "the file has " + (good.length - 1));
        assertRefused(with(good, 0x14, 3), "offset 0x14", "version 3");
        assertRefused(with(good, 0x18, 18), "offset 0x14", "18");
        assertRefused(with(good, 0x08, 57), "offset 0x8", "multiple of 4");
        assertRefused(with(good, 0x08, 0x7fffffff), "offset 0x8", "0x7fffffff");
        assertRefused(with(good, 0x10, 8), "offset 0x10", "reservation");
        assertRefused(with(good, 0x20, 0x10000), "offset 0x20", "strings block");
        assertRefused(with(good, 0x24, 0x10000), "offset 0x24", "structure block");
        assertRefused(with(good, 0x24, 8), "offset 0x", "structure block ends");
        assertRefused(DeviceTreeBuilder.tree().raw(7).bytes(), "0x7 is no token");
        assertRefused(DeviceTreeBuilder.tree().end().node("").bytes(), "second root");
        assertRefused(DeviceTreeBuilder.tree().end().bytes(), "without having begun");
        assertRefused(DeviceTreeBuilder.tree().raw(9).unfinished(), "within the node /");
        assertRefused(new DeviceTreeBuilder().raw(9).unfinished(), "without a node");
        assertRefused(DeviceTreeBuilder.tree().node("a").unfinished(), "without its end token");
        assertRefused(new DeviceTreeBuilder().flag("x").bytes(), "outside of all nodes");
        assertRefused(DeviceTreeBuilder.tree().raw(3, 1000, 0).bytes(), "property of 1000 bytes passes the end");
        assertRefused(DeviceTreeBuilder.tree().raw(3, 0, 1000).bytes(), "0x3e8 of the strings block");
        assertRefused(DeviceTreeBuilder.tree().cells("#size-cells", 1).bytes(), "second property #size-cells");
        assertRefused(DeviceTreeBuilder.tree().node("a").end().flag("x").bytes(), "x comes after nodes");
        assertRefused(DeviceTreeBuilder.tree().node("a").cells("phandle", 1).end().node("b").cells("phandle", 1).end().bytes(),
                "/b: phandle is 0x1, as that of /a");
        var deep = DeviceTreeBuilder.tree();
        for (int i = 0; i < 100; i++) {
            deep.node("a");
        }
        assertRefused(deep.bytes(), "deeper than 64");
        assertThat(DeviceTree.parse(file(Arrays.copyOf(good, good.length + 3))).warnings()).singleElement().asString()
                .contains("3 bytes follow");
    }

    @Test
    @DisplayName("is refused when its nodes say what cannot be")
    void refusesContradictions() {
        var tree = DeviceTreeBuilder.tree().node("smmu").cells("#iommu-cells", 1).cells("phandle", 1).end();
        assertRefused(tree.node("a").cells("iommus", 9, 0).end().bytes(), "/a: iommus refers to phandle 0x9");
        assertRefused(DeviceTreeBuilder.tree().node("b").cells("phandle", 1).end().node("a").cells("iommus", 1).end().bytes(),
                "/a: iommus refers to /b", "no IOMMU");
        assertRefused(smmu().node("a").cells("iommus", 1).end().bytes(), "/a: iommus has 1 cells, too few");
        assertRefused(smmu().node("a").property("iommus", new byte[3]).end().bytes(), "/a: iommus has 3 bytes");
        assertRefused(smmu().node("p").text("device_type", "pci").cells("iommu-map", 0, 1, 0).end().bytes(), "multiple of 4");
        assertRefused(smmu().node("p").text("device_type", "pci").cells("iommu-map-mask", 0).cells("iommu-map", 8, 1, 0, 1).end()
                .bytes(), "0x8", "iommu-map-mask");
        assertRefused(smmu().node("p").text("device_type", "pci").cells("linux,pci-domain", 0x10000).end().bytes(), "0x10000");
        assertRefused(DeviceTreeBuilder.tree().node("s").cells("#iommu-cells", 1).cells("interrupts", 1).end().bytes(),
                "no interrupt-parent");
        assertRefused(DeviceTreeBuilder.tree().node("s").cells("#iommu-cells", 1).cells("reg", 1, 2, 3).end().bytes(),
                "/s: reg has 3 cells");
        assertRefused(DeviceTreeBuilder.tree().node("bus").node("s").cells("#iommu-cells", 1).cells("reg", 0, 2, 3).end().end()
                .bytes(), "/bus: address 0x2", "no ranges");
        assertRefused(DeviceTreeBuilder.tree().node("bus").cells("ranges", 0, 0, 0, 0, 1).node("s").cells("#iommu-cells", 1)
                .cells("reg", 0, 2, 3).end().end().bytes(), "/bus: ranges does not translate address 0x2");
        assertRefused(DeviceTreeBuilder.tree().node("bus").cells("#address-cells", 9).flag("ranges").node("s")
                .cells("#iommu-cells", 1).cells("reg", 0).end().end().bytes(), "9 cells");
    }

    @Test
    @DisplayName("gives a value or a reason for every truncation and every byte gone wrong")
    void survivesBrokenInput() throws IOException {
        var broken = new BrokenInput(DeviceTreeTest::use, DeviceTreeTest::repaired);
        var good = full().bytes();
        broken.truncated(good);
        assertThat(broken.everyByte(good)).isBetween(500, good.length * 12);
        for (var name : new String[] {"qemu/virt-rich.dtb", "devicetree/hip07-d05.dtb", "devicetree/juno-r2.dtb"}) {
            broken.random(Files.readAllBytes(Shared.data(name)), name.hashCode(), 500);
        }
    }

    private static DeviceTreeBuilder smmu() {
        return DeviceTreeBuilder.tree().node("smmu").cells("#iommu-cells", 1).cells("phandle", 1).end();
    }

    /** Looks for everything that can be looked for. */
    private static void use(FirmwareFile file) {
        var tree = DeviceTree.parse(file);
        var iommus = DeviceTreeIommus.of(tree);
        iommus.pciHosts().forEach(host -> host.idOf(0x1234));
        iommus.units().forEach(unit -> {
            unit.compatible();
            unit.coherent();
            unit.interrupts().forEach(DeviceTreeIommus.Interrupt::gicInterrupt);
        });
        iommus.masters().forEach(DeviceTreeIommus.Master::pasidBits);
        iommus.reserved().forEach(reserved -> reserved.addresses().forEach(reserved::direct));
        tree.nodes().forEach(node -> {
            node.path();
            node.enabled();
        });
    }

    /** With the size of what is there in the header. */
    private static byte[] repaired(byte[] bytes) {
        return bytes.length < 8 ? bytes : with(bytes, 4, bytes.length);
    }

    private static byte[] with(byte[] good, int at, int word) {
        var changed = good.clone();
        ByteBuffer.wrap(changed).putInt(at, word);
        return changed;
    }

    private static DeviceTreeIommus iommus(String name) {
        return DeviceTreeIommus.of(DeviceTree.parse(Shared.file(Shared.data(name))));
    }

    private static void assertRefused(byte[] bytes, String... words) {
        assertThatExceptionOfType(IommuException.class).isThrownBy(() -> DeviceTreeIommus.of(DeviceTree.parse(file(bytes))))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL))
                .satisfies(e -> assertThat(e.getMessage()).contains(words).startsWith("test.dtb, offset 0x"));
    }

    private static FirmwareFile file(byte[] bytes) {
        return new FirmwareFile("test.dtb", bytes);
    }
}
