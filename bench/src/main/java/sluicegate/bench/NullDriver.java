package sluicegate.bench;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.driver.DeviceGroup;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.GroupFactory;
import sluicegate.api.driver.IommuDriver;
import sluicegate.api.driver.IommuOps;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.driver.ProbeContext;
import sluicegate.api.types.DecodedRegister;
import sluicegate.api.types.ReservedRegion;
import sluicegate.api.types.WalkStep;

/** A driver that does as little as the contract allows. */
final class NullDriver implements IommuDriver {
    static final String COMPATIBLE = "bench,null";

    /** One object for each domain, as a real driver has; it is told what to do and does nothing. */
    private static final class NullDomain implements DriverDomain {
        private final DomainType type;

        NullDomain(DomainType type) {
            this.type = type;
        }

        @Override
        public DomainType type() {
            return type;
        }

        @Override
        public long pageSizes() {
            return type.paging() ? 4096 : 0;
        }

        @Override
        public void attachDev(DeviceContext device, Optional<DriverDomain> old) {}
    }

    @Override
    public String name() {
        return "null";
    }

    @Override
    public IommuOps probe(ProbeContext context) {
        var blocked = new NullDomain(DomainType.BLOCKED);
        return new IommuOps() {
            @Override
            public void ofXlate(DeviceContext device, List<Integer> specifier) {
                specifier.forEach(device::addId);
            }

            @Override
            public void probeDevice(DeviceContext device) {}

            @Override
            public void releaseDevice(DeviceContext device) {}

            @Override
            public DeviceGroup deviceGroup(DeviceContext device, GroupFactory groups) {
                return groups.pciDeviceGroup(device);
            }

            @Override
            public List<ReservedRegion> reservedRegions(DeviceContext device) {
                return List.of();
            }

            @Override
            public Optional<DriverDomain> identityDomain() {
                return Optional.empty();
            }

            @Override
            public DriverDomain blockedDomain() {
                return blocked;
            }

            @Override
            public DriverDomain domainAllocPaging(DeviceContext device, Set<AllocFlag> flags) {
                return new NullDomain(DomainType.UNMANAGED);
            }

            @Override
            public List<WalkStep> walk(DeviceContext device, int pasid, long iova) {
                return List.of();
            }

            @Override
            public List<DecodedRegister> registers() {
                return List.of();
            }

            @Override
            public void leave(LeavePolicy policy) {}
        };
    }
}
