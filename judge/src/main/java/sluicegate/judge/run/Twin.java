package sluicegate.judge.run;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.PciConfig;
import sluicegate.api.platform.PciFunction;
import sluicegate.firmware.Dmar;
import sluicegate.firmware.DmarScopes;
import sluicegate.firmware.MachineDescription;
import sluicegate.firmware.MemoryRange;
import sluicegate.firmware.PciConfigImage;
import sluicegate.firmware.PciTree;
import sluicegate.firmware.VtdFeatures;
import sluicegate.firmware.VtdInterrupts;
import sluicegate.firmware.VtdScalable;
import sluicegate.sim.EmbeddedMachine;
import sluicegate.spec.vtd.AddressWidth;
import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;

/**
 * An embedded machine like another one: the same functions with the same configuration space, and a unit with the same capabilities
 * of both modes in front of them all, interrupt remapping left out. What it is made of is read from the other machine as a system
 * would read it.
 */
public final class Twin {
    private Twin() {}

    /** Boots the twin of a machine with one unit that serves all functions. */
    public static Machine of(Machine original) {
        var unit = original.units().get(0);
        long cap = unit.registers().read64(CapabilityRegister.OFFSET);
        long ecap = unit.registers().read64(ExtendedCapabilityRegister.OFFSET);
        var drhd = new Dmar.Drhd(0, 0, true, unit.baseAddress(), unit.registers().size(), List.of());
        var dmar = new Dmar("twin", CapabilityRegister.guestAddressWidth(cap), false, false, false, List.of(drhd), List.of(),
                List.of(), List.of(), List.of(), List.of(), List.of(), List.of());
        var tree = PciTree.of(functions(original));
        return EmbeddedMachine.boot(new MachineDescription("twin of " + original.name(), "twin of " + original.name(), memory(original),
                Optional.of(dmar), List.of(features(cap, ecap)), Optional.empty(), tree, Optional.of(DmarScopes.of(dmar, tree)),
                List.of()), "model", 0);
    }

    /**
     * Boots the twin of a machine whose unit is described elsewhere.
     *
     * @param like with firmware and features of the unit; its memory and functions do not count
     */
    public static Machine of(Machine original, MachineDescription like) {
        return EmbeddedMachine.boot(new MachineDescription("twin of " + original.name(), "twin of " + original.name(),
                memory(original), like.dmar(), like.vtd(), like.mcfg(), PciTree.of(functions(original)), like.dmarScopes(), like.ivrs(),
                like.iort(), like.others(), like.deviceTree(), like.units(), like.buses(), List.of()), "model", 0);
    }

    private static List<MemoryRange> memory(Machine original) {
        return Facts.spans(original.memory()).stream()
                .map(span -> new MemoryRange(span.start(), span.end() - span.start())).toList();
    }

    private static List<PciConfigImage> functions(Machine original) {
        var images = new ArrayList<PciConfigImage>();
        for (var bus : original.buses()) {
            for (var device : bus.devices()) {
                if (device instanceof PciFunction function) {
                    images.add(new PciConfigImage(function.address(), function.description(), bytes(function.config()),
                            original.name()));
                }
            }
        }
        return images;
    }

    private static byte[] bytes(PciConfig config) {
        var bytes = new byte[config.size()];
        for (int i = 0; i < bytes.length; i += Integer.BYTES) {
            int word = config.read32(i);
            for (int k = 0; k < Integer.BYTES; k++) {
                bytes[i + k] = (byte) (word >>> 8 * k);
            }
        }
        return bytes;
    }

    private static VtdFeatures features(long cap, long ecap) {
        Set<Integer> levels = new HashSet<>();
        for (var width : AddressWidth.values()) {
            if (CapabilityRegister.supports(cap, width)) {
                levels.add(width.levels());
            }
        }
        return new VtdFeatures(CapabilityRegister.guestAddressWidth(cap), levels, CapabilityRegister.supports2M(cap),
                CapabilityRegister.supports1G(cap), CapabilityRegister.CM.isSet(cap),
                Integer.numberOfTrailingZeros(CapabilityRegister.domainCount(cap)), ExtendedCapabilityRegister.QI.isSet(ecap),
                ExtendedCapabilityRegister.PT.isSet(ecap), CapabilityRegister.faultRecordingCount(cap),
                ExtendedCapabilityRegister.DT.isSet(ecap), ExtendedCapabilityRegister.C.isSet(ecap),
                ExtendedCapabilityRegister.SC.isSet(ecap), CapabilityRegister.RWBF.isSet(cap), CapabilityRegister.ZLR.isSet(cap),
                CapabilityRegister.PSI.isSet(cap), CapabilityRegister.DRD.isSet(cap) && CapabilityRegister.DWD.isSet(cap),
                CapabilityRegister.PLMR.isSet(cap), CapabilityRegister.PHMR.isSet(cap), CapabilityRegister.ESRTPS.isSet(cap),
                scalable(cap, ecap), VtdInterrupts.NONE);
    }

    private static VtdScalable scalable(long cap, long ecap) {
        return !ExtendedCapabilityRegister.SMTS.isSet(ecap) ? VtdScalable.NONE
                : new VtdScalable(true, ExtendedCapabilityRegister.FSTS.isSet(ecap), CapabilityRegister.FS5LP.isSet(cap),
                        CapabilityRegister.FS1GP.isSet(cap), ExtendedCapabilityRegister.SSTS.isSet(ecap),
                        ExtendedCapabilityRegister.NEST.isSet(ecap),
                        ExtendedCapabilityRegister.PASID.isSet(ecap) ? ExtendedCapabilityRegister.pasidWidth(ecap) : 0,
                        ExtendedCapabilityRegister.RPS.isSet(ecap), ExtendedCapabilityRegister.SSADS.isSet(ecap),
                        ExtendedCapabilityRegister.EAFS.isSet(ecap), ExtendedCapabilityRegister.SRS.isSet(ecap),
                        ExtendedCapabilityRegister.ERS.isSet(ecap), ExtendedCapabilityRegister.SMPWCS.isSet(ecap),
                        ExtendedCapabilityRegister.ADMS.isSet(ecap), ExtendedCapabilityRegister.PRS.isSet(ecap));
    }
}
