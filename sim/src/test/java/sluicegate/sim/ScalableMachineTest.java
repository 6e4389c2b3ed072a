package sluicegate.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.firmware.FirmwareFolder;
import sluicegate.firmware.MachineDescription;
import sluicegate.sim.pci.DmaEngine;
import sluicegate.spec.pci.AtsCapability;
import sluicegate.spec.pci.ExtendedCapabilityId;
import sluicegate.spec.pci.PasidCapability;
import sluicegate.spec.pci.PriCapability;
import sluicegate.spec.vtd.DescriptorType;
import sluicegate.spec.vtd.DeviceTlbInvalidateDescriptor;
import sluicegate.spec.vtd.FaultStatusRegister;
import sluicegate.spec.vtd.FirstStageEntry;
import sluicegate.spec.vtd.GlobalCommandRegister;
import sluicegate.spec.vtd.InterruptRemappingEntry;
import sluicegate.spec.vtd.InterruptRemappingTableAddressRegister;
import sluicegate.spec.vtd.InterruptRequest;
import sluicegate.spec.vtd.InvalidationQueueAddressRegister;
import sluicegate.spec.vtd.InvalidationQueueHeadRegister;
import sluicegate.spec.vtd.InvalidationQueueTailRegister;
import sluicegate.spec.vtd.IotlbInvalidateDescriptor;
import sluicegate.spec.vtd.PageGroupResponseDescriptor;
import sluicegate.spec.vtd.PageRequestDescriptor;
import sluicegate.spec.vtd.PageRequestQueueAddressRegister;
import sluicegate.spec.vtd.PageRequestQueueTailRegister;
import sluicegate.spec.vtd.PasidDeviceTlbInvalidateDescriptor;
import sluicegate.spec.vtd.PasidEntry;
import sluicegate.spec.vtd.PasidTranslationType;
import sluicegate.spec.vtd.RootTableAddressRegister;
import sluicegate.spec.vtd.ScalableContextEntry;

@DisplayName("A device with PASIDs, ATS and page requests behind a VT-d unit in scalable mode")
class ScalableMachineTest {
    private static final long IOVA = 0x5000;
    private static final int PASID = 9;
    private static final long PAGE = FirstStageEntry.P.mask() | FirstStageEntry.RW.mask() | FirstStageEntry.US.mask();

    private EmbeddedMachine machine;
    private IommuUnit unit;
    private PciFunction device;
    private int source;
    private long descriptors;
    private int tail;
    private long requests;
    private long first;
    private long second;
    /** The leaves for {@link #IOVA} with PASID 0, for requests without, and {@link #PASID}. */
    private final long[] leaves = new long[2];

    @BeforeEach
    void boot() {
        machine = EmbeddedMachine.boot(MachineDescription.read(FirmwareFolder.of(Path.of("machines", "q35-vtd-scalable"))),
                "scalable", 0);
        unit = machine.units().get(0);
        device = machine.pci().find(PciAddress.parse("0000:06:00.0")).orElseThrow();
        source = machine.pci().dmaConfigure(device).orElseThrow().specifiers().get(0).get(0);
        first = machine.allocate(4096);
        second = machine.allocate(4096);
        program();
    }

    @AfterEach
    void powerOff() {
        machine.powerOff();
    }

    /** PASID 0 and {@link #PASID} with a page at {@link #IOVA} each, in tables of their own. */
    private void program() {
        var memory = machine.memory();
        long pages = unit.arena().allocate(16 * 4096);
        long entries = pages;
        for (int i = 0; i < 2; i++) {
            long top = pages + 4096 * (1 + 4L * i);
            for (int level = 0; level < 3; level++) {
                memory.set64(top + 4096L * level, top + 4096 * (level + 1L) | PAGE);
            }
            leaves[i] = top + 3 * 4096 + (IOVA >>> 12) * 8;
            memory.set64(leaves[i], first | PAGE);
            long entry = entries + (i == 0 ? 0 : PASID) * (long) PasidEntry.BYTES;
            memory.set64(entry + 16, top);
            memory.set64(entry + 8, PasidEntry.DID.set(PasidEntry.PWSNP.mask(), 1));
            memory.set64(entry, PasidEntry.PGTT.set(PasidEntry.P.mask(), PasidTranslationType.FIRST_STAGE.code()));
        }
        long directory = pages + 9 * 4096;
        memory.set64(directory, entries | 1);
        long root = pages + 10 * 4096;
        memory.set64(root + (source >>> 8) * 16L, pages + 11 * 4096 | 1);
        memory.set64(pages + 11 * 4096 + (source & 0xff) * 32L, directory | ScalableContextEntry.P.mask()
                | ScalableContextEntry.DTE.mask() | ScalableContextEntry.PASIDE.mask() | ScalableContextEntry.PRE.mask());
        descriptors = pages + 12 * 4096;
        requests = pages + 13 * 4096;
        var registers = unit.registers();
        registers.write64(RootTableAddressRegister.OFFSET,
                RootTableAddressRegister.TTM.set(root, RootTableAddressRegister.SCALABLE_MODE));
        command(GlobalCommandRegister.SRTP.mask());
        registers.write64(InvalidationQueueAddressRegister.OFFSET, descriptors | InvalidationQueueAddressRegister.DW.mask());
        registers.write64(PageRequestQueueAddressRegister.OFFSET, requests);
        command(GlobalCommandRegister.QIE.mask());
        command(GlobalCommandRegister.QIE.mask() | GlobalCommandRegister.TE.mask());
        control(ExtendedCapabilityId.PASID, PasidCapability.CONTROL_REGISTER.offset(), PasidCapability.ENABLE.mask());
    }

    private void command(long bits) {
        unit.registers().write32(GlobalCommandRegister.OFFSET, (int) bits);
    }

    private void control(ExtendedCapabilityId id, int offset, long value) {
        int at = 0x100;
        while (device.config().read16(at) != id.code()) {
            at = device.config().read16(at + 2) >>> 4;
            assertThat(at).isNotZero();
        }
        device.config().write16(at + offset, (int) value);
    }

    private void ats(boolean on) {
        control(ExtendedCapabilityId.ATS, AtsCapability.CONTROL_REGISTER.offset(), on ? AtsCapability.ENABLE.mask() : 0);
    }

    private void pri(boolean on) {
        control(ExtendedCapabilityId.PRI, PriCapability.CONTROL_REGISTER.offset(), on ? PriCapability.ENABLE.mask() : 0);
    }

    private void submit(long low, long high) {
        machine.memory().set64(descriptors + tail, low);
        machine.memory().set64(descriptors + tail + 8, high);
        tail += 32;
        unit.registers().write64(InvalidationQueueTailRegister.OFFSET, tail);
        assertThat(unit.registers().read64(InvalidationQueueHeadRegister.OFFSET)).isEqualTo(tail);
    }

    private void invalidateIotlb() {
        submit(IotlbInvalidateDescriptor.G.set(DescriptorType.IOTLB, IotlbInvalidateDescriptor.GLOBAL), 0);
    }

    private void invalidateDevice(int pasid, boolean global) {
        long low = PasidDeviceTlbInvalidateDescriptor.SID.set(DescriptorType.PASID_DEVICE_TLB, source);
        submit(PasidDeviceTlbInvalidateDescriptor.PASID.set(low, pasid), IOVA
                | (global ? PasidDeviceTlbInvalidateDescriptor.G.mask() : 0));
    }

    /** Where eight bytes of the device end up. */
    private long target(int pasid) {
        var memory = machine.memory();
        memory.set64(first, 0);
        memory.set64(second, 0);
        assertThat(device.dma().write(pasid, IOVA, new byte[] {1, 2, 3, 4, 5, 6, 7, 8}, 0, 8)).isEqualTo(DmaStatus.OK);
        return memory.get64(first) != 0 ? first : memory.get64(second) != 0 ? second : 0;
    }

    private void movePages() {
        machine.memory().set64(leaves[0], second | PAGE);
        machine.memory().set64(leaves[1], second | PAGE);
        invalidateIotlb();
    }

    private int faultStatus() {
        return unit.registers().read32(FaultStatusRegister.OFFSET);
    }

    @Test
    @DisplayName("keeps a PASID's translation until it is told to forget it")
    void keepsTranslationsByPasid() {
        ats(true);
        assertThat(target(PASID)).isEqualTo(first);
        assertThat(target(Pasid.NONE)).isEqualTo(first);
        movePages();
        assertThat(target(PASID)).as("the unit has forgotten it, the device has not").isEqualTo(first);
        invalidateDevice(PASID + 1, false);
        assertThat(target(PASID)).as("another PASID").isEqualTo(first);
        invalidateDevice(PASID, false);
        assertThat(target(PASID)).isEqualTo(second);
        assertThat(target(Pasid.NONE)).as("requests without PASID are invalidated apart").isEqualTo(first);
        submit(DeviceTlbInvalidateDescriptor.SID.set(DescriptorType.DEVICE_TLB, source), IOVA);
        assertThat(target(Pasid.NONE)).isEqualTo(second);
        assertThat(faultStatus()).isZero();
    }

    @Test
    @DisplayName("forgets translations of every PASID when told so")
    void forgetsAllPasids() {
        ats(true);
        assertThat(target(PASID)).isEqualTo(first);
        movePages();
        invalidateDevice(0, true);
        assertThat(target(PASID)).isEqualTo(second);
    }

    @Test
    @DisplayName("asks for a page, finds the answer, and goes on")
    void asksForPages() {
        ats(true);
        pri(true);
        machine.memory().set64(leaves[1], 0);
        assertThat(device.dma().translate(PASID, IOVA, false).prot()).isZero();
        device.dma().requestPage(PASID, IOVA, Prot.READ | Prot.WRITE, 3, true);
        assertThat(unit.registers().read64(PageRequestQueueTailRegister.OFFSET)).isEqualTo(32);
        long low = machine.memory().get64(requests);
        long high = machine.memory().get64(requests + 8);
        assertThat(PageRequestDescriptor.SID.get(low)).isEqualTo(source);
        assertThat(PageRequestDescriptor.PASID.get(low)).isEqualTo(PASID);
        assertThat(PageRequestDescriptor.ADDR.inPlace(high)).isEqualTo(IOVA);
        assertThat(answer(3)).isEmpty();
        machine.memory().set64(leaves[1], second | PAGE);
        long response = PageGroupResponseDescriptor.SID.set(DescriptorType.PAGE_GROUP_RESPONSE
                | PageGroupResponseDescriptor.PP.mask(), source);
        submit(PageGroupResponseDescriptor.PASID.set(response, PASID), PageGroupResponseDescriptor.PRGI.set(0, 3));
        assertThat(answer(3)).hasValue(PageGroupResponseDescriptor.SUCCESS);
        assertThat(target(PASID)).isEqualTo(second);
        assertThat(faultStatus()).isZero();
    }

    @Test
    @DisplayName("is told at once that a PASID is not there")
    void isAnsweredByTheUnit() {
        ats(true);
        pri(true);
        device.dma().requestPage(PASID + 1, IOVA, Prot.READ, 4, true);
        assertThat(answer(4)).hasValue(PageGroupResponseDescriptor.INVALID);
        assertThat(unit.registers().read64(PageRequestQueueTailRegister.OFFSET)).isZero();
        assertThat(FaultStatusRegister.PPF.isSet(faultStatus())).isTrue();
        pri(false);
        assertThatThrownBy(() -> device.dma().requestPage(PASID, IOVA, Prot.READ, 4, true)).isInstanceOf(IommuException.class);
    }

    private OptionalInt answer(int group) {
        return ((DmaEngine) device.dma()).takePageResponse(group);
    }

    @Test
    @DisplayName("has its messages remapped")
    void messagesAreRemapped() throws Exception {
        var seen = new CountDownLatch(1);
        try (var vector = unit.interrupts().allocate("device", seen::countDown)) {
            long table = unit.arena().allocate(4096);
            machine.memory().set64(table + 8, InterruptRemappingEntry.SVT.set(InterruptRemappingEntry.SID.set(0, source), 1));
            machine.memory().set64(table, InterruptRemappingEntry.V.set(1, vector.data()));
            unit.registers().write64(InterruptRemappingTableAddressRegister.OFFSET, table | 7);
            long on = GlobalCommandRegister.QIE.mask() | GlobalCommandRegister.TE.mask();
            command(on | GlobalCommandRegister.SIRTP.mask());
            command(on | GlobalCommandRegister.IRE.mask());
            long message = vector.address() | InterruptRequest.FORMAT.mask();
            assertThat(device.dma().write(Pasid.NONE, message, new byte[4], 0, 4)).isEqualTo(DmaStatus.OK);
            assertThat(seen.await(10, TimeUnit.SECONDS)).isTrue();
            var other = machine.pci().find(PciAddress.parse("0000:00:05.0")).orElseThrow();
            assertThat(other.dma().write(Pasid.NONE, message, new byte[4], 0, 4)).isEqualTo(DmaStatus.FAULT);
            assertThat(FaultStatusRegister.PPF.isSet(faultStatus())).isTrue();
        }
    }
}
