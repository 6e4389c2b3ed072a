package sluicegate.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.firmware.FirmwareFolder;
import sluicegate.firmware.MachineDescription;
import sluicegate.sim.EmbeddedMachine;
import sluicegate.sim.vtd.VtdUnit;
import sluicegate.spec.vtd.AddressWidth;
import sluicegate.spec.vtd.FirstStageEntry;
import sluicegate.spec.vtd.GlobalCommandRegister;
import sluicegate.spec.vtd.PasidDirectoryEntry;
import sluicegate.spec.vtd.PasidEntry;
import sluicegate.spec.vtd.PasidTranslationType;
import sluicegate.spec.vtd.RootTableAddressRegister;
import sluicegate.spec.vtd.ScalableContextEntry;
import sluicegate.spec.vtd.ScalableRootEntry;
import sluicegate.spec.vtd.SecondStageEntry;

/**
 * The machine {@code q35-vtd-rich} with scalable mode and without a driver: tables of scalable mode are written here, by the
 * page from the start of the memory above 4 GiB.
 */
final class ScalableBenchMachine implements AutoCloseable {
    static final int REQUESTER = 0x0028;
    static final int PASID = 5;

    private static final String PROPERTIES = "machine.properties";
    private static final long TARGET = 1L << 20;
    private static final long PAGE = 4096;

    final EmbeddedMachine machine;
    final VtdUnit unit;
    private final PhysicalMemory memory;
    private long free = 1L << 32;

    ScalableBenchMachine(String stage, long span) {
        machine = EmbeddedMachine.boot(MachineDescription.read(scalableMachine()), "bench", 0);
        unit = machine.vtdUnits().get(0);
        memory = unit.memory();
        long first = 0;
        long second = 0;
        if (!stage.equals("second")) {
            first = tables(span, FirstStageEntry.P.mask() | FirstStageEntry.RW.mask() | FirstStageEntry.US.mask()
                    | FirstStageEntry.A.mask() | FirstStageEntry.D.mask());
        }
        if (stage.equals("second")) {
            second = tables(span, SecondStageEntry.RW);
        } else if (stage.equals("nested")) {
            second = identity(1L << 31, 1L << 32, free);
        }
        var type = stage.equals("nested") ? PasidTranslationType.NESTED
                : stage.equals("second") ? PasidTranslationType.SECOND_STAGE : PasidTranslationType.FIRST_STAGE;
        enable(type, first, second);
    }

    private static FirmwareFolder scalableMachine() {
        var folder = Path.of(System.getProperty("sluicegate.machines", "sim/machines"), "q35-vtd-rich");
        try (Stream<Path> files = Files.list(folder)) {
            var names = files.map(file -> file.getFileName().toString()).toList();
            return FirmwareFolder.of(folder.toString(), names, name -> {
                try {
                    byte[] bytes = Files.readAllBytes(folder.resolve(name));
                    return name.equals(PROPERTIES)
                            ? (new String(bytes, StandardCharsets.UTF_8) + "\nvtd.scalable-mode = yes\n")
                                    .getBytes(StandardCharsets.UTF_8)
                            : bytes;
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long page() {
        free += PAGE;
        return free - PAGE;
    }

    /** Four levels of tables that map {@code [0, span)} by small pages. */
    private long tables(long span, long flags) {
        long top = page();
        for (long iova = 0; iova < span; iova += PAGE) {
            set(top, iova, TARGET + iova, flags);
        }
        return top;
    }

    /** Tables that map two ranges to themselves by small pages: where pages lie, and where a guest's tables do. */
    private long identity(long pages, long from, long to) {
        long top = page();
        for (long address = 0; address < pages; address += PAGE) {
            set(top, address, address, SecondStageEntry.RW);
        }
        for (long address = from; address < to; address += PAGE) {
            set(top, address, address, SecondStageEntry.RW);
        }
        return top;
    }

    private void set(long top, long iova, long address, long flags) {
        long table = top;
        for (int level = 4; level > 1; level--) {
            long entry = table + (iova >>> 12 + 9 * (level - 1) & 511) * 8;
            if (memory.get64(entry) == 0) {
                memory.set64(entry, page() | flags & ~FirstStageEntry.D.mask());
            }
            table = FirstStageEntry.ADDR.inPlace(memory.get64(entry));
        }
        memory.set64(table + (iova >>> 12 & 511) * 8, address | flags);
    }

    private void enable(PasidTranslationType type, long firstStage, long secondStage) {
        long entries = page();
        for (int pasid : new int[] {0, PASID}) {
            long entry = entries + (long) pasid * PasidEntry.BYTES;
            long first = PasidEntry.PGTT.set(PasidEntry.P.mask() | secondStage, type.code());
            memory.set64(entry, PasidEntry.AW.set(first, AddressWidth.BITS_48.code()));
            memory.set64(entry + 8, PasidEntry.DID.set(PasidEntry.PWSNP.mask(), 1));
            memory.set64(entry + 16, firstStage);
        }
        long directory = page();
        memory.set64(directory, entries | PasidDirectoryEntry.P.mask());
        long contexts = page();
        memory.set64(contexts + (long) REQUESTER * ScalableContextEntry.BYTES,
                directory | ScalableContextEntry.P.mask() | ScalableContextEntry.PASIDE.mask());
        long root = page();
        memory.set64(root, contexts | ScalableRootEntry.LP.mask());
        unit.registers().write64(RootTableAddressRegister.OFFSET,
                RootTableAddressRegister.TTM.set(root, RootTableAddressRegister.SCALABLE_MODE));
        unit.registers().write32(GlobalCommandRegister.OFFSET, (int) GlobalCommandRegister.SRTP.mask());
        unit.registers().write32(GlobalCommandRegister.OFFSET, (int) GlobalCommandRegister.TE.mask());
    }

    @Override
    public void close() {
        machine.powerOff();
    }
}
