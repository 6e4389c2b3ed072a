package sluicegate.firmware;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sluicegate.api.types.Hex;
import sluicegate.firmware.Iort.IdMapping;
import sluicegate.firmware.Iort.MemoryAccess;
import sluicegate.firmware.Iort.Node;
import sluicegate.spec.acpi.IortIdMapping;
import sluicegate.spec.acpi.IortItsGroup;
import sluicegate.spec.acpi.IortMemoryAccess;
import sluicegate.spec.acpi.IortMemoryRange;
import sluicegate.spec.acpi.IortNamedComponent;
import sluicegate.spec.acpi.IortNode;
import sluicegate.spec.acpi.IortNodeType;
import sluicegate.spec.acpi.IortPmcg;
import sluicegate.spec.acpi.IortRmr;
import sluicegate.spec.acpi.IortRootComplex;
import sluicegate.spec.acpi.IortSmmu;
import sluicegate.spec.acpi.IortSmmuV3;
import sluicegate.spec.acpi.IortTable;

/** Reads one IORT table: finds where nodes start, reads each of them, then looks for circles. Used once. */
final class IortParser {
    private static final int PAGE = 4096;
    private static final int REGISTER_PAGE = 0x1_0000;
    /** Reserved memory ranges have had their format since revision E.d of DEN0049; the kernel takes no others. */
    private static final int RMR_TABLE_REVISION = 5;
    /** Since this revision of the node a flag says whether the mapping index counts. */
    private static final int DEVICE_ID_FLAG_REVISION = 5;

    private final FirmwareFile file;
    private final byte[] data;
    private final int revision;
    private final List<String> warnings = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();
    /** What starts where, in the order of the table. */
    private final Map<Integer, Optional<IortNodeType>> types = new LinkedHashMap<>();
    /** Which node has its registers at an address. */
    private final Map<Long, Integer> registers = new HashMap<>();
    /** Which root complex is for a segment. */
    private final Map<Long, Integer> segments = new HashMap<>();

    IortParser(AcpiTable table) {
        file = table.file();
        data = file.bytes();
        revision = table.revision();
    }

    Iort parse() {
        if (data.length < IortTable.SIZE) {
            throw file.malformed(data.length, "the table ends after %d bytes, within its fixed part of %d bytes",
                    data.length, IortTable.SIZE);
        }
        long count = IortTable.NODE_COUNT.get(data, 0);
        long first = IortTable.NODE_OFFSET.get(data, 0);
        if (first < IortTable.SIZE || first > data.length) {
            throw file.malformed(IortTable.NODE_OFFSET.offset(),
                    "the first node is said to be at 0x%x, which is not between the fixed part and the end at 0x%x",
                    first, data.length);
        }
        int at = (int) first;
        for (long i = 0; i < count; i++) {
            int length = nodeLength(at, i, count);
            types.put(at, IortNodeType.of(IortNode.TYPE.get(data, at)));
            at += length;
        }
        if (at != data.length) {
            warn(at, "%d bytes follow the last of %d nodes", data.length - at, count);
        }
        types.forEach((start, type) -> type.ifPresentOrElse(
                known -> node(start, (int) IortNode.LENGTH.get(data, start), known),
                () -> warn(start, "node of unknown type %d, left out", IortNode.TYPE.get(data, start))));
        checkCircles();
        if (registers.isEmpty()) {
            warn(IortTable.NODE_COUNT.offset(), "the table has no SMMU: there is no unit");
        }
        return new Iort(file.path(), revision, nodes, warnings);
    }

    private int nodeLength(int at, long index, long count) {
        int rest = data.length - at;
        if (rest < IortNode.SIZE) {
            throw file.malformed(at, "the table ends after %d bytes of the head of node %d of %d, which has %d",
                    rest, index + 1, count, IortNode.SIZE);
        }
        int length = (int) IortNode.LENGTH.get(data, at);
        if (length < IortNode.SIZE) {
            throw file.malformed(at, "the node has a length of %d, less than its head of %d bytes", length, IortNode.SIZE);
        }
        if (length > rest) {
            throw file.malformed(at, "the node of %d bytes passes the end of the table at 0x%x", length, data.length);
        }
        return length;
    }

    private void node(int at, int length, IortNodeType type) {
        int fixed = fixedSize(type, at);
        if (length < fixed) {
            throw file.malformed(at, "the %s node of revision %d has %d bytes, less than the %d that it always has",
                    type, revisionOf(at), length, fixed);
        }
        switch (type) {
            case ITS_GROUP -> itsGroup(at, length);
            case NAMED_COMPONENT -> namedComponent(at, length, mappings(at, length, fixed));
            case ROOT_COMPLEX -> rootComplex(at, mappings(at, length, fixed));
            case SMMU -> smmu(at, length, mappings(at, length, fixed));
            case SMMU_V3 -> smmuV3(at, mappings(at, length, fixed));
            case PMCG -> pmcg(at, mappings(at, length, fixed));
            case RMR -> rmr(at, length, fixed);
        }
    }

    private int revisionOf(int at) {
        return (int) IortNode.REVISION.get(data, at);
    }

    private int fixedSize(IortNodeType type, int at) {
        boolean oldest = revisionOf(at) == 0;
        return switch (type) {
            case ITS_GROUP -> IortItsGroup.SIZE;
            case NAMED_COMPONENT -> IortNamedComponent.SIZE;
            case ROOT_COMPLEX -> oldest ? IortRootComplex.LEAST_SIZE : IortRootComplex.SIZE;
            case SMMU -> IortSmmu.SIZE;
            case SMMU_V3 -> oldest ? IortSmmuV3.LEAST_SIZE : IortSmmuV3.SIZE;
            case PMCG -> oldest ? IortPmcg.LEAST_SIZE : IortPmcg.SIZE;
            case RMR -> IortRmr.SIZE;
        };
    }

    private List<IdMapping> mappings(int at, int length, int fixed) {
        long count = IortNode.MAPPING_COUNT.get(data, at);
        long from = IortNode.MAPPING_OFFSET.get(data, at);
        if (count == 0) {
            return List.of();
        }
        if (from < fixed || from > length || count > (length - from) / IortIdMapping.SIZE) {
            throw file.malformed(at + IortNode.MAPPING_COUNT.offset(),
                    "%d id mappings at 0x%x of the node do not fit between its fixed part of %d bytes and its end at %d",
                    count, from, fixed, length);
        }
        var mappings = new ArrayList<IdMapping>();
        for (int i = 0; i < count; i++) {
            mapping(at + (int) from + i * IortIdMapping.SIZE).ifPresent(mappings::add);
        }
        return mappings;
    }

    private Optional<IdMapping> mapping(int at) {
        long input = IortIdMapping.INPUT_BASE.get(data, at);
        long more = IortIdMapping.ID_COUNT.get(data, at);
        long output = IortIdMapping.OUTPUT_BASE.get(data, at);
        long target = IortIdMapping.OUTPUT_REFERENCE.get(data, at);
        boolean single = IortIdMapping.SINGLE_MAPPING.isSet(IortIdMapping.FLAGS.get(data, at));
        long most = 0xffff_ffffL;
        if (!single && (input + more > most || output + more > most)) {
            throw file.malformed(at, "the id mapping of %d ids from 0x%x to 0x%x passes the greatest id 0x%x",
                    more + 1, input, output, most);
        }
        if (target == 0) {
            warn(at, "the id mapping leads to no node, left out");
            return Optional.empty();
        }
        var type = target > data.length ? null : types.get((int) target);
        if (type == null) {
            throw file.malformed(at, "the id mapping leads to 0x%x, where no node starts", target);
        }
        if (type.isEmpty() || type.get() == IortNodeType.RMR) {
            warn(at, "the id mapping leads to the node at 0x%x, which takes no ids; left out", target);
            return Optional.empty();
        }
        return Optional.of(new IdMapping(at, input, input + more, output, (int) target, single));
    }

    private void itsGroup(int at, int length) {
        long count = IortItsGroup.ITS_COUNT.get(data, at);
        if (count == 0 || count > (length - IortItsGroup.SIZE) / IortItsGroup.ID_SIZE) {
            throw file.malformed(at, "the ITS_GROUP node of %d bytes cannot have %d services", length, count);
        }
        var services = new ArrayList<Long>();
        for (int i = 0; i < count; i++) {
            services.add(IortItsGroup.ITS_ID.get(data, at + IortItsGroup.SIZE + i * IortItsGroup.ID_SIZE));
        }
        if (IortNode.MAPPING_COUNT.get(data, at) != 0) {
            warn(at, "id mappings of an ITS_GROUP lead nowhere, left out");
        }
        nodes.add(new Iort.ItsGroup(at, revisionOf(at), services));
    }

    private void namedComponent(int at, int length, List<IdMapping> mappings) {
        int start = at + IortNamedComponent.SIZE;
        int stop = start;
        while (stop < at + length && data[stop] != 0) {
            stop++;
        }
        if (stop == at + length) {
            throw file.malformed(start, "the NAMED_COMPONENT's path does not end in a zero within the node");
        }
        var path = new String(data, start, stop - start, StandardCharsets.ISO_8859_1).replaceAll("[^\\x20-\\x7e]", "?");
        long flags = IortNamedComponent.FLAGS.get(data, at);
        nodes.add(new Iort.NamedComponent(at, revisionOf(at), mappings, IortNamedComponent.STALL_SUPPORTED.isSet(flags),
                (int) IortNamedComponent.PASID_BITS.get(flags),
                memoryAccess(at + IortNamedComponent.MEMORY_PROPERTIES.offset(),
                        (int) IortNamedComponent.ADDRESS_SIZE.get(data, at)), path));
    }

    private void rootComplex(int at, List<IdMapping> mappings) {
        long ats = IortRootComplex.ATS_ATTRIBUTE.get(data, at);
        int nodeRevision = revisionOf(at);
        int addressSize = nodeRevision < 1 ? 0 : (int) IortRootComplex.ADDRESS_SIZE.get(data, at);
        int pasidBits = nodeRevision < 4 ? 0
                : (int) IortRootComplex.MAX_PASID_WIDTH.get(IortRootComplex.PASID_CAPABILITIES.get(data, at));
        var root = new Iort.RootComplex(at, nodeRevision, mappings,
                memoryAccess(at + IortRootComplex.MEMORY_PROPERTIES.offset(), addressSize),
                IortRootComplex.ATS_SUPPORTED.isSet(ats), IortRootComplex.PRI_SUPPORTED.isSet(ats),
                IortRootComplex.PASID_FORWARDING.isSet(ats), IortRootComplex.SEGMENT.get(data, at), pasidBits);
        var other = segments.putIfAbsent(root.segment(), at);
        if (other != null) {
            warn(at, "the root complex is for segment %04x, as the one at 0x%x; the first one counts", root.segment(), other);
        }
        nodes.add(root);
    }

    private MemoryAccess memoryAccess(int at, int addressSize) {
        long flags = IortMemoryAccess.FLAGS.get(data, at);
        return new MemoryAccess(IortMemoryAccess.CACHE_COHERENT.get(data, at) != 0,
                IortMemoryAccess.COHERENT_PATH.isSet(flags), IortMemoryAccess.DEVICE_ATTRIBUTES.isSet(flags), addressSize);
    }

    private void smmu(int at, int length, List<IdMapping> mappings) {
        long base = IortSmmu.BASE_ADDRESS.get(data, at);
        long span = IortSmmu.SPAN.get(data, at);
        checkRegisters(at, "SMMU", base, span, PAGE);
        long flags = IortSmmu.FLAGS.get(data, at);
        // The second global interrupt is optional; whether it is there, only what follows can tell.
        long global = IortSmmu.GLOBAL_INTERRUPT_OFFSET.get(data, at);
        int globals = global == 0 ? 0 : global + 2L * IortSmmu.INTERRUPT_SIZE <= length ? 2 : 1;
        nodes.add(new Iort.Smmu(at, revisionOf(at), mappings, base, span, IortSmmu.MODEL.get(data, at),
                IortSmmu.COHERENT_WALK.isSet(flags), IortSmmu.DVM_SUPPORTED.isSet(flags),
                interrupts(at, length, "global", global, globals),
                interrupts(at, length, "context", IortSmmu.CONTEXT_INTERRUPT_OFFSET.get(data, at),
                        IortSmmu.CONTEXT_INTERRUPT_COUNT.get(data, at))));
    }

    private List<Iort.Interrupt> interrupts(int at, int length, String kind, long from, long count) {
        if (count == 0) {
            return List.of();
        }
        if (from < IortSmmu.SIZE || from > length || count > (length - from) / IortSmmu.INTERRUPT_SIZE) {
            throw file.malformed(at, "%d %s interrupts at 0x%x of the SMMU node do not fit between its fixed part of %d bytes "
                    + "and its end at %d", count, kind, from, IortSmmu.SIZE, length);
        }
        var interrupts = new ArrayList<Iort.Interrupt>();
        for (int i = 0; i < count; i++) {
            int start = at + (int) from + i * IortSmmu.INTERRUPT_SIZE;
            interrupts.add(new Iort.Interrupt(IortSmmu.INTERRUPT_GSIV.get(data, start),
                    (IortSmmu.INTERRUPT_FLAGS.get(data, start) & 1) != 0));
        }
        return interrupts;
    }

    private void smmuV3(int at, List<IdMapping> mappings) {
        long base = IortSmmuV3.BASE_ADDRESS.get(data, at);
        checkRegisters(at, "SMMU_V3", base, REGISTER_PAGE, REGISTER_PAGE);
        long flags = IortSmmuV3.FLAGS.get(data, at);
        long vatos = IortSmmuV3.VATOS_ADDRESS.get(data, at);
        long event = IortSmmuV3.EVENT_GSIV.get(data, at);
        long pri = IortSmmuV3.PRI_GSIV.get(data, at);
        long gerror = IortSmmuV3.GERROR_GSIV.get(data, at);
        long sync = IortSmmuV3.SYNC_GSIV.get(data, at);
        boolean allWired = event != 0 && pri != 0 && gerror != 0 && sync != 0;
        int nodeRevision = revisionOf(at);
        boolean hasOwn = nodeRevision >= DEVICE_ID_FLAG_REVISION
                ? IortSmmuV3.DEVICE_ID_VALID.isSet(flags) : nodeRevision >= 1 && !allWired;
        boolean hasProximity = nodeRevision >= 1 && IortSmmuV3.PROXIMITY_VALID.isSet(flags);
        nodes.add(new Iort.SmmuV3(at, nodeRevision, mappings, hasOwn ? ownMapping(at, mappings) : Optional.empty(), base,
                IortSmmuV3.COHACC_OVERRIDE.isSet(flags), (int) IortSmmuV3.HTTU_OVERRIDE.get(flags),
                vatos == 0 ? Optional.empty() : Optional.of(vatos), IortSmmuV3.MODEL.get(data, at), event, pri, gerror, sync,
                hasProximity ? Optional.of(IortSmmuV3.PROXIMITY_DOMAIN.get(data, at)) : Optional.empty()));
    }

    private Optional<IdMapping> ownMapping(int at, List<IdMapping> mappings) {
        long index = IortSmmuV3.DEVICE_ID_MAPPING_INDEX.get(data, at);
        long count = IortNode.MAPPING_COUNT.get(data, at);
        if (index >= count) {
            warn(at, "the SMMU_V3 has id mapping %d for its own interrupts, but only %d mappings; without effect",
                    index, count);
            return Optional.empty();
        }
        long start = at + IortNode.MAPPING_OFFSET.get(data, at) + index * IortIdMapping.SIZE;
        return mappings.stream().filter(mapping -> mapping.offset() == start).findFirst();
    }

    private void pmcg(int at, List<IdMapping> mappings) {
        long overflow = IortPmcg.OVERFLOW_GSIV.get(data, at);
        long counts = IortPmcg.NODE_REFERENCE.get(data, at);
        if (counts > data.length || !types.containsKey((int) counts)) {
            throw file.malformed(at, "the PMCG counts for a node at 0x%x, where no node starts", counts);
        }
        boolean hasOwn = overflow == 0 && !mappings.isEmpty();
        nodes.add(new Iort.Pmcg(at, revisionOf(at), mappings, hasOwn ? Optional.of(mappings.get(0)) : Optional.empty(),
                IortPmcg.PAGE0_BASE.get(data, at),
                revisionOf(at) == 0 ? Optional.empty() : Optional.of(IortPmcg.PAGE1_BASE.get(data, at)), overflow,
                (int) counts));
    }

    private void rmr(int at, int length, int fixed) {
        if (revision < RMR_TABLE_REVISION) {
            warn(at, "the RMR node counts since revision %d of the table, and this has %d; left out",
                    RMR_TABLE_REVISION, revision);
            return;
        }
        long count = IortRmr.RANGE_COUNT.get(data, at);
        long from = IortRmr.RANGE_OFFSET.get(data, at);
        if (count != 0 && (from < fixed || from > length || count > (length - from) / IortMemoryRange.SIZE)) {
            throw file.malformed(at, "%d ranges at 0x%x of the RMR node do not fit between its fixed part of %d bytes and its "
                    + "end at %d", count, from, fixed, length);
        }
        var mappings = mappings(at, length, fixed);
        if (mappings.isEmpty() || count == 0) {
            warn(at, "the RMR has %d ranges for %d id mappings: nothing is reserved", count, mappings.size());
        }
        long flags = IortRmr.FLAGS.get(data, at);
        nodes.add(new Iort.Rmr(at, revisionOf(at), mappings, IortRmr.REMAP_PERMITTED.isSet(flags),
                IortRmr.PRIVILEGED.isSet(flags), (int) IortRmr.ACCESS_ATTRIBUTES.get(flags),
                ranges(at + (int) from, (int) count)));
    }

    private List<Iort.ReservedRange> ranges(int from, int count) {
        var ranges = new ArrayList<Iort.ReservedRange>();
        for (int i = 0; i < count; i++) {
            int at = from + i * IortMemoryRange.SIZE;
            long base = IortMemoryRange.BASE_ADDRESS.get(data, at);
            long length = IortMemoryRange.RANGE_LENGTH.get(data, at);
            long end = base + length - 1;
            if (length == 0 || Long.compareUnsigned(end, base) < 0) {
                warn(at, "the reserved range of %s bytes from %s on is no range; left out", Hex.of(length), Hex.of(base));
                continue;
            }
            if (((base | length) & REGISTER_PAGE - 1) != 0) {
                warn(at, "the reserved range [%s, %s] is not made of 64 KiB; taken as [%s, %s]", Hex.of(base), Hex.of(end),
                        Hex.of(base & -PAGE), Hex.of(end | PAGE - 1));
            }
            ranges.add(new Iort.ReservedRange(at, base & -PAGE, end | PAGE - 1));
        }
        return ranges;
    }

    private void checkRegisters(int at, String what, long base, long size, long alignment) {
        if (base == 0 || (base & alignment - 1) != 0) {
            throw file.malformed(at, "the %s puts its registers at %s; they have to start at a multiple of %d KiB above 0",
                    what, Hex.of(base), alignment / 1024);
        }
        if (size == 0 || Long.compareUnsigned(base, -size) > 0) {
            throw file.malformed(at, "the %s's registers at %s, %s bytes of them, are no range",
                    what, Hex.of(base), Hex.of(size));
        }
        var other = registers.putIfAbsent(base, at);
        if (other != null) {
            throw file.malformed(at, "the %s has its registers at %s, as the node at 0x%x", what, Hex.of(base), other);
        }
    }

    /** Ids that are sent round and round never arrive; the kernel would look for ever. */
    private void checkCircles() {
        var waiting = new HashMap<Integer, Integer>();
        var sources = new HashMap<Integer, List<Node>>();
        var arrived = new ArrayDeque<Node>();
        for (var node : nodes) {
            node.mappings().forEach(mapping -> sources.computeIfAbsent(mapping.target(), key -> new ArrayList<>()).add(node));
            waiting.put(node.offset(), node.mappings().size());
            if (node.mappings().isEmpty()) {
                arrived.add(node);
            }
        }
        while (!arrived.isEmpty()) {
            for (var source : sources.getOrDefault(arrived.remove().offset(), List.of())) {
                if (waiting.merge(source.offset(), -1, Integer::sum) == 0) {
                    arrived.add(source);
                }
            }
        }
        nodes.stream().filter(node -> waiting.get(node.offset()) > 0).findFirst().ifPresent(node -> {
            throw file.malformed(node.offset(), "the id mappings of the node lead in a circle");
        });
    }

    private void warn(int at, String format, Object... args) {
        warnings.add(file.at(at) + ": " + String.format(format, args));
    }
}
