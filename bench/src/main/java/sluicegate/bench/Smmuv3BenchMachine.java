package sluicegate.bench;

import java.nio.file.Path;
import sluicegate.api.platform.DmaMaster;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.firmware.FirmwareFolder;
import sluicegate.firmware.MachineDescription;
import sluicegate.sim.EmbeddedMachine;
import sluicegate.sim.smmuv3.Smmuv3Unit;
import sluicegate.spec.smmuv3.AddressSize;
import sluicegate.spec.smmuv3.ContextDescriptor;
import sluicegate.spec.smmuv3.Cr0Register;
import sluicegate.spec.smmuv3.StreamTableEntry;
import sluicegate.spec.smmuv3.StrtabBaseCfgRegister;
import sluicegate.spec.smmuv3.StrtabBaseRegister;
import sluicegate.spec.vmsa.Stage1Descriptor;
import sluicegate.spec.vmsa.Stage2Descriptor;

/**
 * The machine {@code virt-smmuv3-rich} without a driver: tables are written here, by the page from the start of the memory
 * above 4 GiB.
 */
final class Smmuv3BenchMachine implements AutoCloseable {
    static final int SUBSTREAM = 5;

    private static final long TARGET = 1L << 30;
    private static final long PAGE = 4096;
    private static final int STREAM_BITS = 16;
    private static final int SUBSTREAM_BITS = 6;
    private static final int TOP_LEVEL = 0;
    private static final long LEAF = Stage1Descriptor.VALID.mask() | Stage1Descriptor.TYPE.mask() | Stage1Descriptor.AF.mask();
    private static final long TABLE = Stage1Descriptor.VALID.mask() | Stage1Descriptor.TYPE.mask();

    final EmbeddedMachine machine;
    final Smmuv3Unit unit;
    final DmaMaster dma;
    final int stream;
    private final PhysicalMemory memory;
    private final long contexts;
    private long free = 1L << 32;

    /** @param stage {@code first}, {@code second}, {@code nested}, or {@code substream}, where requests have a SubstreamID */
    Smmuv3BenchMachine(String stage, long span) {
        var folder = Path.of(System.getProperty("sluicegate.machines", "sim/machines"), "virt-smmuv3-rich");
        machine = EmbeddedMachine.boot(MachineDescription.read(FirmwareFolder.of(folder)), "bench", 0);
        unit = (Smmuv3Unit) machine.models().get(0);
        memory = unit.memory();
        var device = machine.pci().devices().stream().filter(function -> machine.pci().dmaConfigure(function)
                .filter(said -> said.unit() == unit).isPresent()).findFirst().orElseThrow();
        dma = device.dma();
        stream = machine.pci().dmaConfigure(device).orElseThrow().specifiers().get(0).get(0);
        // Aligned to their number, and where a stage 2 maps them.
        contexts = free;
        free += (long) ContextDescriptor.BYTES << SUBSTREAM_BITS;
        long first = 0;
        long second = 0;
        if (!stage.equals("second")) {
            first = tables(span, LEAF | Stage1Descriptor.NG.mask()
                    | Stage1Descriptor.AP.set(0, Stage1Descriptor.AP_UNPRIVILEGED));
        }
        if (stage.equals("second")) {
            second = tables(span, stage2Leaf());
        } else if (stage.equals("nested")) {
            second = identity(1L << 31, 1L << 32, free);
        }
        enable(stage, first, second);
    }

    private static long stage2Leaf() {
        return LEAF | Stage2Descriptor.S2AP.set(0, Stage2Descriptor.S2AP_READ | Stage2Descriptor.S2AP_WRITE)
                | Stage2Descriptor.MEMATTR.set(0, Stage2Descriptor.MEMATTR_WRITE_BACK);
    }

    private long page() {
        free += PAGE;
        return free - PAGE;
    }

    /** Four levels of tables that map {@code [0, span)} by small pages. */
    private long tables(long span, long leaf) {
        long top = page();
        for (long iova = 0; iova < span; iova += PAGE) {
            set(top, iova, TARGET + iova | leaf);
        }
        return top;
    }

    /** Tables that map two ranges to themselves by small pages: where pages lie, and where a guest's tables do. */
    private long identity(long pages, long from, long to) {
        long top = page();
        for (long address = 0; address < pages; address += PAGE) {
            set(top, address, address | stage2Leaf());
        }
        for (long address = from; address < to; address += PAGE) {
            set(top, address, address | stage2Leaf());
        }
        return top;
    }

    private void set(long top, long address, long descriptor) {
        long table = top;
        for (int level = TOP_LEVEL; level < 3; level++) {
            long slot = table + (address >>> 12 + 9 * (3 - level) & 511) * 8;
            if (memory.get64(slot) == 0) {
                memory.set64(slot, page() | TABLE);
            }
            table = Stage1Descriptor.ADDR.inPlace(memory.get64(slot));
        }
        memory.set64(table + (address >>> 12 & 511) * 8, descriptor);
    }

    private void enable(String stage, long first, long second) {
        boolean nested = stage.equals("nested");
        boolean substreams = stage.equals("substream");
        putContext(contexts, first, 1);
        putContext(contexts + (long) SUBSTREAM * ContextDescriptor.BYTES, first, 2);
        int config = first == 0 ? StreamTableEntry.CONFIG_S2 : nested ? StreamTableEntry.CONFIG_NESTED : StreamTableEntry.CONFIG_S1;
        long tableBytes = (long) StreamTableEntry.BYTES << STREAM_BITS;
        long streams = free + tableBytes - 1 & -tableBytes;
        long entry = streams + (long) stream * StreamTableEntry.BYTES;
        long word1 = StreamTableEntry.S1DSS.set(0, StreamTableEntry.S1DSS_SSID0);
        // From level 0, as stage 1, though a narrower IPA could do with fewer levels.
        long word2 = StreamTableEntry.S2T0SZ.set(StreamTableEntry.S2AA64.mask(), 16);
        word2 = StreamTableEntry.S2SL0.set(StreamTableEntry.S2PS.set(word2, AddressSize.BITS_48.code()), 2);
        memory.set64(entry + 8, word1);
        memory.set64(entry + 16, StreamTableEntry.S2VMID.set(word2, 1));
        memory.set64(entry + 24, second);
        long word0 = StreamTableEntry.S1CDMAX.set(contexts, substreams ? SUBSTREAM_BITS : 0);
        memory.set64(entry, StreamTableEntry.CONFIG.set(word0 | StreamTableEntry.V.mask(), config));
        unit.registers().write64(StrtabBaseRegister.OFFSET, streams);
        unit.registers().write32(StrtabBaseCfgRegister.OFFSET, (int) StrtabBaseCfgRegister.LOG2SIZE.set(0, STREAM_BITS));
        unit.registers().write32(Cr0Register.OFFSET, (int) Cr0Register.SMMUEN.mask());
    }

    private void putContext(long at, long table, int asid) {
        long word0 = ContextDescriptor.V.mask() | ContextDescriptor.AA64.mask() | ContextDescriptor.A.mask()
                | ContextDescriptor.R.mask() | ContextDescriptor.EPD1.mask();
        word0 = ContextDescriptor.IPS.set(ContextDescriptor.T0SZ.set(word0, 16), AddressSize.BITS_48.code());
        memory.set64(at, ContextDescriptor.ASID.set(word0, asid));
        memory.set64(at + 8, table);
        memory.set64(at + 24, 0xff);
    }

    @Override
    public void close() {
        machine.powerOff();
    }
}
