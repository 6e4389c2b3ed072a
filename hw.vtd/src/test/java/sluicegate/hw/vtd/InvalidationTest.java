package sluicegate.hw.vtd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static sluicegate.hw.vtd.AttachTest.assertErrno;
import static sluicegate.hw.vtd.Rig.RW;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.driver.IotlbGather;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.types.Errno;
import sluicegate.hw.common.rig.WindowFilter;
import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.ContextCommandRegister;
import sluicegate.spec.vtd.DescriptorType;
import sluicegate.spec.vtd.InvalidationQueueTailRegister;
import sluicegate.spec.vtd.IotlbInvalidateDescriptor;
import sluicegate.spec.vtd.IotlbInvalidateRegister;

class InvalidationTest {
    private static final int NIC = 0x0010;
    private static final int IOTLB_REG = 0xf8;

    private DescriptorTap tap;

    private Rig tapped() {
        var rig = new Rig();
        return rig.registers(real -> tap = new DescriptorTap(real, rig.memory()));
    }

    /** The guard: after an unmap is complete, no DMA reaches the memory any more, however often it did before. */
    private static void assertUnmappedMemoryIsOutOfReach(Rig rig, PagingDomain domain) {
        Rig.map(domain, 0x1000, 0x20_0000, 1, RW);
        assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
        var gather = new IotlbGather();
        domain.unmapPages(0x1000, 4096, 1, gather);
        domain.iotlbSync(gather);
        assertThat(rig.read(NIC, 0x1000)).as("answer to a read after the unmap").isNegative();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void unmappedMemoryIsOutOfReach(boolean queue) {
        try (var rig = Rig.of(queue, false)) {
            assertUnmappedMemoryIsOutOfReach(rig, attached(rig.start()));
        }
    }

    /**
     * The guard above is worth something: the same steps with invalidations that do nothing leave a translation that the
     * hardware really uses, and the guard sees it.
     */
    @Test
    void aMissingInvalidationByQueueIsSeen() {
        try (var rig = tapped()) {
            var domain = attached(rig.start());
            tap.neutraliseIotlbInvalidations();
            assertThatThrownBy(() -> assertUnmappedMemoryIsOutOfReach(rig, domain)).isInstanceOf(AssertionError.class)
                    .hasMessageContaining("after the unmap");
            assertThat(domain.iovaToPhys(0x1000)).as("the page table").isEqualTo(-1);
            assertThat(rig.read(NIC, 0x1000)).as("the stale translation").isEqualTo(0x20_0000);
        }
    }

    @Test
    void aMissingInvalidationByRegisterIsSeen() {
        try (var rig = Rig.of(false, false)) {
            rig.registers(real -> new WindowFilter(real) {
                @Override
                public void write64(long offset, long value) {
                    boolean page = offset == IOTLB_REG && IotlbInvalidateRegister.IIRG.get(value) == IotlbInvalidateRegister.PAGE;
                    super.write64(offset, page ? IotlbInvalidateRegister.DID.set(value, 0x3ff) : value);
                }
            });
            var domain = attached(rig.start());
            assertThatThrownBy(() -> assertUnmappedMemoryIsOutOfReach(rig, domain)).isInstanceOf(AssertionError.class)
                    .hasMessageContaining("after the unmap");
            assertThat(rig.read(NIC, 0x1000)).as("the stale translation").isEqualTo(0x20_0000);
        }
    }

    @Test
    void aNewMappingNeedsAnInvalidationOnlyInCachingMode() {
        try (var rig = tapped().cap(CapabilityRegister.CM, 1)) {
            var domain = attached(rig.start());
            assertThat(rig.read(NIC, 0x1000)).isNegative();
            domain.mapPages(0x1000, 0x20_0000, 4096, 1, RW);
            assertThat(rig.read(NIC, 0x1000)).as("not present, from the cache").isNegative();
            tap.take();
            domain.iotlbSyncMap(0x1000, 4096);
            assertThat(tap.take()).hasSize(1);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
        }
        try (var rig = tapped()) {
            var domain = attached(rig.start());
            tap.take();
            Rig.map(domain, 0x1000, 0x20_0000, 1, RW);
            assertThat(tap.take()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        // first page, pages, address mask, first page of the block
        "1, 1, 0, 1", "2, 2, 1, 2", "1, 2, 2, 0", "0x10, 3, 2, 0x10", "0x1ff, 2, 10, 0", "0x200, 0x100, 8, 0x200"})
    void pagesAreInvalidatedByTheSmallestBlockThatCoversThem(String first, int pages, int mask, String block) {
        try (var rig = tapped()) {
            var domain = attached(rig.start());
            long iova = Long.decode(first) << 12;
            Rig.map(domain, iova, 0, pages, RW);
            tap.take();
            unmap(domain, iova, pages);
            assertThat(tap.take()).singleElement().satisfies(descriptor -> {
                assertThat(descriptor.type()).isEqualTo(DescriptorType.IOTLB);
                assertThat(IotlbInvalidateDescriptor.G.get(descriptor.low())).isEqualTo(IotlbInvalidateDescriptor.PAGE);
                assertThat(IotlbInvalidateDescriptor.DID.get(descriptor.low())).isEqualTo(domain.id());
                assertThat(IotlbInvalidateDescriptor.AM.get(descriptor.high())).isEqualTo(mask);
                assertThat(IotlbInvalidateDescriptor.ADDR.inPlace(descriptor.high())).isEqualTo(Long.decode(block) << 12);
                assertThat(IotlbInvalidateDescriptor.IH.isSet(descriptor.high())).as("leaves only").isTrue();
                assertThat(IotlbInvalidateDescriptor.DR.isSet(descriptor.low())).as("reads are drained").isTrue();
                assertThat(IotlbInvalidateDescriptor.DW.isSet(descriptor.low())).as("writes are drained").isTrue();
            });
        }
    }

    @Test
    void theWholeDomainIsInvalidatedWhereTheUnitCannotDoSoManyPages() {
        try (var rig = tapped().cap(CapabilityRegister.MAMV, 3)) {
            var domain = attached(rig.start());
            Rig.map(domain, 0, 0, 16, RW);
            tap.take();
            unmap(domain, 0, 16);
            assertThat(tap.take()).singleElement()
                    .satisfies(d -> assertThat(IotlbInvalidateDescriptor.G.get(d.low())).isEqualTo(IotlbInvalidateDescriptor.DOMAIN));
        }
        try (var rig = tapped().cap(CapabilityRegister.PSI, 0)) {
            var domain = attached(rig.start());
            Rig.map(domain, 0, 0, 1, RW);
            assertThat(rig.read(NIC, 0)).isZero();
            tap.take();
            unmap(domain, 0, 1);
            assertThat(tap.take()).singleElement()
                    .satisfies(d -> assertThat(IotlbInvalidateDescriptor.G.get(d.low())).isEqualTo(IotlbInvalidateDescriptor.DOMAIN));
            assertThat(rig.read(NIC, 0)).isNegative();
        }
    }

    @Test
    void tablesAreGivenBackOnlyAfterUpperLevelsWereInvalidatedToo() {
        try (var rig = tapped()) {
            var domain = attached(rig.start());
            long before = rig.arena().allocatedBytes();
            Rig.map(domain, 0, 0, 512, RW);
            long mapped = rig.arena().allocatedBytes();
            assertThat(mapped).isEqualTo(before + 3 * 4096);
            tap.take();
            var during = new ArrayList<Long>();
            tap.beforeIotlbInvalidation(() -> during.add(rig.arena().allocatedBytes()));
            unmap(domain, 0, 512);
            assertThat(during).containsExactly(mapped);
            assertThat(rig.arena().allocatedBytes()).as("one table less").isEqualTo(mapped - 4096);
            assertThat(tap.take()).singleElement()
                    .satisfies(d -> assertThat(IotlbInvalidateDescriptor.IH.isSet(d.high())).isFalse());
        }
    }

    @Test
    void aDomainWithoutDevicesHasNothingToInvalidate() {
        try (var rig = tapped()) {
            var unit = rig.start();
            var domain = Rig.domain(unit, Rig.device(unit, "nic", NIC));
            tap.take();
            Rig.map(domain, 0, 0, 512, RW);
            unmap(domain, 0, 512);
            domain.flushIotlbAll();
            assertThat(tap.take()).isEmpty();
            domain.free();
        }
    }

    /** Nothing is invalidated for a domain without devices, so the detach must have left nothing behind. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aDetachedDomainIsForgottenAltogether(boolean queue) {
        try (var rig = Rig.of(queue, false)) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var domain = Rig.domain(unit, nic);
            domain.attachDev(nic, Optional.empty());
            Rig.map(domain, 0x1000, 0x20_0000, 1, RW);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
            unit.blockedDomain().attachDev(nic, Optional.of(domain));
            unmap(domain, 0x1000, 1);
            domain.attachDev(nic, Optional.of(unit.blockedDomain()));
            assertThat(rig.read(NIC, 0x1000)).isNegative();
        }
    }

    /** Neighbouring ranges of one domain, each with its own DMA, while another device comes and goes. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void threadsThatShareADomainNeverReachWhatTheyUnmapped(boolean queue) throws Exception {
        try (var rig = Rig.of(queue, false)) {
            var unit = rig.startInRealTime();
            var nic = Rig.device(unit, "nic", NIC);
            var domain = Rig.domain(unit, nic);
            domain.attachDev(nic, Optional.empty());
            var pool = Executors.newFixedThreadPool(4);
            try {
                var work = new ArrayList<Callable<Integer>>();
                for (int thread = 0; thread < 3; thread++) {
                    long iova = thread * 0x20_0000L;
                    work.add(() -> {
                        int wrong = 0;
                        for (int i = 0; i < 300; i++) {
                            // A whole table with every map, so that tables come and go.
                            Rig.map(domain, iova, iova, 512, RW);
                            wrong += rig.read(NIC, iova + 0x5000) == iova + 0x5000 ? 0 : 1;
                            unmap(domain, iova, 512);
                            wrong += rig.read(NIC, iova + 0x5000) < 0 ? 0 : 1;
                        }
                        return wrong;
                    });
                }
                work.add(() -> {
                    var disk = Rig.device(unit, "disk", 0x0118);
                    for (int i = 0; i < 300; i++) {
                        domain.attachDev(disk, Optional.empty());
                        unit.blockedDomain().attachDev(disk, Optional.empty());
                    }
                    return rig.read(0x0118, 0) < 0 ? 0 : 1;
                });
                for (var wrong : pool.invokeAll(work)) {
                    assertThat(wrong.get()).isZero();
                }
            } finally {
                pool.shutdownNow();
            }
            unit.blockedDomain().attachDev(nic, Optional.empty());
            domain.free();
            unit.leave(LeavePolicy.BLOCK);
            assertThat(rig.arena().allocatedBytes()).isEqualTo(4096);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void mappingAndUnmappingCreateNoObjects(boolean queue) {
        try (var rig = Rig.of(queue, true)) {
            var domain = attached(rig.start());
            Rig.map(domain, 0x10_0000, 0, 1, RW);
            var gather = new IotlbGather();
            var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
            int rounds = 20_000;
            long allocated = 0;
            for (int attempt = 0; attempt < 2; attempt++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < rounds; i++) {
                    domain.mapPages(0, 0x4000, 4096, 4, RW);
                    domain.iotlbSyncMap(0, 0x4000);
                    domain.iovaToPhys(0x1000);
                    gather.reset();
                    domain.unmapPages(0, 4096, 4, gather);
                    domain.iotlbSync(gather);
                }
                allocated = threads.getCurrentThreadAllocatedBytes() - before;
            }
            assertThat(allocated).as("bytes in %d rounds", rounds).isLessThan(rounds);
        }
    }

    @Test
    void aQueueThatNeverAdvancesTimesOutAndNothingIsReused() {
        try (var rig = new Rig()) {
            var stuck = new boolean[1];
            rig.registers(real -> new WindowFilter(real) {
                @Override
                public void write64(long offset, long value) {
                    if (offset != InvalidationQueueTailRegister.OFFSET || !stuck[0]) {
                        super.write64(offset, value);
                    }
                }
            });
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var domain = Rig.domain(unit, nic);
            var other = Rig.domain(unit, nic);
            domain.attachDev(nic, Optional.empty());
            Rig.map(domain, 0, 0, 512, RW);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x1000);
            long mapped = rig.arena().allocatedBytes();
            stuck[0] = true;
            assertErrno(Errno.ETIMEDOUT, () -> unmap(domain, 0, 512));
            assertThat(rig.arena().allocatedBytes()).as("the table may still be in use").isEqualTo(mapped);
            assertErrno(Errno.ETIMEDOUT, () -> other.attachDev(nic, Optional.of(domain)));
            assertThat(unit.walk(nic, -1, 0).get(2).outcome()).as("rolled back").contains("domain id " + domain.id());
            other.free();
            assertErrno(Errno.ETIMEDOUT, () -> unit.blockedDomain().attachDev(nic, Optional.of(domain)));
            assertErrno(Errno.EBUSY, domain::free);
            stuck[0] = false;
            assertThat(unit.walk(nic, -1, 0).get(2).outcome()).contains("CONTEXT_ENTRY_NOT_PRESENT");
            assertThat(rig.read(NIC, 0x1000)).as("the hardware still knows").isEqualTo(0x1000);
            unit.blockedDomain().attachDev(nic, Optional.empty());
            assertThat(rig.read(NIC, 0x1000)).as("blocked by the second try").isNegative();
            domain.free();
        }
    }

    @Test
    void registersThatStayBusyTimeOut() {
        try (var rig = Rig.of(false, false)) {
            rig.registers(real -> WindowFilter.always(real, ContextCommandRegister.OFFSET, ContextCommandRegister.ICC.mask()));
            assertErrno(Errno.ETIMEDOUT, rig::start);
            assertThat(rig.arena().allocatedBytes()).isZero();
        }
        try (var rig = Rig.of(false, false)) {
            rig.registers(real -> WindowFilter.never(real, IOTLB_REG, IotlbInvalidateRegister.IAIG.mask()));
            assertErrno(Errno.EIO, rig::start);
            assertThat(rig.arena().allocatedBytes()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void unmappingAndMappingAllocatesNoTablesTwice(boolean queue) {
        try (var rig = Rig.of(queue, true)) {
            var domain = attached(rig.start());
            Rig.map(domain, 0x10_0000, 0, 1, RW);
            long steady = rig.arena().allocatedBytes();
            for (int i = 0; i < 600; i++) {
                Rig.map(domain, 0, i * 4096L, 4, RW);
                assertThat(rig.read(NIC, 0)).isEqualTo(i * 4096L);
                unmap(domain, 0, 4);
            }
            assertThat(rig.arena().allocatedBytes()).isEqualTo(steady);
        }
    }

    private static PagingDomain attached(VtdUnit unit) {
        var nic = Rig.device(unit, "nic", NIC);
        var domain = Rig.domain(unit, nic);
        domain.attachDev(nic, Optional.empty());
        return domain;
    }

    private static void unmap(PagingDomain domain, long iova, int pages) {
        var gather = new IotlbGather();
        assertThat(domain.unmapPages(iova, 4096, pages, gather)).isEqualTo(pages * 4096L);
        domain.iotlbSync(gather);
    }
}
