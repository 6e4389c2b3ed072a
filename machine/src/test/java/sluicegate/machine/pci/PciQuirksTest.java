package sluicegate.machine.pci;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import sluicegate.api.platform.DmaMaster;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.platform.PciConfig;
import sluicegate.api.platform.PciFunction.PcieType;
import sluicegate.firmware.PciConfigImage;

/** What is known of functions whose configuration space does not tell the truth. */
class PciQuirksTest {
    private static final int ROOT_PORT = 4;

    private record Function(ConfiguredFunction function, ByteBuffer config) {}

    @Test
    void aStorageControllerUsesFunctionOneToo() {
        var marvell = function("02:00.0", 0x1b4b, 0x9123, 0, Optional.empty()).function();
        assertThat(marvell.dmaAliases()).containsExactly(0x01);
        assertThat(RequesterIds.all(marvell)).containsExactly(0x200, 0x201);
        assertThat(RequesterIds.atRoot(marvell)).isEqualTo(0x200);
        assertThat(function("02:00.1", 0x1b4b, 0x9123, 0, Optional.empty()).function().dmaAliases()).as("its own id").isEmpty();
        assertThat(function("03:05.2", 0x1180, 0xe832, 0, Optional.empty()).function().dmaAliases()).containsExactly(0x28);
        assertThat(function("02:00.0", 0x1b4b, 0x9999, 0, Optional.empty()).function().dmaAliases()).isEmpty();
    }

    @Test
    void someUseSlotsThatSoftwareDoesNotSee() {
        assertThat(function("05:00.0", 0x8086, 0x2260, 0, Optional.empty()).function().dmaAliases()).containsExactly(0x80, 0x88, 0x93);
        assertThat(function("05:00.0", 0x8086, 0x2954, 0, Optional.empty()).function().dmaAliases()).hasSize(32 * 5 - 1);
        var adaptec = function("06:0e.0", 0x9005, 0x0285, 0, Optional.empty());
        assertThat(adaptec.function().dmaAliases()).as("another card of the family").isEmpty();
    }

    @Test
    void aBridgeThatHidesItsCapabilityIsKnownByItsIdsAndByWhatIsAboveIt() {
        var port = function("00:1c.0", 0x8086, 0x1c10, 1, Optional.of(ROOT_PORT));
        var hidden = below(port, "04:00.0", 0x1b21, 0x1080, 1, Optional.empty());
        assertThat(hidden.function().pcieType()).isEqualTo(PcieType.PCIE_TO_PCI_BRIDGE);
        assertThat(function("00:1e.0", 0x8086, 0x244e, 1, Optional.empty()).function().pcieType()).as("on a root bus")
                .isEqualTo(PcieType.CONVENTIONAL);
        assertThat(below(hidden, "05:00.0", 0x1b21, 0x1080, 1, Optional.empty()).function().pcieType()).as("below a PCI bus")
                .isEqualTo(PcieType.CONVENTIONAL);
    }

    @Test
    void portsOfSunrisePointHaveTheirAcsControlInADoubleWordOfItsOwn() {
        for (int device : new int[] {0xa110, 0xa298, 0x9d14}) {
            var port = function("00:1d.0", 0x8086, device, 1, Optional.of(ROOT_PORT));
            port.function().enableAcs();
            assertThat(port.function().acsControl()).isEqualTo(0x0d);
            assertThat(port.config().getShort(0x108)).as("control").isEqualTo((short) 0x0d);
            assertThat(port.config().getShort(0x106)).as("where the specification has it").isZero();
        }
        var other = function("00:1d.0", 0x8086, 0xa340, 1, Optional.of(ROOT_PORT));
        other.function().enableAcs();
        assertThat(other.config().getShort(0x106)).isEqualTo((short) 0x0d);
    }

    private static Function function(String address, int vendor, int device, int header, Optional<Integer> portType) {
        return function(address, vendor, device, header, portType, Optional.empty());
    }

    private static Function below(Function upstream, String address, int vendor, int device, int header, Optional<Integer> portType) {
        return function(address, vendor, device, header, portType, Optional.of(upstream.function()));
    }

    /** With an ACS capability at 0x100 that offers SV, RR and CR. */
    private static Function function(String address, int vendor, int device, int header, Optional<Integer> portType,
            Optional<ConfiguredFunction> upstream) {
        var bytes = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putShort(0, (short) vendor).putShort(2, (short) device).put(0x0e, (byte) header);
        portType.ifPresent(type -> {
            bytes.putShort(6, (short) 0x10).put(0x34, (byte) 0x40).putShort(0x40, (short) 0x0010);
            bytes.putShort(0x42, (short) (2 | type << 4));
        });
        bytes.putInt(0x100, 0x0001_000d).putShort(0x104, (short) 0x0d);
        var image = new PciConfigImage(PciAddress.parse(address), "", bytes.array(), "test");
        return new Function(new ConfiguredFunction(null, image.address(), image, upstream, new Space(bytes)) {
            @Override
            public DmaMaster dma() {
                throw new UnsupportedOperationException();
            }
        }, bytes);
    }

    /** Every bit can be written. */
    private record Space(ByteBuffer bytes) implements PciConfig {
        @Override
        public int size() {
            return bytes.capacity();
        }

        @Override
        public int read8(int offset) {
            return bytes.get(offset) & 0xff;
        }

        @Override
        public int read16(int offset) {
            return bytes.getShort(offset) & 0xffff;
        }

        @Override
        public int read32(int offset) {
            return bytes.getInt(offset);
        }

        @Override
        public void write16(int offset, int value) {
            bytes.putShort(offset, (short) value);
        }

        @Override
        public void write32(int offset, int value) {
            bytes.putInt(offset, value);
        }
    }
}
