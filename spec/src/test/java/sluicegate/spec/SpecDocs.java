package sluicegate.spec;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

import sluicegate.spec.amdvi.DeviceRequestType;
import sluicegate.spec.amdvi.EventCode;
import sluicegate.spec.smmuv3.CommandError;
import sluicegate.spec.smmuv3.EventType;
import sluicegate.spec.vtd.FaultReason;

/** Writes the reference pages in {@code docs/spec} from the catalogue. */
final class SpecDocs {

    private static final String ORIGIN = "Generated from the module `spec`; change the class, then run"
            + " `mvn -pl spec test -Dspec.docs.write=true`.\n";

    private SpecDocs() {
    }

    /** The pages by file name. */
    static Map<String, String> pages() {
        Map<String, String> pages = new LinkedHashMap<>();
        StringBuilder index = new StringBuilder("# The hardware's structures, bit by bit\n\n" + ORIGIN + "\n"
                + "One page for each manual. *address* fields are used in place, *reserved* bits must be zero,"
                + " *ignored* bits are free for software.\nBits above 63 belong to the second 64-bit word, above 127 to the third, and so on.\n\n");
        for (SpecCatalogue.Chapter chapter : SpecCatalogue.CHAPTERS) {
            int layouts = chapter.structures().size() + chapter.byteStructures().size();
            index.append("- [").append(chapter.title()).append("](").append(chapter.key())
                    .append(".md): ")
                    .append(layouts).append(" structures, ").append(chapter.registers().size()).append(" registers\n");
            pages.put(chapter.key() + ".md", page(chapter));
        }
        pages.put("README.md", index.toString());
        return pages;
    }

    private static String page(SpecCatalogue.Chapter chapter) {
        StringBuilder page = new StringBuilder("# ").append(chapter.title()).append("\n\n").append(ORIGIN);
        if (!chapter.registers().isEmpty()) {
            page.append("\n## Registers\n\n| offset | name | bits | section |\n|---:|---|---:|---|\n");
            for (Register register : chapter.registers()) {
                page.append("| 0x").append(Integer.toHexString(register.offset()))
                        .append(" | [`").append(register.name()).append("`](#")
                        .append(anchor(register.name())).append(") | ").append(register.bits())
                        .append(" | ").append(register.section()).append(" |\n");
            }
            if (chapter == SpecCatalogue.VTD) {
                page.append("\n`IVA_REG` and `IOTLB_REG` are counted from 16 times `ECAP_REG.IRO`,"
                        + " `FRCD_REG` from 16 times `CAP_REG.FRO`.\n");
            }
            if (chapter == SpecCatalogue.SMMUV3) {
                page.append("\n`SMMU_CMDQ_CONTROL_PAGE_*` are those of the first control page, the next one's 32 bytes behind;"
                        + " `SMMU_ECMDQ_*` are counted from\nthe queue's place in its control page, which queues share evenly.\n");
            }
        }
        for (ByteLayout layout : chapter.byteStructures()) {
            page.append("\n## ").append(layout.name()).append("\n\nSection ").append(layout.section()).append(", ")
                    .append(layout.size()).append(" bytes.\n\n").append(layout.markdownTable());
        }
        for (Layout layout : chapter.structures()) {
            append(page, layout);
        }
        for (Register register : chapter.registers()) {
            append(page, register.layout());
        }
        if (chapter == SpecCatalogue.VTD) {
            page.append("\n## Fault reasons\n\n"
                    + "A qualified fault is not recorded when FPD is set in the entry on its way.\n\n"
                    + "| code | name | condition | qualified | meaning |\n|---:|---|---|---|---|\n");
            Arrays.stream(FaultReason.values()).forEach(reason -> page
                    .append("| 0x").append(Integer.toHexString(reason.code())).append(" | `").append(reason.name())
                    .append("` | ").append(reason.condition().isEmpty() ? "–" : reason.condition()).append(" | ")
                    .append(reason.qualified() ? "yes" : "no").append(" | ").append(reason.meaning()).append(" |\n"));
        }
        if (chapter == SpecCatalogue.SMMUV3) {
            page.append("\n## Events\n\n| code | name | section | meaning |\n|---:|---|---|---|\n");
            Arrays.stream(EventType.values()).forEach(event -> page
                    .append("| 0x").append(Integer.toHexString(event.code())).append(" | [`").append(event.name())
                    .append("`](#").append(anchor(event.layout().name().replace(",", ""))).append(") | ")
                    .append(event.section()).append(" | ").append(event.meaning()).append(" |\n"));
            page.append("\n## Command queue errors\n\n| code | name | meaning |\n|---:|---|---|\n");
            Arrays.stream(CommandError.values()).forEach(error -> page
                    .append("| ").append(error.code()).append(" | `").append(error.name()).append("` | ")
                    .append(error.meaning()).append(" |\n"));
        }
        if (chapter == SpecCatalogue.AMDVI) {
            page.append("\n## Events\n\n| code | name | section | meaning |\n|---:|---|---|---|\n");
            Arrays.stream(EventCode.values()).forEach(event -> page
                    .append("| 0x").append(Integer.toHexString(event.code())).append(" | [`").append(event.name())
                    .append("`](#").append(anchor(event.layout().name())).append(") | ").append(event.section())
                    .append(" | ").append(event.meaning()).append(" |\n"));
            page.append("\n## Types of INVALID_DEVICE_REQUEST\n\n| code | name | meaning |\n|---:|---|---|\n");
            Arrays.stream(DeviceRequestType.values()).forEach(type -> page
                    .append("| ").append(type.code()).append(" | `").append(type.name()).append("` | ")
                    .append(type.meaning()).append(" |\n"));
        }
        return page.toString();
    }

    private static void append(StringBuilder page, Layout layout) {
        page.append("\n## ").append(layout.name()).append("\n\nSection ").append(layout.section()).append(", ")
                .append(layout.bits()).append(" bits.\n\n").append(layout.markdownTable());
    }

    private static String anchor(String heading) {
        return heading.toLowerCase(Locale.ROOT).replace(' ', '-');
    }
}
