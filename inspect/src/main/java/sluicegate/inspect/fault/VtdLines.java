package sluicegate.inspect.fault;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import sluicegate.inspect.Vendor;
import sluicegate.spec.vtd.FaultStatusRegister;

/**
 * VT-d as {@code dmar_fault_do_one} tells it (called {@code iommu_page_fault_do_one} before 2.6.30), and Xen's {@code
 * iommu_page_fault_do_one}. Over the years the reason moved from a line of its own into the line of the fault, was decimal before
 * 5.14 and is hexadecimal since, and a PASID was added, which is {@code ffffffff} between 5.6 and 5.13 if there is none. Xen's
 * reason is hexadecimal and on a line of its own.
 */
final class VtdLines implements LineReader {
    private static final Pattern HEAD = Pattern.compile(
            "\\[(?<kind>DMA Read|DMA Write|INTR-REMAP)(?: NO_PASID| PASID (?:0x)?(?<pasid>[0-9a-f]{1,8}))?\\]");
    private static final Pattern OLD_INTERRUPT = Pattern.compile("INTR-REMAP: ?Request device");
    private static final Pattern DEVICE = Pattern.compile("Request device \\[{1,2}(?:(?<segment>[0-9a-f]{4,8}):)?(?:0x)?"
            + "(?<bus>[0-9a-f]{1,2}):(?:0x)?(?<slot>[0-9a-f]{1,2})\\.(?:0x)?(?<function>[0-7])\\]");
    private static final Pattern PASID = Pattern.compile("\\] PASID (?:0x)?([0-9a-f]{1,8})\\b");
    private static final Pattern ADDRESS = Pattern.compile("fault addr:? (?:0x)?([0-9a-f]{1,16})\\b");
    private static final Pattern INDEX = Pattern.compile("fault index (?:0x)?([0-9a-f]{1,8})\\b");
    private static final Pattern REASON = Pattern.compile("reason:? (?<prefix>0x)?(?<code>[0-9][0-9a-f]{0,2})(?<xen> - )?(?=[\\]\\s]|$|(?<= - ))");
    private static final Pattern STATUS = Pattern.compile("DRHD: handling fault status reg ([0-9a-f]{1,8})");
    private static final Pattern QUEUE = Pattern.compile("VT-d detected Invalidation (?<which>Queue|Time-out|Completion) Error: "
            + "(?:Reason|SID) (?<value>[0-9a-f]{1,16})");
    /** What the PASID is where there is none, between 5.6 and 5.13. */
    private static final long NO_PASID = 0xffff_ffffL;

    @Override
    public Optional<Draft> begin(int number, String line) {
        if (!line.contains("DMA") && !line.contains("INTR-REMAP") && !line.contains("VT-d") && !line.contains("DRHD")) {
            return Optional.empty();
        }
        var head = HEAD.matcher(line);
        if (head.find()) {
            var draft = new Draft(number, line, Vendor.INTEL);
            var kind = head.group("kind");
            draft.access(kind.equals("INTR-REMAP") ? Draft.INTERRUPT : kind.endsWith("Read") ? Draft.READ : Draft.WRITE);
            if (head.group("pasid") != null) {
                draft.pasid(Draft.hex(head.group("pasid")));
            }
            return Optional.of(details(withoutReason(draft), line));
        }
        if (OLD_INTERRUPT.matcher(line).find()) {
            return Optional.of(details(withoutReason(new Draft(number, line, Vendor.INTEL).access(Draft.INTERRUPT)), line));
        }
        return status(number, line).or(() -> queue(number, line));
    }

    private static Draft withoutReason(Draft draft) {
        return draft.is("UNKNOWN_REASON", "a request was refused, and the line does not say why: it was cut", Trouble.UNKNOWN);
    }

    @Override
    public boolean goOn(Draft draft, String line) {
        if (!line.contains("reason") && !line.contains("fault addr") && !line.contains("Request device")) {
            return false;
        }
        details(draft, line);
        return true;
    }

    private static Draft details(Draft draft, String line) {
        if (!draft.hasDevice()) {
            find(DEVICE, line).ifPresent(
                    m -> draft.pci(m.group("segment"), m.group("bus"), m.group("slot"), m.group("function")));
        }
        find(PASID, line).map(m -> Draft.hex(m.group(1))).filter(pasid -> pasid != NO_PASID).ifPresent(draft::pasid);
        if (!draft.hasAddress()) {
            find(ADDRESS, line).ifPresent(m -> draft.address(Draft.hex(m.group(1))));
        }
        var index = find(INDEX, line).map(m -> "interrupt index 0x" + m.group(1));
        var reason = find(REASON, line);
        reason.ifPresent(m -> VtdFaults.reason(draft, code(m)));
        index.ifPresent(draft::detail);
        return reason.isPresent() ? draft.close() : draft;
    }

    private static int code(Matcher reason) {
        var digits = reason.group("code");
        boolean decimal = reason.group("prefix") == null && reason.group("xen") == null && digits.matches("[0-9]+");
        return Integer.parseInt(digits, decimal ? 10 : 16);
    }

    private static Optional<Draft> status(int number, String line) {
        return find(STATUS, line).map(m -> {
            long status = Draft.hex(m.group(1));
            var draft = new Draft(number, line, Vendor.INTEL).close()
                    .is("FAULT_STATUS", String.format("the unit reports by FSTS_REG = 0x%x", status), Trouble.SEVERAL);
            if (FaultStatusRegister.PPF.isSet(status)) {
                draft.detail(String.format("PPF: a fault is recorded, the first in record %d", FaultStatusRegister.FRI.get(status)));
            }
            for (var field : FaultStatusRegister.LAYOUT.fields()) {
                if (field.width() == 1 && field.isSet(status) && field != FaultStatusRegister.PPF) {
                    draft.detail(field.name() + ": " + field.meaning());
                }
            }
            return draft;
        });
    }

    private static Optional<Draft> queue(int number, String line) {
        return find(QUEUE, line).map(m -> {
            long value = Draft.hex(m.group("value"));
            var draft = new Draft(number, line, Vendor.INTEL).close();
            return switch (m.group("which")) {
                case "Queue" -> VtdFaults.queueError(draft, (int) value);
                case "Time-out" -> draft.requester((int) value).is("INVALIDATION_TIME_OUT",
                        "ITE: the device did not answer the invalidation of its translation cache in time", Trouble.NO_ANSWER);
                default -> draft.requester((int) value).is("INVALIDATION_COMPLETION_ERROR",
                        "ICE: an answer to an invalidation came that fits none", Trouble.NO_ANSWER);
            };
        });
    }

    private static Optional<Matcher> find(Pattern pattern, String line) {
        var matcher = pattern.matcher(line);
        return matcher.find() ? Optional.of(matcher) : Optional.empty();
    }
}
