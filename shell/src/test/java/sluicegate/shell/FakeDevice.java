package sluicegate.shell;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import sluicegate.api.Device;
import sluicegate.api.DeviceDriver;
import sluicegate.api.Domain;
import sluicegate.api.Fault;
import sluicegate.api.Group;
import sluicegate.api.PageRequestCounts;
import sluicegate.api.PasidAttachment;
import sluicegate.api.Unit;
import sluicegate.api.driver.Capability;
import sluicegate.api.driver.SharedTables;
import sluicegate.api.platform.BusDevice;
import sluicegate.api.platform.DmaMaster;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.Access;
import sluicegate.api.types.DecodedField;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.api.types.ReservedRegion;
import sluicegate.api.types.Translation;
import sluicegate.api.types.WalkStep;

/** A device whose requests go through the mappings of its domain, and whose faults reach the shell as the core's would. */
final class FakeDevice implements Device {
    private final FakeIommu iommu;
    final FakeMachine.Function function;
    Optional<Unit> unit = Optional.empty();
    Optional<Group> group = Optional.empty();
    Optional<Domain> domain = Optional.empty();
    final Map<Integer, Domain> pasids = new HashMap<>();
    List<ReservedRegion> reserved = List.of();
    Optional<DeviceDriver> driver = Optional.empty();
    boolean busMaster = true;
    private int resets;
    boolean faultsAreReported = true;

    FakeDevice(FakeIommu iommu, FakeMachine machine, String address, int classCode) {
        this.iommu = iommu;
        this.function = machine.add(address, classCode, new Engine());
    }

    @Override
    public String name() {
        return function.name();
    }

    @Override
    public BusDevice busDevice() {
        return function;
    }

    @Override
    public State state() {
        return group.isPresent() ? State.READY : unit.isPresent() ? State.DEFERRED : State.NO_IOMMU;
    }

    @Override
    public Optional<Unit> unit() {
        return unit;
    }

    @Override
    public Optional<Group> group() {
        return group;
    }

    @Override
    public Optional<Domain> domain() {
        return domain;
    }

    @Override
    public Optional<String> problem() {
        return Optional.empty();
    }

    @Override
    public boolean hasIommu() {
        return group.isPresent();
    }

    @Override
    public Optional<DeviceDriver> deviceDriver() {
        return driver;
    }

    @Override
    public void bind(DeviceDriver newDriver) {
        if (state() == State.DEFERRED) {
            throw new IommuException(Errno.EPROBE_DEFER, name() + " must wait for its IOMMU");
        }
        driver = Optional.of(newDriver);
    }

    @Override
    public void unbind() {
        if (driver.isEmpty()) {
            throw new IommuException(Errno.ENODEV, name() + " is bound to no driver");
        }
        driver = Optional.empty();
    }

    @Override
    public boolean capable(Capability capability) {
        return capability == Capability.CACHE_COHERENCY;
    }

    @Override
    public List<ReservedRegion> reservedRegions() {
        return reserved;
    }

    @Override
    public Optional<PasidAttachment> attachment(int pasid) {
        return Optional.ofNullable(pasids.get(pasid)).map(in -> new FakeDomain.FakeAttachment(this, pasid, in));
    }

    @Override
    public Set<SharedTables.Format> sharedFormats() {
        return Set.of();
    }

    @Override
    public PageRequestCounts pageRequests() {
        return PageRequestCounts.NONE;
    }

    @Override
    public Translation translate(int pasid, long iova, boolean write) {
        var in = (FakeDomain) (pasid == Pasid.NONE ? domain : Optional.ofNullable(pasids.get(pasid)))
                .orElseThrow(() -> new IommuException(Errno.ENODEV, "No IOMMU with a driver is in front of " + name()));
        var mapping = in.at(iova);
        if (mapping.isEmpty()) {
            return new Translation.Fault(iova, 6, "READ_NOT_PERMITTED", "the page does not allow a read (06h, section 7.1.3)");
        }
        if (write && (mapping.get().prot() & Prot.WRITE) == 0) {
            return new Translation.Fault(iova, 5, "WRITE_NOT_PERMITTED",
                    "the page does not allow a write (05h, section 7.1.3)");
        }
        return new Translation.Mapped(iova, mapping.get().address() + iova - mapping.get().iova(), mapping.get().prot(), 4096);
    }

    @Override
    public List<WalkStep> walk(int pasid, long iova) {
        return List.of(
                new WalkStep("root entry", 0x2000, List.of(0x3001L, 0L), List.of(new DecodedField("CTP", 3, "table at 0x3000"),
                        new DecodedField("P", 1, "present")), "context table at 0x3000"),
                new WalkStep("context entry", 0x3000, List.of(0L, 0L), List.of(), "not present"));
    }

    @Override
    public void claim(Object owner) {
        group.orElseThrow().claim(owner);
    }

    @Override
    public void release(Object owner) {
        group.orElseThrow().release(owner);
    }

    @Override
    public void useDefaultDomain() {
        // no device driver is bound in these tests
    }

    @Override
    public void unuseDefaultDomain() {
        // nor unbound
    }

    @Override
    public void prepareReset() {
        resets++;
    }

    @Override
    public void resetDone() {
        resets = Math.max(0, resets - 1);
    }

    @Override
    public boolean inReset() {
        return resets != 0;
    }

    private final class Engine implements DmaMaster {
        @Override
        public DmaStatus read(int pasid, long iova, byte[] target, int offset, int length) {
            return transfer(pasid, iova, length, Access.READ,
                    address -> memory().read(address, target, offset, length));
        }

        @Override
        public DmaStatus write(int pasid, long iova, byte[] source, int offset, int length) {
            return transfer(pasid, iova, length, Access.WRITE,
                    address -> memory().write(address, source, offset, length));
        }

        private FakeMachine.Memory memory() {
            return ((FakeMachine) function.bus()).memory();
        }

        private DmaStatus transfer(int pasid, long iova, int length, Access access, LongConsumer copy) {
            if (!busMaster) {
                return DmaStatus.BUS_MASTER_OFF;
            }
            var translation = FakeDevice.this.translate(pasid, iova, access == Access.WRITE);
            if (translation instanceof Translation.Fault fault) {
                if (faultsAreReported) {
                    iommu.report(new Fault("dmar0", Optional.of(name()), 0x28, pasid, iova & -4096, access, fault.code(),
                            fault.name(), fault.reason(), Instant.EPOCH));
                }
                return DmaStatus.FAULT;
            }
            copy.accept(((Translation.Mapped) translation).address());
            return DmaStatus.OK;
        }
    }
}
