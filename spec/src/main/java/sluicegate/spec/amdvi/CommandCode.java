package sluicegate.spec.amdvi;

import java.util.List;
import java.util.Optional;

import sluicegate.spec.Layout;

/** Which command an entry of the command buffer is, section 2.4. */
public final class CommandCode {

    /** {@link CompletionWaitCommand}. */
    public static final int COMPLETION_WAIT = 0x1;

    /** {@link InvalidateDevTabEntryCommand}. */
    public static final int INVALIDATE_DEVTAB_ENTRY = 0x2;

    /** {@link InvalidateIommuPagesCommand}. */
    public static final int INVALIDATE_IOMMU_PAGES = 0x3;

    /** {@link InvalidateIotlbPagesCommand}. */
    public static final int INVALIDATE_IOTLB_PAGES = 0x4;

    /** {@link InvalidateInterruptTableCommand}. */
    public static final int INVALIDATE_INTERRUPT_TABLE = 0x5;

    /** {@link PrefetchIommuPagesCommand}. */
    public static final int PREFETCH_IOMMU_PAGES = 0x6;

    /** {@link CompletePprCommand}. */
    public static final int COMPLETE_PPR_REQUEST = 0x7;

    /** {@link InvalidateAllCommand}. */
    public static final int INVALIDATE_IOMMU_ALL = 0x8;

    /** INSERT_GUEST_EVENT, of units with virtual units for guests; not described further. */
    public static final int INSERT_GUEST_EVENT = 0x9;

    /** RESET_VMMIO, of units with virtual units for guests; not described further. */
    public static final int RESET_VMMIO = 0xA;

    /** The layouts of all described commands. */
    public static final List<Layout> LAYOUTS = List.of(
            CompletionWaitCommand.LAYOUT, InvalidateDevTabEntryCommand.LAYOUT,
            InvalidateIommuPagesCommand.LAYOUT, InvalidateIotlbPagesCommand.LAYOUT,
            InvalidateInterruptTableCommand.LAYOUT, PrefetchIommuPagesCommand.LAYOUT,
            CompletePprCommand.LAYOUT, InvalidateAllCommand.LAYOUT);

    private CommandCode() {
    }

    /** The code in the first word of a command. */
    public static int of(long low) {
        return (int) CommandRecord.OPCODE.get(low);
    }

    /** The layout of commands with that code; empty for one that is reserved or not described. */
    public static Optional<Layout> layout(int code) {
        Layout found = switch (code) {
            case COMPLETION_WAIT -> CompletionWaitCommand.LAYOUT;
            case INVALIDATE_DEVTAB_ENTRY -> InvalidateDevTabEntryCommand.LAYOUT;
            case INVALIDATE_IOMMU_PAGES -> InvalidateIommuPagesCommand.LAYOUT;
            case INVALIDATE_IOTLB_PAGES -> InvalidateIotlbPagesCommand.LAYOUT;
            case INVALIDATE_INTERRUPT_TABLE -> InvalidateInterruptTableCommand.LAYOUT;
            case PREFETCH_IOMMU_PAGES -> PrefetchIommuPagesCommand.LAYOUT;
            case COMPLETE_PPR_REQUEST -> CompletePprCommand.LAYOUT;
            case INVALIDATE_IOMMU_ALL -> InvalidateAllCommand.LAYOUT;
            default -> null;
        };
        return Optional.ofNullable(found);
    }
}
