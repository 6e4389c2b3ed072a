package sluicegate.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import sluicegate.api.AddressSpace;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.Fault;
import sluicegate.api.FaultListener;
import sluicegate.api.Group;
import sluicegate.api.Iommu;
import sluicegate.api.Machines;
import sluicegate.api.PageRequestHandler;
import sluicegate.api.SvaBinding;
import sluicegate.api.Unit;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.MachineFactory;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.types.DecodedField;
import sluicegate.api.types.DecodedRegister;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.ReservedRegion;
import sluicegate.api.types.Translation;

/**
 * A core of a few lines. When a machine boots it has one unit, two functions that share a group, one that is alone in its
 * own, and one with no unit in front of it.
 */
final class FakeIommu implements Iommu, Machines {
    static final DriverInfo DRIVER = new DriverInfo("vtd", "sluicegate.hw.vtd", "0.1.0", 10, List.of("intel,vtd"), List.of("dmar0"));

    final List<FakeMachine> machines = new ArrayList<>();
    final List<Device> devices = new ArrayList<>();
    final List<Group> groups = new ArrayList<>();
    final List<Unit> units = new ArrayList<>();
    final List<FakeDomain> domains = new CopyOnWriteArrayList<>();
    final List<Fault> faults = new CopyOnWriteArrayList<>();
    final List<String> bootedAs = new ArrayList<>();
    final List<String> swaps = new ArrayList<>();
    /** Whether the driver can take over tables that go on translating. */
    boolean adopts = true;
    final List<MachineFactory.Description> available = new ArrayList<>(List.of(
            new MachineFactory.Description("q35-vtd", "embedded", "one unit"),
            new MachineFactory.Description("q35-vtd-rich", "embedded", "bridges, switches, multifunction devices")));
    private final FaultListener listener;
    private final Executor interrupts;
    /** What the last domain was asked to serve, and what the last nested one was made of. */
    Set<AllocFlag> allocatedFor = Set.of();
    String nestedOn = "";
    private int domainsMade;

    FakeIommu(FaultListener listener, Executor interrupts) {
        this.listener = listener;
        this.interrupts = interrupts;
    }

    /** A fault arrives on another thread than the DMA's, as an interrupt does. */
    void report(Fault fault) {
        interrupts.execute(() -> {
            faults.add(fault);
            listener.fault(fault);
        });
    }

    FakeDomain newDomain(DomainType type) {
        var domain = new FakeDomain(this, "dom" + domainsMade++, type);
        domains.add(domain);
        return domain;
    }

    @Override
    public Group makeNoIommuGroup(Device device) {
        throw new IommuException(Errno.EBUSY, device.name() + " is not for that");
    }

    @Override
    public List<String> taints() {
        return List.of();
    }

    @Override
    public List<MachineFactory.Description> available() {
        return available;
    }

    @Override
    public List<Machine> running() {
        return List.copyOf(machines);
    }

    @Override
    public Machine machine(String name) {
        return running().stream().filter(machine -> machine.name().equals(name)).findFirst()
                .orElseThrow(() -> new IommuException(Errno.ENOENT, "No machine " + name + " runs"));
    }

    @Override
    public Machine boot(String nameOrFolder) {
        bootedAs.add(nameOrFolder);
        var machine = new FakeMachine(nameOrFolder.substring(nameOrFolder.lastIndexOf('/') + 1));
        machines.add(machine);
        var unit = new FakeUnit(machine);
        units.add(unit);
        var bridge = new FakeDevice(this, machine, "00:1f.0", 0x060100);
        var neighbour = new FakeDevice(this, machine, "00:1f.2", 0x010601);
        var alone = new FakeDevice(this, machine, "00:05.0", 0x020000);
        var without = new FakeDevice(this, machine, "00:10.0", 0x020000);
        devices.addAll(List.of(alone, without, bridge, neighbour));
        alone.reserved = List.of(new ReservedRegion(0xfee00000L, 0x100000, 0, ReservedRegion.Type.MSI));
        group(unit, alone);
        group(unit, bridge, neighbour);
        return machine;
    }

    private void group(FakeUnit unit, FakeDevice... members) {
        var group = new FakeGroup(groups.size(), List.of(members), newDomain(DomainType.DMA));
        for (var device : members) {
            device.unit = Optional.of(unit);
            device.group = Optional.of(group);
            device.domain = group.defaultDomain();
        }
        groups.add(group);
    }

    @Override
    public void powerOff(String name) {
        machines.remove(machine(name));
        devices.clear();
        groups.clear();
        units.clear();
        domains.clear();
    }

    @Override
    public List<Device> devices() {
        return devices;
    }

    @Override
    public Device device(String name) {
        return devices.stream().filter(device -> device.name().equals(name) || device.name().equals("0000:" + name)).findFirst()
                .orElseThrow(() -> new IommuException(Errno.ENODEV, "There is no device '" + name + "'"));
    }

    @Override
    public List<Group> groups() {
        return groups;
    }

    @Override
    public Group group(int id) {
        return groups.stream().filter(group -> group.id() == id).findFirst()
                .orElseThrow(() -> new IommuException(Errno.ENOENT, "There is no group " + id));
    }

    @Override
    public List<Unit> units() {
        return units;
    }

    @Override
    public Unit unit(String name) {
        return units.stream().filter(unit -> unit.name().equals(name)).findFirst()
                .orElseThrow(() -> new IommuException(Errno.ENODEV, "There is no unit '" + name + "'"));
    }

    @Override
    public Unit unitInFrontOf(PciAddress requester) {
        return units.stream().findFirst().filter(unit -> requester.segment() == 0).orElseThrow(() ->
                new IommuException(Errno.ENODEV, "No IOMMU is in front of requester id " + requester));
    }

    @Override
    public List<DriverInfo> drivers() {
        return List.of(DRIVER);
    }

    @Override
    public List<Domain> domains() {
        return List.copyOf(domains);
    }

    @Override
    public Domain domain(String name) {
        return domains().stream().filter(domain -> domain.name().equals(name)).findFirst()
                .orElseThrow(() -> new IommuException(Errno.ENOENT, "There is no domain '" + name + "'"));
    }

    @Override
    public Domain allocateDomain(Device device, Set<AllocFlag> flags) {
        if (device.unit().isEmpty()) {
            throw new IommuException(Errno.ENODEV, "No IOMMU with a driver is in front of " + device.name());
        }
        allocatedFor = flags;
        return newDomain(DomainType.UNMANAGED);
    }

    @Override
    public Domain allocateDomain(Device device, Set<AllocFlag> flags, PageRequestHandler handler) {
        return allocateDomain(device, flags);
    }

    @Override
    public SvaBinding bind(Device device, AddressSpace space, Consumer<SvaBinding> whenEnded) {
        throw new IommuException(Errno.EOPNOTSUPP, "No address spaces here");
    }

    @Override
    public List<SvaBinding> bindings() {
        return List.of();
    }

    @Override
    public int allocatePasid(Device device) {
        throw new IommuException(Errno.EOPNOTSUPP, "No PASIDs here");
    }

    @Override
    public void freePasid(int pasid) {
        throw new IommuException(Errno.EINVAL, "No PASIDs here");
    }

    @Override
    public Domain allocateNestedDomain(Device device, Domain parent, List<Long> guestTables) {
        nestedOn = parent.name() + " " + guestTables;
        return newDomain(DomainType.NESTED);
    }

    @Override
    public List<Fault> recentFaults() {
        return faults;
    }

    private final class FakeUnit implements Unit {
        private final FakeMachine machine;

        FakeUnit(FakeMachine machine) {
            this.machine = machine;
        }

        @Override
        public String name() {
            return "dmar0";
        }

        @Override
        public String compatible() {
            return "intel,vtd";
        }

        @Override
        public String machine() {
            return machine.name();
        }

        @Override
        public long baseAddress() {
            return 0xfed90000L;
        }

        @Override
        public LeavePolicy leavePolicy() {
            return LeavePolicy.BLOCK;
        }

        @Override
        public void swap(String driver, LeavePolicy policy) {
            if (policy == LeavePolicy.KEEP && !adopts) {
                throw new IommuException(Errno.EOPNOTSUPP, "Driver " + driver + " can't take over in place");
            }
            swaps.add(name() + " " + driver + " " + policy);
        }

        @Override
        public State state() {
            return State.BOUND;
        }

        @Override
        public Optional<DriverInfo> driver() {
            return Optional.of(DRIVER);
        }

        @Override
        public Optional<String> problem() {
            return Optional.empty();
        }

        @Override
        public List<Device> devices() {
            return devices.stream().filter(device -> device.unit().isPresent()).toList();
        }

        @Override
        public List<DecodedRegister> registers() {
            return List.of(new DecodedRegister("GSTS_REG", 0x1c, 0xc0000000L,
                    List.of(new DecodedField("TES", 1, "translation is on"), new DecodedField("FLS", 0, ""))));
        }

        /** A bridge's alias answers as 00:05.0 does. */
        @Override
        public Translation translate(int requesterId, int pasid, long iova, boolean write) {
            var name = PciAddress.of(0, requesterId == 0x100 ? 0x28 : requesterId).toString();
            return devices.stream().filter(device -> device.name().equals(name)).findFirst()
                    .map(device -> device.translate(pasid, iova, write))
                    .orElseGet(() -> new Translation.Fault(iova, 2, "CONTEXT_ENTRY_NOT_PRESENT", "not present (02h)"));
        }
    }
}
