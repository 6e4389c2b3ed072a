package sluicegate.qemu;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import sluicegate.qemu.process.QemuProgram;
import sluicegate.qemu.process.WorkFolder;

/** The command that starts QEMU as a machine, and the files that it needs. */
record QemuCommand(MachineModel model, Path program, WorkFolder folder) {
    static final String MEMORY = "memory";
    static final String CARD = "card";
    static final String SAID = "said";
    private static final String ROM = "rom";
    /** Where newer versions log accesses that nobody takes; older ones do with what a guest does wrong. */
    private static final String REFUSED_ACCESSES = "invalid_mem";

    /** All of the card that an SD host controller's DMA uses; the size has to be a power of two. */
    static final long CARD_BYTES = 64 << 10;

    /** Makes the files. */
    QemuCommand prepare() {
        folder.sparse(MEMORY, model.memory().size());
        folder.sparse(CARD, CARD_BYTES);
        folder.write(ROM, model.parkedProcessor());
        return this;
    }

    List<String> line() {
        long size = model.memory().size();
        var line = new ArrayList<String>(List.of(program.toString(), "-name", model.name(),
                "-machine", model.machine() + ",memory-backend=memory",
                // A processor that sleeps for ever makes virtual time jump from one timer to the next.
                "-accel", "tcg", "-icount", "shift=0,sleep=off", "-bios", folder.file(ROM).toString(),
                "-m", size + "B", "-object", "memory-backend-file,id=memory,share=on,size=" + size + "B,mem-path="
                        + folder.file(MEMORY),
                "-display", "none", "-nodefaults", "-no-user-config", "-monitor", "none", "-serial", "none",
                "-qtest", "stdio", "-qtest-log", "none", "-d", log()));
        model.trace().events().forEach(event -> line.addAll(List.of("-trace", event)));
        line.addAll(model.arguments());
        line.addAll(List.of("-drive", "if=none,id=card,format=raw,cache=writeback,file.locking=off,file="
                + folder.file(CARD), "-device", "sd-card,drive=card"));
        return line;
    }

    private String log() {
        return new QemuProgram(program).logs(REFUSED_ACCESSES) ? "guest_errors," + REFUSED_ACCESSES : "guest_errors";
    }
}
