package sluicegate.inspect.fault;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import sluicegate.inspect.Vendor;
import sluicegate.spec.amdvi.EventCode;

/**
 * AMD-Vi as {@code iommu_print_event} tells it, as {@code AMD IOMMU:} before 2.6.31, with the device in front of the line since
 * 4.5 (or inside the brackets where none is known), with a segment since 6.1; and as Xen's {@code parse_event_log_entry} does.
 */
final class AmdLines implements LineReader {
    private static final Pattern NAME = Pattern.compile("\\b(ILLEGAL_DEV_TABLE_ENTRY|IO_PAGE_FAULT|DEV_TAB_HARDWARE_ERROR|DEV_TAB_HW_ERROR"
            + "|PAGE_TAB_HARDWARE_ERROR|PAGE_TAB_HW_ERROR|ILLEGAL_COMMAND_ERROR|COMMAND_HARDWARE_ERROR|IOTLB_INV_TIMEOUT|INVALID_DEVICE_REQUEST"
            + "|INVALID_PPR_REQUEST|EVENT_COUNTER_ZERO|RMP_PAGE_FAULT|RMP_HW_ERROR)\\b");
    private static final Pattern UNKNOWN_WORDS = Pattern.compile("UNKNOWN event\\[0\\]=0x([0-9a-f]{1,8}) event\\[1\\]=0x([0-9a-f]{1,8})"
            + " event\\[2\\]=0x([0-9a-f]{1,8}) event\\[3\\]=0x([0-9a-f]{1,8})");
    private static final Pattern UNKNOWN_TYPE = Pattern.compile("UNKNOWN type=0x([0-9a-f]{1,2})");
    private static final Pattern IN_FRONT = Pattern.compile("([0-9a-f]{4,8}):([0-9a-f]{2}):([0-9a-f]{2})\\.([0-7]): AMD-Vi");
    private static final Pattern DEVICE = Pattern.compile(
            "(?:device=|FAULT: )(?:([0-9a-f]{4,8}):)?([0-9a-f]{2}):([0-9a-f]{2})\\.([0-7])");
    private static final Pattern DEVICE_ID = Pattern.compile("device id = 0x([0-9a-f]{1,4})");
    private static final Pattern UNIT = Pattern.compile("\\b(ivhd[0-9]{1,3})\\b");
    private static final Pattern ADDRESS = Pattern.compile("(?:\\baddress ?= ?|\\bgpa=|\\baddr )(?:0x)?([0-9a-f]{1,16})\\b");
    private static final Pattern DOMAIN = Pattern.compile("\\b(?:domain(?: = |=0x)|FAULT: [0-9a-f:.]+ d)([0-9a-f]{1,5})\\b");
    private static final Pattern PASID = Pattern.compile("\\bpasid=0x([0-9a-f]{1,5})\\b");
    private static final Pattern FLAGS = Pattern.compile("\\bflags(?: = |=| )0x([0-9a-f]{1,4})\\b");
    private static final Pattern TIMED_OUT = Pattern.compile("AMD-Vi: Completion-Wait loop timed out");

    @Override
    public Optional<Draft> begin(int number, String line) {
        boolean ours = line.contains("AMD-Vi") || line.contains("AMD IOMMU") || line.contains("Event logged");
        var name = NAME.matcher(line);
        if (name.find() && (ours || line.indexOf('=', name.end()) >= 0)) {
            var draft = new Draft(number, line, Vendor.AMD);
            return Optional.of(details(draft, code(name.group(1)), line, name.end()));
        }
        if (!ours) {
            return Optional.empty();
        }
        return unknown(number, line).map(draft -> where(draft, line).close());
    }

    /** Xen and older kernels shorten two names. */
    private static EventCode code(String name) {
        return EventCode.valueOf(name.replace("_HW_ERROR", name.startsWith("RMP") ? "_HW_ERROR" : "_HARDWARE_ERROR"));
    }

    private static Optional<Draft> unknown(int number, String line) {
        var words = UNKNOWN_WORDS.matcher(line);
        if (words.find()) {
            return Optional.of(AmdEvents.read(line, Draft.hex(words.group(2)) << 32 | Draft.hex(words.group(1)),
                    Draft.hex(words.group(4)) << 32 | Draft.hex(words.group(3)), number));
        }
        var type = UNKNOWN_TYPE.matcher(line);
        if (type.find()) {
            return Optional.of(AmdEvents.unknown(new Draft(number, line, Vendor.AMD), Draft.hex(type.group(1))));
        }
        return TIMED_OUT.matcher(line).find() ? Optional.of(new Draft(number, line, Vendor.AMD).is("COMPLETION_WAIT_TIMEOUT",
                "the unit did not finish a COMPLETION_WAIT command in time, so invalidations before it are unfinished, too",
                Trouble.NO_ANSWER)) : Optional.empty();
    }

    @Override
    public boolean goOn(Draft draft, String line) {
        // Mail programs break lines: the rest of the values, and nothing else, stands in the next one.
        if (!line.contains("=0x") && !line.contains("flags") || !line.contains("]")) {
            return false;
        }
        details(draft, EventCode.valueOf(draft.fault()), line, 0);
        return true;
    }

    private static Draft details(Draft draft, EventCode code, String line, int from) {
        where(draft, line);
        long flags = number(FLAGS, line, from).orElse(AmdEvents.NO_FLAGS);
        var pasid = number(PASID, line, from);
        var domain = number(DOMAIN, line, from);
        boolean guest = flags != AmdEvents.NO_FLAGS && AmdEvents.hasGuestAddress(code, flags);
        if (guest) {
            pasid.or(() -> domain).ifPresent(draft::pasid);
        }
        number(ADDRESS, line, from).ifPresent(draft::address);
        AmdEvents.tell(draft, code, flags);
        if (!guest) {
            domain.filter(id -> code == EventCode.IO_PAGE_FAULT).ifPresent(id -> draft.detail(id == 0
                    ? "domain 0, which is none that a driver maps buffers in: the device was passed through, or set up by nobody"
                    : String.format("domain 0x%x", id)));
        }
        return line.indexOf(']', from) >= 0 && flags != AmdEvents.NO_FLAGS ? draft.close() : draft;
    }

    private static Draft where(Draft draft, String line) {
        find(UNIT, line).ifPresent(m -> draft.unit(m.group(1)));
        find(IN_FRONT, line).or(() -> find(DEVICE, line)).ifPresent(
                m -> draft.pci(m.group(1), m.group(2), m.group(3), m.group(4)));
        find(DEVICE_ID, line).ifPresent(m -> draft.requester((int) Draft.hex(m.group(1))));
        return draft;
    }

    private static Optional<Matcher> find(Pattern pattern, String line) {
        var matcher = pattern.matcher(line);
        return matcher.find() ? Optional.of(matcher) : Optional.empty();
    }

    private static Optional<Long> number(Pattern pattern, String line, int from) {
        var matcher = pattern.matcher(line);
        return matcher.find(from) || pattern == DOMAIN && matcher.find(0) ? Optional.of(Draft.hex(matcher.group(1))) : Optional.empty();
    }
}
