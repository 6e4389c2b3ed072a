package sluicegate.inspect.fault;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import sluicegate.inspect.Vendor;

/**
 * SMMUs of versions 1 and 2 as {@code arm_smmu_context_fault} and {@code arm_smmu_global_fault} tell it. {@code spec} does not
 * describe them, so the few bits that these lines hold are here (IHI 0062, 16.5.5 SMMU_CBn_FSR, 16.5.6 SMMU_CBn_FSYNR0).
 */
final class SmmuV2Lines implements LineReader {
    private static final Pattern CONTEXT = Pattern.compile("(\\S+?): Unhandled context fault: (?:fsr=0x(?<fsr>[0-9a-f]{1,8}))?,?"
            + " ?iova=(?:0x)?(?<iova>[0-9a-f]{1,16}), ?fsynr=(?:0x)?(?<fsynr>[0-9a-f]{1,8})(?:, ?cbfrsynra=(?:0x)?(?<sid>[0-9a-f]{1,8}))?");
    private static final Pattern UNKNOWN_STREAM = Pattern.compile("(\\S+?): Blocked unknown Stream ID 0x([0-9a-f]{1,4})");
    private static final Pattern GLOBAL = Pattern.compile("(\\S+?): Unexpected global fault, this could be serious");
    private static final Pattern GLOBAL_DETAIL = Pattern.compile("GFSR 0x([0-9a-f]{1,8}), GFSYNR0 0x([0-9a-f]{1,8}), GFSYNR1 0x([0-9a-f]{1,8})");
    private static final int STREAM_ID = 0x7fff;
    private static final int WRITE = 1 << 4;

    /** A bit of SMMU_CBn_FSR. */
    private record Status(int bit, String name, String meaning, Trouble trouble) {}

    private static final List<Status> STATUS = List.of(
            new Status(1, "TF", "no valid descriptor maps the address", Trouble.NOT_MAPPED),
            new Status(3, "PF", "the descriptor does not permit the access", Trouble.NOT_PERMITTED),
            new Status(2, "AFF", "the access flag of the descriptor is clear", Trouble.NOT_MAPPED),
            new Status(4, "EF", "an access of the walk failed", Trouble.TABLE_UNREADABLE),
            new Status(5, "TLBMCF", "entries of the TLB contradict each other", Trouble.TABLE_BROKEN),
            new Status(6, "TLBLKF", "the TLB could not be locked", Trouble.TABLE_BROKEN),
            new Status(7, "ASF", "an address is too wide", Trouble.TOO_WIDE),
            new Status(8, "UUT", "an unsupported kind of transaction", Trouble.UNKNOWN),
            new Status(30, "SS", "the transaction waits (stall)", Trouble.UNKNOWN),
            new Status(31, "MULTI", "further faults came before this one was read", Trouble.UNKNOWN));

    @Override
    public Optional<Draft> begin(int number, String line) {
        if (!line.contains("fault") && !line.contains("Stream ID")) {
            return Optional.empty();
        }
        var context = CONTEXT.matcher(line);
        if (context.find()) {
            var draft = new Draft(number, line, Vendor.ARM).unit(context.group(1)).address(Draft.hex(context.group("iova"))).close();
            if (context.group("sid") != null) {
                draft.stream(Draft.hex(context.group("sid")) & STREAM_ID);
            }
            draft.access((Draft.hex(context.group("fsynr")) & WRITE) == 0 ? Draft.READ : Draft.WRITE);
            return Optional.of(status(draft, context.group("fsr") == null ? 0 : Draft.hex(context.group("fsr"))));
        }
        var unknown = UNKNOWN_STREAM.matcher(line);
        if (unknown.find()) {
            return Optional.of(new Draft(number, line, Vendor.ARM).unit(unknown.group(1)).stream(Draft.hex(unknown.group(2))).close().is(
                    "USF", "a stream that no stream match register knows; such streams are blocked", Trouble.NOT_ATTACHED));
        }
        var global = GLOBAL.matcher(line);
        return global.find() ? Optional.of(new Draft(number, line, Vendor.ARM).unit(global.group(1)).is("GLOBAL_FAULT",
                "a fault outside any context bank", Trouble.NOT_ATTACHED)) : Optional.empty();
    }

    private static Draft status(Draft draft, long fsr) {
        var set = new ArrayList<Status>();
        STATUS.stream().filter(bit -> (fsr >>> bit.bit() & 1) != 0).forEach(set::add);
        if (set.isEmpty()) {
            return draft.is("CONTEXT_FAULT", "a context bank refused a transaction", Trouble.NOT_MAPPED_OR_PERMITTED);
        }
        var first = set.get(0);
        draft.is(first.name(), first.meaning() + " (SMMUv2, SMMU_CBn_FSR." + first.name() + ")", first.trouble());
        set.stream().skip(1).forEach(bit -> draft.detail(bit.name() + ": " + bit.meaning()));
        return draft;
    }

    @Override
    public boolean goOn(Draft draft, String line) {
        var m = GLOBAL_DETAIL.matcher(line);
        if (!draft.fault().equals("GLOBAL_FAULT") || !m.find()) {
            return false;
        }
        draft.stream(Draft.hex(m.group(3)) & STREAM_ID).detail("SMMU_sGFSR = 0x" + m.group(1)).close();
        return true;
    }

    @Override
    public int patience() {
        return 6;
    }
}
