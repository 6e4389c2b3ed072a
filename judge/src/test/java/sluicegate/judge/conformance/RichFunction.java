package sluicegate.judge.conformance;

import java.util.Arrays;
import sluicegate.api.platform.PciAddress;
import sluicegate.firmware.MachineDescription;
import sluicegate.firmware.PciConfigImage;
import sluicegate.firmware.PciTree;
import sluicegate.spec.pci.AtsCapability;
import sluicegate.spec.pci.ExtendedCapabilityHeader;
import sluicegate.spec.pci.ExtendedCapabilityId;
import sluicegate.spec.pci.PasidCapability;
import sluicegate.spec.pci.PriCapability;

/** A function with ATS, PRI and PASIDs, which none of QEMU's has, in the place of one of a machine description. */
final class RichFunction {
    static final int PASID_BITS = 12;
    private static final int SPACE = 4096;
    private static final int ATS = 0x100;
    private static final int PRI = 0x140;
    private static final int PASID = 0x180;
    private static final int CAPACITY = 32;

    private RichFunction() {}

    static MachineDescription in(MachineDescription said, PciAddress function) {
        var images = said.pci().functions().stream().map(PciTree.Node::image)
                .map(image -> image.address().equals(function) ? rich(image) : image).toList();
        return new MachineDescription(said.name(), said.description(), said.memory(), said.dmar(), said.vtd(), said.mcfg(),
                PciTree.of(images), said.dmarScopes(), said.ivrs(), said.iort(), said.others(), said.deviceTree(), said.units(), said.buses(),
                said.warnings());
    }

    private static PciConfigImage rich(PciConfigImage image) {
        var config = Arrays.copyOf(image.config(), SPACE);
        Arrays.fill(config, ATS, SPACE, (byte) 0);
        header(config, ATS, ExtendedCapabilityId.ATS, PRI);
        AtsCapability.CAPABILITY_REGISTER.put(config, ATS, AtsCapability.PAGE_ALIGNED_REQUEST.mask());
        header(config, PRI, ExtendedCapabilityId.PRI, PASID);
        PriCapability.STATUS_REGISTER.put(config, PRI, PriCapability.STOPPED.mask());
        PriCapability.OUTSTANDING_CAPACITY.put(config, PRI, CAPACITY);
        header(config, PASID, ExtendedCapabilityId.PASID, 0);
        PasidCapability.CAPABILITY_REGISTER.put(config, PASID, PasidCapability.MAX_PASID_WIDTH.set(0, PASID_BITS));
        return new PciConfigImage(image.address(), image.description(), config, image.source());
    }

    private static void header(byte[] config, int at, ExtendedCapabilityId id, int next) {
        long header = ExtendedCapabilityHeader.NEXT.set(ExtendedCapabilityHeader.ID.set(1 << 16, id.code()), next);
        for (int i = 0; i < Integer.BYTES; i++) {
            config[at + i] = (byte) (header >>> 8 * i);
        }
    }
}
