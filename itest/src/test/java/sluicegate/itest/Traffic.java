package sluicegate.itest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.Iommu;
import sluicegate.api.PageRequestGroup;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.PageResponse;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;

/**
 * What goes on while drivers change: two threads do DMA and check every byte, one maps and unmaps and checks that hardware knows,
 * and one device, if there is an accelerator, writes to pages that it has to ask for. What they meet is compared with what may
 * be met at the moment; everything else is a violation.
 *
 * <p>An IOVA is at the same time the physical address of a page that nobody may reach: so a DMA that bypasses the unit is found out.
 */
final class Traffic implements AutoCloseable {
    private static final int RW = Prot.READ | Prot.WRITE;
    private static final int PAGE = 4096;
    private static final int PASID = 5;
    private static final int ASKED = 32;
    private static final int EVERY = 16;
    private static final long PAUSE = 20_000;
    private static final long PAUSE_AFTER_FAULT = 1_000_000;
    private static final byte FORBIDDEN = (byte) 0xee;

    /** How DMA may end. */
    enum Dma {
        SERVED, REFUSED;

        static Dma of(DmaStatus status) {
            return status == DmaStatus.OK ? SERVED : REFUSED;
        }
    }

    private record Phase(int number, Set<Dma> allowed) {}

    private final FrameworkMachine rig;
    private final Iommu iommu;
    private final Domain domain;
    private final Optional<Domain> asking;
    private final long forbidden;
    private final Queue<String> violations = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private final List<AtomicLong> rounds = new ArrayList<>();
    private volatile Phase phase = new Phase(0, EnumSet.of(Dma.SERVED));
    private volatile boolean over;

    /** @param accelerator place of a device that has PASIDs and asks for pages; empty for traffic without one */
    Traffic(FrameworkMachine rig, Iommu iommu, Optional<String> accelerator) {
        this.rig = rig;
        this.iommu = iommu;
        forbidden = allocate(8, FORBIDDEN);
        domain = rig.attached(iommu);
        add("dma 1", checkedDma(forbidden, (byte) 0x11));
        add("dma 2", checkedDma(forbidden + 2 * PAGE, (byte) 0x22));
        add("mapping", mapping(forbidden + 4 * PAGE));
        asking = accelerator.map(place -> iommu.device(rig.machine.buses().get(0).devices().stream()
                .map(device -> device.name()).filter(name -> name.endsWith(place)).findFirst().orElseThrow())).map(this::ask);
        threads.forEach(Thread::start);
    }

    private long allocate(int pages, byte content) {
        long address = rig.machine.allocate((long) pages * PAGE);
        var bytes = new byte[pages * PAGE];
        Arrays.fill(bytes, content);
        rig.machine.memory().write(address, bytes, 0, bytes.length);
        return address;
    }

    @FunctionalInterface
    private interface Step {
        /** @return how DMA ended that is to be judged */
        Set<Dma> run();
    }

    private void add(String name, Step step) {
        var count = new AtomicLong();
        rounds.add(count);
        var thread = new Thread(() -> repeat(name, step, count), "traffic: " + name);
        thread.setDaemon(true);
        threads.add(thread);
    }

    private void repeat(String name, Step step, AtomicLong count) {
        try {
            while (!over && violations.isEmpty()) {
                var before = phase;
                var met = step.run();
                var after = phase;
                // What began in one phase and ended in the next may be as in either.
                // Drivers need processors too, and a fault is a long story for a log.
                LockSupport.parkNanos(met.contains(Dma.REFUSED) ? PAUSE_AFTER_FAULT : PAUSE);
                if (after.number() - before.number() <= 1) {
                    count.incrementAndGet();
                    if (met.stream().anyMatch(each -> !before.allowed().contains(each) && !after.allowed().contains(each))) {
                        violations.add(name + ": DMA was " + met + " in phase " + after);
                    }
                }
            }
        } catch (Throwable e) {
            violations.add(name + ": " + e + " at " + Arrays.stream(e.getStackTrace()).limit(3).toList());
        }
    }

    private void require(boolean condition, String what, Object... arguments) {
        if (!condition) {
            throw new AssertionError(String.format(what, arguments));
        }
    }

    // ---- DMA

    /** Reads a page of one byte value, and writes a number into the next page, which is to be there and nowhere else. */
    private Step checkedDma(long iova, byte content) {
        long source = allocate(1, content);
        long target = allocate(1, (byte) 0);
        domain.map(iova, source, PAGE, Prot.READ);
        domain.map(iova + PAGE, target, PAGE, RW);
        var dma = rig.device.busDevice().dma();
        var data = new byte[64];
        var number = new byte[Long.BYTES];
        return () -> {
            var read = dma.read(Pasid.NONE, iova + PAGE - data.length, data, 0, data.length);
            for (byte each : data) {
                require(read != DmaStatus.OK || each == content, "read %02x instead of %02x", each, content);
            }
            var before = rig.memory(target, number.length);
            count(number);
            var write = dma.write(Pasid.NONE, iova + PAGE, number, 0, number.length);
            require(Arrays.equals(rig.memory(target, number.length), write == DmaStatus.OK ? number : before), "a write that was %s "
                    + "left other bytes", write);
            return EnumSet.of(Dma.of(read), Dma.of(write));
        };
    }

    /** The next number; lowest byte first. */
    private static void count(byte[] number) {
        int i = 0;
        while (++number[i] == 0 && i < number.length - 1) {
            i++;
        }
    }

    // ---- mapping

    /** Each call does what it says, once: what is mapped can be reached, and what was unmapped can't. */
    private Step mapping(long iova) {
        long address = allocate(2, (byte) 0x33);
        var dma = rig.device.busDevice().dma();
        var data = new byte[1];
        var round = new int[1];
        return () -> {
            domain.map(iova, address, 2 * PAGE, RW);
            require(domain.iovaToPhys(iova + PAGE).orElse(-1) == address + PAGE, "mapped elsewhere");
            var mapped = dma.read(Pasid.NONE, iova, data, 0, 1);
            require(mapped != DmaStatus.OK || data[0] == 0x33, "reached %02x", data[0]);
            long unmapped = domain.unmap(iova, 2 * PAGE);
            require(unmapped == 2 * PAGE, "unmapped 0x%x", unmapped);
            require(round[0]++ % EVERY != 0 || dma.read(Pasid.NONE, iova, data, 0, 1) != DmaStatus.OK, "reached what was unmapped");
            return EnumSet.of(Dma.of(mapped));
        };
    }

    // ---- asking for pages

    private Domain ask(Device accelerator) {
        long address = allocate(ASKED, (byte) 0);
        long iova = 0x1000_0000L;
        var pages = new Domain[1];
        pages[0] = iommu.allocateDomain(accelerator, Set.of(AllocFlag.PASID), group -> serve(group, iova, address));
        pages[0].attach(accelerator, PASID);
        var dma = accelerator.busDevice().dma();
        var number = new byte[Long.BYTES];
        var turn = new int[1];
        add("asking", () -> {
            int offset = turn[0]++ % ASKED * PAGE;
            count(number);
            DmaStatus status;
            try {
                status = dma.write(PASID, iova + offset, number, 0, number.length);
            } catch (IommuException e) {
                if (e.errno() != Errno.EOPNOTSUPP) {
                    throw e;
                }
                status = DmaStatus.FAULT; // a device that is blocked has its PASIDs switched off
            }
            require(status != DmaStatus.OK || Arrays.equals(rig.memory(address + offset, number.length), number), "wrote elsewhere");
            pages[0].unmap(iova + offset, PAGE);
            return EnumSet.of(Dma.of(status));
        });
        return pages[0];
    }

    private void serve(PageRequestGroup group, long iova, long address) {
        for (var request : group.requests()) {
            long page = request.iova() & -PAGE;
            try {
                group.domain().map(page, address + page - iova, PAGE, RW);
            } catch (IommuException e) {
                if (e.errno() != Errno.EEXIST) { // asked for twice
                    violations.add("handler: " + e);
                }
            }
        }
        group.respond(PageResponse.SUCCESS);
    }

    // ---- the test's side

    /** From now on. Called with both before something changes, and with the new alone after it. */
    void expect(Dma... allowed) {
        expect(List.of(allowed));
    }

    void expect(List<Dma> allowed) {
        phase = new Phase(phase.number() + 1, EnumSet.copyOf(allowed));
    }

    /** Waits until both threads that do DMA have met what is expected now {@code times} times more. */
    void letRun(int times) {
        letRun(times, 2);
    }

    /** The same for all threads: drivers are there. */
    void letAllRun(int times) {
        letRun(times, rounds.size());
    }

    private void letRun(int times, int count) {
        var goals = rounds.stream().limit(count).map(round -> round.get() + times).toList();
        long end = System.nanoTime() + 30_000_000_000L;
        for (int i = 0; i < count; i++) {
            while (rounds.get(i).get() < goals.get(i) && violations.isEmpty()) {
                if (System.nanoTime() > end) {
                    violations.add(threads.get(i).getName() + " stands still: " + Arrays.toString(threads.get(i).getStackTrace()));
                }
                LockSupport.parkNanos(20_000);
            }
        }
    }

    Queue<String> violations() {
        return violations;
    }

    /** Ends all; what was lost on the way is a violation too. */
    @Override
    public void close() throws InterruptedException {
        over = true;
        for (var thread : threads) {
            thread.join(30_000);
            if (thread.isAlive()) {
                violations.add(thread.getName() + " does not end: " + Arrays.toString(thread.getStackTrace()));
            }
        }
        for (byte each : rig.memory(forbidden, 8 * PAGE)) {
            if (each != FORBIDDEN) {
                violations.add("a page was reached without translation");
                break;
            }
        }
    }

    /** Gives domains back; after {@link #close}, while a driver is there. */
    void clear() {
        asking.ifPresent(pages -> {
            pages.detach(iommu.devices().stream().filter(device -> device.attachment(PASID).isPresent()).findFirst().orElseThrow(), PASID);
            pages.close();
        });
        domain.detach(rig.device);
        domain.close();
    }
}
