package sluicegate.hw.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;
import static sluicegate.hw.smmuv3.Rig.RW;
import static sluicegate.hw.smmuv3.Rig.assertErrno;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.types.Errno;
import sluicegate.api.types.GuestInvalidation;
import sluicegate.hw.common.rig.TestDevice;
import sluicegate.spec.smmuv3.CommandOpcode;
import sluicegate.spec.smmuv3.StreamTableEntry;

/** What a guest invalidates in its own unit reaches the real one, under the real numbers. */
class GuestCommandsTest {
    private static final int NIC = 0x10;
    private static final int DISK = 0x18;
    /** The StreamID that the guest knows the network card by, and the disk. */
    private static final int GUESTS_NIC = 1;
    private static final int GUESTS_DISK = 2;
    private static final long IOVA = 0x1_2345_6000L;
    private static final long OLD = 0x10_0000;
    private static final long NEW = 0x11_0000;

    private final Rig rig = Rig.full();
    private final Smmuv3Unit unit = rig.start();
    private final TestDevice nic = Rig.probed(unit, TestDevice.rich("nic", 0), NIC);
    private final TestDevice disk = Rig.device(unit, "disk", DISK);
    private final Map<Integer, DeviceContext> known = Map.of(GUESTS_NIC, nic, GUESTS_DISK, disk);
    private final Guest guest = new Guest(rig, 0x400_0000);
    private final DriverDomain nested = attach(guest, nic);

    @AfterEach
    void close() {
        rig.close();
    }

    private DriverDomain attach(Guest host, TestDevice device) {
        var parent = Rig.domain(unit, device, AllocFlag.NEST_PARENT);
        parent.mapPages(0, host.memory(), 1L << 21, 2, RW);
        var entry = Guest.entry(StreamTableEntry.CONFIG_S1);
        var domain = unit.domainAllocNested(device, parent,
                List.of(entry.get(0), StreamTableEntry.EATS.set(entry.get(1), StreamTableEntry.EATS_FULL)));
        Rig.attach(domain, device);
        host.maps(IOVA, OLD);
        assertThat(rig.read(sid(device), IOVA)).isEqualTo(host.memory() + OLD);
        host.maps(IOVA, NEW);
        return domain;
    }

    private static int sid(TestDevice device) {
        return device.ids().get(0);
    }

    private GuestInvalidation say(long... words) {
        return nested.invalidateGuest(LongStream.of(words).boxed().toList(), known);
    }

    private static long tlb(int opcode, int asid) {
        // The VMID of a guest means nothing to its host.
        return Commands.tlb(opcode, 0x77, asid);
    }

    private static GuestInvalidation done(int commands) {
        return new GuestInvalidation(commands, Optional.empty());
    }

    @Test
    void withoutInvalidationThePageStays() {
        assertThat(say()).isEqualTo(done(0));
        assertThat(say(tlb(CommandOpcode.TLBI_NH_VA, Guest.ASID + 1), IOVA, tlb(CommandOpcode.TLBI_NH_VA, Guest.ASID), 0))
                .isEqualTo(done(2));
        assertThat(rig.read(NIC, IOVA)).isEqualTo(guest.memory() + OLD);
    }

    @ParameterizedTest
    @ValueSource(ints = {CommandOpcode.TLBI_NH_VA, CommandOpcode.TLBI_NH_VAA, CommandOpcode.TLBI_NH_ASID, CommandOpcode.TLBI_NH_ALL,
        CommandOpcode.TLBI_NSNH_ALL})
    void translationsOfTheGuestAreForgottenAndNobodyElses(int opcode) {
        var other = new Guest(rig, 0x600_0000);
        attach(other, disk);
        boolean byAddress = opcode == CommandOpcode.TLBI_NH_VA || opcode == CommandOpcode.TLBI_NH_VAA;
        boolean byAsid = opcode == CommandOpcode.TLBI_NH_VA || opcode == CommandOpcode.TLBI_NH_ASID;
        assertThat(say(tlb(opcode, byAsid ? Guest.ASID : 0), byAddress ? IOVA : 0)).isEqualTo(done(1));
        assertThat(rig.read(NIC, IOVA)).isEqualTo(guest.memory() + NEW);
        assertThat(rig.read(DISK, IOVA)).as("of another guest").isEqualTo(other.memory() + OLD);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aDescriptorIsForgottenOfTheStreamThatTheGuestMeans(boolean all) {
        guest.movesTables();
        assertThat(say(tlb(CommandOpcode.TLBI_NH_ALL, 0), 0)).isEqualTo(done(1));
        assertThat(rig.read(NIC, IOVA)).as("the descriptor is cached").isEqualTo(guest.memory() + NEW);
        long low = all ? Commands.allContexts(GUESTS_NIC) : Commands.context(GUESTS_NIC, 0);
        assertThat(say(low, 0, tlb(CommandOpcode.TLBI_NH_ALL, 0), 0)).isEqualTo(done(2));
        assertThat(rig.read(NIC, IOVA)).isNegative();
    }

    @Test
    void devicesAreToldUnderTheirOwnStreamAfterTheUnit() {
        rig.toDevices.clear();
        assertThat(say(tlb(CommandOpcode.TLBI_NH_VA, Guest.ASID), IOVA, Commands.device(GUESTS_NIC, -1),
                Commands.deviceHigh(IOVA, IOVA + 0xfff))).isEqualTo(done(2));
        assertThat(rig.toDevices).containsExactly("invalidate 10 123456000+1000");
        rig.devicesAnswer = false;
        var result = say(tlb(CommandOpcode.TLBI_NH_ALL, 0), 0, Commands.device(GUESTS_NIC, -1), Commands.deviceAllHigh());
        assertThat(result.done()).as("the unit's own is complete").isEqualTo(1);
        assertThat(result.refused().orElseThrow().errno()).isEqualTo(Errno.ETIMEDOUT);
    }

    @Test
    void whatIsNotTheGuestsEndsTheListThere() {
        var refused = List.of(Commands.stream(GUESTS_NIC), Commands.allStreams(), Commands.sync(), Commands.of(CommandOpcode.TLBI_EL2_ALL),
                tlb(CommandOpcode.TLBI_S12_VMALL, 0), tlb(CommandOpcode.TLBI_S2_IPA, 0), Commands.pageResponse(GUESTS_NIC, -1),
                Commands.resume(GUESTS_NIC, true), Commands.of(CommandOpcode.PREFETCH_CONFIG), 0xffL, Commands.context(NIC, 0),
                Commands.device(3, -1));
        for (long each : refused) {
            guest.maps(IOVA, OLD);
            say(tlb(CommandOpcode.TLBI_NH_ALL, 0), 0);
            rig.read(NIC, IOVA);
            guest.maps(IOVA, NEW);
            var result = say(Commands.allContexts(GUESTS_DISK), 0, each, 0, tlb(CommandOpcode.TLBI_NH_ALL, 0), 0);
            assertThat(result.done()).isEqualTo(1);
            assertThat(result.refused().orElseThrow()).satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EIO))
                    .hasMessageContaining("command 1");
            assertThat(rig.read(NIC, IOVA)).as("what comes after it is not carried out").isEqualTo(guest.memory() + OLD);
        }
    }

    @Test
    void whatHardwareRefusesIsTheGuestsErrorAndNobodyElses() {
        var result = say(tlb(CommandOpcode.TLBI_NH_ALL, 0) | 1L << 63 - 40, 0);
        assertThat(result.done()).isZero();
        assertThat(result.refused().orElseThrow().errno()).isEqualTo(Errno.EINVAL);
        assertThat(say(tlb(CommandOpcode.TLBI_NH_ALL, 0), 0)).isEqualTo(done(1));
        assertErrno(Errno.EINVAL, () -> say(tlb(CommandOpcode.TLBI_NH_ALL, 0), 0, 1));
    }

    @Test
    void aListMayBeLongerThanTheQueue() {
        var words = new ArrayList<Long>();
        int commands = 3000;
        for (int i = 0; i < commands - 1; i++) {
            words.addAll(List.of(tlb(CommandOpcode.TLBI_NH_VA, Guest.ASID), 0x1000L * i));
        }
        words.addAll(List.of(tlb(CommandOpcode.TLBI_NH_VA, Guest.ASID), IOVA));
        assertThat(nested.invalidateGuest(words, known)).isEqualTo(done(commands));
        assertThat(rig.read(NIC, IOVA)).isEqualTo(guest.memory() + NEW);
    }

    @Test
    void onlyANestedDomainHasGuests() {
        var plain = Rig.domain(unit, disk);
        assertErrno(Errno.EOPNOTSUPP, () -> plain.invalidateGuest(List.of(), known));
    }
}
