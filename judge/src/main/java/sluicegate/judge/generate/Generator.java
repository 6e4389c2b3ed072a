package sluicegate.judge.generate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import sluicegate.judge.program.Place;
import sluicegate.judge.program.Program;
import sluicegate.judge.program.Step;
import sluicegate.judge.run.Facts;
import sluicegate.judge.run.Mapped;
import sluicegate.judge.run.Oracle;

/** Makes up one program. */
public final class Generator {
    private static final List<String> NAMES = List.of("A", "B", "C", "D");
    private static final int PAGE = (int) Addresses.PAGE;
    private static final List<Integer> LENGTHS = List.of(1, 2, 3, 4, 4, 8, 8, 16, 61, 64, 256);

    private final Dice dice;
    private final Facts facts;
    private final Addresses addresses;
    private final Oracle oracle;
    private final List<Step> steps = new ArrayList<>();

    private Generator(long seed, Facts facts) {
        this.facts = facts;
        dice = new Dice(seed);
        addresses = new Addresses(dice, facts);
        oracle = new Oracle(facts);
    }

    /** A program of {@code length} steps or a few more. */
    public static Program program(long seed, int length, Facts facts) {
        return new Generator(seed, facts).make(length);
    }

    private Program make(int length) {
        for (int device = 0; device < facts.deviceCount(); device++) {
            add(new Step.Allocate(NAMES.get(device % NAMES.size()), device));
            add(new Step.Attach(NAMES.get(device % 2), device));
        }
        while (steps.size() < length) {
            next();
        }
        return new Program(steps);
    }

    private void add(Step step) {
        steps.add(step);
        oracle.run(step);
    }

    private void next() {
        int choice = dice.below(100);
        if (choice < 46) {
            dma(busyDevice());
        } else if (choice < 64) {
            map(domain());
        } else if (choice < 75) {
            unmap(domain());
        } else if (choice < 82) {
            stale();
        } else if (choice < 88) {
            move(device());
        } else if (choice < 91) {
            renew();
        } else if (choice < 94) {
            look(domain());
        } else if (choice < 97) {
            add(dice.percent(50) ? new Step.Allocate(dice.of(NAMES), device()) : new Step.Free(dice.of(NAMES)));
        } else if (choice < 99) {
            add(dice.percent(50) ? new Step.Detach(dice.of(NAMES), device()) : new Step.Attach(dice.of(NAMES), device()));
        } else {
            if (dice.percent(30)) {
                add(new Step.Swap());
            }
        }
    }

    private int device() {
        return dice.below(facts.deviceCount());
    }

    /** Mostly one whose domain maps something. */
    private int busyDevice() {
        int device = device();
        for (int i = 0; i < 4 && oracle.domainOf(device).flatMap(this::anyLeaf).isEmpty(); i++) {
            device = device();
        }
        return device;
    }

    /** Mostly one that is in use. */
    private String domain() {
        if (dice.percent(70)) {
            var used = oracle.domainOf(device());
            if (used.isPresent()) {
                return used.get();
            }
        }
        return dice.percent(4) ? dice.of(List.of(Step.IDENTITY, Step.BLOCKED)) : dice.of(NAMES);
    }

    private void map(String domain) {
        var leaf = anyLeaf(domain);
        if (leaf.isPresent() && dice.percent(25)) {
            // Beside what is there, or over it.
            long iova = dice.percent(50) ? leaf.get().last() + 1 : leaf.get().iova() - PAGE;
            add(new Step.Map(domain, iova, addresses.target(iova), dice.between(1, 3) * PAGE, addresses.prot()));
        } else {
            var range = addresses.range();
            add(new Step.Map(domain, range.iova(), range.target(), range.size(), range.prot()));
        }
    }

    private void unmap(String domain) {
        var leaf = anyLeaf(domain);
        if (leaf.isEmpty() || dice.percent(10)) {
            add(new Step.Unmap(domain, addresses.page() + (dice.percent(10) ? 0x10 : 0), dice.between(0, 5) * PAGE));
            return;
        }
        var page = leaf.get();
        // All of it, a part of it, it and what comes after.
        long pages = page.size() / PAGE;
        long offset = dice.percent(60) ? 0 : Math.floorMod(dice.bits(), pages) * PAGE;
        long size = dice.percent(40) ? page.size() - offset : dice.percent(50) ? PAGE : page.size() + dice.between(0, 9) * PAGE;
        add(new Step.Unmap(domain, page.iova() + offset, size));
    }

    /** Reach a page, take it away, reach it again, put another in its place, and reach that. */
    private void stale() {
        int device = device();
        var domain = oracle.domainOf(device).orElse(dice.of(NAMES));
        var leaf = anyLeaf(domain);
        if (leaf.isEmpty()) {
            map(domain);
            return;
        }
        var page = leaf.get();
        dmaAt(device, inside(page));
        add(new Step.Unmap(domain, page.iova(), dice.percent(70) ? page.size() : PAGE));
        if (dice.percent(70)) {
            dmaAt(device, inside(page));
        }
        add(new Step.Map(domain, page.iova(), addresses.target(page.iova()), PAGE, addresses.prot()));
        dmaAt(device, Place.at(page.iova() + dice.below(PAGE - 8)));
    }

    /** Another domain, by way of the default one, or not. */
    private void move(int device) {
        var now = oracle.domainOf(device);
        if (now.isPresent() && !dice.percent(8)) {
            if (dice.percent(60)) {
                dma(device);
            }
            add(new Step.Detach(now.get(), device));
            if (dice.percent(30)) {
                dma(device);
            }
        }
        int kind = dice.below(100);
        add(new Step.Attach(kind < 12 ? Step.IDENTITY : kind < 22 ? Step.BLOCKED : dice.of(NAMES), device));
        if (dice.percent(80)) {
            dma(device);
        }
    }

    /** A domain goes and another one comes, perhaps with its number and its tables' memory. */
    private void renew() {
        int device = device();
        var name = oracle.domainOf(device).filter(NAMES::contains);
        if (name.isEmpty()) {
            move(device);
            return;
        }
        var leaf = anyLeaf(name.get());
        leaf.ifPresent(page -> dmaAt(device, inside(page)));
        for (int other = 0; other < facts.deviceCount(); other++) {
            // Where a group moved with its first member, the others are there already.
            if (oracle.domainOf(other).equals(name)) {
                add(new Step.Detach(name.get(), other));
            }
        }
        add(new Step.Free(name.get()));
        add(new Step.Allocate(name.get(), device));
        if (dice.percent(50)) {
            map(name.get());
        }
        add(new Step.Attach(name.get(), device));
        leaf.ifPresent(page -> dmaAt(device, inside(page)));
    }

    private void look(String domain) {
        var leaf = anyLeaf(domain);
        add(new Step.LookUp(domain, leaf.isPresent() && dice.percent(80)
                ? leaf.get().iova() + Math.floorMod(dice.bits(), leaf.get().size()) : addresses.anywhere()));
    }

    // ---- DMA

    private void dma(int device) {
        var domain = oracle.domainOf(device);
        if (domain.isPresent() && domain.get().equals(Step.IDENTITY) && dice.percent(70)) {
            dmaAt(device, Place.inBuffer(dice.below((int) facts.bufferSize() - 4 * PAGE)));
            return;
        }
        var leaf = domain.flatMap(this::anyLeaf);
        if (leaf.isPresent() && dice.percent(92)) {
            dmaAt(device, dice.percent(40) ? edge(leaf.get()) : inside(leaf.get()));
        } else {
            dmaAt(device, Place.at(addresses.anywhere()));
        }
    }

    private void dmaAt(int device, Place iova) {
        int kind = dice.below(100);
        int length = kind < 70 ? dice.of(LENGTHS) : kind < 92 ? dice.between(1, PAGE - 1) : dice.between(PAGE, 3 * PAGE);
        add(dice.percent(50) ? new Step.Read(device, iova, length) : new Step.Write(device, iova, length, dice.below(1 << 16)));
    }

    private Optional<Mapped.Leaf> anyLeaf(String domain) {
        return oracle.mapped(domain).map(Mapped::all).filter(all -> !all.isEmpty()).map(dice::of);
    }

    /** Near the first or the last byte of a page, on either side. */
    private Place edge(Mapped.Leaf leaf) {
        long edge = dice.percent(50) ? leaf.iova() : leaf.last() + 1;
        return Place.at(edge - dice.of(List.of(0, 1, 2, 4, 7, 8, 16, 64, 100, 4096)));
    }

    /** Within a page; of one that is larger than the buffer, where the buffer is or where no memory is. */
    private Place inside(Mapped.Leaf leaf) {
        boolean holdsBuffer = Long.compareUnsigned(leaf.address(), facts.buffer()) < 0
                && Long.compareUnsigned(facts.buffer() + facts.bufferSize(), leaf.address() + leaf.size()) <= 0;
        if (!holdsBuffer) {
            return Place.at(leaf.iova() + Math.floorMod(dice.bits(), leaf.size()));
        }
        return dice.percent(85)
                ? Place.inBuffer(leaf.iova() - leaf.address() + dice.below((int) facts.bufferSize() - 4 * PAGE))
                : Place.at(leaf.iova() - leaf.address() + facts.memoryHole() + dice.below(1 << 20));
    }
}
