package sluicegate.spec;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import sluicegate.spec.acpi.AcpiHeader;
import sluicegate.spec.acpi.Andd;
import sluicegate.spec.acpi.Atsr;
import sluicegate.spec.acpi.DeviceScope;
import sluicegate.spec.acpi.DmarStructure;
import sluicegate.spec.acpi.DmarTable;
import sluicegate.spec.acpi.Drhd;
import sluicegate.spec.acpi.IortIdMapping;
import sluicegate.spec.acpi.IortItsGroup;
import sluicegate.spec.acpi.IortMemoryAccess;
import sluicegate.spec.acpi.IortMemoryRange;
import sluicegate.spec.acpi.IortNamedComponent;
import sluicegate.spec.acpi.IortNode;
import sluicegate.spec.acpi.IortPmcg;
import sluicegate.spec.acpi.IortRmr;
import sluicegate.spec.acpi.IortRootComplex;
import sluicegate.spec.acpi.IortSmmu;
import sluicegate.spec.acpi.IortSmmuV3;
import sluicegate.spec.acpi.IortTable;
import sluicegate.spec.acpi.Ivhd;
import sluicegate.spec.acpi.IvhdAliasEntry;
import sluicegate.spec.acpi.IvhdEntry;
import sluicegate.spec.acpi.IvhdExtended;
import sluicegate.spec.acpi.IvhdExtendedEntry;
import sluicegate.spec.acpi.IvhdHidEntry;
import sluicegate.spec.acpi.IvhdSpecialEntry;
import sluicegate.spec.acpi.Ivmd;
import sluicegate.spec.acpi.IvrsBlock;
import sluicegate.spec.acpi.IvrsTable;
import sluicegate.spec.acpi.McfgAllocation;
import sluicegate.spec.acpi.McfgTable;
import sluicegate.spec.acpi.Rhsa;
import sluicegate.spec.acpi.RimtIdMapping;
import sluicegate.spec.acpi.RimtIommu;
import sluicegate.spec.acpi.RimtNode;
import sluicegate.spec.acpi.RimtPlatformDevice;
import sluicegate.spec.acpi.RimtRootComplex;
import sluicegate.spec.acpi.RimtTable;
import sluicegate.spec.acpi.RimtWire;
import sluicegate.spec.acpi.Rmrr;
import sluicegate.spec.acpi.Satc;
import sluicegate.spec.acpi.Sidp;
import sluicegate.spec.acpi.ViotMmio;
import sluicegate.spec.acpi.ViotNode;
import sluicegate.spec.acpi.ViotPciRange;
import sluicegate.spec.acpi.ViotTable;
import sluicegate.spec.acpi.ViotVirtioMmio;
import sluicegate.spec.acpi.ViotVirtioPci;
import sluicegate.spec.amdvi.AmdviRegisters;
import sluicegate.spec.amdvi.CommandCode;
import sluicegate.spec.amdvi.CommandRecord;
import sluicegate.spec.amdvi.DeviceTableEntry;
import sluicegate.spec.amdvi.EventCode;
import sluicegate.spec.amdvi.EventFlags;
import sluicegate.spec.amdvi.EventLogRecord;
import sluicegate.spec.amdvi.Gcr3Entry;
import sluicegate.spec.amdvi.GuestInterruptEntry;
import sluicegate.spec.amdvi.GuestLogRecord;
import sluicegate.spec.amdvi.GuestPageEntry;
import sluicegate.spec.amdvi.HostPageEntry;
import sluicegate.spec.amdvi.InterruptEntry;
import sluicegate.spec.amdvi.InterruptMessage;
import sluicegate.spec.amdvi.IommuCapability;
import sluicegate.spec.amdvi.PprRecord;
import sluicegate.spec.amdvi.VirtualApicPage;
import sluicegate.spec.amdvi.VirtualInterruptEntry;
import sluicegate.spec.pci.AcsCapability;
import sluicegate.spec.pci.AtsCapability;
import sluicegate.spec.pci.BaseAddressRegister;
import sluicegate.spec.pci.CapabilityHeader;
import sluicegate.spec.pci.CommandRegister;
import sluicegate.spec.pci.ConfigHeader;
import sluicegate.spec.pci.ExtendedCapabilityHeader;
import sluicegate.spec.pci.HeaderTypeRegister;
import sluicegate.spec.pci.MsiCapability;
import sluicegate.spec.pci.MsixCapability;
import sluicegate.spec.pci.PasidCapability;
import sluicegate.spec.pci.PcieCapability;
import sluicegate.spec.pci.PcieDeviceCapabilities2Register;
import sluicegate.spec.pci.PcieDeviceCapabilitiesRegister;
import sluicegate.spec.pci.PcieDeviceControl2Register;
import sluicegate.spec.pci.PcieDeviceControlRegister;
import sluicegate.spec.pci.PcieDeviceStatusRegister;
import sluicegate.spec.pci.PriCapability;
import sluicegate.spec.pci.RequesterId;
import sluicegate.spec.pci.SriovCapability;
import sluicegate.spec.pci.StatusRegister;
import sluicegate.spec.smmuv3.CommandOpcode;
import sluicegate.spec.smmuv3.ContextDescriptor;
import sluicegate.spec.smmuv3.EventRecord;
import sluicegate.spec.smmuv3.EventType;
import sluicegate.spec.smmuv3.L1ContextDescriptor;
import sluicegate.spec.smmuv3.L1StreamTableDescriptor;
import sluicegate.spec.smmuv3.PageRequestRecord;
import sluicegate.spec.smmuv3.Smmuv3Registers;
import sluicegate.spec.smmuv3.StreamTableEntry;
import sluicegate.spec.vmsa.Stage1Descriptor;
import sluicegate.spec.vmsa.Stage2Descriptor;
import sluicegate.spec.vtd.ContextCacheInvalidateDescriptor;
import sluicegate.spec.vtd.ContextEntry;
import sluicegate.spec.vtd.DeviceTlbInvalidateDescriptor;
import sluicegate.spec.vtd.FaultRecord;
import sluicegate.spec.vtd.FirstStageEntry;
import sluicegate.spec.vtd.InterruptEntryCacheInvalidateDescriptor;
import sluicegate.spec.vtd.InterruptRemappingEntry;
import sluicegate.spec.vtd.InterruptRequest;
import sluicegate.spec.vtd.InvalidateAddressRegister;
import sluicegate.spec.vtd.InvalidationWaitDescriptor;
import sluicegate.spec.vtd.IotlbInvalidateDescriptor;
import sluicegate.spec.vtd.IotlbInvalidateRegister;
import sluicegate.spec.vtd.PageGroupResponseDescriptor;
import sluicegate.spec.vtd.PageRequestDescriptor;
import sluicegate.spec.vtd.PasidCacheInvalidateDescriptor;
import sluicegate.spec.vtd.PasidDeviceTlbInvalidateDescriptor;
import sluicegate.spec.vtd.PasidDirectoryEntry;
import sluicegate.spec.vtd.PasidEntry;
import sluicegate.spec.vtd.PasidIotlbInvalidateDescriptor;
import sluicegate.spec.vtd.PostedInterruptDescriptor;
import sluicegate.spec.vtd.PostedInterruptEntry;
import sluicegate.spec.vtd.RootEntry;
import sluicegate.spec.vtd.ScalableContextEntry;
import sluicegate.spec.vtd.ScalableRootEntry;
import sluicegate.spec.vtd.SecondStageEntry;
import sluicegate.spec.vtd.VtdRegisters;

/**
 * Every layout there is, by manual. The generic test and the documentation are made from these lists, and a test
 * looks for layouts that were left out of them: who adds a structure adds it here.
 */
public final class SpecCatalogue {

    /** The VT-d architecture specification. */
    public static final Chapter VTD = new Chapter("vtd", "Intel VT-d",
            concat(List.of(RootEntry.LAYOUT, ContextEntry.LAYOUT, ScalableRootEntry.LAYOUT,
                            ScalableContextEntry.LAYOUT, PasidDirectoryEntry.LAYOUT, PasidEntry.LAYOUT),
                    FirstStageEntry.LAYOUTS, SecondStageEntry.LAYOUTS,
                    List.of(ContextCacheInvalidateDescriptor.LAYOUT, IotlbInvalidateDescriptor.LAYOUT,
                            DeviceTlbInvalidateDescriptor.LAYOUT, InterruptEntryCacheInvalidateDescriptor.LAYOUT,
                            InvalidationWaitDescriptor.LAYOUT, PasidIotlbInvalidateDescriptor.LAYOUT,
                            PasidCacheInvalidateDescriptor.LAYOUT, PasidDeviceTlbInvalidateDescriptor.LAYOUT,
                            PageGroupResponseDescriptor.LAYOUT, PageRequestDescriptor.LAYOUT,
                            InterruptRequest.REMAPPABLE_ADDRESS, InterruptRequest.REMAPPABLE_DATA,
                            InterruptRequest.COMPATIBILITY_ADDRESS, InterruptRequest.COMPATIBILITY_DATA,
                            InterruptRemappingEntry.LAYOUT, PostedInterruptEntry.LAYOUT,
                            PostedInterruptDescriptor.LAYOUT)),
            concat(VtdRegisters.ALL, List.of(InvalidateAddressRegister.REGISTER, IotlbInvalidateRegister.REGISTER,
                    FaultRecord.REGISTER)),
            List.of());

    /** The SMMUv3 architecture specification. */
    public static final Chapter SMMUV3 = new Chapter("smmuv3", "Arm SMMUv3",
            concat(List.of(L1StreamTableDescriptor.LAYOUT, StreamTableEntry.LAYOUT, L1ContextDescriptor.LAYOUT,
                    ContextDescriptor.LAYOUT), CommandOpcode.layouts(), List.of(EventRecord.LAYOUT),
                    Arrays.stream(EventType.values()).map(EventType::layout).distinct().toList(),
                    List.of(PageRequestRecord.LAYOUT)),
            concat(Smmuv3Registers.ALL, Smmuv3Registers.CONTROL_PAGE, Smmuv3Registers.ENHANCED_QUEUE),
            List.of());

    /** The translation tables of the Arm architecture. */
    public static final Chapter VMSA = new Chapter("vmsa", "Arm VMSAv8-64 translation tables",
            concat(Stage1Descriptor.LAYOUTS, Stage2Descriptor.LAYOUTS), List.of(), List.of());

    /** The AMD I/O Virtualization Technology specification. */
    public static final Chapter AMDVI = new Chapter("amdvi", "AMD-Vi",
            concat(List.of(DeviceTableEntry.LAYOUT), HostPageEntry.LAYOUTS, GuestPageEntry.LAYOUTS,
                    List.of(Gcr3Entry.LAYOUT, InterruptEntry.LAYOUT, GuestInterruptEntry.LAYOUT,
                            VirtualInterruptEntry.LAYOUT, VirtualApicPage.LAYOUT), InterruptMessage.LAYOUTS,
                    List.of(CommandRecord.LAYOUT), CommandCode.LAYOUTS, List.of(EventLogRecord.LAYOUT, EventFlags.LAYOUT),
                    Arrays.stream(EventCode.values()).map(EventCode::layout).toList(),
                    List.of(PprRecord.LAYOUT, GuestLogRecord.LAYOUT), IommuCapability.LAYOUTS),
            AmdviRegisters.ALL,
            List.of(IommuCapability.LAYOUT));

    /** The PCI Express Base Specification. */
    public static final Chapter PCI = new Chapter("pci", "PCI and PCI Express",
            List.of(RequesterId.LAYOUT, CommandRegister.LAYOUT, StatusRegister.LAYOUT, HeaderTypeRegister.LAYOUT,
                    BaseAddressRegister.MEMORY, BaseAddressRegister.IO, CapabilityHeader.LAYOUT,
                    ExtendedCapabilityHeader.LAYOUT, PcieCapability.CAPABILITIES, PcieDeviceCapabilitiesRegister.LAYOUT,
                    PcieDeviceControlRegister.LAYOUT, PcieDeviceStatusRegister.LAYOUT,
                    PcieDeviceCapabilities2Register.LAYOUT, PcieDeviceControl2Register.LAYOUT,
                    AcsCapability.CAPABILITY, AcsCapability.CONTROL, AtsCapability.CAPABILITY, AtsCapability.CONTROL,
                    PriCapability.CONTROL, PriCapability.STATUS, PasidCapability.CAPABILITY, PasidCapability.CONTROL,
                    SriovCapability.CAPABILITY, SriovCapability.CONTROL, MsiCapability.CONTROL, MsixCapability.CONTROL,
                    MsixCapability.PLACE),
            List.of(),
            List.of(ConfigHeader.TYPE0, ConfigHeader.TYPE1, PcieCapability.LAYOUT, AcsCapability.LAYOUT,
                    AtsCapability.LAYOUT, PriCapability.LAYOUT, PasidCapability.LAYOUT, SriovCapability.LAYOUT,
                    MsiCapability.LAYOUT, MsixCapability.LAYOUT));

    /** The ACPI tables DMAR, IORT, IVRS, MCFG, RIMT and VIOT. */
    public static final Chapter ACPI = new Chapter("acpi", "ACPI tables",
            List.of(DmarTable.FLAG_BITS, Drhd.FLAG_BITS, Drhd.SIZE_BITS, DeviceScope.FLAG_BITS, Atsr.FLAG_BITS,
                    Satc.FLAG_BITS,
                    IortIdMapping.FLAG_BITS, IortMemoryAccess.HINT_BITS, IortMemoryAccess.FLAG_BITS,
                    IortNamedComponent.FLAG_BITS, IortRootComplex.ATS_BITS, IortRootComplex.PASID_BITS,
                    IortSmmu.FLAG_BITS, IortSmmuV3.FLAG_BITS, IortRmr.FLAG_BITS, IvrsTable.INFO_BITS, Ivhd.FLAG_BITS,
                    Ivhd.INFO_BITS, Ivhd.FEATURE_BITS, IvhdExtended.ATTRIBUTE_BITS, IvhdEntry.DTE_BITS,
                    IvhdExtendedEntry.EXTENDED_BITS, Ivmd.FLAG_BITS, RimtIommu.FLAG_BITS, RimtWire.FLAG_BITS,
                    RimtRootComplex.FLAG_BITS),
            List.of(),
            List.of(AcpiHeader.LAYOUT, DmarTable.LAYOUT, DmarStructure.LAYOUT, Drhd.LAYOUT, DeviceScope.LAYOUT,
                    Rmrr.LAYOUT, Atsr.LAYOUT, Rhsa.LAYOUT, Andd.LAYOUT, Satc.LAYOUT, Sidp.LAYOUT, McfgTable.LAYOUT,
                    McfgAllocation.LAYOUT,
                    IortTable.LAYOUT, IortNode.LAYOUT, IortIdMapping.LAYOUT, IortItsGroup.LAYOUT,
                    IortMemoryAccess.LAYOUT, IortNamedComponent.LAYOUT, IortRootComplex.LAYOUT, IortSmmu.LAYOUT,
                    IortSmmuV3.LAYOUT, IortPmcg.LAYOUT, IortRmr.LAYOUT, IortMemoryRange.LAYOUT, IvrsTable.LAYOUT,
                    IvrsBlock.LAYOUT, Ivhd.LAYOUT, IvhdExtended.LAYOUT, IvhdEntry.LAYOUT, IvhdAliasEntry.LAYOUT,
                    IvhdExtendedEntry.LAYOUT, IvhdSpecialEntry.LAYOUT, IvhdHidEntry.LAYOUT, Ivmd.LAYOUT,
                    ViotTable.LAYOUT, ViotNode.LAYOUT, ViotPciRange.LAYOUT, ViotMmio.LAYOUT, ViotVirtioPci.LAYOUT,
                    ViotVirtioMmio.LAYOUT, RimtTable.LAYOUT, RimtNode.LAYOUT, RimtIommu.LAYOUT, RimtWire.LAYOUT,
                    RimtIdMapping.LAYOUT, RimtRootComplex.LAYOUT, RimtPlatformDevice.LAYOUT));

    /** All manuals. */
    public static final List<Chapter> CHAPTERS = List.of(VTD, SMMUV3, VMSA, AMDVI, PCI, ACPI);

    private SpecCatalogue() {
    }

    /** Every layout made of bits, those of registers included. */
    public static List<Layout> layouts() {
        return CHAPTERS.stream()
                .flatMap(c -> Stream.concat(c.structures().stream(), c.registers().stream().map(Register::layout)))
                .toList();
    }

    /** Every layout made of bytes. */
    public static List<ByteLayout> byteLayouts() {
        return CHAPTERS.stream().flatMap(c -> c.byteStructures().stream()).toList();
    }

    @SafeVarargs
    private static <T> List<T> concat(List<? extends T>... lists) {
        List<T> all = new ArrayList<>();
        for (List<? extends T> list : lists) {
            all.addAll(list);
        }
        return List.copyOf(all);
    }

    /**
     * What one manual defines.
     *
     * @param key name of its package and of its page of documentation
     * @param title its name for a person
     * @param structures structures in memory, and others made of bits that stand at no fixed offset
     * @param registers registers
     * @param byteStructures structures made of bytes
     */
    public record Chapter(String key, String title, List<Layout> structures, List<Register> registers,
            List<ByteLayout> byteStructures) {
    }
}
