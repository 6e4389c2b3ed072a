package sluicegate.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.PasidAttachment;
import sluicegate.api.driver.DomainType;
import sluicegate.api.types.Errno;
import sluicegate.api.types.GuestInvalidation;
import sluicegate.api.types.IommuException;

/** A domain that maps whole ranges and forgets whole ranges. */
final class FakeDomain implements Domain {
    private static final long PAGE = 4096;

    private final FakeIommu iommu;
    private final String name;
    private final DomainType type;
    final TreeMap<Long, Mapping> mappings = new TreeMap<>();
    final List<DirtyRange> dirty = new ArrayList<>();
    /** Which range was asked for last, in which pages. */
    String lastRead = "";
    /** What its guest said last, and of which devices. */
    String lastOfGuest = "";
    private boolean dirtyTracking;

    FakeDomain(FakeIommu iommu, String name, DomainType type) {
        this.iommu = iommu;
        this.name = name;
        this.type = type;
    }

    Optional<Mapping> at(long iova) {
        return Optional.ofNullable(mappings.floorEntry(iova)).map(java.util.Map.Entry::getValue)
                .filter(mapping -> iova < mapping.iova() + mapping.size());
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public DomainType type() {
        return type;
    }

    @Override
    public long pageSizes() {
        return 0x201000;
    }

    @Override
    public long apertureStart() {
        return 0;
    }

    @Override
    public long apertureEnd() {
        return (1L << 48) - 1;
    }

    @Override
    public List<Device> attached() {
        var attached = new ArrayList<Device>();
        for (var device : iommu.devices()) {
            if (device.domain().filter(this::equals).isPresent()) {
                attached.add(device);
            }
        }
        return attached;
    }

    @Override
    public void attach(Device device) {
        if (device.group().orElseThrow().devices().size() > 1) {
            throw new IommuException(Errno.EINVAL, device.name() + " shares its group");
        }
        take(device);
    }

    void take(Device device) {
        ((FakeDevice) device).domain = Optional.of(this);
    }

    @Override
    public void detach(Device device) {
        ((FakeDevice) device).domain = device.group().flatMap(group -> group.defaultDomain());
    }

    @Override
    public PasidAttachment attach(Device device, int pasid) {
        ((FakeDevice) device).pasids.put(pasid, this);
        return new FakeAttachment(device, pasid, this);
    }

    @Override
    public PasidAttachment replace(Device device, int pasid) {
        return attach(device, pasid);
    }

    record FakeAttachment(Device device, int pasid, Domain domain) implements PasidAttachment {
        @Override
        public boolean current() {
            return device.attachment(pasid).filter(this::equals).isPresent();
        }

        @Override
        public void detach() {
            domain.detach(device, pasid);
        }
    }

    @Override
    public void detach(Device device, int pasid) {
        if (!((FakeDevice) device).pasids.remove(pasid, this)) {
            throw new IommuException(Errno.EINVAL, "PASID " + pasid + " is not attached to " + name);
        }
    }

    @Override
    public void map(long iova, long address, long size, int prot) {
        if (((iova | address | size) & PAGE - 1) != 0) {
            throw new IommuException(Errno.EINVAL, "Something is misaligned");
        }
        if (at(iova).isPresent()) {
            throw new IommuException(Errno.EEXIST, "Part of the range is mapped already");
        }
        mappings.put(iova, new Mapping(iova, address, size, prot));
    }

    @Override
    public long unmap(long iova, long size) {
        long done = 0;
        while (done < size && mappings.containsKey(iova + done)) {
            done += mappings.remove(iova + done).size();
        }
        return done;
    }

    @Override
    public OptionalLong iovaToPhys(long iova) {
        return at(iova).stream().mapToLong(mapping -> mapping.address() + iova - mapping.iova()).findFirst();
    }

    @Override
    public List<Mapping> mappings() {
        return List.copyOf(mappings.values());
    }

    @Override
    public void setDirtyTracking(boolean enabled) {
        dirtyTracking = enabled;
        dirty.clear();
    }

    @Override
    public boolean dirtyTracking() {
        return dirtyTracking;
    }

    @Override
    public List<DirtyRange> readAndClearDirty(long iova, long size, long pageSize) {
        var found = readDirty(iova, size, pageSize);
        dirty.removeAll(found);
        return found;
    }

    @Override
    public GuestInvalidation invalidateGuest(List<Long> commands, Map<Integer, Device> devices) {
        if (type != DomainType.NESTED) {
            throw new IommuException(Errno.EINVAL, name + " is no nested domain");
        }
        lastOfGuest = commands + " " + devices.keySet();
        int good = commands.indexOf(0L);
        return good < 0 ? new GuestInvalidation(commands.size(), Optional.empty())
                : new GuestInvalidation(good, Optional.of(new IommuException(Errno.EIO, "Command " + good + " is refused")));
    }

    @Override
    public List<DirtyRange> readDirty(long iova, long size, long pageSize) {
        if (!dirtyTracking) {
            throw new IommuException(Errno.EINVAL, "Domain " + name + " does not track dirty pages");
        }
        lastRead = String.format("%x+%x in %x", iova, size, pageSize);
        return dirty.stream().filter(range -> range.iova() >= iova && range.iova() < iova + size).toList();
    }

    @Override
    public void close() {
        if (!attached().isEmpty()) {
            throw new IommuException(Errno.EBUSY, name + " has devices attached");
        }
        if (!iommu.domains.remove(this)) {
            throw new NoSuchElementException(name);
        }
    }
}
