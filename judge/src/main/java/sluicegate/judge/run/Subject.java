package sluicegate.judge.run;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.Fault;
import sluicegate.api.platform.Machine;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.core.impl.DriverEntry;
import sluicegate.core.impl.IommuCore;
import sluicegate.judge.program.Step;
import sluicegate.judge.run.Outcome.Done;
import sluicegate.judge.run.Outcome.Refused;
import sluicegate.judge.run.Outcome.Reported;
import sluicegate.judge.run.Outcome.Skipped;
import sluicegate.judge.run.Outcome.Transfer;

/**
 * A machine on which programs run, with a core and a driver of its own. Used by one thread.
 *
 * <p>{@link #reset} brings it back to where it was after boot without booting it again, so that thousands of programs can be tried.
 */
public final class Subject implements AutoCloseable {
    /** Memory for programs, aligned to itself. */
    public static final long BUFFER_SIZE = 16L << 20;

    private final Machine machine;
    private final DriverView view;
    private final Make make;
    private final IommuCore core = new IommuCore();
    private final Queue<Fault> reported = new ConcurrentLinkedQueue<>();
    private final List<Device> devices;
    private final Map<String, Domain> domains = new HashMap<>();
    private final String unit;
    private final Facts facts;
    private long arenaAtRest;
    /** The buffer as it is before each program. */
    private final byte[] pristine = new byte[(int) BUFFER_SIZE];
    private DriverTap tap;
    private DriverEntry entry;

    /**
     * A device that programs use.
     *
     * @param name such as {@code 00:05.0}
     * @param addressBits how wide the addresses are that it can put on its bus
     * @param messages whether it may write to the interrupt address range
     * @param anyPages whether it can be tried with any pages, see {@link Facts.Port}
     */
    public record Engine(String name, int addressBits, boolean messages, boolean anyPages) {
        /** One that can do everything. */
        public Engine(String name) {
            this(name, Long.SIZE, true);
        }

        public Engine(String name, int addressBits, boolean messages) {
            this(name, addressBits, messages, true);
        }
    }

    /**
     * Starts core and driver on a machine.
     *
     * @param machine powered off by {@link #close}
     * @param physicalBits bits of a physical address, as its firmware says
     * @param engines the devices that programs use
     * @param view what the driver sees of the unit
     */
    public Subject(Machine machine, int physicalBits, List<Engine> engines, DriverView view) {
        this.machine = machine;
        this.view = view;
        this.make = Make.of(machine);
        core.addListener(reported::add);
        bind();
        machine.units().forEach(core::addUnit);
        machine.buses().forEach(core::addBus);
        if (!core.awaitProbed(machine, Duration.ofSeconds(20))) {
            throw new IllegalStateException(machine.name() + ": devices were not probed in time");
        }
        devices = engines.stream().map(engine -> core.device(engine.name())).toList();
        unit = devices.get(0).unit().orElseThrow().name();
        facts = readFacts(physicalBits, engines);
        for (int at = 0; at < pristine.length; at += BufferImage.PAGE) {
            System.arraycopy(BufferImage.fresh(facts.buffer() + at, facts.buffer()), 0, pristine, at, BufferImage.PAGE);
        }
        machine.memory().write(facts.buffer(), pristine, 0, pristine.length);
        arenaAtRest = arenaBytes();
    }

    private void bind() {
        tap = new DriverTap(make.driver(), view);
        entry = new DriverEntry(tap, tap.name(), "judge", "0", 0, 0, List.of(make.compatible()));
        core.addDriver(entry);
    }

    private void swap() {
        core.removeDriver(entry);
        bind();
    }

    private Facts readFacts(int physicalBits, List<Engine> engines) {
        long buffer = machine.allocate(BUFFER_SIZE);
        var groups = devices.stream().map(device -> device.group().orElseThrow().id()).distinct().toList();
        try (var domain = core.allocateDomain(devices.get(0), Set.of())) {
            return new Facts(make, buffer, BUFFER_SIZE, Facts.spans(machine.memory()), domain.pageSizes(),
                    Long.SIZE - Long.numberOfLeadingZeros(domain.apertureEnd()), physicalBits, reserved(),
                    engines.stream().map(engine -> {
                        var device = core.device(engine.name());
                        return new Facts.Port(sourceId(device), groups.indexOf(device.group().orElseThrow().id()),
                                engine.addressBits(), engine.messages(), engine.anyPages());
                    }).toList());
        }
    }

    /** What no domain of a program may map while a device uses it. */
    private List<Facts.Span> reserved() {
        return devices.stream().flatMap(device -> device.group().orElseThrow().reservedRegions().stream())
                .map(region -> new Facts.Span(region.start(), region.start() + region.length())).distinct()
                .sorted(Comparator.comparingLong(Facts.Span::start)).toList();
    }

    /** The last of the ids that a device's requests may have on their way is the one that the unit sees. */
    private static int sourceId(Device device) {
        var specifiers = device.busDevice().bus().dmaConfigure(device.busDevice()).orElseThrow().specifiers();
        return specifiers.get(specifiers.size() - 1).get(0);
    }

    /** Name of the machine. */
    public String name() {
        return machine.name();
    }

    /** Kind of the machine. */
    public String kind() {
        return machine.kind();
    }

    public Facts facts() {
        return facts;
    }

    /** Runs a step. */
    public Outcome run(Step step) {
        try {
            return perform(step);
        } catch (IommuException e) {
            return new Refused(e.errno());
        } catch (RuntimeException e) {
            return new Outcome.Broken(e.toString());
        }
    }

    private Outcome perform(Step step) {
        if (step instanceof Step.Dma dma) {
            return dma.device() < devices.size() ? dma(dma) : new Skipped();
        } else if (step instanceof Step.Allocate allocate) {
            return allocate(allocate);
        } else if (step instanceof Step.Swap) {
            swap();
            return new Done(0);
        } else if (step instanceof Step.Attach attach) {
            return deviceStep(attach.domain(), attach.device(), Subject::attach);
        } else if (step instanceof Step.Detach detach) {
            return deviceStep(detach.domain(), detach.device(), Subject::detach);
        } else if (step instanceof Step.Free free) {
            return domain(free.domain()).map(this::free).orElseGet(Skipped::new);
        } else if (step instanceof Step.Map map) {
            return domain(map.domain()).map(domain -> map(domain, map)).orElseGet(Skipped::new);
        } else if (step instanceof Step.Unmap unmap) {
            return domain(unmap.domain()).<Outcome>map(domain -> new Done(domain.unmap(unmap.iova(), unmap.size())))
                    .orElseGet(Skipped::new);
        } else if (step instanceof Step.LookUp lookUp) {
            return domain(lookUp.domain()).<Outcome>map(domain -> new Done(domain.iovaToPhys(lookUp.iova()).orElse(-1)))
                    .orElseGet(Skipped::new);
        }
        throw new IllegalArgumentException("no such step: " + step);
    }

    private Optional<Domain> domain(String name) {
        return switch (name) {
            case Step.IDENTITY, Step.BLOCKED -> Optional.of(core.domain(unit + "-" + name));
            default -> Optional.ofNullable(domains.get(name));
        };
    }

    private Outcome allocate(Step.Allocate step) {
        var known = domains.get(step.domain());
        if (step.device() >= devices.size() || known != null && core.domains().contains(known)) {
            return new Skipped();
        }
        domains.put(step.domain(), core.allocateDomain(devices.get(step.device()), Set.of()));
        return new Done(0);
    }

    private Outcome free(Domain domain) {
        domain.close();
        return new Done(0);
    }

    private interface DeviceCall {
        void apply(Domain domain, Device device);
    }

    private Outcome deviceStep(String name, int device, DeviceCall call) {
        var domain = domain(name);
        if (domain.isEmpty() || device >= devices.size()) {
            return new Skipped();
        }
        call.apply(domain.get(), devices.get(device));
        return new Done(0);
    }

    private static void attach(Domain domain, Device device) {
        var group = device.group().orElseThrow();
        if (group.devices().size() == 1) {
            domain.attach(device);
        } else {
            group.attach(domain);
        }
    }

    private static void detach(Domain domain, Device device) {
        var group = device.group().orElseThrow();
        if (group.devices().size() == 1) {
            domain.detach(device);
        } else if (group.domain() == domain) {
            group.detach();
        } else {
            throw IommuException.of(Errno.EINVAL, "Group %d is attached to %s, not to %s", group.id(), group.domain().name(),
                    domain.name());
        }
    }

    private Outcome map(Domain domain, Step.Map step) {
        domain.map(step.iova(), step.target().resolve(facts.buffer()), step.size(), step.prot());
        return new Done(0);
    }

    private Outcome dma(Step.Dma step) {
        var engine = devices.get(step.device()).busDevice().dma();
        long iova = step.iova().resolve(facts.buffer());
        byte[] data = new byte[step instanceof Step.Read ? step.length() : 0];
        var status = step instanceof Step.Write write
                ? engine.write(Pasid.NONE, iova, write.data(), 0, write.length())
                : engine.read(Pasid.NONE, iova, data, 0, step.length());
        tap.settle();
        return new Transfer(status, data, takeFaults());
    }

    private Set<Reported> takeFaults() {
        var faults = new HashSet<Reported>();
        for (var fault = reported.poll(); fault != null; fault = reported.poll()) {
            faults.add(new Reported(fault.sourceId(), fault.iova() & -BufferImage.PAGE, fault.access(), fault.code(),
                    fault.name()));
        }
        return faults;
    }

    /** A page of the buffer as memory has it. */
    public byte[] page(long address) {
        var page = new byte[BufferImage.PAGE];
        machine.memory().read(address, page, 0, page.length);
        return page;
    }

    /**
     * Detaches every device, frees every domain, and writes the buffer's first contents over what has changed.
     *
     * @return what is wrong with how the platform was left; empty if nothing is
     */
    public Optional<String> reset() {
        for (var device : devices) {
            device.group().ifPresent(group -> group.detach());
        }
        domains.values().forEach(Domain::close);
        domains.clear();
        tap.settle();
        reported.clear();
        for (long page : changedPages()) {
            machine.memory().write(page, pristine, (int) (page - facts.buffer()), BufferImage.PAGE);
        }
        long arena = arenaBytes();
        return arena == arenaAtRest ? Optional.empty()
                : Optional.of("with all domains freed, the driver holds " + arena + " bytes of memory, at first it held " + arenaAtRest);
    }

    /**
     * Takes the driver away and binds it anew, which invalidates all caches, after {@link #reset} has done what it can: what earlier
     * programs left behind does not matter from here on.
     */
    public void renew() {
        reset();
        swap();
        reported.clear();
        arenaAtRest = arenaBytes();
    }

    /** Addresses of the pages of the buffer that are not as they were before the program, ascending. */
    public List<Long> changedPages() {
        var now = new byte[pristine.length];
        machine.memory().read(facts.buffer(), now, 0, now.length);
        var changed = new ArrayList<Long>();
        for (int at = 0; at < now.length; at += BufferImage.PAGE) {
            if (!Arrays.equals(now, at, at + BufferImage.PAGE, pristine, at, at + BufferImage.PAGE)) {
                changed.add(facts.buffer() + at);
            }
        }
        return changed;
    }

    private long arenaBytes() {
        return machine.units().stream().mapToLong(each -> each.arena().allocatedBytes()).sum();
    }

    @Override
    public void close() {
        core.close();
        machine.powerOff();
    }

    @Override
    public String toString() {
        return name() + " (" + kind() + ")";
    }
}
