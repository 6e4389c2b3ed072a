package sluicegate.core.impl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import sluicegate.api.Unit;
import sluicegate.api.platform.DmaDescription;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Translation;
import sluicegate.core.impl.fake.FakePci;
import sluicegate.core.impl.fake.FakeUnit;

/** Requester ids without a device: who sees them, and what is answered. */
class RequesterUnitsTest extends CoreFixture {
    private final FakeUnit dmar1 = machine.unit("dmar1");

    private String unitOf(String requester) {
        return core.unitInFrontOf(PciAddress.parse(requester)).name();
    }

    @Test
    void aDeviceSaysWhichUnitSeesItsId() {
        machine.bus.put("00:02.0", dmar0);
        machine.bus.put("00:03.0", dmar1);
        machine.bus.putUntranslated("00:04.0");
        core.addUnit(dmar1);
        boot();
        assertThat(unitOf("00:02.0")).isEqualTo("dmar0");
        assertThat(unitOf("00:03.0")).isEqualTo("dmar1");
        assertThat(failing(() -> unitOf("00:04.0"), Errno.ENODEV)).hasMessageContaining("No IOMMU is in front of");
    }

    @Test
    void firmwareSaysItForAnIdThatIsNoDevices() {
        machine.bus.requesters = Map.of(PciAddress.parse("01:00.0"), dmar1);
        core.addUnit(dmar1);
        boot();
        assertThat(unitOf("01:00.0")).isEqualTo("dmar1");
        assertThat(failing(() -> unitOf("02:00.0"), Errno.ENODEV)).hasMessageContaining("dmar0, dmar1");
    }

    @Test
    void theOnlyUnitOfASegmentSeesAllOfIt() {
        dmar1.segment = 1;
        core.addUnit(dmar1);
        boot();
        assertThat(unitOf("0001:07:00.0")).isEqualTo("dmar1");
        failing(() -> unitOf("0002:07:00.0"), Errno.ENODEV);
    }

    @Test
    void hardwareIsAskedAboutTheIdThatItSees() {
        var smmu = machine.model("smmu3");
        core.addUnit(smmu);
        var bridge = machine.bus.pci("00:1c.0").type(PciFunction.PcieType.PCIE_TO_PCI_BRIDGE).buses(1, 1);
        behind(smmu, machine.bus.pci("00:02.0"), 0x8010);
        behind(smmu, machine.bus.pci("00:03.0").aliases(0x19), 0x8018, 0x8019);
        behind(smmu, bridge, 0x80e0);
        behind(smmu, machine.bus.pci("01:03.0").below(bridge), 0x8118, 0x8100);
        machine.platform.platform("9000000.dma", smmu, 0x1_0001, 0x1_0002);
        boot();
        for (var name : List.of("00:02.0", "00:03.0", "01:03.0", "9000000.dma")) {
            device(name).translate(Pasid.NONE, 0x1000, false);
        }
        core.unit("smmu3").translate(0xffff_ffff, Pasid.NONE, 0x1000, false);
        assertThat(smmu.asked).containsExactly(0x8010, 0x8018, 0x8100, 0x1_0001, 0xffff_ffff);
    }

    private void behind(FakeUnit unit, FakePci function, Integer... streams) {
        machine.bus.add(function, Optional.of(new DmaDescription(unit, Arrays.stream(streams).map(List::of).toList(), false)));
    }

    @Test
    void aUnitThatCannotBeAskedAnswersForTheDevicesThatItKnows() {
        machine.bus.put("00:02.0", dmar0);
        boot();
        Unit unit = core.unit("dmar0");
        var domain = domainFor("00:02.0");
        domain.attach(device("00:02.0"));
        domain.map(0x1000, 0x5000, K4, 3);
        assertThat(unit.translate(0x10, Pasid.NONE, 0x1008, false))
                .isInstanceOfSatisfying(Translation.Mapped.class, mapped -> assertThat(mapped.address()).isEqualTo(0x5008));
        failing(() -> unit.translate(0x18, Pasid.NONE, 0x1008, false), Errno.EOPNOTSUPP);
        failing(() -> unit.translate(0x10000, Pasid.NONE, 0, false), Errno.EOPNOTSUPP);
        failing(() -> unit.translate(0x10, Pasid.MAX + 1, 0, false), Errno.EINVAL);
        core.removeUnit(dmar0);
        failing(() -> unit.translate(0x10, Pasid.NONE, 0x1008, false), Errno.ENODEV);
    }
}
