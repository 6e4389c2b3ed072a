package sluicegate.core.impl.dma;

import java.util.Optional;
import sluicegate.api.Device;
import sluicegate.api.dma.CoherentBuffer;
import sluicegate.api.dma.DmaAttributes;
import sluicegate.api.dma.DmaDirection;
import sluicegate.api.dma.DmaMapper;
import sluicegate.api.dma.ScatterList;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Prot;
import sluicegate.core.impl.dma.MappingLog.Function;
import sluicegate.core.impl.iova.LowFirst;

/** What the driver of one device maps its buffers with ({@code iommu_dma_map_page} and its siblings, {@code kernel/dma/direct.c}). */
public final class DeviceDma implements DmaMapper {
    private static final long PAGE = 4096;
    private static final long MASK_32 = DmaMapper.bits(32);
    /** The least that devices without translation must be able to name, where the kernel has its lowest zone. */
    private static final long LEAST_DIRECT = DmaMapper.bits(24);
    private static final long DEFAULT_SEGMENT = 64 << 10;

    private final DmaLayer layer;
    private final DmaRoute route;
    private final MappingLog log;
    private final String name;
    private final boolean untrusted;
    private final LowFirst lowFirst;
    private volatile long mask = MASK_32;
    private volatile long coherentMask = MASK_32;
    private volatile long maxSegment = DEFAULT_SEGMENT;
    private volatile long boundary = MASK_32;
    /** The machine's bounce buffers, once this device has needed them. */
    private volatile Optional<BouncePool> pool = Optional.empty();

    public DeviceDma(DmaLayer layer, DmaRoute route) {
        this.layer = layer;
        this.route = route;
        this.log = layer.log();
        this.name = route.device().name();
        this.untrusted = route.device().busDevice().untrusted();
        this.lowFirst = new LowFirst(name, route.device().busDevice() instanceof PciFunction);
    }

    /** The device's driver is gone: what it set counts no more, and what it left mapped is reported in debug mode. */
    public void driverUnbound() {
        log.unbound(name);
        mask = MASK_32;
        coherentMask = MASK_32;
        maxSegment = DEFAULT_SEGMENT;
        boundary = MASK_32;
    }

    @Override
    public Device device() {
        return route.device();
    }

    // ---- what the device can do

    @Override
    public void setMask(long newMask) {
        mask = usable(newMask);
    }

    @Override
    public void setCoherentMask(long newMask) {
        coherentMask = usable(newMask);
    }

    private long usable(long newMask) {
        long least = route.toUnmap().map(space -> 2 * space.granule() - 1).orElse(LEAST_DIRECT);
        if (Long.compareUnsigned(newMask, least) < 0) {
            throw IommuException.of(Errno.EIO, "Device %s can't work with a DMA mask of %s: it must be able to name all up to %s", name,
                    Hex.of(newMask), Hex.of(least));
        }
        return newMask;
    }

    @Override
    public long mask() {
        return mask;
    }

    @Override
    public long coherentMask() {
        return coherentMask;
    }

    @Override
    public void setMaxSegmentSize(long bytes) {
        if (bytes <= 0) {
            throw IommuException.of(Errno.EINVAL, "Device %s can't have segments of at most %s bytes", name, Hex.of(bytes));
        }
        maxSegment = bytes;
    }

    @Override
    public void setSegmentBoundary(long newBoundary) {
        if ((newBoundary & newBoundary + 1) != 0 || Long.compareUnsigned(newBoundary, PAGE - 1) < 0) {
            throw IommuException.of(Errno.EINVAL, "Segment boundary %s of device %s is not one less than a power of two of at least %s",
                    Hex.of(newBoundary), name, Hex.of(PAGE));
        }
        boundary = newBoundary;
    }

    @Override
    public long maxMappingSize() {
        boolean maybeBounced = untrusted || route.toUnmap().isEmpty() && limit(mask) != -1L;
        return maybeBounced ? BouncePool.MAX : -1L;
    }

    /** What the device can name with a mask, and what the bus on the way lets through. */
    private long limit(long deviceMask) {
        long bus = route.device().busDevice().dmaLimit();
        return Long.compareUnsigned(deviceMask, bus) < 0 ? deviceMask : bus;
    }

    // ---- coherent buffers

    @Override
    public CoherentBuffer allocateCoherent(long size) {
        var space = route.toMap();
        long granule = space.isEmpty() ? PAGE : Math.max(PAGE, space.get().granule());
        long rounded = size + granule - 1 & -granule;
        if (size <= 0 || rounded <= 0) {
            throw IommuException.of(Errno.EINVAL, "Device %s can't have a coherent buffer of %s bytes", name, Hex.of(size));
        }
        long address = machine().allocate(rounded);
        try {
            long iova = space.isEmpty() ? named(address, rounded, coherentMask)
                    : space.get().map(lowFirst, address, rounded, Prot.READ | Prot.WRITE | Prot.CACHE, limit(coherentMask));
            noteMapped(Function.COHERENT, iova, size, DmaDirection.BIDIRECTIONAL);
            return new CoherentBuffer(address, iova, size);
        } catch (RuntimeException e) {
            machine().free(address);
            throw e;
        }
    }

    @Override
    public void freeCoherent(CoherentBuffer buffer) {
        noteUnmapped(Function.COHERENT, buffer.iova(), buffer.size(), DmaDirection.BIDIRECTIONAL);
        var space = route.toUnmap();
        if (space.isEmpty()) {
            machine().free(buffer.address());
            return;
        }
        long granule = Math.max(PAGE, space.get().granule());
        var machine = machine();
        space.get().unmap(buffer.iova(), buffer.size() + granule - 1 & -granule, () -> machine.free(buffer.address()));
    }

    private Machine machine() {
        return route.device().busDevice().bus().machine();
    }

    /** The address itself. @throws IommuException EOVERFLOW if the device can't name it */
    private long named(long address, long size, long deviceMask) {
        if (Long.compareUnsigned(address + size - 1, limit(deviceMask)) > 0) {
            throw IommuException.of(Errno.EOVERFLOW, "Device %s reaches memory directly and can't name %s: its mask, or its bus, ends at %s",
                    name, Hex.range(address, size), Hex.of(limit(deviceMask)));
        }
        return address;
    }

    // ---- streaming

    @Override
    public long mapSingle(long address, long size, DmaDirection direction, int attributes) {
        long iova = map(route.toMap(), address, size, direction, DmaAttributes.check(attributes));
        noteMapped(Function.SINGLE, iova, size, direction);
        return iova;
    }

    @Override
    public void unmapSingle(long iova, long size, DmaDirection direction, int attributes) {
        noteUnmapped(Function.SINGLE, iova, size, direction);
        unmap(route.toUnmap(), iova, size, direction, attributes);
    }

    @Override
    public long mapResource(long address, long size, DmaDirection direction, int attributes) {
        long iova = map(route.toMap(), address, size, direction, DmaAttributes.check(attributes) | DmaAttributes.MMIO);
        noteMapped(Function.RESOURCE, iova, size, direction);
        return iova;
    }

    @Override
    public void unmapResource(long iova, long size, DmaDirection direction, int attributes) {
        noteUnmapped(Function.RESOURCE, iova, size, direction);
        unmap(route.toUnmap(), iova, size, direction, attributes | DmaAttributes.MMIO);
    }

    /** One buffer: direct, through an IOVA, or through a bounce buffer. */
    long map(Optional<DmaSpace> space, long address, long size, DmaDirection direction, int attributes) {
        if (size == 0 || Long.compareUnsigned(address + size - 1, address) < 0) {
            throw IommuException.of(Errno.EINVAL, "Device %s can't map %s bytes at %s: that is nothing, or passes 2^64", name,
                    Hex.of(size), Hex.of(address));
        }
        if (space.isEmpty()) {
            return mapDirectly(address, size, attributes);
        }
        var target = space.get();
        if (bounces(target, address, size)) {
            return mapBounced(target, address, size, direction, attributes);
        }
        return target.map(lowFirst, address, size, prot(direction, attributes), limit(mask));
    }

    /** Whether what lies beside the buffer in its pages must be kept from the device. */
    boolean bounces(DmaSpace space, long address, long size) {
        return untrusted && ((address | size) & space.granule() - 1) != 0;
    }

    private long mapDirectly(long address, long size, int attributes) {
        long limit = limit(mask);
        if (Long.compareUnsigned(address + size - 1, limit) <= 0) {
            return address;
        }
        if ((attributes & (DmaAttributes.MMIO | DmaAttributes.REQUIRE_COHERENT)) != 0) {
            return named(address, size, mask); // which it can't be
        }
        var bounce = needPool();
        named(bounce.end(), 1, mask);
        return bounce.take(address, size, BouncePool.SLOT, (attributes & DmaAttributes.SKIP_CPU_SYNC) == 0);
    }

    private long mapBounced(DmaSpace space, long address, long size, DmaDirection direction, int attributes) {
        if ((attributes & (DmaAttributes.MMIO | DmaAttributes.REQUIRE_COHERENT)) != 0) {
            throw IommuException.of(Errno.EINVAL, "%s does not fill its pages, and device %s is not trusted with what lies beside it; "
                    + "registers and coherent buffers can't be bounced, so map whole pages", Hex.range(address, size), name);
        }
        var bounce = needPool();
        long granule = Math.max(space.granule(), BouncePool.SLOT);
        long copy = bounce.take(address, size, granule, (attributes & DmaAttributes.SKIP_CPU_SYNC) == 0);
        try {
            return space.map(lowFirst, copy, size, prot(direction, attributes), limit(mask));
        } catch (RuntimeException e) {
            bounce.give(copy, granule);
            throw e;
        }
    }

    private BouncePool needPool() {
        var known = pool;
        if (known.isEmpty()) {
            known = Optional.of(layer.pool(machine()));
            pool = known;
        }
        return known.get();
    }

    private static int prot(DmaDirection direction, int attributes) {
        return direction.prot() | ((attributes & DmaAttributes.PRIVILEGED) == 0 ? 0 : Prot.PRIV)
                | ((attributes & DmaAttributes.MMIO) == 0 ? Prot.CACHE : Prot.MMIO);
    }

    /**
     * First the mapping goes, then what the device wrote comes back, so that it can't write any more meanwhile. Only devices that are
     * not trusted bounce behind an IOMMU, and their domains are never lazy; so no slot is used again while hardware remembers it.
     */
    void unmap(Optional<DmaSpace> space, long iova, long size, DmaDirection direction, int attributes) {
        var bounce = pool;
        boolean translated = space.isPresent();
        long address = bounce.isEmpty() ? 0 : translated ? space.get().addressOf(iova) : iova;
        if (translated) {
            space.get().unmap(iova, size);
        }
        if (bounce.isPresent() && bounce.get().contains(address)) {
            if ((attributes & DmaAttributes.SKIP_CPU_SYNC) == 0) {
                bounce.get().toOriginal(address, size, direction);
            }
            bounce.get().give(address, translated ? Math.max(space.get().granule(), BouncePool.SLOT) : BouncePool.SLOT);
        }
    }

    @Override
    public void syncForCpu(long iova, long size, DmaDirection direction) {
        sync(iova, size, direction, true);
    }

    @Override
    public void syncForDevice(long iova, long size, DmaDirection direction) {
        sync(iova, size, direction, false);
    }

    /** Memory is coherent, so there is something to do for bounce buffers only. */
    private void sync(long iova, long size, DmaDirection direction, boolean forCpu) {
        if (log.on()) {
            log.synced(name, iova, size, direction);
        }
        var bounce = pool;
        if (bounce.isEmpty()) {
            return;
        }
        var space = route.toUnmap();
        long address = space.isEmpty() ? iova : space.get().addressOf(iova);
        if (bounce.get().contains(address)) {
            if (forCpu) {
                bounce.get().toOriginal(address, size, direction);
            } else {
                bounce.get().toCopy(address, size, direction);
            }
        }
    }

    // ---- scatter lists

    @Override
    public int mapScatterList(ScatterList list, DmaDirection direction, int attributes) {
        DmaAttributes.check(attributes);
        ScatterLayout.requireMappable(name, list);
        try {
            var space = route.toMap();
            if (space.isEmpty() || inPieces(space.get(), list)) {
                ScatterLayout.mapPieces(this, space, list, direction, attributes);
            } else {
                ScatterLayout.mapTogether(space.get(), lowFirst, list, prot(direction, attributes), limit(mask), boundary, maxSegment);
            }
        } catch (IommuException e) {
            list.placed(0);
            throw new IommuException(e.errno() == Errno.ENOMEM || e.errno() == Errno.ENOSPC ? Errno.ENOMEM : Errno.EINVAL,
                    "Device " + name + ": a scatter list of " + list.size() + " pieces can't be mapped. " + e.getMessage(), e);
        }
        for (int i = 0; log.on() && i < list.mapped(); i++) {
            noteMapped(Function.SCATTER_LIST, list.iova(i), list.mappedLength(i), direction);
        }
        return list.mapped();
    }

    @Override
    public void unmapScatterList(ScatterList list, DmaDirection direction, int attributes) {
        if (list.mapped() == 0) {
            throw IommuException.of(Errno.EINVAL, "Device %s: a scatter list of %d pieces is not mapped", name, list.size());
        }
        for (int i = 0; log.on() && i < list.mapped(); i++) {
            noteUnmapped(Function.SCATTER_LIST, list.iova(i), list.mappedLength(i), direction);
        }
        var space = route.toUnmap();
        if (space.isEmpty() || inPieces(space.get(), list)) {
            ScatterLayout.unmapPieces(this, space, list, direction, attributes);
        } else {
            ScatterLayout.unmapTogether(space.get(), list);
        }
    }

    /** If one piece has to be bounced, each is mapped for itself. */
    private boolean inPieces(DmaSpace space, ScatterList list) {
        for (int i = 0; untrusted && i < list.size(); i++) {
            if (bounces(space, list.address(i), list.length(i))) {
                return true;
            }
        }
        return false;
    }

    // ---- the rest

    @Override
    public long mapMsiDoorbell(long address) {
        var space = route.toMap();
        return space.isEmpty() ? address : space.get().doorbell(lowFirst, address, limit(mask));
    }

    private void noteMapped(Function function, long iova, long size, DmaDirection direction) {
        if (log.on()) {
            log.mapped(name, function, iova, size, direction);
        }
    }

    private void noteUnmapped(Function function, long iova, long size, DmaDirection direction) {
        if (log.on()) {
            log.unmapped(name, function, iova, size, direction);
        }
    }
}
