package sluicegate.firmware;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.PciTree.Node;
import sluicegate.spec.pci.CapabilityId;
import sluicegate.spec.pci.HeaderTypeRegister;
import sluicegate.spec.pci.PcieCapability;
import sluicegate.spec.pci.PciePortType;

/**
 * Which unit is in front of which function, and whom reserved memory is for: the device scopes of a {@link Dmar}, looked
 * up in a {@link PciTree} once. Immutable.
 *
 * <p>Follows {@code drivers/iommu/intel/dmar.c}: a scope that names what is not there is left out with a warning; a scope
 * that says endpoint of a bridge, or bridge of what is none, makes the table worthless.
 */
public final class DmarScopes {
    private static final int BRIDGE_BASE_CLASS = 6;

    private final Dmar dmar;
    private final PciTree tree;
    private final Map<PciAddress, Dmar.Drhd> named = new HashMap<>();
    private final Map<Integer, Dmar.Drhd> includeAll = new HashMap<>();
    private final Map<Dmar.Rmrr, Set<PciAddress>> reservedFor = new LinkedHashMap<>();
    private final Set<PciAddress> atsRootPorts = new HashSet<>();
    private final Set<PciAddress> atsInSoc = new HashSet<>();
    private final Set<PciAddress> atcRequired = new HashSet<>();
    private final List<String> warnings = new ArrayList<>();

    private DmarScopes(Dmar dmar, PciTree tree) {
        this.dmar = dmar;
        this.tree = tree;
        dmar.units().forEach(this::addUnit);
        dmar.reservedMemory().forEach(this::addReservedMemory);
        dmar.rootPortAts().forEach(atsr -> atsRootPorts.addAll(
                resolveAll("ATSR", atsr.segment(), atsr.scopes()).stream().map(Node::address).toList()));
        for (var satc : dmar.socAtc()) {
            var functions = resolveAll("SATC", satc.segment(), satc.scopes()).stream().map(Node::address).toList();
            atsInSoc.addAll(functions);
            if (satc.atcRequired()) {
                atcRequired.addAll(functions);
            }
        }
    }

    /**
     * Looks the scopes up.
     *
     * @throws IommuException EINVAL if a scope says bridge of what is none or endpoint of a bridge
     */
    public static DmarScopes of(Dmar dmar, PciTree tree) {
        return new DmarScopes(dmar, tree);
    }

    /**
     * The unit in front of a function ({@code dmar_find_matched_drhd_unit}): the one that names it, else the one that names
     * the nearest bridge above it, else the one that includes all of its segment. A virtual function is behind the unit of
     * its physical function. Empty as well if there is no such function.
     */
    public Optional<Dmar.Drhd> unitOf(PciAddress function) {
        var start = tree.find(function).map(tree::physicalFunction);
        for (var at = start; at.isPresent(); at = tree.parent(at.get())) {
            var unit = named.get(at.get().address());
            if (unit != null) {
                return Optional.of(unit);
            }
        }
        return start.flatMap(node -> Optional.ofNullable(includeAll.get(node.address().segment())));
    }

    /**
     * The unit in front of a requester id: of its function if it has one, else of the bridge that leads to its bus, which may
     * have made the id up, else the one that includes all of its segment.
     */
    public Optional<Dmar.Drhd> unitOfRequester(PciAddress requester) {
        if (tree.find(requester).isPresent()) {
            return unitOf(requester);
        }
        var bridge = tree.bridgeTo(requester.segment(), requester.bus());
        return bridge.isPresent()
                ? unitOf(bridge.get().address())
                : Optional.ofNullable(includeAll.get(requester.segment()));
    }

    /** The functions that reserved memory is for, those behind a bridge that it names included. */
    public Set<PciAddress> devicesOf(Dmar.Rmrr rmrr) {
        return reservedFor.getOrDefault(rmrr, Set.of());
    }

    /**
     * Whether firmware allows the function to use ATS ({@code dmar_ats_supported}): a SATC structure names it, it is
     * integrated in the root complex, or an ATSR structure names its root port or all of them.
     */
    public boolean atsAllowed(PciAddress function) {
        var found = tree.find(function).map(tree::physicalFunction);
        if (found.isEmpty()) {
            return false;
        }
        if (atsInSoc.contains(found.get().address())) {
            return true;
        }
        for (var bridge = tree.parent(found.get()); bridge.isPresent(); bridge = tree.parent(bridge.get())) {
            var type = portType(bridge.get());
            if (type.isEmpty() || type.get() == PciePortType.PCIE_TO_PCI_BRIDGE) {
                return false;
            }
            if (type.get() == PciePortType.ROOT_PORT) {
                var port = bridge.get().address();
                return atsRootPorts.contains(port) || dmar.rootPortAts().stream()
                        .anyMatch(atsr -> atsr.allPorts() && atsr.segment() == port.segment());
            }
        }
        return true;
    }

    /**
     * Functions with a cache of translations that they do not work without (SATC, ATC_REQUIRED). In legacy mode hardware has it in use by
     * itself, and software is not to switch it on ({@code dmar_ats_supported}).
     */
    public Set<PciAddress> atcRequired() {
        return tree.functions().stream().filter(function -> atcRequired.contains(tree.physicalFunction(function).address()))
                .map(Node::address).collect(Collectors.toUnmodifiableSet());
    }

    /**
     * A device that an ANDD structure declares.
     *
     * @param objectName its path in the ACPI name space
     * @param unit the unit whose scope names it
     * @param requesterId as which its requests arrive there
     */
    public record NamespaceDevice(String objectName, Dmar.Drhd unit, int requesterId) {}

    /**
     * The devices of ANDD structures, once for each scope that names them ({@code dmar_acpi_insert_dev_scope}). One that is a function of
     * PCI as well is found on its bus, and is not among them.
     */
    public List<NamespaceDevice> namespaceDevices() {
        return dmar.namespaceDevices().stream().flatMap(declared -> dmar.units().stream().flatMap(unit -> unit.scopes().stream()
                .filter(scope -> scope.kind() == DeviceScope.Kind.ACPI_NAMESPACE_DEVICE
                        && scope.enumerationId() == declared.deviceNumber())
                .map(scope -> new PciAddress(unit.segment(), scope.startBus(), scope.path().get(0).device(), scope.path().get(0).function()))
                .filter(address -> tree.find(address).isEmpty())
                .map(address -> new NamespaceDevice(declared.objectName(), unit, address.requesterId())))).toList();
    }

    /** Scopes that name what is not there, and other contradictions: one sentence each with file, offset and what was done. */
    public List<String> warnings() {
        return Collections.unmodifiableList(warnings);
    }

    private void addUnit(Dmar.Drhd unit) {
        if (unit.includeAll()) {
            includeAll.putIfAbsent(unit.segment(), unit);
            // As in the kernel: what such a unit names beyond that are interrupt sources, it has all of PCI anyway.
            return;
        }
        for (var scope : unit.scopes()) {
            resolve("DRHD", unit.segment(), scope).ifPresent(node -> {
                // The kernel searches the units from the last in the table to the first.
                var other = named.put(node.address(), unit);
                if (other != null && !other.equals(unit)) {
                    warn(scope.offset(), "the DRHD at %s names %s, as the one at %s does; this one counts",
                            Hex.of(unit.base()), node.address(), Hex.of(other.base()));
                }
            });
        }
    }

    private void addReservedMemory(Dmar.Rmrr rmrr) {
        var devices = new TreeSet<PciAddress>();
        for (var device : resolveAll("RMRR", rmrr.segment(), rmrr.scopes())) {
            devices.add(device.address());
            tree.behind(device).forEach(node -> devices.add(node.address()));
        }
        reservedFor.put(rmrr, Collections.unmodifiableSet(devices));
    }

    private List<Node> resolveAll(String structure, int segment, List<DeviceScope> scopes) {
        return scopes.stream().flatMap(scope -> resolve(structure, segment, scope).stream()).toList();
    }

    private Optional<Node> resolve(String structure, int segment, DeviceScope scope) {
        if (!scope.kind().isPci()) {
            return Optional.empty();
        }
        var found = tree.resolve(segment, scope);
        if (found.isEmpty()) {
            warn(scope.offset(), "the %s names %04x:%s, where no function is; left out", structure, segment, scope.pathText());
        } else {
            checkKind(scope, found.get());
            if (tree.parent(found.get()).isPresent() && scope.path().size() == 1) {
                warn(scope.offset(), "the %s names %s without the bridges that lead to it; taken as it is meant",
                        structure, found.get().address());
            }
        }
        return found;
    }

    /** As {@code dmar_insert_dev_scope}; non-transparent bridges have the class of a bridge and the header of an endpoint. */
    private void checkKind(DeviceScope scope, Node node) {
        boolean normalHeader = node.image().headerLayout() == HeaderTypeRegister.ENDPOINT;
        boolean wrong = scope.kind() == DeviceScope.Kind.PCI_ENDPOINT
                ? !normalHeader
                : normalHeader && node.image().classCode() >>> 16 != BRIDGE_BASE_CLASS;
        if (wrong) {
            throw new IommuException(Errno.EINVAL, String.format("%s, offset 0x%x: the device scope calls %s %s",
                    dmar.file(), scope.offset(), node.image(), normalHeader ? "a bridge, which it is not"
                            : "an endpoint, but it is a bridge"));
        }
    }

    private static Optional<PciePortType> portType(Node node) {
        var at = PciCapabilities.find(node.image(), CapabilityId.PCI_EXPRESS.code());
        return at.isEmpty() ? Optional.empty() : PciePortType.of(PcieCapability.PORT_TYPE.get(
                node.image().read16(at.getAsInt() + PcieCapability.CAPABILITIES_REGISTER.offset())));
    }

    private void warn(int offset, String format, Object... args) {
        warnings.add(dmar.file() + ", offset 0x" + Integer.toHexString(offset) + ": " + String.format(format, args));
    }
}
