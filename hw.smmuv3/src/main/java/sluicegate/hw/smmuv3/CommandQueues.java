package sluicegate.hw.smmuv3;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.types.IommuException;
import sluicegate.hw.common.CommandCombiner;

/**
 * The command queues of a unit, and which of them a thread uses: where there are enhanced ones, one by the thread's number, so
 * that threads that invalidate at the same time wait for nothing of each other; otherwise the one that every unit has. Threads
 * with the same queue share it.
 *
 * <p>Queues have no order between them (section 3.5.6.1). Nothing needs one: whatever is submitted ends with a SYNC of its own
 * queue, for which whoever submitted it waits, so what a thread does after that comes after it on every queue.
 *
 * <p>Thread-safe; choosing a queue allocates nothing.
 */
final class CommandQueues {
    private static final Logger LOG = LoggerFactory.getLogger(CommandQueues.class);
    private static final int MAX_BITS = 10;
    /** Commands that fill a page: few threads share such a queue. */
    private static final int MAX_ENHANCED_BITS = 8;
    private static final int MAX_ENHANCED = 16;

    private final CommandQueue main;
    private final List<CommandQueue> enhanced;
    /** A power of two of them. */
    private final CommandQueue[] used;
    /** By queue: for what every unmap needs, one command that names pages. */
    private final CommandCombiner[] combiners;

    private CommandQueues(CommandQueue main, List<CommandQueue> enhanced) {
        this.main = main;
        this.enhanced = enhanced;
        this.used = enhanced.isEmpty() ? new CommandQueue[] {main} : enhanced.toArray(CommandQueue[]::new);
        this.combiners = Stream.of(used).map(CommandCombiner::new).toArray(CommandCombiner[]::new);
    }

    /**
     * Switches the queues on; enhanced ones were switched off before. If not all of those that are to be used can be had, none
     * is, and a warning says why.
     *
     * @throws IommuException ETIMEDOUT if the unit does not switch the command queue on, ENOMEM; nothing stays allocated
     */
    static CommandQueues start(Smmuv3Capabilities capabilities, Smmuv3Window window, CommandQueue.Surroundings surroundings) {
        var main = new CommandQueue(surroundings, new MainQueueRegisters(window), Math.min(capabilities.commandQueueBits(), MAX_BITS));
        var enhanced = new ArrayList<CommandQueue>();
        try {
            int bits = Math.min(capabilities.commandQueueBits(), MAX_ENHANCED_BITS);
            var places = ControlPages.queues(capabilities, window, why -> LOG.warn("{}: {}", window.unit(), why));
            for (int place : places.subList(0, Integer.highestOneBit(Math.min(places.size(), MAX_ENHANCED)))) {
                enhanced.add(new CommandQueue(surroundings, new EnhancedQueueRegisters(window, place), bits));
            }
        } catch (IommuException e) {
            // One that does not go off again stays empty, and so reads none of its memory.
            stopAll(enhanced).ifPresent(e::addSuppressed);
            LOG.warn("{}: its enhanced command queues are not used: {}", window.unit(), e.getMessage());
            enhanced.clear();
        }
        return new CommandQueues(main, List.copyOf(enhanced));
    }

    /**
     * Switches off all enhanced queues that a unit has, whoever used them and in whatever state they left them.
     *
     * @throws IommuException ETIMEDOUT if the unit does not
     */
    static void switchOffEnhanced(Smmuv3Capabilities capabilities, Smmuv3Window window) {
        ControlPages.queues(capabilities, window, why -> { }).forEach(place -> new EnhancedQueueRegisters(window, place).stop());
    }

    /** How many enhanced queues are used. */
    int enhancedCount() {
        return enhanced.size();
    }

    private int index() {
        return (int) Thread.currentThread().getId() & used.length - 1;
    }

    /** The calling thread's queue. */
    CommandQueue mine() {
        return used[index()];
    }

    /** Has a command carried out that may be carried out twice, together with those of threads with the same queue. */
    void runTogether(long low, long high) {
        combiners[index()].run(low, high);
    }

    /** The most commands that any thread's queue takes at once, the SYNC among them. */
    int most() {
        return used[0].most();
    }

    /** The command queue has stopped for an error (SMMU_GERROR.CMDQ_ERR). */
    void recoverMain() {
        main.recover();
    }

    /** Enhanced queues have stopped for errors (SMMU_GERROR.CMDQP_ERR). */
    void recoverEnhanced() {
        enhanced.forEach(CommandQueue::recover);
    }

    /** Whether one of them has that page of the arena. */
    boolean uses(long page) {
        return main.uses(page) || enhanced.stream().anyMatch(queue -> queue.uses(page));
    }

    /**
     * Waits for what is under way, switches the queues off and gives their memory back. Nobody submits any more.
     *
     * @throws IommuException ETIMEDOUT if one of them does not become empty or go off; its memory is not given back then
     */
    void stop() {
        var failure = stopAll(Stream.concat(enhanced.stream(), Stream.of(main)).toList());
        if (failure.isPresent()) {
            throw failure.get();
        }
    }

    private static Optional<IommuException> stopAll(List<CommandQueue> queues) {
        IommuException failure = null;
        for (var queue : queues) {
            try {
                queue.stop();
            } catch (IommuException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        return Optional.ofNullable(failure);
    }
}
