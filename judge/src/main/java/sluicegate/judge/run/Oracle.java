package sluicegate.judge.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.Access;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Prot;
import sluicegate.judge.program.Step;
import sluicegate.judge.run.Outcome.Done;
import sluicegate.judge.run.Outcome.Refused;
import sluicegate.judge.run.Outcome.Reported;
import sluicegate.judge.run.Outcome.Skipped;
import sluicegate.judge.run.Outcome.Transfer;

/**
 * The third opinion: predicts what becomes of each step from the rules alone, the core's for calls and those of the hardware's
 * manual ({@link Rules}) for DMA. It has no page tables, caches or invalidations: what was unmapped is gone.
 */
public final class Oracle {
    /** The name of each device's own default domain, in which nothing is mapped. */
    private static final String DEFAULT = "default";
    private static final int PAGE = BufferImage.PAGE;
    private static final int RW = Prot.READ | Prot.WRITE;

    private final Facts facts;
    private final BufferImage image;
    private final Rules rules;
    private final Map<String, Space> spaces = new HashMap<>();
    /** By group. */
    private final String[] domainOf;
    private List<Reach> reached = List.of();

    /**
     * A part of the latest step's DMA that was translated.
     *
     * @param page the 4 KiB of physical addresses to which it went
     * @param memory whether they are memory
     */
    public record Reach(long iova, long page, boolean memory) {}

    /** A domain that the program allocated. */
    private static final class Space {
        private final Mapped mapped;
        private boolean closed;

        Space(long pageSizes) {
            mapped = new Mapped(pageSizes);
        }
    }

    public Oracle(Facts facts) {
        this.facts = facts;
        this.image = new BufferImage(facts);
        this.rules = facts.make().rules(facts);
        this.domainOf = new String[facts.deviceCount()];
        Arrays.fill(domainOf, DEFAULT);
        moved();
    }

    private void moved() {
        rules.moved(device -> domainOf[group(device)]);
    }

    /** What the buffer should hold now. */
    public BufferImage image() {
        return image;
    }

    /** Name of the domain that a device is in; empty if that is its default domain. */
    public Optional<String> domainOf(int device) {
        return Optional.of(domainOf[group(device)]).filter(name -> !name.equals(DEFAULT));
    }

    /** What an open domain of the program maps. */
    public Optional<Mapped> mapped(String domain) {
        return Optional.ofNullable(spaces.get(domain)).filter(space -> !space.closed).map(space -> space.mapped);
    }

    /** Names of the domains that the program allocated and did not free. */
    public List<String> open() {
        return spaces.entrySet().stream().filter(entry -> !entry.getValue().closed).map(Map.Entry::getKey).sorted().toList();
    }

    /** Where the latest step's DMA got to. */
    public List<Reach> reached() {
        return reached;
    }

    /** What a step leads to. Takes note of what it changes. */
    public Outcome run(Step step) {
        reached = List.of();
        if (step instanceof Step.Allocate allocate) {
            return allocate(allocate);
        } else if (step instanceof Step.Free free) {
            return free(free.domain());
        } else if (step instanceof Step.Attach attach) {
            return attach(attach.domain(), attach.device());
        } else if (step instanceof Step.Detach detach) {
            return detach(detach.domain(), detach.device());
        } else if (step instanceof Step.Map map) {
            return map(map);
        } else if (step instanceof Step.Unmap unmap) {
            return unmap(unmap);
        } else if (step instanceof Step.LookUp lookUp) {
            return lookUp(lookUp);
        } else if (step instanceof Step.Dma dma) {
            return dma(dma);
        }
        rules.renewed();
        moved();
        return new Done(0);
    }

    private int group(int device) {
        return facts.devices().get(device).group();
    }

    // ---- calls

    private boolean isStatic(String domain) {
        return domain.equals(Step.IDENTITY) || domain.equals(Step.BLOCKED);
    }

    private Outcome allocate(Step.Allocate step) {
        if (mapped(step.domain()).isPresent() || step.device() >= facts.deviceCount()) {
            return new Skipped();
        }
        spaces.put(step.domain(), new Space(facts.pageSizes()));
        return new Done(0);
    }

    private Outcome free(String domain) {
        if (isStatic(domain)) {
            return new Refused(Errno.EBUSY);
        }
        var space = spaces.get(domain);
        if (space == null) {
            return new Skipped();
        }
        if (!space.closed && Arrays.asList(domainOf).contains(domain)) {
            return new Refused(Errno.EBUSY);
        }
        space.closed = true;
        return new Done(0);
    }

    private Outcome attach(String domain, int device) {
        var space = spaces.get(domain);
        if (device >= facts.deviceCount() || space == null && !isStatic(domain)) {
            return new Skipped();
        }
        var now = domainOf[group(device)];
        if (!now.equals(DEFAULT) && !now.equals(Step.BLOCKED)) {
            return new Refused(Errno.EBUSY);
        }
        if (space != null && space.closed) {
            return new Refused(Errno.ENODEV);
        }
        if (space != null && isReserved(space)) {
            return new Refused(Errno.EADDRINUSE);
        }
        domainOf[group(device)] = domain;
        moved();
        return new Done(0);
    }

    private boolean isReserved(Space space) {
        return facts.reserved().stream().anyMatch(span -> space.mapped.overlaps(span.start(), span.end() - 1));
    }

    private Outcome detach(String domain, int device) {
        if (device >= facts.deviceCount() || !spaces.containsKey(domain) && !isStatic(domain)) {
            return new Skipped();
        }
        var space = spaces.get(domain);
        if (!domainOf[group(device)].equals(domain) || space != null && space.closed) {
            return new Refused(Errno.EINVAL);
        }
        domainOf[group(device)] = DEFAULT;
        moved();
        return new Done(0);
    }

    private Outcome map(Step.Map step) {
        if (isStatic(step.domain())) {
            return new Refused(Errno.EINVAL);
        }
        var space = spaces.get(step.domain());
        if (space == null) {
            return new Skipped();
        }
        if (space.closed) {
            return new Refused(Errno.ENODEV);
        }
        long iova = step.iova();
        long address = step.target().resolve(facts.buffer());
        long last = iova + step.size() - 1;
        boolean fits = step.size() != 0 && ((iova | address | step.size()) & PAGE - 1) == 0
                && Long.compareUnsigned(iova, last) <= 0 && last >>> facts.addressBits() == 0
                && Long.compareUnsigned(address, address + step.size() - 1) <= 0;
        if ((step.prot() & RW) == 0 || !fits) {
            return new Refused(Errno.EINVAL);
        }
        if (space.mapped.overlaps(iova, last)) {
            return new Refused(Errno.EEXIST);
        }
        boolean used = Arrays.asList(domainOf).contains(step.domain());
        if (used && facts.reserved().stream().anyMatch(span -> iova < span.end() && last >= span.start())) {
            return new Refused(Errno.EADDRINUSE);
        }
        space.mapped.add(iova, address, step.size(), step.prot());
        return new Done(0);
    }

    private Outcome unmap(Step.Unmap step) {
        if (isStatic(step.domain())) {
            return new Done(0);
        }
        var space = spaces.get(step.domain());
        if (space == null) {
            return new Skipped();
        }
        long last = step.iova() + step.size() - 1;
        if (step.size() == 0) {
            return new Done(0);
        }
        if (space.closed) {
            return new Refused(Errno.ENODEV);
        }
        if (((step.iova() | step.size()) & PAGE - 1) != 0 || Long.compareUnsigned(last, step.iova()) < 0) {
            return new Done(0);
        }
        return new Done(space.mapped.remove(step.iova(), last).stream().mapToLong(Mapped.Leaf::size).sum());
    }

    private Outcome lookUp(Step.LookUp step) {
        if (isStatic(step.domain())) {
            return new Done(step.domain().equals(Step.IDENTITY) ? step.iova() : -1);
        }
        var space = spaces.get(step.domain());
        if (space == null) {
            return new Skipped();
        }
        return space.closed
                ? new Refused(Errno.ENODEV)
                : new Done(space.mapped.at(step.iova()).map(leaf -> leaf.translate(step.iova())).orElse(-1L));
    }

    // ---- DMA

    /** The part of a DMA that lies in one page of 4 KiB, and what becomes of it. */
    private record Part(long iova, int offset, int length, Verdict verdict) {}

    private Outcome dma(Step.Dma dma) {
        if (dma.device() >= facts.deviceCount()) {
            return new Skipped();
        }
        long iova = dma.iova().resolve(facts.buffer());
        if (dma.length() > 0 && Long.compareUnsigned(iova + dma.length() - 1, iova) < 0) {
            return new Refused(Errno.EINVAL);
        }
        if (!facts.reaches(dma.device(), iova, dma.length())) {
            return new Skipped();
        }
        var parts = parts(dma, iova);
        if (!isSafe(dma, parts)) {
            return new Skipped();
        }
        byte[] written = dma instanceof Step.Write write ? write.data() : new byte[0];
        byte[] read = dma instanceof Step.Read ? new byte[dma.length()] : new byte[0];
        reached = parts.stream().filter(part -> part.verdict.address() != Verdict.NO_MEMORY)
                .map(part -> new Reach(part.iova, part.verdict.address() & -PAGE, part.verdict.reachesMemory())).toList();
        var status = DmaStatus.OK;
        Set<Reported> faults = Set.of();
        for (var part : parts) {
            if (part.verdict.reachesMemory()) {
                if (dma instanceof Step.Write) {
                    image.write(part.verdict.address(), written, part.offset, part.length);
                } else {
                    image.read(part.verdict.address(), read, part.offset, part.length);
                }
            }
            status = part.verdict.status();
            faults = part.verdict.fault().map(Set::of).orElse(Set.of());
        }
        return new Transfer(status, read, faults);
    }

    /** Whether it stays out of memory and registers that are not the program's, and sends no message where that could wake somebody. */
    private boolean isSafe(Step.Dma dma, List<Part> parts) {
        var device = facts.devices().get(dma.device());
        return rules.isClear(dma.iova().resolve(facts.buffer()), dma.length()) && parts.stream().allMatch(part ->
                (!part.verdict.reachesMemory() || facts.inBuffer(part.verdict.address(), part.length))
                        && rules.isSafe(device, access(dma), part.iova, part.verdict));
    }

    /** Up to the first that fails. */
    private List<Part> parts(Step.Dma dma, long iova) {
        var parts = new ArrayList<Part>();
        int done = 0;
        while (done < dma.length()) {
            int length = Math.min(dma.length() - done, PAGE - (int) (iova + done & PAGE - 1));
            var part = part(dma, iova + done, done, length);
            parts.add(part);
            if (part.verdict.status() != DmaStatus.OK) {
                break;
            }
            done += length;
        }
        return parts;
    }

    private Part part(Step.Dma dma, long iova, int offset, int length) {
        var domain = domainOf[group(dma.device())];
        var leaf = Optional.ofNullable(spaces.get(domain)).flatMap(space -> space.mapped.at(iova));
        return new Part(iova, offset, length, rules.verdict(facts.devices().get(dma.device()), domain, leaf, iova, length, access(dma)));
    }

    private static Access access(Step.Dma dma) {
        return dma instanceof Step.Write ? Access.WRITE : Access.READ;
    }
}
