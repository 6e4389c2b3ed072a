package sluicegate.hw.smmuv3;

import java.util.ArrayList;
import java.util.List;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Hex;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.WalkStep;
import sluicegate.spec.Layout;
import sluicegate.spec.smmuv3.ContextDescriptor;
import sluicegate.spec.smmuv3.Cr0Register;
import sluicegate.spec.smmuv3.EventType;
import sluicegate.spec.smmuv3.L1ContextDescriptor;
import sluicegate.spec.smmuv3.L1StreamTableDescriptor;
import sluicegate.spec.smmuv3.StrtabBaseCfgRegister;
import sluicegate.spec.smmuv3.StrtabBaseRegister;
import sluicegate.spec.smmuv3.StreamTableEntry;

/**
 * Reads what the hardware would read for one request, entry by entry (section 3.3 and DDI 0487, D8.2), from the registers and
 * the memory as they are now and not from what the driver believes. The last step's outcome is the answer.
 */
final class TableWalk {
    private static final int NONE = -1;
    private static final int LEAF_4K_BITS = 6;
    private static final int LEAF_64K_BITS = 10;

    private final Smmuv3Capabilities capabilities;
    private final Smmuv3Window window;
    private final PhysicalMemory memory;
    private final List<WalkStep> steps = new ArrayList<>();
    private StageWalk stage2;

    TableWalk(Smmuv3Capabilities capabilities, Smmuv3Window window, PhysicalMemory memory) {
        this.capabilities = capabilities;
        this.window = window;
        this.memory = memory;
    }

    List<WalkStep> walk(int sid, int pasid, long iova) {
        if (!window.isOn(Cr0Register.SMMUEN)) {
            long value = Integer.toUnsignedLong(window.read32(Cr0Register.OFFSET));
            steps.add(new WalkStep("SMMU_CR0", Cr0Register.OFFSET, List.of(value), Decoding.fields(Cr0Register.LAYOUT, value),
                    "translation is off (SMMUEN is 0): SMMU_GBPA says what becomes of every request"));
            return List.copyOf(steps);
        }
        long entry = streamEntry(Integer.toUnsignedLong(sid));
        if (entry != NONE) {
            follow(entry, pasid, iova);
        }
        return List.copyOf(steps);
    }

    /** Where the stream table entry is; NONE if the way to it ends before. */
    private long streamEntry(long sid) {
        long base = StrtabBaseRegister.ADDR.inPlace(window.read64(StrtabBaseRegister.OFFSET));
        long format = Integer.toUnsignedLong(window.read32(StrtabBaseCfgRegister.OFFSET));
        int bits = (int) Math.min(StrtabBaseCfgRegister.LOG2SIZE.get(format), Integer.SIZE);
        boolean inRange = sid >>> bits == 0;
        steps.add(new WalkStep("SMMU_STRTAB_BASE_CFG", StrtabBaseCfgRegister.OFFSET, List.of(format),
                Decoding.fields(StrtabBaseCfgRegister.LAYOUT, format),
                inRange ? "stream table at " + Hex.of(base) : EventType.C_BAD_STREAMID.sentence()));
        if (!inRange) {
            return NONE;
        }
        if (StrtabBaseCfgRegister.FMT.get(format) == StrtabBaseCfgRegister.LINEAR) {
            return base + sid * StreamTableEntry.BYTES;
        }
        int split = (int) StrtabBaseCfgRegister.SPLIT.get(format);
        long address = base + (sid >>> split) * L1StreamTableDescriptor.BYTES;
        if (!readable("level 1 stream table descriptor", address, L1StreamTableDescriptor.BYTES, EventType.F_STE_FETCH)) {
            return NONE;
        }
        long descriptor = memory.get64Acquire(address);
        long span = L1StreamTableDescriptor.SPAN.get(descriptor);
        long index = sid & (1L << split) - 1;
        boolean reaches = span != 0 && span <= split + 1 && index >>> span - 1 == 0;
        long table = L1StreamTableDescriptor.L2PTR.inPlace(descriptor);
        steps.add(new WalkStep("level 1 stream table descriptor", address, List.of(descriptor),
                Decoding.fields(L1StreamTableDescriptor.LAYOUT, descriptor),
                reaches ? "table at " + Hex.of(table) : EventType.C_BAD_STREAMID.sentence()));
        return reaches ? table + index * StreamTableEntry.BYTES : NONE;
    }

    private void follow(long address, int pasid, long iova) {
        if (!readable("stream table entry", address, StreamTableEntry.BYTES, EventType.F_STE_FETCH)) {
            return;
        }
        long[] ste = words(address, StreamTableEntry.WORDS);
        int config = (int) StreamTableEntry.CONFIG.get(ste[0]);
        boolean stage1 = config == StreamTableEntry.CONFIG_S1 || config == StreamTableEntry.CONFIG_NESTED;
        boolean second = config == StreamTableEntry.CONFIG_S2 || config == StreamTableEntry.CONFIG_NESTED;
        boolean substreams = stage1 && StreamTableEntry.S1CDMAX.get(ste[0]) != 0;
        long dss = StreamTableEntry.S1DSS.get(ste[1]);
        boolean passesStage1 = substreams && pasid == Pasid.NONE && dss == StreamTableEntry.S1DSS_BYPASS;
        boolean goesOn = false;
        String outcome;
        if (!StreamTableEntry.V.isSet(ste[0])) {
            outcome = EventType.C_BAD_STE.sentence();
        } else if (config < StreamTableEntry.CONFIG_BYPASS) {
            outcome = "every request of the stream aborts";
        } else if (pasid != Pasid.NONE && (!substreams || pasid >>> StreamTableEntry.S1CDMAX.get(ste[0]) != 0)) {
            outcome = EventType.C_BAD_SUBSTREAMID.sentence();
        } else if (substreams && pasid == Pasid.NONE && dss == StreamTableEntry.S1DSS_TERMINATE
                || pasid == 0 && dss == StreamTableEntry.S1DSS_SSID0) {
            outcome = EventType.F_STREAM_DISABLED.sentence();
        } else if (config == StreamTableEntry.CONFIG_BYPASS || passesStage1 && !second) {
            outcome = "the address passes unchanged: " + Hex.of(iova);
        } else {
            goesOn = true;
            outcome = Decoding.config(config);
        }
        steps.add(step("stream table entry", address, StreamTableEntry.LAYOUT, ste, outcome));
        if (!goesOn) {
            return;
        }
        stage2 = second ? StageWalk.stage2(memory, ste) : null;
        if (stage1 && !passesStage1) {
            context(ste, pasid == Pasid.NONE ? 0 : pasid, iova);
        } else {
            stage2.walk(iova, steps);
        }
    }

    private void context(long[] ste, int ssid, long iova) {
        long table = StreamTableEntry.S1CONTEXTPTR.inPlace(ste[0]);
        long format = StreamTableEntry.S1FMT.get(ste[0]);
        if (format != StreamTableEntry.S1FMT_LINEAR && StreamTableEntry.S1CDMAX.get(ste[0]) != 0) {
            int leafBits = format == StreamTableEntry.S1FMT_4K_L2 ? LEAF_4K_BITS : LEAF_64K_BITS;
            long address = physical(table + (long) (ssid >>> leafBits) * L1ContextDescriptor.BYTES);
            if (!readable("level 1 context descriptor", address, L1ContextDescriptor.BYTES, EventType.F_CD_FETCH)) {
                return;
            }
            long descriptor = memory.get64Acquire(address);
            boolean valid = L1ContextDescriptor.V.isSet(descriptor);
            table = L1ContextDescriptor.L2PTR.inPlace(descriptor);
            steps.add(step("level 1 context descriptor", address, L1ContextDescriptor.LAYOUT, new long[] {descriptor},
                    valid ? "table at " + Hex.of(table) : EventType.C_BAD_SUBSTREAMID.sentence()));
            if (!valid) {
                return;
            }
            ssid &= (1 << leafBits) - 1;
        }
        long address = physical(table + (long) ssid * ContextDescriptor.BYTES);
        if (!readable("context descriptor", address, ContextDescriptor.BYTES, EventType.F_CD_FETCH)) {
            return;
        }
        long[] cd = words(address, ContextDescriptor.WORDS);
        boolean high = iova < 0;
        boolean walks = !(high ? ContextDescriptor.EPD1 : ContextDescriptor.EPD0).isSet(cd[0]);
        String outcome = !ContextDescriptor.V.isSet(cd[0]) ? EventType.C_BAD_CD.sentence()
                : walks && !high ? "stage 1 table at " + Hex.of(ContextDescriptor.TTB0.inPlace(cd[1]))
                : walks ? "the table for high addresses, which this driver does not use" : EventType.F_TRANSLATION.sentence();
        steps.add(step("context descriptor", address, ContextDescriptor.LAYOUT, cd, outcome));
        if (ContextDescriptor.V.isSet(cd[0]) && walks && !high) {
            long output = StageWalk.stage1(memory, cd, this::physical, stage2 != null).walk(iova, steps);
            if (output != NONE && stage2 != null) {
                stage2.walk(output, steps);
            }
        }
    }

    /** Where an address of stage 1's own structures is: an IPA if there is a stage 2. */
    private long physical(long address) {
        return stage2 == null ? address : stage2.walk(address, new ArrayList<>());
    }

    private boolean readable(String what, long address, int size, EventType event) {
        if (memory.contains(address, size)) {
            return true;
        }
        steps.add(new WalkStep(what, address, List.of(), List.of(), event.sentence()));
        return false;
    }

    private long[] words(long address, int count) {
        long[] words = new long[count];
        for (int i = 0; i < count; i++) {
            words[i] = memory.get64Acquire(address + (long) i * Long.BYTES);
        }
        return words;
    }

    private static WalkStep step(String what, long address, Layout layout, long[] words, String outcome) {
        var list = new ArrayList<Long>();
        for (long word : words) {
            list.add(word);
        }
        return new WalkStep(what, address, list, Decoding.fields(layout, words), outcome);
    }
}
