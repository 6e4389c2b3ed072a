package sluicegate.sim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Pasid;
import sluicegate.firmware.AmdviFlag;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.amdvi.CommandCode;
import sluicegate.spec.amdvi.DeviceTableEntry;
import sluicegate.spec.amdvi.Gcr3Entry;
import sluicegate.spec.amdvi.GuestPageEntry;
import sluicegate.spec.amdvi.HostPageEntry;
import sluicegate.spec.amdvi.InvalidateIommuPagesCommand;
import sluicegate.spec.amdvi.PrefetchIommuPagesCommand;

/** What was read from memory before an invalidation is not kept after it: each invalidation comes in the middle of a walk. */
class FillRaceTest {
    private static final long IOVA = 0x4000_0000L;
    private static final long OLD = 0x70_0000;
    private static final long NEW = 0x71_0000;
    private static final int NESTED = 0x30;
    private static final int NESTED_DOMAIN = 7;
    private static final int PASID = 5;

    /** What happens next, once, after the unit has read the word at a place. */
    private long place = -1;
    private Runnable action = () -> { };
    /** In entries of host tables. */
    private long marks;
    private final Rig rig = new Rig(AmdviCapabilities.of(Rig.features(EnumSet.allOf(AmdviFlag.class), 3)), this::watched).start();

    @AfterEach
    void close() {
        rig.close();
    }

    private PhysicalMemory watched(PhysicalMemory memory) {
        return (PhysicalMemory) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {PhysicalMemory.class},
                (self, method, arguments) -> {
                    try {
                        var result = method.invoke(memory, arguments);
                        if (method.getName().equals("get64Acquire") && (long) arguments[0] == place) {
                            place = -1;
                            action.run();
                        }
                        return result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private void afterRead(long where, Runnable what) {
        place = where;
        action = what;
    }

    private long map(long address) {
        return rig.entry(Rig.DOMAIN, IOVA, 1, address == 0 ? 0 : address | marks | Rig.PR | Rig.RW);
    }

    /** The tables of a domain change while a walk is at its leaf, and it is told. */
    private void whileAWalkIsAtTheLeaf(Runnable invalidation) {
        afterRead(map(OLD), () -> {
            map(NEW);
            invalidation.run();
        });
        assertThat(rig.read(IOVA)).as("under way, so it may use what it read").isEqualTo(OLD);
        assertThat(place).as("the walk was met").isEqualTo(-1);
        assertThat(rig.read(IOVA)).isEqualTo(NEW);
        rig.invalidateAll();
    }

    @Test
    void aPageOfHostTables() {
        whileAWalkIsAtTheLeaf(() -> rig.invalidatePages(Rig.DOMAIN, IOVA, false));
        whileAWalkIsAtTheLeaf(() -> rig.invalidatePages(Rig.DOMAIN, IOVA | 0x7000, true));
        whileAWalkIsAtTheLeaf(() -> rig.invalidateDomain(Rig.DOMAIN));
        whileAWalkIsAtTheLeaf(rig::invalidateAll);
        long prefetch = PrefetchIommuPagesCommand.DEVICEID.set(Rig.command(CommandCode.PREFETCH_IOMMU_PAGES), Rig.DEVICE);
        whileAWalkIsAtTheLeaf(() -> rig.submit(prefetch, IOVA | PrefetchIommuPagesCommand.INVAL.mask()));
        // With the accessed bit set already, since hardware that sets it would see that the entry has changed.
        marks = HostPageEntry.A.mask();
        rig.changeDte(Rig.DEVICE, 0, DeviceTableEntry.HAD.mask(), 0);
        rig.invalidateEntry(Rig.DEVICE);
        whileAWalkIsAtTheLeaf(() -> rig.invalidatePages(Rig.DOMAIN, IOVA, false));
    }

    @Test
    void aPageThatIsNotPresentYet() {
        afterRead(map(0), () -> {
            map(NEW);
            rig.invalidatePages(Rig.DOMAIN, IOVA, false);
        });
        assertThat(rig.read(IOVA)).isNegative();
        assertThat(rig.read(IOVA)).isEqualTo(NEW);
    }

    @Test
    void aDeviceTableEntry() {
        map(OLD);
        rig.entry(9, IOVA, 1, NEW | Rig.PR | Rig.RW);
        for (boolean all : new boolean[] {false, true}) {
            rig.host(Rig.DEVICE, Rig.DOMAIN, 4);
            rig.invalidateAll();
            afterRead(Rig.dtePlace(Rig.DEVICE) + 24, () -> {
                rig.changeDte(Rig.DEVICE, 3, 0, 0);
                if (all) {
                    rig.invalidateAll();
                } else {
                    rig.invalidateEntry(Rig.DEVICE);
                }
            });
            assertThat(rig.read(IOVA)).isEqualTo(OLD);
            rig.host(Rig.DEVICE, 9, 4);
            assertThat(rig.read(IOVA)).as("the entry was not kept").isEqualTo(NEW);
        }
    }

    private void nested() {
        rig.guest(NESTED, NESTED_DOMAIN, 4, 0);
        rig.hostOfGuestTables(NESTED_DOMAIN, Rig.RW);
        rig.entry(NESTED_DOMAIN, Rig.gcr3(NESTED_DOMAIN), 1, Rig.gcr3(NESTED_DOMAIN) | Rig.PR | Rig.RW);
        guestPage(OLD);
        hostPage(OLD);
    }

    private long guestPage(long address) {
        return rig.guestEntry(NESTED_DOMAIN, PASID, IOVA, 1, address | Rig.USER);
    }

    private long hostPage(long address) {
        return rig.entry(NESTED_DOMAIN, OLD, 1, address | Rig.PR | Rig.RW);
    }

    private long readNested() {
        return rig.unit.translate(NESTED, PASID, IOVA, RequestAccess.READ);
    }

    /** The first of them comes before the PASID has a tag by which anything could be found. */
    @Test
    void aPageOfGuestTables() {
        nested();
        rig.entry(NESTED_DOMAIN, NEW, 1, NEW | Rig.PR | Rig.RW);
        for (Runnable invalidation : List.<Runnable>of(
                () -> rig.invalidatePages(NESTED_DOMAIN, PASID, IOVA, false),
                () -> rig.invalidatePages(NESTED_DOMAIN, PASID, InvalidateIommuPagesCommand.ALL_PAGES, true),
                () -> rig.invalidateDomain(NESTED_DOMAIN))) {
            afterRead(guestPage(OLD), () -> {
                guestPage(NEW);
                invalidation.run();
            });
            rig.memory.set64(guestPage(OLD), OLD | Rig.USER | GuestPageEntry.A.mask());
            assertThat(readNested()).isEqualTo(OLD);
            assertThat(readNested()).isEqualTo(NEW);
            rig.invalidateAll();
        }
    }

    @Test
    void aPageOfHostTablesUnderGuestTables() {
        nested();
        for (Runnable invalidation : List.<Runnable>of(
                () -> rig.invalidatePages(NESTED_DOMAIN, OLD, false),
                () -> rig.invalidateDomain(NESTED_DOMAIN))) {
            afterRead(hostPage(OLD), () -> {
                hostPage(NEW);
                invalidation.run();
            });
            assertThat(readNested()).isEqualTo(OLD);
            assertThat(readNested()).isEqualTo(NEW);
            rig.invalidateAll();
        }
    }

    /** Two devices that never stop fill the IOTLB; what is invalidated is never seen again. */
    @Test
    void devicesThatDoNotStop() throws Exception {
        nested();
        map(OLD);
        var stop = new AtomicBoolean();
        var pool = Executors.newFixedThreadPool(2);
        try {
            List<Future<Boolean>> devices = new ArrayList<>();
            devices.add(pool.submit(() -> {
                boolean right = true;
                while (!stop.get()) {
                    long answer = rig.unit.translate(Rig.DEVICE, Pasid.NONE, IOVA, RequestAccess.READ);
                    right &= answer == OLD || answer == NEW;
                }
                return right;
            }));
            devices.add(pool.submit(() -> {
                boolean right = true;
                while (!stop.get()) {
                    long answer = readNested();
                    right &= answer == OLD || answer == NEW;
                }
                return right;
            }));
            for (int round = 0; round < 3000; round++) {
                long address = (round & 1) == 0 ? NEW : OLD;
                map(address);
                rig.invalidatePages(Rig.DOMAIN, IOVA, false);
                assertThat(rig.read(IOVA)).as("round %d", round).isEqualTo(address);
                hostPage(address);
                rig.invalidatePages(NESTED_DOMAIN, OLD, false);
                assertThat(readNested()).as("round %d, nested", round).isEqualTo(address);
            }
            stop.set(true);
            for (var device : devices) {
                assertThat(device.get()).isTrue();
            }
        } finally {
            stop.set(true);
            pool.shutdownNow();
        }
    }

    /** Where a table is stands in a cache of its own, from which a walk can bring an old page back. */
    @Test
    void devicesThatDoNotStopWhileWholeTablesAreReplaced() throws Exception {
        int device = 0x38;
        int domain = 8;
        rig.guest(device, domain, 0, 0);
        rig.guestEntry(domain, PASID + 1, IOVA, 1, NEW | Rig.USER);
        rig.guestEntry(domain, PASID, IOVA, 1, OLD | Rig.USER);
        var stop = new AtomicBoolean();
        var pool = Executors.newFixedThreadPool(2);
        try {
            for (int i = 0; i < 2; i++) {
                pool.submit(() -> {
                    while (!stop.get()) {
                        rig.unit.translate(device, PASID, IOVA, RequestAccess.READ);
                    }
                });
            }
            for (int round = 0; round < 5_000; round++) {
                boolean next = (round & 1) == 0;
                rig.memory.set64Release(Rig.gcr3(domain) + PASID * 8L, Rig.guestTop(domain, next ? PASID + 1 : PASID) | Gcr3Entry.V.mask());
                rig.invalidatePages(domain, PASID, InvalidateIommuPagesCommand.ALL_PAGES, true);
                assertThat(rig.unit.translate(device, PASID, IOVA, RequestAccess.READ)).as("round %d", round).isEqualTo(next ? NEW : OLD);
            }
        } finally {
            stop.set(true);
            pool.shutdownNow();
        }
    }
}
