package sluicegate.capture.driver;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.Capability;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.driver.DeviceGroup;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.GroupFactory;
import sluicegate.api.driver.IommuOps;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.types.DecodedRegister;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.ReservedRegion;
import sluicegate.api.types.WalkStep;
import sluicegate.capture.facts.KernelFacts;

/** A captured unit under this driver. */
final class CapturedUnitOps implements IommuOps {
    private final String name;
    private final IommuUnit unit;
    private final DriverDomain identity;
    private final DriverDomain blocked;
    /** By the kernel's number; used under the probe lock. */
    private final Map<String, DeviceGroup> groups = new HashMap<>();
    /** The kernel's numbers of groups whose captured domain was given out. */
    private final Set<String> taken = ConcurrentHashMap.newKeySet();

    CapturedUnitOps(String name, IommuUnit unit) {
        this.name = name;
        this.unit = unit;
        this.identity = new CapturedStaticDomain(DomainType.IDENTITY);
        this.blocked = new CapturedStaticDomain(DomainType.BLOCKED);
    }

    private static Optional<String> fact(DeviceContext device, String key) {
        return Optional.ofNullable(device.device().properties().get(key));
    }

    /** Number of the device's group in the kernel. */
    static String kernelGroup(DeviceContext device) {
        return fact(device, KernelFacts.GROUP).orElse("");
    }

    /** Type of its default domain; a word that no default domain can have counts as none. */
    static Optional<DomainType> kernelType(DeviceContext device) {
        return fact(device, KernelFacts.GROUP_TYPE).flatMap(word -> switch (word) {
            case "DMA" -> Optional.of(DomainType.DMA);
            case "DMA-FQ" -> Optional.of(DomainType.DMA_FQ);
            case "identity" -> Optional.of(DomainType.IDENTITY);
            default -> Optional.empty();
        });
    }

    static IommuException refusal(String what) {
        return IommuException.of(Errno.EROFS, "%s: its unit is captured, so its tables stay as the kernel left them", what);
    }

    /** What the kernel could do, or it would not have had groups of type DMA-FQ. */
    @Override
    public boolean capable(DeviceContext device, Capability capability) {
        return capability == Capability.DEFERRED_FLUSH && kernelType(device).filter(DomainType.DMA_FQ::equals).isPresent();
    }

    @Override
    public void ofXlate(DeviceContext device, List<Integer> specifier) {
        specifier.forEach(device::addId);
    }

    @Override
    public void probeDevice(DeviceContext device) {
        if (kernelGroup(device).isEmpty()) {
            throw IommuException.of(Errno.ENODEV, "%s was in no group when unit %s was captured", device.name(), name);
        }
    }

    @Override
    public void releaseDevice(DeviceContext device) { }

    @Override
    public DeviceGroup deviceGroup(DeviceContext device, GroupFactory factory) {
        var number = kernelGroup(device);
        var known = groups.get(number);
        if (known != null) {
            return known.reference();
        }
        var group = factory.genericDeviceGroup(device);
        group.setName("kernel group " + number);
        groups.put(number, group);
        return group;
    }

    @Override
    public List<ReservedRegion> reservedRegions(DeviceContext device) {
        return unit.firmwareRegions().stream().filter(region -> region.devices().contains(device.device().name()))
                .map(region -> region.region()).toList();
    }

    @Override
    public Optional<DomainType> defDomainType(DeviceContext device) {
        return kernelType(device);
    }

    @Override
    public Optional<DriverDomain> identityDomain() {
        return Optional.of(identity);
    }

    @Override
    public DriverDomain blockedDomain() {
        return blocked;
    }

    /** The domain that the kernel had made for the device's group, once; there are no others. */
    @Override
    public DriverDomain domainAllocPaging(DeviceContext device, Set<AllocFlag> flags) {
        var group = kernelGroup(device);
        if (kernelType(device).filter(DomainType.IDENTITY::equals).isPresent() || !taken.add(group)) {
            throw refusal("No domain can be made for " + device.name());
        }
        return new CapturedPagingDomain(unit, device, reservedRegions(device), () -> taken.remove(group));
    }

    @Override
    public List<WalkStep> walk(DeviceContext device, int pasid, long iova) {
        throw IommuException.of(Errno.EOPNOTSUPP, "The tables of unit %s are captured, and nothing shows walks through captured "
                + "tables yet; iommu:translate says where they lead", name);
    }

    @Override
    public List<DecodedRegister> registers() {
        return CapturedRegisterNames.decode(unit);
    }

    /** The unit stays as it is; there is nothing that could be blocked. */
    @Override
    public void leave(LeavePolicy policy) { }
}
