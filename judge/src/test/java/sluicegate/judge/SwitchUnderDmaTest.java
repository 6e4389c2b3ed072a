package sluicegate.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static sluicegate.judge.DmaWatch.FAULT;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.Group;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.IommuDriver;
import sluicegate.api.driver.IommuOps;
import sluicegate.api.driver.ProbeContext;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Prot;
import sluicegate.core.impl.DriverEntry;
import sluicegate.core.impl.IommuCore;
import sluicegate.hw.amdvi.AmdviDriver;
import sluicegate.hw.amdvi.v2.AmdviV2Driver;
import sluicegate.hw.smmuv3.Smmuv3Driver;
import sluicegate.hw.smmuv3.stage2.Stage2Driver;
import sluicegate.hw.vtd.VtdDriver;
import sluicegate.sim.EmbeddedMachine;

/**
 * While devices issue DMA all the time, whatever they are attached to changes: at every instant they reach what is the old or
 * the new, or nothing; and from the moment the change is reported, the new alone ({@code __iommu_group_set_domain_internal}).
 * With each driver on the machine of its kind.
 */
@ParameterizedClass
@EnumSource
class SwitchUnderDmaTest {
    enum Kind {
        VTD("q35-vtd-rich", "intel,vtd", VtdDriver::new),
        VTD_SCALABLE("q35-vtd-scalable", "intel,vtd", VtdDriver::new),
        SMMUV3("virt-smmuv3-rich", "arm,smmu-v3", Smmuv3Driver::new),
        SMMUV3_STAGE_2("virt-smmuv3-rich", "arm,smmu-v3", Stage2Driver::new, Smmuv3Driver::new),
        AMDVI("q35-amdvi-rich", "amd,iommu", AmdviDriver::new),
        AMDVI_GUEST_TABLES("q35-amdvi-rich", "amd,iommu", AmdviV2Driver::new);

        final String machine;
        final String compatible;
        final Supplier<IommuDriver> driver;
        /** What it is swapped with: another one for the same hardware, or the same once more. */
        final Supplier<IommuDriver> other;

        Kind(String machine, String compatible, Supplier<IommuDriver> driver) {
            this(machine, compatible, driver, driver);
        }

        Kind(String machine, String compatible, Supplier<IommuDriver> driver, Supplier<IommuDriver> other) {
            this.machine = machine;
            this.compatible = compatible;
            this.driver = driver;
            this.other = other;
        }

        /** Whether a device is moved between domains like its default one without a moment in which it is blocked. */
        boolean replacesWhole() {
            return this == VTD_SCALABLE || this == SMMUV3 || this == SMMUV3_STAGE_2 || this == AMDVI_GUEST_TABLES;
        }
    }

    private static final int RW = Prot.READ | Prot.WRITE;
    private static final int ROUNDS = 40;
    private static final int OLD = 1;
    private static final int NEW = 2;
    /** What is at the IOVA itself: reached without translation only. */
    private static final int UNTRANSLATED = 3;
    private static final long PAGE = 4096;

    private final IommuCore core = new IommuCore();
    private final Kind kind;
    private final EmbeddedMachine machine;
    private final PhysicalMemory memory;
    private final long old;
    private final long next;
    private final long iova;
    private Device device;
    private Group group;
    /** Whose attaches fail, if not empty. */
    private volatile String failing = "";
    private DmaWatch watch;
    private long arenaAtFirst;

    SwitchUnderDmaTest(Kind kind) {
        this.kind = kind;
        machine = Subjects.embeddedMachine(kind.machine);
        memory = machine.memory();
        old = page(OLD);
        next = page(NEW);
        iova = page(UNTRANSLATED);
        watch = new DmaWatch(iova);
    }

    private long page(int number) {
        long address = machine.allocate(PAGE);
        memory.write(address, new byte[] {(byte) number}, 0, 1);
        return address;
    }

    @BeforeEach
    void boot() {
        var driver = new Failing();
        core.addDriver(new DriverEntry(driver, driver.name(), "test", "0", 0, 0, List.of(kind.compatible)));
        machine.units().forEach(core::addUnit);
        machine.buses().forEach(core::addBus);
        assertThat(core.awaitProbed(machine, Duration.ofSeconds(10))).isTrue();
        device = core.device("0000:00:05.0");
        group = device.group().orElseThrow();
        arenaAtFirst = arena();
    }

    private long arena() {
        return machine.units().stream().mapToLong(unit -> unit.arena().allocatedBytes()).sum();
    }

    @AfterEach
    void nothingElseWasReached() {
        watch.close();
        assertThat(watch.violations()).isEmpty();
        core.close();
        machine.powerOff();
    }

    private void watch(int... pages) {
        watch = new DmaWatch(iova, pages).add(device).add(device);
    }

    private void nobodyWroteWithoutTranslation() {
        watch.close();
        var written = new byte[1];
        memory.read(iova + 1, written, 0, 1);
        assertThat(written[0]).as("written by DMA that was not translated").isZero();
    }

    private Domain domain(long target) {
        var domain = core.allocateDomain(device, Set.of());
        domain.map(iova, target, PAGE, RW);
        return domain;
    }

    @Test
    void attachingAndDetaching() {
        watch(FAULT);
        for (int i = 0; i < ROUNDS; i++) {
            int reached = i % 2 == 0 ? OLD : NEW;
            var domain = domain(i % 2 == 0 ? old : next);
            watch.allow(FAULT, reached);
            group.attach(domain);
            watch.allow(reached);
            watch.letRun(20);
            watch.allow(FAULT, reached);
            group.detach();
            watch.allow(FAULT);
            domain.close();
            watch.letRun(20);
        }
        nobodyWroteWithoutTranslation();
        assertThat(arena()).as("all tables were given back").isEqualTo(arenaAtFirst);
    }

    /** Where tables can be replaced whole, DMA meets the old or the new domain and is never refused. */
    @Test
    void attachingRefusesNothingWhereTablesAreReplacedWhole() {
        assumeTrue(kind.replacesWhole());
        group.domain().map(iova, old, PAGE, RW);
        watch(OLD);
        for (int i = 0; i < ROUNDS; i++) {
            moveThere(domain(next));
        }
        nobodyWroteWithoutTranslation();
    }

    /** First stage, second stage, both nested, and pass-through: from each to each, by way of the first stage. */
    @Test
    void inScalableModeNoChangeBetweenKindsOfDomainsRefusesAnything() {
        assumeTrue(kind == Kind.VTD_SCALABLE);
        group.domain().map(iova, old, PAGE, RW);
        watch(OLD);
        for (int i = 0; i < ROUNDS; i++) {
            var second = core.allocateDomain(device, Set.of(AllocFlag.DIRTY_TRACKING));
            second.map(iova, next, PAGE, RW);
            moveThere(second);
            var parent = core.allocateDomain(device, Set.of(AllocFlag.NEST_PARENT));
            parent.map(next, next, PAGE, RW);
            moveThere(core.allocateNestedDomain(device, parent, List.of(0L, guestTables(parent), 48L)));
            parent.close();
        }
        nobodyWroteWithoutTranslation();
    }

    private void moveThere(Domain domain) {
        watch.allow(OLD, NEW);
        group.attach(domain);
        watch.allow(NEW);
        watch.letRun(20);
        watch.allow(OLD, NEW);
        group.detach();
        watch.allow(OLD);
        domain.close();
        watch.letRun(20);
    }

    /** Four tables of a guest that lead from the IOVA to the new page; the guest's addresses are physical ones. */
    private long guestTables(Domain parent) {
        long entry = next | 7;
        for (int shift = 12; shift <= 39; shift += 9) {
            long table = machine.allocate(PAGE);
            memory.fill64(table, 0, 0, 512);
            parent.map(table, table, PAGE, RW);
            memory.set64(table + (iova >>> shift & 0x1ff) * 8, entry);
            entry = table | 7;
        }
        return entry & -PAGE;
    }

    @Test
    void mappingAndUnmapping() {
        var domain = core.allocateDomain(device, Set.of());
        group.attach(domain);
        mapAndUnmap(domain, false);
    }

    /** What was unmapped may be reached a little longer, but nothing else there, and not once something else is mapped. */
    @Test
    void mappingAndUnmappingLazily() {
        group.setDefaultType(Optional.of(DomainType.DMA_FQ));
        assertThat(group.domain().type()).isEqualTo(DomainType.DMA_FQ);
        mapAndUnmap(group.domain(), true);
    }

    @Test
    void tablesThatWaitForALazyInvalidationAreGivenBackWithTheirDomain() {
        group.setDefaultType(Optional.of(DomainType.DMA_FQ));
        long before = arena();
        group.domain().map(1L << 32, old, PAGE, RW);
        group.domain().map((1L << 32) + PAGE, old, PAGE, RW);
        assertThat(arena()).isGreaterThan(before);
        long spanOfALeafTable = 2L << 20;
        assertThat(group.domain().unmap(1L << 32, spanOfALeafTable)).isEqualTo(2 * PAGE);
        group.setDefaultType(Optional.of(DomainType.DMA));
        assertThat(arena()).isEqualTo(arenaAtFirst);
    }

    private void mapAndUnmap(Domain domain, boolean lazily) {
        watch(FAULT);
        for (int i = 0; i < ROUNDS; i++) {
            int before = i % 2 == 0 ? NEW : OLD;
            int reached = i % 2 == 0 ? OLD : NEW;
            if (lazily && i > 0) {
                watch.allow(FAULT, before, reached);
            } else {
                watch.allow(FAULT, reached);
            }
            domain.map(iova, i % 2 == 0 ? old : next, PAGE, RW);
            watch.allow(reached);
            watch.letRun(20);
            watch.allow(FAULT, reached);
            assertThat(domain.unmap(iova, PAGE)).isEqualTo(PAGE);
            if (!lazily) {
                watch.allow(FAULT);
                watch.letRun(20);
            }
        }
        nobodyWroteWithoutTranslation();
    }

    @Test
    void switchingTheDefaultDomain() {
        watch(FAULT);
        for (int i = 0; i < ROUNDS; i++) {
            watch.allow(i == 0 ? FAULT : OLD, FAULT, UNTRANSLATED);
            group.setDefaultType(Optional.of(DomainType.IDENTITY));
            watch.allow(UNTRANSLATED);
            watch.letRun(20);
            watch.allow(FAULT, UNTRANSLATED);
            group.setDefaultType(Optional.of(i % 2 == 0 ? DomainType.DMA : DomainType.DMA_FQ));
            watch.allow(FAULT);
            watch.letRun(20);
            watch.allow(FAULT, OLD);
            group.domain().map(iova, old, PAGE, RW);
            watch.allow(OLD);
            watch.letRun(20);
        }
    }

    @Test
    void claimingAndReleasing() {
        group.domain().map(iova, old, PAGE, RW);
        watch(OLD);
        for (int i = 0; i < ROUNDS; i++) {
            watch.allow(OLD, FAULT);
            group.claim("vmm");
            watch.allow(FAULT);
            watch.letRun(20);
            var domain = domain(next);
            watch.allow(FAULT, NEW);
            group.attach(domain);
            watch.allow(NEW);
            watch.letRun(20);
            watch.allow(NEW, FAULT, OLD);
            group.release("vmm");
            watch.allow(OLD);
            domain.close();
            watch.letRun(20);
        }
        nobodyWroteWithoutTranslation();
    }

    @Test
    void resetting() {
        group.domain().map(iova, old, PAGE, RW);
        watch(OLD);
        for (int i = 0; i < ROUNDS; i++) {
            watch.allow(OLD, FAULT);
            device.prepareReset();
            watch.allow(FAULT);
            watch.letRun(20);
            watch.allow(OLD, FAULT);
            device.resetDone();
            watch.allow(OLD);
            watch.letRun(20);
        }
        nobodyWroteWithoutTranslation();
    }

    /** The first member may reach the new domain until the second one fails; then it is back in the old one. */
    @Test
    void anAttachThatIsRolledBack() {
        group = core.groups().stream().filter(g -> g.devices().size() > 1).findFirst().orElseThrow();
        device = group.devices().get(0);
        group.domain().map(iova, old, PAGE, RW);
        var domain = domain(next);
        watch(OLD);
        failing = group.devices().get(group.devices().size() - 1).name();
        for (int i = 0; i < ROUNDS; i++) {
            watch.allow(OLD, NEW, FAULT);
            assertThatThrownBy(() -> group.attach(domain)).hasMessageContaining("as the test says");
            watch.allow(OLD);
            watch.letRun(20);
        }
        nobodyWroteWithoutTranslation();
        assertThat(group.domain()).isSameAs(group.defaultDomain().orElseThrow());
    }

    /** The real driver, some of whose attaches to paging domains of applications fail. */
    private final class Failing implements IommuDriver {
        private final IommuDriver real = kind.driver.get();

        @Override
        public String name() {
            return real.name();
        }

        @Override
        public IommuOps probe(ProbeContext context) {
            var ops = real.probe(context);
            return wrap(IommuOps.class, ops, (method, arguments, result) ->
                    method.equals("domainAllocPaging") && !isParent(arguments) ? wrap((DriverDomain) result) : result,
                    (method, arguments) -> { });
        }

        /** Parents come back to the driver, which knows its own domains only. */
        private static boolean isParent(Object[] arguments) {
            return ((Set<?>) arguments[1]).contains(AllocFlag.NEST_PARENT);
        }

        private DriverDomain wrap(DriverDomain domain) {
            boolean application = device != null; // default domains came first
            return wrap(DriverDomain.class, domain, (method, arguments, result) -> result, (method, arguments) -> {
                if (application && method.equals("attachDev") && ((DeviceContext) arguments[0]).name().equals(failing)) {
                    throw new IommuException(Errno.ENOSPC, "as the test says");
                }
            });
        }

        private interface After {
            Object of(String method, Object[] arguments, Object result);
        }

        private interface Before {
            void of(String method, Object[] arguments);
        }

        private <T> T wrap(Class<T> type, T target, After after, Before before) {
            return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                before.of(method.getName(), arguments);
                try {
                    return after.of(method.getName(), arguments, method.invoke(target, arguments));
                } catch (InvocationTargetException e) {
                    throw e.getCause();
                }
            }));
        }
    }
}
