package sluicegate.hw.amdvi;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Hex;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.api.types.WalkStep;
import sluicegate.spec.Layout;
import sluicegate.spec.amdvi.ControlRegister;
import sluicegate.spec.amdvi.DeviceTableBaseRegister;
import sluicegate.spec.amdvi.DeviceTableEntry;
import sluicegate.spec.amdvi.EventCode;
import sluicegate.spec.amdvi.Gcr3Entry;
import sluicegate.spec.amdvi.GuestPageEntry;
import sluicegate.spec.amdvi.HostPageEntry;

/**
 * Reads what the hardware would read for one request, entry by entry (sections 2.2.2, 2.2.3 and 2.2.6), from the registers and
 * the memory as they are now and not from what the driver believes. The last step's outcome is the answer.
 *
 * <p>Where host tables stand behind guest tables, each entry of those is found by way of the host tables; these walks are
 * shown only where they fail, and that of the page in the end.
 */
final class TableWalk {
    private static final int RESERVED_IOCTL = 3;
    private static final int RESERVED_HAD = 2;

    private final AmdviCapabilities capabilities;
    private final AmdviWindow window;
    private final PhysicalMemory memory;
    private final List<WalkStep> steps = new ArrayList<>();

    TableWalk(AmdviCapabilities capabilities, AmdviWindow window, PhysicalMemory memory) {
        this.capabilities = capabilities;
        this.window = window;
        this.memory = memory;
    }

    List<WalkStep> walk(int deviceId, int pasid, long iova) {
        var bases = DeviceTableBases.read(window);
        var segment = bases.of(deviceId);
        var entry = bases.entry(deviceId);
        boolean on = window.isOn(ControlRegister.IOMMUEN);
        steps.add(new WalkStep(segment.offset() == DeviceTableBaseRegister.OFFSET ? "device table base register"
                : "base register of device table segment " + bases.segments().indexOf(segment), segment.offset(),
                List.of(segment.register()), Decoding.fields(DeviceTableBaseRegister.LAYOUT, segment.register()),
                !on ? "the unit is off (IommuControl.IOMMUEN is 0): every address passes unchanged"
                        : entry.map(place -> "device table entry at " + Hex.of(place))
                        .orElse("the device table ends before device id " + Hex.of(deviceId) + ": the request is stopped")));
        if (on && entry.isPresent()
                && readable("device table entry", entry.get(), DeviceTableEntry.BYTES, EventCode.DEV_TAB_HARDWARE_ERROR)) {
            deviceEntry(deviceId, entry.get(), pasid, iova);
        }
        return List.copyOf(steps);
    }

    private void deviceEntry(int deviceId, long address, int pasid, long iova) {
        long[] words = new long[DeviceTableEntry.WORDS];
        for (int i = 0; i < words.length; i++) {
            words[i] = memory.get64Acquire(address + 8L * i);
        }
        int levels = (int) DeviceTableEntry.MODE.get(words[0]);
        var illegal = illegal(words, levels);
        boolean guest = DeviceTableEntry.GV.isSet(words[0]);
        boolean throughGuest = guest && (pasid != Pasid.NONE || DeviceTableEntry.GIOV.isSet(words[0]));
        int permitted = (DeviceTableEntry.IR.isSet(words[0]) ? Prot.READ : 0)
                | (DeviceTableEntry.IW.isSet(words[0]) ? Prot.WRITE : 0);
        boolean goesOn = false;
        String outcome;
        if (!DeviceTableEntry.V.isSet(words[0])) {
            outcome = "not valid: " + Hex.of(iova) + " passes unchanged";
        } else if (illegal.isPresent()) {
            outcome = illegal.get() + ": " + fault(EventCode.ILLEGAL_DEV_TABLE_ENTRY);
        } else if (!DeviceTableEntry.TV.isSet(words[0])) {
            outcome = "translation is not valid (TV 0): " + fault(EventCode.IO_PAGE_FAULT);
        } else if (permitted == 0) {
            outcome = "nothing is permitted (IR 0, IW 0): " + fault(EventCode.IO_PAGE_FAULT);
        } else if (pasid != Pasid.NONE && !guest) {
            outcome = "no table of PASIDs (GV 0): " + fault(EventCode.IO_PAGE_FAULT);
        } else if (throughGuest) {
            goesOn = true;
            outcome = "table of PASIDs at " + Hex.of(DeviceTableEntry.gcr3Root(words[0], words[1])) + ", domain id "
                    + DeviceTableEntry.DOMAINID.get(words[1]);
        } else if (levels == 0) {
            outcome = Hex.of(iova) + " is the physical address, permissions " + Prot.toString(permitted) + ", domain id "
                    + DeviceTableEntry.DOMAINID.get(words[1]);
        } else {
            goesOn = true;
            outcome = levels + "-level host table at " + Hex.of(DeviceTableEntry.ROOT.inPlace(words[0])) + ", domain id "
                    + DeviceTableEntry.DOMAINID.get(words[1]);
        }
        steps.add(new WalkStep(String.format("device table entry of %02x:%02x.%x", deviceId >>> 8, deviceId >>> 3 & 0x1f, deviceId & 7),
                address, List.of(words[0], words[1], words[2], words[3]), Decoding.fields(DeviceTableEntry.LAYOUT, words), outcome));
        if (goesOn && throughGuest) {
            pasids(words, Math.max(0, pasid), iova, permitted);
        } else if (goesOn) {
            host(words[0], iova, permitted);
        }
    }

    /** What of the half that is about DMA hardware does not take (2.5.2). */
    private Optional<String> illegal(long[] words, int levels) {
        for (int word = 0; word < 2; word++) {
            if ((words[word] & DeviceTableEntry.reservedMask(word, capabilities.features(), capabilities.deviceTlbs())) != 0) {
                return Optional.of("a reserved bit is set");
            }
        }
        if (DeviceTableEntry.IOCTL.get(words[1]) == RESERVED_IOCTL) {
            return Optional.of("IOCTL " + RESERVED_IOCTL);
        }
        if (!DeviceTableEntry.TV.isSet(words[0])) {
            return Optional.empty();
        }
        long marks = DeviceTableEntry.HAD.get(words[0]);
        if (levels > capabilities.hostLevels()) {
            return Optional.of("MODE " + levels);
        }
        if (marks == RESERVED_HAD) {
            return Optional.of("HAD " + RESERVED_HAD);
        }
        if (!DeviceTableEntry.GV.isSet(words[0])) {
            return Optional.empty();
        }
        int guestLevels = 4 + (int) DeviceTableEntry.GPTMODE.get(words[2]);
        int gcr3Levels = 1 + (int) DeviceTableEntry.GLX.get(words[0]);
        return gcr3Levels > capabilities.gcr3Levels() || guestLevels > capabilities.guestLevels()
                ? Optional.of(String.format("%d levels of GCR3 tables and %d of guest tables", gcr3Levels, guestLevels))
                : Optional.empty();
    }

    private void pasids(long[] words, int pasid, long iova, int permitted) {
        long table = DeviceTableEntry.gcr3Root(words[0], words[1]);
        int top = (int) DeviceTableEntry.GLX.get(words[0]);
        if (pasid >>> 9 * (top + 1) != 0) {
            steps.add(new WalkStep("table of PASIDs", table, List.of(), List.of(), "PASID " + pasid + " is too large for "
                    + (top + 1) + " levels: " + fault(EventCode.IO_PAGE_FAULT)));
            return;
        }
        for (int level = top; level >= 0; level--) {
            long place = table + (long) Gcr3Entry.index(pasid, level) * Gcr3Entry.BYTES;
            long address = window.isOn(ControlRegister.GCR3TRPMODE) ? placeOf(words[0], place) : place;
            if (address < 0 || !readable("GCR3 entry", address, Gcr3Entry.BYTES, EventCode.PAGE_TAB_HARDWARE_ERROR)) {
                return;
            }
            long entry = memory.get64Acquire(address);
            table = Gcr3Entry.CR3.inPlace(entry);
            boolean valid = Gcr3Entry.V.isSet(entry);
            boolean good = valid && !reserved(Gcr3Entry.LAYOUT, entry);
            steps.add(new WalkStep("GCR3 entry of PASID " + pasid + (top == 0 ? "" : ", level " + (level + 1)), address,
                    List.of(entry), Decoding.fields(Gcr3Entry.LAYOUT, entry),
                    !valid ? "not valid: " + fault(EventCode.IO_PAGE_FAULT) : !good ? reservedBit()
                            : (level > 0 ? "next table at " : "guest table at ") + Hex.of(table)));
            if (!good) {
                return;
            }
        }
        guest(words[0], table, 4 + (int) DeviceTableEntry.GPTMODE.get(words[2]), iova, permitted);
    }

    /** Where something at a guest's address is, if host tables stand behind guest tables; negative if nowhere. */
    private long placeOf(long word0, long guest) {
        if (DeviceTableEntry.MODE.get(word0) == 0) {
            return guest;
        }
        var aside = new TableWalk(capabilities, window, memory);
        long place = aside.host(word0, guest, Prot.READ | Prot.WRITE);
        if (place < 0) {
            steps.addAll(aside.steps);
        }
        return place;
    }

    /** Returns the physical address, or something negative. */
    private long host(long word0, long iova, int permitted) {
        int levels = (int) DeviceTableEntry.MODE.get(word0);
        long top = DeviceTableEntry.ROOT.inPlace(word0);
        if (levels < HostPageEntry.MAX_LEVELS && iova >>> HostPageEntry.coverShift(levels + 1) != 0) {
            steps.add(new WalkStep("host table", top, List.of(), List.of(), Hex.of(iova) + " is too large for " + levels
                    + " levels: " + fault(EventCode.IO_PAGE_FAULT)));
            return -1;
        }
        long table = top;
        int granted = permitted;
        int level = levels;
        long found = -1;
        while (level > 0) {
            long address = table + (iova >>> HostPageEntry.coverShift(level) & 0x1ff) * HostPageEntry.BYTES;
            if (!readable("host table entry of level " + level, address, HostPageEntry.BYTES, EventCode.PAGE_TAB_HARDWARE_ERROR)) {
                return -1;
            }
            long entry = memory.get64Acquire(address);
            granted &= ~((HostPageEntry.IR.isSet(entry) ? 0 : Prot.READ) | (HostPageEntry.IW.isSet(entry) ? 0 : Prot.WRITE));
            int next = (int) HostPageEntry.NEXT.get(entry);
            int shift = HostPageEntry.isLeaf(entry) ? HostPageEntry.pageShift(level, entry) : 0;
            int from = level;
            level = 0;
            String outcome;
            if (!HostPageEntry.PR.isSet(entry)) {
                outcome = "not present: " + fault(EventCode.IO_PAGE_FAULT);
            } else if (reserved(HostPageEntry.layout(entry), entry)) {
                outcome = reservedBit();
            } else if (HostPageEntry.isLeaf(entry) && !HostPageEntry.canBeIn(from, entry, shift)) {
                outcome = "a page of 2^" + shift + " bytes in a table of level " + from + ": " + fault(EventCode.IO_PAGE_FAULT);
            } else if (HostPageEntry.isLeaf(entry)) {
                found = HostPageEntry.pageAddress(entry, shift) | iova & (1L << shift) - 1;
                outcome = page(found, shift, granted);
            } else if (next >= from) {
                outcome = "next level " + next + " in a table of level " + from + ": " + fault(EventCode.IO_PAGE_FAULT);
            } else {
                table = HostPageEntry.ADDR.inPlace(entry);
                long skipped = (1L << HostPageEntry.coverShift(from)) - (1L << HostPageEntry.coverShift(next + 1));
                boolean fits = (iova & skipped) == 0;
                level = fits ? next : 0;
                outcome = fits ? "table of level " + next + " at " + Hex.of(table)
                        : "bits of a level that is skipped are set: " + fault(EventCode.IO_PAGE_FAULT);
            }
            steps.add(new WalkStep("host table entry of level " + from, address, List.of(entry),
                    Decoding.fields(HostPageEntry.layout(entry), entry), outcome));
        }
        return found;
    }

    private void guest(long word0, long top, int levels, long iova, int permitted) {
        int width = 12 + 9 * levels;
        if (iova << Long.SIZE - width >> Long.SIZE - width != iova) {
            steps.add(new WalkStep("guest table", top, List.of(), List.of(), Hex.of(iova) + " is not canonical: "
                    + fault(EventCode.IO_PAGE_FAULT)));
            return;
        }
        long table = top;
        int granted = permitted;
        for (int level = levels; level > 0; level--) {
            int shift = 12 + 9 * (level - 1);
            long address = placeOf(word0, table + (iova >>> shift & 0x1ff) * GuestPageEntry.BYTES);
            if (address < 0 || !readable("guest table entry of level " + level, address, GuestPageEntry.BYTES,
                    EventCode.PAGE_TAB_HARDWARE_ERROR)) {
                return;
            }
            long entry = memory.get64Acquire(address);
            boolean leaf = GuestPageEntry.isLeaf(level, entry);
            granted &= GuestPageEntry.RW.isSet(entry) ? -1 : ~Prot.WRITE;
            granted |= capabilities.noExecute() && GuestPageEntry.NX.isSet(entry) ? Prot.NOEXEC : 0;
            String outcome;
            long page = -1;
            boolean goesOn = false;
            if (!GuestPageEntry.P.isSet(entry)) {
                outcome = "not present: " + fault(EventCode.IO_PAGE_FAULT);
            } else if (reserved(GuestPageEntry.layout(level, entry), entry)) {
                outcome = reservedBit();
            } else if (leaf) {
                page = GuestPageEntry.pageAddress(level).inPlace(entry) | iova & (1L << shift) - 1;
                outcome = page(page, shift, granted);
            } else {
                goesOn = true;
                table = GuestPageEntry.ADDR.inPlace(entry);
                outcome = "table of level " + (level - 1) + " at " + Hex.of(table);
            }
            steps.add(new WalkStep("guest table entry of level " + level, address, List.of(entry),
                    Decoding.fields(GuestPageEntry.layout(level, entry), entry), outcome));
            if (page >= 0 && DeviceTableEntry.MODE.get(word0) != 0) {
                host(word0, page, granted);
            }
            if (!goesOn) {
                return;
            }
        }
    }

    private static String page(long address, int shift, int granted) {
        return Hex.of(address) + ", permissions " + Prot.toString(granted) + ", in a page of " + Hex.of(1L << shift);
    }

    private boolean readable(String what, long address, int size, EventCode event) {
        if (memory.contains(address, size)) {
            return true;
        }
        steps.add(new WalkStep(what, address, List.of(), List.of(), "no memory there: " + fault(event)));
        return false;
    }

    private static boolean reserved(Layout layout, long word) {
        return (word & layout.reservedMask(0)) != 0;
    }

    private static String reservedBit() {
        return "a reserved bit is set: " + fault(EventCode.IO_PAGE_FAULT);
    }

    private static String fault(EventCode event) {
        return String.format(Locale.ROOT, "%s (%xh), %s", event, event.code(), event.meaning());
    }
}
