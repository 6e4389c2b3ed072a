package sluicegate.inspect.fault;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What kind of trouble a fault is, with what usually leads to it and what to look at next, whoever made the unit. */
enum Trouble {
    NOT_MAPPED(
            List.of("the driver unmapped a buffer while the device was still using it (a use after unmap)",
                    "a descriptor with a wrong address: a bug in the driver or in the device's firmware, or a stale ring after a reset",
                    "the device uses memory that firmware gave it and no table mentions (a missing RMRR, IVMD or RMR)"),
            List.of("boot with iommu.strict=1: if the fault gets rarer or moves, a buffer was used after its unmap",
                    "look at the driver's own messages just before: a time-out, a reset, a firmware crash",
                    "compare the address with the device's reserved_regions and with /proc/iomem")),
    NOT_PERMITTED(
            List.of("a buffer was mapped for the other direction (DMA_TO_DEVICE, and the device writes)",
                    "the driver unmapped a buffer while the device was still using it, and a neighbour's mapping is there now",
                    "the device writes to a page that it was given to read, a bug in the driver or the device"),
            List.of("look for the direction in the driver's dma_map calls; CONFIG_DMA_API_DEBUG=y finds misuse",
                    "boot with iommu.strict=1 to tell stale mappings from wrong ones")),
    NOT_MAPPED_OR_PERMITTED(
            List.of("the driver unmapped a buffer while the device was still using it (a use after unmap)",
                    "a buffer was mapped for the other direction (DMA_TO_DEVICE, and the device writes)",
                    "the device uses memory that firmware gave it and no table mentions (a missing RMRR)",
                    "a descriptor with a wrong address: a bug in the driver or in the device's firmware"),
            List.of("boot with iommu.strict=1: if the fault gets rarer or moves, a buffer was used after its unmap",
                    "look at the driver's own messages just before: a time-out, a reset, a firmware crash",
                    "compare the address with the device's reserved_regions and with /proc/iomem",
                    "CONFIG_DMA_API_DEBUG=y finds wrong directions and early unmaps")),
    NOT_ATTACHED(
            List.of("the id is none that the kernel set up: the device uses another requester id than its own (a bridge's alias, a"
                    + " phantom function), or firmware maps it wrongly",
                    "the device was still doing DMA when its driver had gone or had not come yet (kexec, kdump, hot plug, firmware"
                    + " that left it running)",
                    "firmware's table does not list the device, so no domain was ever attached"),
            List.of("look whether lspci shows a device with that id; if not, look for a bridge or function 0 of the same slot",
                    "iommu:explain DEVICE shows its aliases",
                    "if it only happens at boot or shutdown, the device was left running: update firmware, or reset it")),
    TABLE_BROKEN(
            List.of("memory of the tables was overwritten or freed too early, a bug in the IOMMU driver or a stray write",
                    "an entry uses a feature that this unit does not have (address width, large pages, first stage)",
                    "stale entries in a paging-structure cache: an invalidation was forgotten"),
            List.of("iommu:walk DEVICE IOVA, or debugfs of the IOMMU driver, shows the entries on the way",
                    "compare the unit's capability registers with the entry")),
    TABLE_UNREADABLE(
            List.of("a table pointer leads to memory that is not there or is protected",
                    "failing memory or a hardware error on the way"),
            List.of("look for machine checks and memory errors in the log",
                    "iommu:walk DEVICE IOVA shows which pointer leads nowhere")),
    TOO_WIDE(
            List.of("the device puts out more address bits than its domain has: a bug in its descriptors, or a virtual address given to it",
                    "the domain has fewer levels than the driver believes"),
            List.of("compare the address with the domain's width: iommu:info DOMAIN")),
    ATS_REFUSED(
            List.of("the device uses address translation services that its entry does not allow: enabled in the device, not in the table",
                    "a device sends translated requests that it never asked to be translated (a faulty or hostile device)"),
            List.of("lspci -vvv: ATSCtl Enable of the device", "whether firmware allows ATS on the path (ATSR, IORT, IVHD)",
                    "pci=noats switches it off for a test")),
    PASID_REFUSED(
            List.of("the device uses a PASID that nobody has bound, or goes on using one after it was unbound",
                    "PASIDs are not switched on for the device, or its PASID is wider than the table"),
            List.of("look whether the process behind the PASID has ended (the unbind has to drain the device first)",
                    "lspci -vvv: PASIDCtl of the device")),
    INTERRUPT_FORMAT(
            List.of("an interrupt was set up without interrupt remapping: by firmware, by a guest whose MSI message went to the device"
                    + " unchanged, or by a controller that makes its own (VMD, an IOAPIC missing in firmware's table)",
                    "a device kept the message that it had before remapping was switched on (resume, kexec)"),
            List.of("ids such as f0:1f.0 are IOAPICs and HPETs: look at the scopes of firmware's table",
                    "with a guest: whether the device's vectors are programmed by the host (VFIO), not by the guest",
                    "lspci -vvv: MSI Address and Data of the device")),
    INTERRUPT_STALE(
            List.of("the interrupt was freed while the device could still send it, so its entry is empty",
                    "the device sends a message that it was never given"),
            List.of("look whether the driver frees its interrupts before it quiets the device",
                    "lspci -vvv: MSI Address and Data, against the index in the line")),
    INTERRUPT_SOURCE(
            List.of("the interrupt comes with another requester id than its entry was made for: behind a bridge, or from another function"),
            List.of("iommu:explain DEVICE shows under which ids its requests arrive")),
    NO_ANSWER(
            List.of("the device does not answer an invalidation of its translation cache: it was removed, reset, powered down, or hangs",
                    "its link is down or a bridge above it dropped the request"),
            List.of("look for messages about its link (AER, pciehp) and resets at that time",
                    "whether the driver put it to sleep with ATS on; pci=noats for a test")),
    COMMAND_REFUSED(
            List.of("the IOMMU driver wrote a command that the unit does not know, or its memory was overwritten",
                    "a queue that two kernels believe to own (kexec, kdump)"),
            List.of("the log shows the command or the queue's registers next to the line; iommu:dump shows it live")),
    PAGE_REQUEST_REFUSED(
            List.of("the device asks for pages that nobody serves: PRI is on in the device and no handler is bound",
                    "the handler refused the address: the process has no such mapping"),
            List.of("lspci -vvv: PRICtl of the device", "whether the process behind the PASID still lives")),
    OWNERSHIP(
            List.of("the page belongs to an encrypted guest (SEV-SNP) and the device is the host's or another guest's",
                    "the guest did not share the page before it gave it to the device"),
            List.of("whether the guest uses bounce buffers (swiotlb) for its devices")),
    SEVERAL(
            List.of("the unit has a fault recorded; the lines that follow say which",
                    "where faults were lost, there were more than the unit can hold before the kernel read them"),
            List.of("decode the lines that follow this one")),
    UNKNOWN(
            List.of("the log does not say enough"),
            List.of("look at the lines around it; dmesg without line wrap has the rest"));

    /** Messages are sent by writing here on x86 (Intel SDM 11.11.1). */
    private static final long MSI_START = 0xfee0_0000L;
    private static final long MSI_END = 0xfeef_ffffL;
    private static final long FIRST_PAGE = 0x1000;
    private static final long FOUR_GIB = 1L << 32;
    /** Addresses that the DMA layer hands out first are close below 4 GiB. */
    private static final long TOP_DOWN = 0xf000_0000L;

    private final List<String> causes;
    private final List<String> next;

    Trouble(List<String> causes, List<String> next) {
        this.causes = causes;
        this.next = next;
    }

    /** What to say about a fault: causes, the likeliest first, and what to do. */
    record Advice(List<String> causes, List<String> next) {}

    Advice about(OptionalLong address, Optional<String> device) {
        var ranked = new ArrayList<String>();
        if (address.isPresent() && aboutMappings()) {
            clue(address.getAsLong()).ifPresent(ranked::add);
        }
        ranked.addAll(causes);
        return new Advice(ranked, next.stream().map(text -> device.filter(name -> name.matches("[0-9a-f:.]+"))
                .map(name -> text.replace("DEVICE", name)).orElse(text)).toList());
    }

    private boolean aboutMappings() {
        return this == NOT_MAPPED || this == NOT_PERMITTED || this == NOT_MAPPED_OR_PERMITTED || this == NOT_ATTACHED
                || this == TOO_WIDE;
    }

    /** What the address itself gives away. */
    private static Optional<String> clue(long address) {
        if (Long.compareUnsigned(address, FIRST_PAGE) < 0) {
            return Optional.of("the address lies in page 0, which is never handed out: a descriptor that was not filled in, or a"
                    + " null pointer");
        }
        if (address >= MSI_START && address <= MSI_END) {
            return Optional.of("the address is where interrupts are sent to: the device wrote a message as data, or reads there");
        }
        if (Long.toHexString(address).contains("deadbeef") || address >>> 48 == 0xdead) {
            return Optional.of("the address is a poison value (0xdead...): the device reads a descriptor that was freed or never set");
        }
        if (address >>> 47 == 0x1ffff) {
            // Sign-extended 32-bit values look like this, too.
            return Optional.of(address >>> 31 == 0x1_ffff_ffffL
                    ? "the address is close to 2^64, as a small negative number or an address counted down below 0 is"
                    : "the address looks like one of the kernel's virtual addresses: the device was given a pointer instead of a"
                    + " DMA address");
        }
        if (address >= TOP_DOWN && address < FOUR_GIB) {
            return Optional.of("the address is just below 4 GiB, where the kernel's DMA layer hands out addresses first: it was most"
                    + " likely mapped a moment before");
        }
        return Optional.empty();
    }
}
