package sluicegate.firmware;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import sluicegate.api.platform.PciAddress;

/**
 * IOMMUs of which there is no model: what they group is known, and no machine is made of them.
 *
 * @param viot paravirtual IOMMUs, if the machine has such
 * @param rimt IOMMUs of RISC-V
 */
public record OtherIommus(Optional<Viot> viot, Optional<Rimt> rimt) {
    /** There are none. */
    public static final OtherIommus NONE = new OtherIommus(Optional.empty(), Optional.empty());

    /** In the order of their tables. */
    List<UnitDescription.Other> units() {
        var units = new ArrayList<UnitDescription.Other>();
        rimt.ifPresent(table -> table.iommus().forEach(iommu -> units.add(unit(table, iommu.offset()))));
        viot.ifPresent(table -> table.iommus().forEach(iommu -> units.add(unit(table, iommu.offset()))));
        return units;
    }

    private static UnitDescription.Other unit(Rimt table, int offset) {
        var iommus = table.iommus();
        for (int i = 0; i < iommus.size(); i++) {
            if (iommus.get(i).offset() == offset) {
                return new UnitDescription.Other("riscv-iommu" + i, origin(table.file(), offset), "riscv,iommu", iommus.get(i).base(),
                        iommus.get(i).function());
            }
        }
        throw new IllegalStateException("The parser leaves no mapping that leads nowhere");
    }

    private static UnitDescription.Other unit(Viot table, int offset) {
        var iommus = table.iommus();
        for (int i = 0; i < iommus.size(); i++) {
            if (iommus.get(i).offset() == offset) {
                return new UnitDescription.Other("viommu" + i, origin(table.file(), offset), "virtio,pci-iommu", iommus.get(i).base(),
                        iommus.get(i).function());
            }
        }
        throw new IllegalStateException("The parser leaves no range that leads nowhere");
    }

    private static String origin(String file, int offset) {
        return file + ", offset 0x" + Integer.toHexString(offset);
    }

    /** The unit in front of a function, and as whom a request arrives there, in the kernel's order ({@code acpi_iommu_configure_id}). */
    Optional<UnitInput> inputOf(PciAddress function, int requesterId) {
        return rimt.flatMap(table -> table.rootComplex(function.segment()).flatMap(root -> root.mappingOf(requesterId))
                        .map(mapping -> new UnitInput(unit(table, mapping.iommu()), mapping.idOf(requesterId))))
                .or(() -> viot.flatMap(table -> table.rangeOf(function.segment(), requesterId)
                        .map(range -> new UnitInput(unit(table, range.iommu()), range.idOf(function.segment(), requesterId)))))
                .filter(input -> !((UnitDescription.Other) input.unit()).function().equals(Optional.of(function)));
    }

    /** Whether a table allows a function to use address translation services. */
    boolean atsAllowed(PciAddress function) {
        return rimt.flatMap(table -> table.rootComplex(function.segment())).filter(Rimt.RootComplex::ats).isPresent();
    }

    /** Whether a table is there. */
    boolean isPresent() {
        return viot.isPresent() || rimt.isPresent();
    }
}
