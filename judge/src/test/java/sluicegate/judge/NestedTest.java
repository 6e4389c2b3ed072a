package sluicegate.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.IommuDriver;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.GuestInvalidation;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.core.impl.DriverEntry;
import sluicegate.core.impl.IommuCore;
import sluicegate.hw.amdvi.AmdviDriver;
import sluicegate.hw.smmuv3.Smmuv3Driver;
import sluicegate.hw.vtd.VtdDriver;
import sluicegate.sim.EmbeddedMachine;
import sluicegate.spec.amdvi.CommandCode;
import sluicegate.spec.amdvi.CommandRecord;
import sluicegate.spec.amdvi.DeviceTableEntry;
import sluicegate.spec.amdvi.Gcr3Entry;
import sluicegate.spec.amdvi.InvalidateIommuPagesCommand;
import sluicegate.spec.amdvi.InvalidateIotlbPagesCommand;
import sluicegate.spec.smmuv3.AddressSize;
import sluicegate.spec.smmuv3.AtcInvCommand;
import sluicegate.spec.smmuv3.CommandOpcode;
import sluicegate.spec.smmuv3.ContextDescriptor;
import sluicegate.spec.smmuv3.StreamTableEntry;
import sluicegate.spec.smmuv3.TlbiNhAsidCommand;
import sluicegate.spec.smmuv3.TlbiNhVaCommand;
import sluicegate.spec.vmsa.Stage1Descriptor;

/**
 * Random programs with guests: each device has tables of its own, whose addresses one parent translates for all. What a host maps and
 * unmaps beneath them, what a guest maps and unmaps, new guests, moves between a guest and its parent, and other drivers meanwhile; and
 * each DMA ends as the two lists of mappings say. Devices may keep translations of both stages themselves. QEMU's VT-d unit has no
 * nested translation without a host's IOMMU, so it can't be asked.
 */
class NestedTest {
    private static final long PAGE = 4096;
    private static final long LARGE = 2L << 20;
    private static final int STEPS = 1000;
    /** {@code IOMMU_VTD_INV_FLAGS_LEAF}. */
    private static final long VTD_LEAF = 1;
    private static final List<String> DEVICES = List.of("0000:00:05.0", "0000:01:00.0");
    private static final List<String> ACCELERATORS = List.of("0000:00:10.0", "0000:00:11.0");
    /** Addresses of a guest around the ends of tables of each level. */
    private static final List<Long> GUEST = List.of(PAGE, LARGE - PAGE, LARGE, (1L << 30) - PAGE, 1L << 30, (1L << 39) - PAGE,
            1L << 39, (1L << 47) - PAGE);
    /** Where the parent maps memory, with room for a large page at each; the guests' tables are elsewhere. */
    private static final List<Long> HOST = List.of(1L << 33, (1L << 33) + LARGE, (1L << 39) - LARGE, 1L << 39, 1L << 46);

    /** Whose unit it is, and how its guests write tables: four levels with 512 entries each. */
    private enum Kind {
        VTD("intel,vtd", VtdDriver::new, Subjects.SCALABLE, ""),
        VTD_CACHING_ABSENCE("intel,vtd", VtdDriver::new, Subjects.SCALABLE,
                "vtd.caching-mode = yes\nvtd.page-selective-invalidation = no"),
        SMMUV3("arm,smmu-v3", Smmuv3Driver::new, Subjects.ARM_RICH, ""),
        SMMUV3_WITHOUT_RANGES("arm,smmu-v3", Smmuv3Driver::new, Subjects.ARM_RICH,
                "smmuv3.range-invalidation = no\nsmmuv3.enhanced-command-queues = no\nsmmuv3.msi = no"),
        AMDVI("amd,iommu", AmdviDriver::new, Subjects.AMD_ACCEL, "");

        private static final long X86_TABLE = 7;
        private static final long ARM_TABLE = Stage1Descriptor.VALID.mask() | Stage1Descriptor.TYPE.mask();
        private static final long ARM_PAGE = ARM_TABLE | Stage1Descriptor.AF.mask() | Stage1Descriptor.NG.mask();

        private final String compatible;
        private final Supplier<IommuDriver> driver;
        private final String machine;
        private final String settings;

        Kind(String compatible, Supplier<IommuDriver> driver, String machine, String settings) {
            this.compatible = compatible;
            this.driver = driver;
            this.machine = machine;
            this.settings = settings;
        }

        /** Whether guests have an Arm unit. */
        boolean arm() {
            return compatible.startsWith("arm,");
        }

        List<String> devices() {
            return machine.equals(Subjects.AMD_ACCEL) ? ACCELERATORS : DEVICES;
        }

        long tableEntry(long table) {
            return table | (arm() ? ARM_TABLE : X86_TABLE);
        }

        long leaf(Leaf leaf) {
            if (!arm()) {
                return leaf.address | (leaf.writable ? 7 : 5);
            }
            int rights = Stage1Descriptor.AP_UNPRIVILEGED | (leaf.writable ? 0 : Stage1Descriptor.AP_READ_ONLY);
            return leaf.address | Stage1Descriptor.AP.set(ARM_PAGE, rights);
        }
    }

    private final IommuCore core = new IommuCore();
    private final List<String> said = new ArrayList<>();
    private final TreeMap<Long, Host> host = new TreeMap<>();
    private final Map<String, Integer> met = new HashMap<>();
    private Kind kind;
    private EmbeddedMachine machine;
    private List<Device> devices;
    private final List<Guest> guests = new ArrayList<>();
    private Domain parent;
    private long buffer;
    private Random random;

    /** What the parent maps. */
    private record Host(long address, long size, boolean writable) {}

    /** What a guest maps: a page of addresses that the parent translates. */
    private record Leaf(long address, boolean writable) {}

    /** Where a device is. */
    private enum Where { GUEST, PARENT, NOWHERE }

    /** A device, its tables, and what they say. */
    private final class Guest {
        private final Device device;
        /** By which the guest knows its address space, and its device. */
        private final int id;
        private final Map<Long, Leaf> leaves = new TreeMap<>();
        private Where where = Where.NOWHERE;
        private long top;
        private Domain domain;

        Guest(Device device, int id) {
            this.device = device;
            this.id = id;
            begin();
        }

        /** With empty tables. */
        private void begin() {
            leaves.clear();
            top = table();
            domain = core.allocateNestedDomain(device, parent, kind.arm() ? streamEntry() : kind == Kind.AMDVI ? deviceEntry()
                    : List.of(0L, top, 48L));
        }

        /** With a table of PASIDs of its own, and its own number as domain id. */
        private List<Long> deviceEntry() {
            long pasids = table();
            machine.memory().set64(pasids, Gcr3Entry.V.mask() | top);
            long first = DeviceTableEntry.V.mask() | DeviceTableEntry.TV.mask() | DeviceTableEntry.IR.mask() | DeviceTableEntry.IW.mask()
                    | DeviceTableEntry.GV.mask() | DeviceTableEntry.GIOV.mask();
            long second = DeviceTableEntry.DOMAINID.set(DeviceTableEntry.I.mask(), id);
            return List.of(DeviceTableEntry.setGcr3RootLow(first, pasids), DeviceTableEntry.setGcr3RootHigh(second, pasids), 0L, 0L);
        }

        /** With a context descriptor of its own. */
        private List<Long> streamEntry() {
            long descriptor = table();
            var memory = machine.memory();
            memory.set64(descriptor, ContextDescriptor.ASID.set(ContextDescriptor.T0SZ.set(ContextDescriptor.IPS.set(
                    ContextDescriptor.V.mask() | ContextDescriptor.AA64.mask() | ContextDescriptor.EPD1.mask() | ContextDescriptor.A.mask()
                            | ContextDescriptor.R.mask(), AddressSize.BITS_48.code()), 16), id));
            memory.set64(descriptor + 8, ContextDescriptor.TTB0.setInPlace(0, top));
            long first = StreamTableEntry.CONFIG.set(StreamTableEntry.V.mask(), StreamTableEntry.CONFIG_S1);
            return List.of(StreamTableEntry.S1CONTEXTPTR.setInPlace(first, descriptor),
                    StreamTableEntry.EATS.set(0, StreamTableEntry.EATS_FULL));
        }

        void renew() {
            move(Where.NOWHERE);
            if (kind.arm()) {
                // The next guest goes on with its number.
                invalidate(1, TlbiNhAsidCommand.ASID.set(CommandOpcode.TLBI_NH_ASID, id), 0);
            }
            domain.close();
            begin();
            move(Where.GUEST);
        }

        void move(Where to) {
            if (where != Where.NOWHERE) {
                device.group().orElseThrow().detach();
            }
            if (to != Where.NOWHERE) {
                device.group().orElseThrow().attach(to == Where.GUEST ? domain : parent);
            }
            where = to;
        }

        private void invalidate(int count, long... words) {
            assertThat(domain.invalidateGuest(LongStream.of(words).boxed().toList(), Map.of(id, device)))
                    .as("%s", said).isEqualTo(new GuestInvalidation(count, Optional.empty()));
        }

        /** What is cached of it goes in the unit and in the device. */
        void unmap(long iova) {
            machine.memory().set64Release(slot(iova), 0);
            if (kind.arm()) {
                invalidate(2, TlbiNhVaCommand.ASID.set(CommandOpcode.TLBI_NH_VA, id), iova,
                        AtcInvCommand.STREAMID.set(CommandOpcode.ATC_INV, id), iova);
            } else if (kind == Kind.AMDVI) {
                long pages = CommandRecord.OPCODE.set(InvalidateIommuPagesCommand.DOMAINID.set(0, id), CommandCode.INVALIDATE_IOMMU_PAGES);
                long device = CommandRecord.OPCODE.set(InvalidateIotlbPagesCommand.DEVICEID.set(0, id), CommandCode.INVALIDATE_IOTLB_PAGES);
                invalidate(2, pages, iova | InvalidateIommuPagesCommand.GN.mask(), device, iova);
            } else {
                invalidate(1, iova, 1, VTD_LEAF);
            }
            leaves.remove(iova);
        }

        /** As a guest writes its own tables; what was not there before is cached by nobody. */
        void map(long iova, Leaf leaf) {
            machine.memory().set64Release(slot(iova), kind.leaf(leaf));
            leaves.put(iova, leaf);
        }

        /** Where the entry of a page is; tables on the way are made. */
        private long slot(long iova) {
            long table = top;
            for (int shift = 39; shift > 12; shift -= 9) {
                long slot = table + (iova >>> shift & 0x1ff) * 8;
                long entry = machine.memory().get64(slot);
                if (entry == 0) {
                    entry = kind.tableEntry(table());
                    machine.memory().set64Release(slot, entry);
                }
                table = entry & ~0xfffL;
            }
            return table + (iova >>> 12 & 0x1ff) * 8;
        }

        /** A page for the guest's tables; the parent passes its address as it is. */
        private long table() {
            long page = machine.allocate(PAGE);
            machine.memory().fill64(page, 0, 0, 512);
            parent.map(page, page, PAGE, Prot.READ | Prot.WRITE);
            return page;
        }
    }

    @AfterEach
    void close() {
        core.close();
        machine.powerOff();
    }

    @ParameterizedTest
    @EnumSource
    void whatAHostAndItsGuestsMapIsReachedAndNothingElse(Kind which) {
        kind = which;
        long seed = Long.getLong("judge.seed", System.nanoTime() & 0xffff_ffffL);
        random = new Random(seed);
        said.add("seed " + seed);
        machine = Subjects.embeddedMachine(kind.machine, kind.settings);
        for (int i = 0; i < 2; i++) {
            var driver = kind.driver.get();
            core.addDriver(new DriverEntry(driver, driver.name(), "judge", "0", 0, i, List.of(kind.compatible)));
        }
        machine.units().forEach(core::addUnit);
        machine.buses().forEach(core::addBus);
        assertThat(core.awaitProbed(machine, Duration.ofSeconds(20))).isTrue();
        devices = kind.devices().stream().map(core::device).toList();
        buffer = machine.allocate(2 * HOST.size() * LARGE) + LARGE - 1 & -LARGE;
        parent = core.allocateDomain(devices.get(0), Set.of(AllocFlag.NEST_PARENT));
        devices.forEach(device -> guests.add(new Guest(device, 1 + guests.size())));
        for (int i = 0; i < STEPS || !hasMetEverything() && i < 10 * STEPS; i++) {
            step();
        }
        assertThat(hasMetEverything()).as("%s %s", said.get(0), met).isTrue();
    }

    /** Some programs take longer to find a place that a guest and its host both map. */
    private boolean hasMetEverything() {
        return met.keySet().containsAll(List.of("GUEST OK", "GUEST FAULT", "PARENT OK", "PARENT FAULT", "NOWHERE FAULT"))
                && met.get("GUEST OK") > STEPS / 20;
    }

    private <T> T any(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    private void step() {
        var guest = any(guests);
        int choice = random.nextInt(100);
        if (choice < 60) {
            dma(guest);
        } else if (choice < 72) {
            mapHost();
        } else if (choice < 80) {
            unmapHost();
        } else if (choice < 92) {
            long iova = any(GUEST);
            if (!guest.leaves.containsKey(iova)) {
                var leaf = new Leaf(any(HOST) + random.nextInt(3) * PAGE, random.nextInt(4) != 0);
                said.add(guest.device.name() + " maps " + Long.toHexString(iova) + " " + leaf);
                guest.map(iova, leaf);
            } else {
                said.add(guest.device.name() + " unmaps " + Long.toHexString(iova));
                // What a device has used just now it knows best.
                boolean again = guest.where == Where.GUEST && random.nextBoolean();
                if (again) {
                    dma(guest, iova, false);
                }
                guest.unmap(iova);
                if (again) {
                    dma(guest, iova, false);
                }
            }
        } else if (choice < 97) {
            var to = random.nextBoolean() ? Where.GUEST : any(List.of(Where.values()));
            said.add(guest.device.name() + " moves to " + to);
            guest.move(to);
        } else if (choice < 98 && random.nextInt(3) == 0) {
            said.add(guest.device.name() + " has a new guest");
            guest.renew();
        } else if (choice >= 98) {
            var policy = any(List.of(LeavePolicy.values()));
            said.add("swap " + policy);
            devices.get(0).unit().orElseThrow().swap(kind.driver.get().name(), policy);
        }
    }

    /** Each place has memory of its own. */
    private void mapHost() {
        int place = random.nextInt(HOST.size());
        boolean large = random.nextInt(4) == 0;
        long offset = large ? 0 : random.nextInt(3) * PAGE;
        long iova = HOST.get(place) + offset;
        var mapping = new Host(buffer + place * LARGE + offset, large ? LARGE : PAGE, random.nextInt(4) != 0);
        var before = host.lowerEntry(iova + mapping.size);
        if (before == null || before.getKey() + before.getValue().size <= iova) {
            said.add("map " + Long.toHexString(iova) + " " + mapping);
            parent.map(iova, mapping.address, mapping.size, Prot.READ | (mapping.writable ? Prot.WRITE : 0));
            host.put(iova, mapping);
        }
    }

    private void unmapHost() {
        if (!host.isEmpty()) {
            long iova = any(List.copyOf(host.keySet()));
            said.add("unmap " + Long.toHexString(iova));
            assertThat(parent.unmap(iova, host.get(iova).size)).as("%s", said).isEqualTo(host.remove(iova).size);
        }
    }

    /** Mostly one that gets through. */
    private void dma(Guest guest) {
        boolean write;
        long iova;
        int tries = random.nextInt(10);
        do {
            write = random.nextBoolean();
            iova = (guest.where == Where.GUEST ? any(GUEST) : any(HOST) + random.nextInt(3) * PAGE) + random.nextInt((int) PAGE - 8);
        } while (--tries > 0 && predict(guest, iova, write) < 0);
        dma(guest, iova, write);
    }

    private void dma(Guest guest, long iova, boolean write) {
        var bytes = new byte[8];
        random.nextBytes(bytes);
        long address = predict(guest, iova, write);
        said.add(guest.device.name() + (write ? " writes " : " reads ") + Long.toHexString(iova));
        var dma = guest.device.busDevice().dma();
        var status = write ? dma.write(Pasid.NONE, iova, bytes, 0, 8) : dma.read(Pasid.NONE, iova, bytes, 0, 8);
        assertThat(status).as("%s", said).isEqualTo(address < 0 ? DmaStatus.FAULT : DmaStatus.OK);
        if (address >= 0) {
            var there = new byte[8];
            machine.memory().read(address, there, 0, 8);
            assertThat(there).as("%s", said).isEqualTo(bytes);
        }
        met.merge(guest.where + " " + status, 1, Integer::sum);
    }

    /** The physical address that is reached; negative if none may be. */
    private long predict(Guest guest, long iova, boolean write) {
        if (guest.where == Where.NOWHERE) {
            return -1;
        }
        long passed = iova;
        if (guest.where == Where.GUEST) {
            var leaf = guest.leaves.get(iova & -PAGE);
            if (leaf == null || write && !leaf.writable) {
                return -1;
            }
            passed = leaf.address + (iova & PAGE - 1);
        }
        var found = host.floorEntry(passed);
        if (found == null || passed >= found.getKey() + found.getValue().size || write && !found.getValue().writable) {
            return -1;
        }
        return found.getValue().address + passed - found.getKey();
    }
}
