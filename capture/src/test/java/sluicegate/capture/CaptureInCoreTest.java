package sluicegate.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.Device;
import sluicegate.api.Group;
import sluicegate.api.Unit;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.api.types.ReservedRegion;
import sluicegate.api.types.Translation;
import sluicegate.capture.driver.CaptureDriver;
import sluicegate.capture.facts.KernelFacts;
import sluicegate.capture.files.CaptureFile;
import sluicegate.core.impl.DriverEntry;
import sluicegate.core.impl.IommuCore;
import sluicegate.firmware.FirmwareFolder;

/** Captures behind the real core: what an application sees of them. */
class CaptureInCoreTest {
    @TempDir
    Path temp;
    private final IommuCore core = new IommuCore();
    private final DriverEntry driver = new DriverEntry(new CaptureDriver(), "capture", "test", "0", 0, 0,
            List.of(KernelFacts.INTEL_VTD, KernelFacts.AMD_VI, KernelFacts.ARM_SMMUV3));
    private CapturedMachine machine;

    private void boot(Path folder) {
        machine = CapturedMachine.boot(folder.toString(), 0);
        core.addDriver(driver);
        machine.units().forEach(core::addUnit);
        machine.buses().forEach(core::addBus);
    }

    @AfterEach
    void powerOff() {
        core.close();
        if (machine != null) {
            machine.powerOff();
        }
    }

    private static IommuException failing(Errno errno, ThrowingCallable call) {
        var e = Assertions.catchThrowableOfType(IommuException.class, call);
        assertThat(e).isNotNull();
        assertThat(e.errno()).as(e.getMessage()).isEqualTo(errno);
        return e;
    }

    @ParameterizedTest
    @ValueSource(strings = {"vtd-legacy-6.1", "vtd-legacy48-ats-6.12", "vtd-scalable-sl-6.1", "vtd-scalable-fl-6.12",
        "amdvi-6.12", "smmuv3-acpi-6.1", "smmuv3-s2-6.12"})
    void groupsTypesAndRegionsAreTheKernels(String name) {
        var folder = KnownTranslations.folder(name);
        boot(folder);
        var file = CaptureFile.parse(FirmwareFolder.of(folder).read(CaptureFile.NAME));
        assertThat(core.units()).allSatisfy(unit -> {
            assertThat(unit.state()).isEqualTo(Unit.State.BOUND);
            assertThat(unit.registers()).isNotEmpty();
        });
        assertThat(core.groups()).hasSameSizeAs(file.groups());
        for (var expected : file.groups()) {
            var group = core.device(expected.members().get(0).toString()).group().orElseThrow();
            assertThat(group.name()).contains("kernel group " + expected.id());
            assertThat(group.devices()).extracting(Device::name)
                    .containsExactlyInAnyOrderElementsOf(expected.members().stream().map(PciAddress::toString).toList());
            assertThat(group.defaultDomain().orElseThrow().type().word()).isEqualTo(expected.type());
            assertThat(group.domain()).isSameAs(group.defaultDomain().orElseThrow());
            assertThat(group.reservedRegions().stream().map(ReservedRegion::toString))
                    .isEqualTo(expected.reserved().stream().map(ReservedRegion::toString).toList());
        }
        var drivers = new HashMap<String, String>();
        file.devices().forEach(device -> drivers.put(device.address().toString(), device.driver().orElse(null)));
        assertThat(core.devices()).hasSameSizeAs(file.devices()).allSatisfy(device -> {
            assertThat(device.busDevice().properties().get(KernelFacts.DRIVER)).isEqualTo(drivers.get(device.name()));
            assertThat(device.problem()).isEmpty();
            assertThat(device.state()).isIn(Device.State.READY, Device.State.NO_IOMMU);
        });
    }

    @Test
    void translationsComeFromTheCapturedTables() throws IOException {
        boot(TinyCapture.write(temp.resolve("tiny")));
        var nic = core.device("00:02.0");
        assertThat(nic.translate(Pasid.NONE, 0x10008, true)).isInstanceOfSatisfying(Translation.Mapped.class, mapped -> {
            assertThat(mapped.address()).isEqualTo(0x80008);
            assertThat(Prot.toString(mapped.prot())).isEqualTo("rw");
        });
        assertThat(nic.translate(Pasid.NONE, 0x12000, false)).isInstanceOf(Translation.Fault.class);
        assertThat(nic.domain().orElseThrow().iovaToPhys(0x11008)).hasValue(0x81008);
        assertThat(nic.domain().orElseThrow().iovaToPhys(0x12000)).isEmpty();
        assertThat(core.unitInFrontOf(PciAddress.parse("01:00.0")).translate(0x100, Pasid.NONE, 0x1000, false))
                .isInstanceOf(Translation.Fault.class);
    }

    @Test
    void nothingCanBeMovedMappedOrMade() throws IOException {
        boot(TinyCapture.write(temp.resolve("tiny")));
        var alone = core.device("00:03.0");
        var group = core.device("00:02.0").group().orElseThrow();
        var own = group.domain();
        assertThat(own.mappings()).as("the direct region, which the kernel had mapped").hasSize(1);
        assertThat(failing(Errno.EROFS, () -> own.map(0x20000, 0x80000, 0x1000, Prot.READ)))
                .hasMessage("[0x20000, 0x20fff] can't be mapped: its unit is captured, so its tables stay as the kernel left them");
        failing(Errno.EROFS, () -> own.unmap(0, 0x1000));
        failing(Errno.EROFS, () -> core.allocateDomain(alone, Set.of()));
        failing(Errno.EROFS, () -> core.allocateDomain(core.device("00:02.0"), Set.of()));
        failing(Errno.EROFS, () -> group.attach(core.domain("dmar0-identity")));
        failing(Errno.EROFS, () -> group.attach(core.domain("dmar0-blocked")));
        failing(Errno.EROFS, () -> alone.group().orElseThrow().attach(core.domain("dmar0-blocked")));
        assertThat(failing(Errno.EOPNOTSUPP, () -> alone.walk(Pasid.NONE, 0))).hasMessageContaining("captured tables yet");
        assertThat(core.groups()).extracting(Group::domain).containsExactlyInAnyOrder(own, core.domain("dmar0-identity"));
        assertThat(core.devices()).extracting(Device::problem).allMatch(java.util.Optional::isEmpty);
    }

    @Test
    void theDriverCanLeaveAndComeBack() throws IOException {
        boot(TinyCapture.write(temp.resolve("tiny")));
        var before = core.groups().stream().map(group -> group.id() + " " + group.devices() + " " + group.domain()).toList();
        core.removeDriver(driver);
        assertThat(core.device("00:02.0").state()).isEqualTo(Device.State.DEFERRED);
        core.addDriver(driver);
        assertThat(core.groups().stream().map(group -> group.id() + " " + group.devices() + " " + group.domain()).toList())
                .isEqualTo(before);
        assertThat(core.device("00:02.0").translate(Pasid.NONE, 0x10000, false)).isInstanceOf(Translation.Mapped.class);
    }
}
