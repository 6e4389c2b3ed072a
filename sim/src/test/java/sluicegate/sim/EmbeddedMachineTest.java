package sluicegate.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.platform.Bus;
import sluicegate.api.platform.BusDevice;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.platform.FirmwareRegion;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.types.Access;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.ReservedRegion;
import sluicegate.firmware.DeviceScope;
import sluicegate.firmware.Dmar;
import sluicegate.firmware.DmarScopes;
import sluicegate.firmware.FirmwareFolder;
import sluicegate.firmware.MachineDescription;
import sluicegate.firmware.MemoryRange;
import sluicegate.spec.pci.AtsCapability;
import sluicegate.spec.pci.ExtendedCapabilityId;
import sluicegate.spec.vtd.ContextEntry;
import sluicegate.spec.vtd.FaultRecord;
import sluicegate.spec.vtd.FaultStatusRegister;
import sluicegate.spec.vtd.GlobalCommandRegister;
import sluicegate.spec.vtd.GlobalStatusRegister;
import sluicegate.spec.vtd.RootTableAddressRegister;

/** The shipped machine with root ports, a switch and PCI bridges. */
class EmbeddedMachineTest {
    private final EmbeddedMachine machine = boot("q35-vtd-rich", 3);

    private static EmbeddedMachine boot(String name, int segment) {
        return EmbeddedMachine.boot(MachineDescription.read(FirmwareFolder.of(Path.of("machines", name))), name, segment);
    }

    @AfterEach
    void powerOff() {
        machine.powerOff();
    }

    private PciFunction function(String address) {
        return machine.pci().find(PciAddress.parse("0003:" + address)).orElseThrow();
    }

    private List<Integer> specifiers(String address) {
        return machine.pci().dmaConfigure(function(address)).orElseThrow().specifiers().stream()
                .map(specifier -> specifier.get(0)).toList();
    }

    @ParameterizedTest
    @CsvSource({"q35-amdvi, ivhd0", "q35-amdvi-rich, ivhd0", "q35-vtd, dmar0", "q35-vtd-39, dmar0", "q35-vtd-rich, dmar0",
        "q35-vtd-scalable, dmar0", "virt-smmuv3, smmu3.0x0000000009050000", "virt-smmuv3-rich, smmu3.0x0000000009050000"})
    void everyShippedMachineBoots(String name, String unit) {
        var shipped = boot(name, 0);
        assertThat(shipped.units()).extracting(IommuUnit::name).containsExactly(unit);
        assertThat(shipped.pci().devices()).isNotEmpty();
        assertThat(shipped.warnings()).isEmpty();
        shipped.powerOff();
    }

    @ParameterizedTest
    @ValueSource(strings = {"q35-vtd", "q35-amdvi"})
    void unitsOnPciKnowNoRequesterIdsBeyondSixteenBits(String name) {
        var shipped = boot(name, 0);
        var unit = shipped.models().get(0);
        unit.probe(0xffff, Pasid.NONE, 0, Access.READ);
        assertThatThrownBy(() -> unit.probe(0x1_0000, Pasid.NONE, 0, Access.READ)).isInstanceOfSatisfying(IommuException.class, e ->
                assertThat(e.errno()).isEqualTo(Errno.EINVAL)).hasMessageContaining("0x10000");
        shipped.powerOff();
    }

    /** Folders made of nothing but tables and a list of functions, as they come from QEMU. */
    @ParameterizedTest
    @ValueSource(strings = {"dmar-basic", "dmar-rich"})
    void aFolderOfTablesAndATopologyBoots(String name, @TempDir Path folder) throws IOException {
        var data = Path.of("../../shared/data/qemu");
        assumeTrue(Files.isDirectory(data), "needs ../shared/data/qemu beside the project");
        for (var file : List.of("dmar.bin", "mcfg.bin", "topology.txt")) {
            Files.copy(data.resolve(name + "." + file), folder.resolve(name + "." + file));
        }
        var booted = EmbeddedMachine.boot(MachineDescription.read(FirmwareFolder.of(folder)), name, 0);
        try {
            long buffer = booted.allocate(4096);
            for (var function : booted.pci().devices()) {
                assertThat(function.dma().write(Pasid.NONE, buffer, new byte[8], 0, 8)).isEqualTo(DmaStatus.OK);
                booted.pci().dmaConfigure(function).ifPresent(description ->
                        assertThat(description.unit()).isIn(booted.units()));
            }
            assertThat(booted.units()).isNotEmpty();
        } finally {
            booted.powerOff();
        }
    }

    @Test
    void reservedMemoryIsForItsDevicesAndNobodyElse() {
        var good = MachineDescription.read(FirmwareFolder.of(Path.of("machines", "q35-vtd-rich")));
        var table = good.dmar().orElseThrow();
        var edu = new DeviceScope(0, DeviceScope.Kind.PCI_ENDPOINT, 0, 0, 0, List.of(new DeviceScope.Hop(5, 0)));
        var usb = new DeviceScope(0, DeviceScope.Kind.PCI_ENDPOINT, 0, 0, 0, List.of(new DeviceScope.Hop(3, 2)));
        long end = 0x4000_0000L;
        var dmar = new Dmar(table.file(), table.hostAddressWidth(), false, false, false, table.units(),
                List.of(new Dmar.Rmrr(0x100, 0, 0x10_0000, end - 1, List.of(edu, usb)),
                        new Dmar.Rmrr(0x200, 0, 0x9000_0000L, 0x9000_0fffL, List.of(edu))),
                table.rootPortAts(), List.of(), List.of(), List.of(), List.of(), List.of());
        var booted = EmbeddedMachine.boot(new MachineDescription("reserved", "", good.memory(), Optional.of(dmar), good.vtd(),
                good.mcfg(), good.pci(), Optional.of(DmarScopes.of(dmar, good.pci())), List.of()), "reserved", 1);
        try {
            var regions = booted.units().get(0).firmwareRegions();
            assertThat(regions).extracting(region -> region.region().type(), FirmwareRegion::devices).containsExactly(
                    tuple(ReservedRegion.Type.DIRECT, Set.of("0001:00:05.0")),
                    tuple(ReservedRegion.Type.DIRECT_RELAXABLE, Set.of("0001:00:03.2")),
                    tuple(ReservedRegion.Type.DIRECT, Set.of("0001:00:05.0")));
            assertThat(booted.warnings()).singleElement().asString().contains("0x200").contains("0x90000000");
            assertThat(booted.allocate(4096)).isGreaterThanOrEqualTo(end);
            assertThat(booted.units().get(0).arena().allocate(4096)).isGreaterThanOrEqualTo(end);
        } finally {
            booted.powerOff();
        }
    }

    @Test
    void memoryMayNotCoverTheInterruptRange() {
        var good = MachineDescription.read(FirmwareFolder.of(Path.of("machines", "q35-vtd")));
        var bad = new MachineDescription(good.name(), good.description(), List.of(new MemoryRange(0, 4L << 30)), good.dmar(),
                good.vtd(), good.mcfg(), good.pci(), good.dmarScopes(), good.warnings());
        assertThatThrownBy(() -> EmbeddedMachine.boot(bad, "bad", 0)).isInstanceOf(IommuException.class)
                .hasMessageContaining("q35-vtd").hasMessageContaining("interrupt address range");
    }

    @Test
    void functionsAppearInTheSegmentThatWasAskedFor() {
        assertThat(machine.pci().devices()).allMatch(function -> function.name().startsWith("0003:"));
        assertThat(machine.units()).allMatch(unit -> unit.segment() == 3);
        assertThat(function("00:05.0").description()).contains("edu");
    }

    @Test
    void aFunctionOnPciExpressHasItsOwnIdOnly() {
        assertThat(specifiers("00:05.0")).containsExactly(0x0028);
        assertThat(specifiers("01:00.0")).containsExactly(0x0100);
    }

    @Test
    void behindABridgeToConventionalPciTheBusIsTheRequester() {
        assertThat(function("02:00.0").pcieType()).isEqualTo(PciFunction.PcieType.PCIE_TO_PCI_BRIDGE);
        assertThat(specifiers("02:00.0")).containsExactly(0x0200);
        assertThat(specifiers("03:03.0")).containsExactly(0x0318, 0x0300);
    }

    @Test
    void behindAConventionalBridgeTheBridgeIsTheRequester() {
        assertThat(function("00:1e.0").pcieType()).isEqualTo(PciFunction.PcieType.CONVENTIONAL);
        assertThat(specifiers("0a:01.0")).containsExactly(0x0a08, 0x00f0);
    }

    @Test
    void aBridgeComesBeforeWhatIsBehindIt() {
        var seen = new ArrayList<PciFunction>();
        for (var function : machine.pci().devices()) {
            function.upstreamBridge().ifPresent(bridge -> assertThat(seen).contains(bridge));
            seen.add(function);
        }
    }

    @Test
    void dmaGoesToMemoryAndIsSplitAtPages() {
        long buffer = machine.allocate(8192);
        var dma = function("00:05.0").dma();
        var data = new byte[5000];
        data[0] = 1;
        data[4999] = 2;
        assertThat(dma.write(Pasid.NONE, buffer + 100, data, 0, data.length)).isEqualTo(DmaStatus.OK);
        var back = new byte[5000];
        assertThat(dma.read(Pasid.NONE, buffer + 100, back, 0, back.length)).isEqualTo(DmaStatus.OK);
        assertThat(back).isEqualTo(data);
        assertThat(dma.read(Pasid.NONE, 0xf000_0000L, back, 0, 8)).isEqualTo(DmaStatus.NO_TARGET);
    }

    @Test
    void impossibleRequestsAreRefused() {
        var dma = function("00:05.0").dma();
        assertFails(Errno.EINVAL, () -> dma.read(Pasid.NONE, -4, new byte[8], 0, 8));
        assertFails(Errno.EOPNOTSUPP, () -> dma.read(1, 0, new byte[8], 0, 8));
        assertFails(Errno.EOPNOTSUPP, () -> dma.translate(Pasid.NONE, 0, false));
    }

    private static void assertFails(Errno errno, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(IommuException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    @Test
    void theUnitSeesTheAliasOfADeviceBehindABridge() {
        var unit = machine.vtdUnits().get(0);
        long tables = unit.arena().allocate(3 * 4096);
        machine.memory().set64(tables + 3 * 16, tables + 4096 | 1);
        machine.memory().set64(tables + 4096 + 8, ContextEntry.AW.set(0, 2));
        machine.memory().set64(tables + 4096, tables + 8192 | ContextEntry.TT.set(1, 0b10));
        var registers = unit.registers();
        registers.write64(RootTableAddressRegister.OFFSET, tables);
        registers.write32(GlobalCommandRegister.OFFSET, (int) GlobalCommandRegister.SRTP.mask());
        registers.write32(GlobalCommandRegister.OFFSET, (int) GlobalCommandRegister.TE.mask());
        assertThat(GlobalStatusRegister.TES.isSet(registers.read32(GlobalStatusRegister.OFFSET))).isTrue();
        long buffer = machine.allocate(4096);
        assertThat(function("03:03.0").dma().write(Pasid.NONE, buffer, new byte[8], 0, 8)).isEqualTo(DmaStatus.OK);
        assertThat(function("00:05.0").dma().write(Pasid.NONE, buffer, new byte[8], 0, 8)).isEqualTo(DmaStatus.FAULT);
        assertThat(FaultStatusRegister.PPF.isSet(registers.read32(FaultStatusRegister.OFFSET))).isTrue();
        assertThat(function("00:05.0").dma().read(Pasid.NONE, 0xfee0_0000L, new byte[4], 0, 4)).isEqualTo(DmaStatus.FAULT);
        long cap = registers.read64(8);
        long second = registers.read64(FaultRecord.offset(cap, 1) + 8);
        assertThat(FaultRecord.FR.get(second)).isEqualTo(0x29);
    }

    @Test
    void translationRequestsNeedAtsSwitchedOn() {
        var device = function("01:00.0");
        int control = 0;
        for (int at = 0x100; at != 0; at = device.config().read16(at + 2) >>> 4) {
            if (device.config().read16(at) == ExtendedCapabilityId.ATS.code()) {
                control = at + AtsCapability.CONTROL_REGISTER.offset();
            }
        }
        device.config().write16(control, 0);
        assertFails(Errno.EOPNOTSUPP, () -> device.dma().translate(Pasid.NONE, 0, false));
        device.config().write16(control, (int) AtsCapability.ENABLE.mask());
        assertThat(device.dma().translate(Pasid.NONE, 0, false).status()).as("translation is off").isEqualTo(DmaStatus.FAULT);
    }

    @Test
    void aWriteToTheInterruptRangeIsAnInterrupt() throws Exception {
        var seen = new CountDownLatch(1);
        var vector = machine.units().get(0).interrupts().allocate("test", seen::countDown);
        var message = new byte[] {(byte) vector.data(), 0, 0, 0};
        assertThat(function("00:05.0").dma().write(Pasid.NONE, vector.address(), message, 0, 4)).isEqualTo(DmaStatus.OK);
        assertThat(seen.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(function("00:05.0").dma().write(Pasid.NONE, vector.address(), message, 0, 2))
                .isEqualTo(DmaStatus.NO_TARGET);
    }

    @Test
    void busMasteringCountsOnTheWholeWayUp() {
        var device = function("03:03.0");
        long buffer = machine.allocate(4096);
        for (var at : List.of(device, function("02:00.0"), function("00:06.0"))) {
            int command = at.config().read16(4);
            at.config().write16(4, command & ~4);
            assertThat(device.dma().write(Pasid.NONE, buffer, new byte[8], 0, 8)).isEqualTo(DmaStatus.BUS_MASTER_OFF);
            at.config().write16(4, command);
            assertThat(device.dma().write(Pasid.NONE, buffer, new byte[8], 0, 8)).isEqualTo(DmaStatus.OK);
        }
    }

    @Test
    void configurationSpaceKeepsWhatIsReadOnly() {
        var config = function("00:05.0").config();
        int id = config.read32(0);
        config.write32(0, 0);
        assertThat(config.read32(0)).isEqualTo(id);
        assertFails(Errno.EINVAL, () -> config.read32(2));
        assertFails(Errno.EINVAL, () -> config.read8(config.size()));
        machine.pci().devices().stream().filter(PciFunction::hasAcs).forEach(port -> {
            port.enableAcs();
            assertThat(port.acsControl() & 0x1d).isEqualTo(port.acsCapabilities() & 0x1d);
        });
    }

    @Test
    void whatIsTakenOffTheBusIsFoundAgainByARescan() {
        var all = machine.pci().devices().stream().map(BusDevice::name).toList();
        var bridge = function("02:00.0");
        machine.pci().remove(function("00:05.0"));
        machine.pci().remove(bridge);
        assertThat(machine.pci().devices()).hasSize(all.size() - 4);
        assertFails(Errno.ENODEV, () -> machine.pci().remove(bridge));
        assertThat(machine.pci().rescan()).isEqualTo(4);
        assertThat(machine.pci().devices()).extracting(BusDevice::name).isEqualTo(all);
        assertThat(function("02:00.0")).isNotSameAs(bridge);
        assertThat(machine.pci().rescan()).isZero();
        machine.powerOff();
        assertFails(Errno.ENODEV, () -> machine.pci().rescan());
    }

    @Test
    void listenersHearOfEachDeviceOnceAndInOrder() {
        var events = new ArrayList<String>();
        var listener = new Bus.Listener() {
            @Override
            public void added(BusDevice device) {
                events.add("+" + device.name());
            }

            @Override
            public void removed(BusDevice device) {
                events.add("-" + device.name());
            }
        };
        var subscription = machine.pci().subscribe(listener);
        assertThat(events).isEqualTo(machine.pci().devices().stream().map(device -> "+" + device.name()).toList());
        events.clear();
        var old = function("03:03.0");
        machine.pci().unplug(PciAddress.parse("0003:02:00.0"));
        assertThat(events).containsExactly("-0003:03:04.0", "-0003:03:03.0", "-0003:02:00.0");
        assertThat(old.dma().read(Pasid.NONE, 0x10_0000, new byte[8], 0, 8)).isEqualTo(DmaStatus.GONE);
        assertFails(Errno.ENODEV, () -> machine.pci().plug(PciAddress.parse("0003:03:03.0")));
        events.clear();
        machine.pci().plug(PciAddress.parse("0003:02:00.0"));
        assertThat(events).containsExactly("+0003:02:00.0", "+0003:03:03.0", "+0003:03:04.0");
        assertThat(function("03:03.0")).isNotSameAs(old);
        assertThat(function("03:03.0").dma().read(Pasid.NONE, 0x10_0000, new byte[8], 0, 8)).isEqualTo(DmaStatus.OK);
        events.clear();
        subscription.close();
        machine.pci().unplug(PciAddress.parse("0003:00:05.0"));
        assertThat(events).isEmpty();
    }

    @Test
    void aMachineThatIsOffDoesNothing() {
        var device = function("00:05.0");
        machine.powerOff();
        machine.powerOff();
        assertThat(device.dma().read(Pasid.NONE, 0x10_0000, new byte[8], 0, 8)).isEqualTo(DmaStatus.GONE);
    }
}
