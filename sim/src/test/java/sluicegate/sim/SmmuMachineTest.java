package sluicegate.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import sluicegate.api.platform.Bus;
import sluicegate.api.platform.BusDevice;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.platform.PlatformDevice;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.ReservedRegion;
import sluicegate.firmware.FirmwareFolder;
import sluicegate.firmware.MachineDescription;
import sluicegate.sim.smmuv3.Smmuv3Unit;
import sluicegate.spec.smmuv3.GbpaRegister;
import sluicegate.spec.smmuv3.Idr0Register;
import sluicegate.spec.smmuv3.Idr1Register;
import sluicegate.spec.smmuv3.Idr5Register;

@DisplayName("A machine with an SMMUv3")
class SmmuMachineTest {
    private static final int SMMU = 0x30;
    private static final int FIRST_COMPONENT = SMMU + 68;
    private static final int PATH_BYTES = 12;
    private static final int COMPONENT = 29 + PATH_BYTES;
    private static final long RESERVED = 0x4100_0000L;

    private EmbeddedMachine machine;

    @AfterEach
    void powerOff() {
        machine.powerOff();
    }

    @Test
    @DisplayName("has the one that ships do what its settings say, and QEMU's tables lead functions to it")
    void shippedMachineComesUp() {
        machine = shipped("virt-smmuv3", 2);

        var unit = machine.units().get(0);
        assertThat(machine.warnings()).isEmpty();
        assertThat(unit).isInstanceOf(Smmuv3Unit.class);
        assertThat(unit.name()).isEqualTo("smmu3.0x0000000009050000");
        assertThat(unit.compatible()).isEqualTo("arm,smmu-v3");
        assertThat(unit.baseAddress()).isEqualTo(0x905_0000L);
        assertThat(unit.segment()).isEqualTo(2);
        assertThat(unit.properties()).containsEntry("coherent-walk", "yes")
                .containsEntry("interrupts", "eventq 106, priq 107, gerror 109, cmdq-sync 108");
        int idr0 = unit.registers().read32(Idr0Register.OFFSET);
        assertThat(Idr0Register.S1P.isSet(idr0)).isTrue();
        assertThat(Idr0Register.S2P.isSet(idr0)).isFalse();
        assertThat(Idr1Register.SIDSIZE.get(unit.registers().read32(Idr1Register.OFFSET))).isEqualTo(16);
        assertThat(Idr5Register.OAS.get(unit.registers().read32(Idr5Register.OFFSET))).as("44 bits").isEqualTo(4);
        assertThat(machine.buses()).hasSize(1);
        for (var function : machine.pci().devices()) {
            var said = machine.pci().dmaConfigure(function).orElseThrow();
            assertThat(said.unit()).isSameAs(unit);
            assertThat(said.specifiers()).containsExactly(List.of(function.address().requesterId()));
        }
    }

    @Test
    @DisplayName("translates nothing for the root complex that bypasses it, and aborts others while it is told to")
    void knowsWhatBypasses() {
        machine = shipped("virt-smmuv3-rich", 0);
        var unit = machine.units().get(0);
        unit.registers().write32(GbpaRegister.OFFSET, (int) (GbpaRegister.UPDATE.mask() | GbpaRegister.ABORT.mask()));

        long buffer = machine.allocate(4096);
        int bypassing = 0;
        for (var function : machine.pci().devices()) {
            boolean behind = machine.pci().dmaConfigure(function).isPresent();
            assertThat(behind).as("%s", function).isEqualTo(function.address().bus() < 0x40);
            assertThat(function.dma().write(Pasid.NONE, buffer, new byte[8], 0, 8)).as("%s", function)
                    .isEqualTo(behind ? DmaStatus.FAULT : DmaStatus.OK);
            bypassing += behind ? 0 : 1;
        }
        assertThat(bypassing).isPositive();
    }

    @Test
    @DisplayName("takes the settings for ATS where the table of QEMU allows none")
    void allowsAts() {
        machine = shipped("virt-smmuv3-rich", 0);
        var endpoint = machine.pci().devices().stream().filter(function -> function.description().contains("Virtio")
                && machine.pci().dmaConfigure(function).filter(said -> said.atsSupported()).isPresent()).findFirst();
        assertThat(endpoint).isPresent();
    }

    @Test
    @DisplayName("tells of components that no bus discovers: their stream ids, reserved memory, and what is wrong with them")
    void hasPlatformDevices() {
        machine = EmbeddedMachine.boot(MachineDescription.read(FirmwareFolder.of("board",
                Set.of("iort.bin", "topology.txt", "machine.properties"), Map.of("iort.bin", iort(),
                        "topology.txt", bytes("00:00.0 1b36:0008 class 060000\n"),
                        "machine.properties", bytes("memory = 1G-1280M\nsmmuv3.substream-bits = 8\n"))::get)), "board", 0);

        assertThat(machine.buses()).extracting(Bus::type).containsExactly("pci", "platform");
        var bus = machine.buses().get(1);
        assertThat(bus.devices()).extracting(BusDevice::name).containsExactly("board/_SB.DMA0", "board/_SB.DMA1");
        var good = bus.devices().iterator().next();
        assertThat(good).isInstanceOf(PlatformDevice.class);
        assertThat(good.pasidBits()).isEqualTo(5);
        var said = bus.dmaConfigure(good).orElseThrow();
        assertThat(said.unit()).isSameAs(machine.units().get(0));
        assertThat(said.specifiers()).containsExactly(List.of(0x40), List.of(0x41));
        assertThat(machine.units().get(0).firmwareRegions()).singleElement().satisfies(region -> {
            assertThat(region.devices()).containsExactly("board/_SB.DMA0");
            assertThat(region.region().start()).isEqualTo(RESERVED);
            assertThat(region.region().length()).isEqualTo(0x1_0000);
            assertThat(region.region().type()).isEqualTo(ReservedRegion.Type.DIRECT);
        });
        var second = bus.devices().stream().skip(1).findFirst().orElseThrow();
        assertThat(good.properties()).isEmpty();
        assertThat(second.properties()).containsEntry(PlatformDevice.CAN_STALL, "yes");
        assertThatThrownBy(() -> bus.dmaConfigure(second)).isInstanceOfSatisfying(IommuException.class, e ->
                assertThat(e.errno()).isEqualTo(Errno.EINVAL)).hasMessageContaining("0x41").hasMessageContaining("_SB.DMA0 has");
        assertThat(machine.warnings()).anySatisfy(warning -> assertThat(warning).contains("_SB.DMA1", "0x41"));

        long buffer = machine.allocate(4096);
        assertThat(buffer >= RESERVED && buffer < RESERVED + 0x1_0000).isFalse();
        assertThat(good.dma().write(Pasid.NONE, buffer, new byte[] {1, 2, 3, 4}, 0, 4)).as("the unit is off").isEqualTo(DmaStatus.OK);
        assertThat(machine.memory().get32(buffer)).isEqualTo(0x04030201);
        assertThatThrownBy(() -> good.dma().read(32, buffer, new byte[4], 0, 4)).hasMessageContaining("PASIDs of 5 bits");
        machine.powerOff();
        assertThat(good.dma().write(Pasid.NONE, buffer, new byte[4], 0, 4)).isEqualTo(DmaStatus.GONE);
    }

    private static EmbeddedMachine shipped(String name, int segment) {
        return EmbeddedMachine.boot(MachineDescription.read(FirmwareFolder.of(Path.of("machines", name))), name, segment);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** An SMMU, two components of which the second has an id of the first, and memory reserved for the first. */
    private static byte[] iort() {
        int rmr = FIRST_COMPONENT + 2 * COMPONENT + 40 + 20;
        var table = ByteBuffer.allocate(rmr + 28 + 20 + 20).order(ByteOrder.LITTLE_ENDIAN);
        table.put(bytes("IORT")).putInt(table.capacity()).put((byte) 5).put((byte) 0).put(bytes("TESTER")).position(36);
        table.putInt(4).putInt(SMMU).putInt(0);
        head(table, 4, 68, 5, 0, 0).putLong(0x905_0000L).putInt(1).putInt(0).putLong(0);
        table.position(FIRST_COMPONENT);
        component(table, "\\_SB.DMA0", 0x40, 0x41);
        component(table, "\\_SB.DMA1", 0x41);
        head(table, 6, 48 + 20, 3, 1, 28).putInt(0).putInt(1).putInt(48);
        mapping(table, 0x40, 0);
        table.putLong(RESERVED).putLong(0x1_0000).putInt(0);
        byte sum = 0;
        for (byte value : table.array()) {
            sum += value;
        }
        table.put(9, (byte) -sum);
        return table.array();
    }

    private static ByteBuffer head(ByteBuffer table, int type, int length, int revision, int mappings, int mappingsAt) {
        return table.put((byte) type).putShort((short) length).put((byte) revision).putInt(0).putInt(mappings).putInt(mappingsAt);
    }

    private static void component(ByteBuffer table, String path, int... streams) {
        head(table, 1, COMPONENT + 20 * streams.length, 4, streams.length, COMPONENT);
        // Five bits of PASID; the one with a single stream can stall.
        table.putInt(5 << 1 | (streams.length == 1 ? 1 : 0)).putInt(1).putInt(0).put((byte) 40).put(bytes(path)).put(new byte[PATH_BYTES - path.length()]);
        for (int stream : streams) {
            mapping(table, stream, 1);
        }
    }

    private static void mapping(ByteBuffer table, int output, int flags) {
        table.putInt(0).putInt(0).putInt(output).putInt(SMMU).putInt(flags);
    }
}
