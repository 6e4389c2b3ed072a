package sluicegate.firmware;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import sluicegate.api.types.IommuException;
import sluicegate.spec.acpi.IortTable;

/**
 * The I/O remapping table: SMMUs, what is in front of them and behind them, and how ids change on the way (DEN0049).
 *
 * <p>The nodes are in the order of the table. A node is known by its offset in the file, by which mappings refer to it as
 * well. {@link IortPaths} follows the mappings.
 *
 * @param file path of the file it was read from
 * @param revision revision of the table; reserved memory ranges count since 5
 * @param nodes all nodes of known types
 * @param warnings what was odd and what was done about it, one sentence each with file and offset
 */
public record Iort(String file, int revision, List<Node> nodes, List<String> warnings) {

    public Iort {
        nodes = List.copyOf(nodes);
        warnings = List.copyOf(warnings);
    }

    /**
     * Reads the table.
     *
     * <p>What cannot be trusted is refused: wrong signature, length or checksum, nodes or mappings that pass the end of
     * what they are in, references to what is no node, mappings that lead in a circle. What the kernel goes on with
     * ({@code drivers/acpi/arm64/iort.c}) is a warning: nodes of a type that is not known, a mapping to nowhere.
     *
     * @throws IommuException EINVAL with file, offset and the rule that was broken
     */
    public static Iort parse(FirmwareFile file) {
        return new IortParser(AcpiTable.check(file, IortTable.SIGNATURE)).parse();
    }

    /** The nodes of one kind, in the order of the table. */
    public <T extends Node> List<T> nodes(Class<T> kind) {
        return nodes.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /** The node at an offset of the file. */
    public Optional<Node> nodeAt(int offset) {
        return nodes.stream().filter(node -> node.offset() == offset).findFirst();
    }

    /** The root complex of a PCI segment: the first one in the table, as for the kernel. */
    public Optional<RootComplex> rootComplex(int segment) {
        return nodes(RootComplex.class).stream().filter(root -> root.segment() == segment).findFirst();
    }

    /** The component with that path of the ACPI name space, such as {@code \_SB.DMA0}. */
    public Optional<NamedComponent> component(String path) {
        return nodes(NamedComponent.class).stream().filter(node -> node.path().equals(path)).findFirst();
    }

    /** One node of the table. */
    public sealed interface Node permits ItsGroup, NamedComponent, RootComplex, Smmu, SmmuV3, Pmcg, Rmr {

        /** In the file, bytes. */
        int offset();

        /** Revision of the node's format. */
        int revision();

        /** How its ids become ids of other nodes, in the order of the table. */
        List<IdMapping> mappings();

        /**
         * The one of the mappings that is for the node's own message interrupts and no ids that come in
         * ({@code iort_get_id_mapping_index}).
         */
        default Optional<IdMapping> ownMapping() {
            return Optional.empty();
        }
    }

    /**
     * How ids become ids of another node. Ids are from 0 to 2^32 - 1.
     *
     * @param offset in the file, bytes
     * @param firstInput lowest id that comes in
     * @param lastInput highest id that comes in
     * @param firstOutput what {@code firstInput} becomes
     * @param target offset of the node that the ids go to
     * @param single whatever comes in becomes {@code firstOutput}
     */
    public record IdMapping(int offset, long firstInput, long lastInput, long firstOutput, int target, boolean single) {

        /** Whether an id is one that comes in. */
        public boolean contains(long id) {
            return id >= firstInput && id <= lastInput;
        }

        /** What an id in its range becomes. */
        public long output(long id) {
            return single ? firstOutput : firstOutput + (id - firstInput);
        }

        /** The highest id that goes out. */
        public long lastOutput() {
            return single ? firstOutput : output(lastInput);
        }
    }

    /**
     * How a device accesses memory.
     *
     * @param cacheCoherent the device is coherent with the caches
     * @param coherentPath the path to memory keeps accesses coherent
     * @param deviceAttributes the device makes its memory attributes write-back
     * @param addressSize bits of address; 0 if the table doesn't tell
     */
    public record MemoryAccess(boolean cacheCoherent, boolean coherentPath, boolean deviceAttributes, int addressSize) {}

    /**
     * A group of interrupt translation services.
     *
     * @param services their ids, as MADT has them; at least one
     */
    public record ItsGroup(int offset, int revision, List<Long> services) implements Node {
        public ItsGroup {
            services = List.copyOf(services);
        }

        @Override
        public List<IdMapping> mappings() {
            return List.of();
        }
    }

    /**
     * A device that the ACPI name space names.
     *
     * @param stalls it can wait for stalled accesses
     * @param pasidBits bits of PASID that it supports, 0 for none
     * @param path its path in the name space
     */
    public record NamedComponent(int offset, int revision, List<IdMapping> mappings, boolean stalls, int pasidBits,
            MemoryAccess memory, String path) implements Node {
        public NamedComponent {
            mappings = List.copyOf(mappings);
        }
    }

    /**
     * A PCI root complex; its ids are requester ids.
     *
     * @param ats it knows address translation services
     * @param pri it knows page requests
     * @param pasidForwarding it forwards PASIDs on translated requests
     * @param segment PCI segment
     * @param pasidBits bits of PASID, 0 for none or if the table doesn't tell
     */
    public record RootComplex(int offset, int revision, List<IdMapping> mappings, MemoryAccess memory, boolean ats,
            boolean pri, boolean pasidForwarding, long segment, int pasidBits) implements Node {
        public RootComplex {
            mappings = List.copyOf(mappings);
        }
    }

    /**
     * An interrupt line.
     *
     * @param gsiv global system interrupt
     * @param edge edge triggered
     */
    public record Interrupt(long gsiv, boolean edge) {}

    /**
     * An SMMU of version 1 or 2.
     *
     * @param base physical address of its registers
     * @param span size of its registers in bytes
     * @param model 0 and 1 for versions 1 and 2 as such, else an implementation
     * @param coherentWalk table walks are coherent with the caches
     * @param dvm it takes part in distributed TLB invalidation
     * @param globalInterrupts for faults and, if there is a second, for configuration accesses
     * @param contextInterrupts one for each context bank or fewer
     */
    public record Smmu(int offset, int revision, List<IdMapping> mappings, long base, long span, long model,
            boolean coherentWalk, boolean dvm, List<Interrupt> globalInterrupts, List<Interrupt> contextInterrupts)
            implements Node {
        public Smmu {
            mappings = List.copyOf(mappings);
            globalInterrupts = List.copyOf(globalInterrupts);
            contextInterrupts = List.copyOf(contextInterrupts);
        }
    }

    /**
     * An SMMU of version 3.
     *
     * @param base physical address of register page 0
     * @param coherentWalk table walks are coherent, whatever IDR0 says (COHACC override)
     * @param httuOverride what IDR0.HTTU is to be taken for, 0 for no override
     * @param vatos physical address of the VATOS page, if there is one
     * @param model 0 for generic
     * @param eventGsiv wired interrupt of the event queue, 0 for none
     * @param priGsiv wired interrupt of the page request queue, 0 for none
     * @param gerrorGsiv wired interrupt of global errors, 0 for none
     * @param syncGsiv wired interrupt of command synchronisation, 0 for none
     * @param proximityDomain NUMA node, as SRAT numbers them
     */
    public record SmmuV3(int offset, int revision, List<IdMapping> mappings, Optional<IdMapping> ownMapping, long base,
            boolean coherentWalk, int httuOverride, Optional<Long> vatos, long model, long eventGsiv, long priGsiv,
            long gerrorGsiv, long syncGsiv, Optional<Long> proximityDomain) implements Node {

        /** The model that has no register page 1. */
        private static final long CAVIUM_CN99XX = 2;

        private static final long PAGE = 0x1_0000;

        public SmmuV3 {
            mappings = List.copyOf(mappings);
        }

        /** Bytes of its registers: pages 0 and 1 of 64 KiB, or only page 0 on the one model that is made so. */
        public long registerSize() {
            return model == CAVIUM_CN99XX ? PAGE : 2 * PAGE;
        }
    }

    /**
     * A performance monitor counter group.
     *
     * @param page0 physical address of its register page 0
     * @param page1 physical address of its register page 1; since revision 1
     * @param overflowGsiv wired interrupt of counter overflow, 0 for none
     * @param counts offset of the node that it counts for
     */
    public record Pmcg(int offset, int revision, List<IdMapping> mappings, Optional<IdMapping> ownMapping, long page0,
            Optional<Long> page1, long overflowGsiv, int counts) implements Node {
        public Pmcg {
            mappings = List.copyOf(mappings);
        }
    }

    /**
     * Reserved memory ranges, for the stream ids that its mappings have as output.
     *
     * @param remapPermitted the operating system may move what is there
     * @param privileged accesses are privileged
     * @param attributes memory type: 0 to 3 device, 4 normal not cached, 5 normal write-back
     * @param ranges what is reserved
     */
    public record Rmr(int offset, int revision, List<IdMapping> mappings, boolean remapPermitted, boolean privileged,
            int attributes, List<ReservedRange> ranges) implements Node {
        public Rmr {
            mappings = List.copyOf(mappings);
            ranges = List.copyOf(ranges);
        }

        /** The mappings that lead to an SMMU: their outputs are stream ids of it. */
        public Stream<IdMapping> streamsOf(Node smmu) {
            return mappings.stream().filter(mapping -> mapping.target() == smmu.offset());
        }
    }

    /**
     * One reserved range, made of whole pages of 4 KiB.
     *
     * @param offset in the file, bytes
     * @param base first address
     * @param end last address, inclusive; unsigned not below {@code base}
     */
    public record ReservedRange(int offset, long base, long end) {}
}
