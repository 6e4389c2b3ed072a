package sluicegate.inspect.fault;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import sluicegate.inspect.Vendor;
import sluicegate.spec.smmuv3.EventType;
import sluicegate.spec.smmuv3.GerrorRegister;

/**
 * SMMUv3 as {@code arm_smmu_evtq_thread} tells it: the number of the event, then the words of the record on a line each; since
 * 6.14 also two lines in words ({@code arm_smmu_dump_event}). Page requests and global errors have lines of their own.
 */
final class SmmuV3Lines implements LineReader {
    private static final Pattern HEAD = Pattern.compile("arm-smmu-v3 (\\S+?): event 0x([0-9a-f]{2}) received");
    private static final Pattern WORD = Pattern.compile("arm-smmu-v3 (\\S+?):\\s+0x([0-9a-f]{16})\\s*$");
    private static final Pattern TOLD = Pattern.compile("arm-smmu-v3 (\\S+?): event: (\\S+) client: (\\S+|\\(unassigned sid\\))"
            + " sid: (?:0x)?([0-9a-f]{1,8})(?: ssid: (?:0x)?([0-9a-f]{1,5}))?");
    private static final Pattern IOVA = Pattern.compile("\\b(?:iova|fetch_addr): (?:0x)?([0-9a-f]{1,16})\\b");
    private static final Pattern HOW = Pattern.compile("arm-smmu-v3 (\\S+?): (priv|unpriv) (inst|data) (read|write) (s1|s2)"
            + " \"([^\"]{1,60})\"");
    private static final Pattern PAGE_REQUEST = Pattern.compile("arm-smmu-v3 (\\S+?): unexpected PRI request received");
    private static final Pattern PAGE_REQUEST_DETAIL = Pattern.compile("sid (?:0x)?([0-9a-f]{1,8})\\.(?:0x)?([0-9a-f]{1,5}):.* at iova"
            + " (?:0x)?([0-9a-f]{1,16})");
    private static final Pattern OTHER = Pattern.compile("arm-smmu-v3 (\\S+?): (?:unexpected global error reported \\(0x([0-9a-f]{1,8})\\)"
            + "|CMDQ error \\(cons (0x[0-9a-f]+)\\): (.{1,60})|(CMD_SYNC timeout)|((?:EVTQ|PRIQ) overflow detected))");
    private static final Pattern PCI_NAME = Pattern.compile("([0-9a-f]{4,8}):([0-9a-f]{2}):([0-9a-f]{2})\\.([0-7])");
    private static final int RECORD_WORDS = 4;

    @Override
    public Optional<Draft> begin(int number, String line) {
        if (!line.contains("arm-smmu-v3")) {
            return Optional.empty();
        }
        var head = HEAD.matcher(line);
        if (head.find()) {
            int code = (int) Draft.hex(head.group(2));
            return Optional.of(SmmuV3Events.name(new Draft(number, line, Vendor.ARM).unit(head.group(1)), code));
        }
        var told = TOLD.matcher(line);
        if (told.find()) {
            var draft = new Draft(number, line, Vendor.ARM).unit(told.group(1));
            return Optional.of(tell(SmmuV3Events.name(draft, told.group(2)), told, line));
        }
        var request = PAGE_REQUEST.matcher(line);
        if (request.find()) {
            return Optional.of(new Draft(number, line, Vendor.ARM).unit(request.group(1)).access(Draft.PAGE_REQUEST).is(
                    "PAGE_REQUEST", "a page request that nobody serves; the kernel refused it", Trouble.PAGE_REQUEST_REFUSED));
        }
        return other(number, line);
    }

    private static Optional<Draft> other(int number, String line) {
        var m = OTHER.matcher(line);
        if (!m.find()) {
            return Optional.empty();
        }
        var draft = new Draft(number, line, Vendor.ARM).unit(m.group(1)).close();
        if (m.group(2) != null) {
            return Optional.of(draft.is("GLOBAL_ERROR", globalErrors(m.group(2)), Trouble.COMMAND_REFUSED));
        }
        if (m.group(3) != null) {
            return Optional.of(draft.is("COMMAND_ERROR", "the unit stopped at a command, SMMU_CMDQ_CONS = " + m.group(3) + ": "
                    + m.group(4).strip(), m.group(4).contains("ATC") ? Trouble.NO_ANSWER : Trouble.COMMAND_REFUSED));
        }
        if (m.group(5) != null) {
            return Optional.of(draft.is("CMD_SYNC_TIMEOUT", "the unit did not finish a CMD_SYNC in time, so invalidations before it"
                    + " are unfinished, too", Trouble.NO_ANSWER));
        }
        return Optional.of(draft.is("QUEUE_OVERFLOW", m.group(6) + ": records were lost", Trouble.SEVERAL));
    }

    /** @param active bits of SMMU_GERROR that differ from SMMU_GERRORN */
    private static String globalErrors(String active) {
        long word = Draft.hex(active);
        String names = GerrorRegister.LAYOUT.fields().stream().filter(field -> field.isSet(word))
                .map(field -> field.name() + ": " + field.meaning()).collect(Collectors.joining("; "));
        return "the unit reported 0x" + active + " in SMMU_GERROR (6.3.19)" + (names.isEmpty() ? "" : ", " + names);
    }

    @Override
    public boolean goOn(Draft draft, String line) {
        if (draft.fault().equals("PAGE_REQUEST")) {
            return pageRequest(draft, line);
        }
        var word = WORD.matcher(line);
        if (word.find() && sameUnit(draft, word.group(1)) && draft.wordCount() < RECORD_WORDS) {
            draft.addWord(Draft.hex(word.group(2)));
            SmmuV3Events.tell(draft);
            return true;
        }
        var told = TOLD.matcher(line);
        if (told.find() && sameUnit(draft, told.group(1)) && told.group(2).equals(draft.fault()) && draft.wordCount() > 0) {
            tell(draft, told, line);
            return true;
        }
        var how = HOW.matcher(line);
        if (how.find() && sameUnit(draft, how.group(1))) {
            how(draft, how, line);
            draft.close();
            return true;
        }
        return false;
    }

    private static boolean sameUnit(Draft draft, String unit) {
        return draft.unit().filter(unit::equals).isPresent();
    }

    private static boolean pageRequest(Draft draft, String line) {
        var m = PAGE_REQUEST_DETAIL.matcher(line);
        if (!m.find()) {
            return false;
        }
        draft.stream(Draft.hex(m.group(1))).address(Draft.hex(m.group(3))).close();
        long pasid = Draft.hex(m.group(2));
        if (pasid != 0) {
            draft.pasid(pasid);
        }
        return true;
    }

    private static Draft tell(Draft draft, Matcher told, String line) {
        var client = PCI_NAME.matcher(told.group(3));
        if (client.matches()) {
            draft.pci(client.group(1), client.group(2), client.group(3), client.group(4));
        } else if (!told.group(3).startsWith("(")) {
            draft.device(told.group(3));
        }
        if (!draft.hasDevice()) {
            draft.stream(Draft.hex(told.group(4)));
        }
        if (told.group(5) != null && Draft.hex(told.group(5)) != 0) {
            draft.pasid(Draft.hex(told.group(5)));
        }
        var iova = IOVA.matcher(line);
        if (iova.find(told.end())) {
            draft.address(Draft.hex(iova.group(1)));
        }
        return draft;
    }

    private static void how(Draft draft, Matcher how, String line) {
        if (draft.access().isEmpty()) {
            draft.access(how.group(3).equals("inst") ? Draft.EXECUTE : how.group(4));
            draft.detail(String.format("%s %s access, at stage %s: %s%s", how.group(2).equals("priv") ? "a privileged" : "an unprivileged",
                    how.group(3).equals("inst") ? "instruction" : "data", how.group(5).substring(1), how.group(6),
                    line.indexOf(" stall", how.end()) >= 0 ? "; the transaction waits (stall)" : ""));
        }
    }

    /** The number of a name of the manual's. */
    static Optional<EventType> type(String name) {
        return java.util.Arrays.stream(EventType.values()).filter(type -> type.name().equals(name)).findFirst();
    }

    @Override
    public int patience() {
        return 6;
    }
}
