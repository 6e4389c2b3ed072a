package sluicegate.qemu.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QemuProgramTest {
    @TempDir
    private Path folder;

    private QemuProgram program(String says) throws IOException {
        var script = Files.writeString(folder.resolve("qemu"), "#!/bin/sh\ncat <<END\n" + says + "\nEND\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return new QemuProgram(script);
    }

    @Test
    void itsVersionIsWhatItSays() throws IOException {
        assertThat(program("QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)").major()).hasValue(7);
        assertThat(program("QEMU emulator version 10.0.2 (Debian 1:10.0.2+ds-2)\nCopyright").major()).hasValue(10);
        assertThat(program("qemu-img version 10.0.2").major()).isEmpty();
        assertThat(program("QEMU emulator version 99999999999.1").major()).isEmpty();
        assertThat(new QemuProgram(folder.resolve("none")).major()).isEmpty();
    }

    @Test
    void itLogsWhatItLists() throws IOException {
        var program = program("Log items (comma separated):\nguest_errors    log when the guest OS does something invalid\n"
                + "invalid_mem     log invalid memory accesses");
        assertThat(program.logs("invalid_mem")).isTrue();
        assertThat(program.logs("guest_errors")).isTrue();
        assertThat(program.logs("invalid")).isFalse();
        assertThat(new QemuProgram(folder.resolve("none")).logs("guest_errors")).isFalse();
    }
}
