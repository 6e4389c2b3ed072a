package sluicegate.shell;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.DriverRepository;
import sluicegate.api.Group;
import sluicegate.api.Iommu;
import sluicegate.api.ProcessSpace;
import sluicegate.api.Unit;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.MachineFactory;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;

/** Turns the words of a line into what they name, and knows which words would do. */
final class Lookup {
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");

    private final Platform platform;

    Lookup(Platform platform) {
        this.platform = platform;
    }

    /**
     * Parses a word.
     *
     * @param type {@link Device}, {@link Domain}, {@link ProcessSpace}, {@link Unit}, {@link Machine} or {@link Iommu.DriverInfo} by name, {@link Group} by number, {@link
     *     GroupOrDevice} by either, an enum by its constant in lower
     *     case, {@code long} as {@link Hex#parse} reads it, {@code boolean}; {@code String}, {@link Bootable}, {@link Installable}
     *     and {@link Thing} as they are
     * @throws IommuException if the word is no such thing; the message asks for near names
     */
    Object parse(Class<?> type, String word) {
        if (type == String.class) {
            return word;
        } else if (type == long.class) {
            return Hex.parse(word);
        } else if (type == boolean.class) {
            return Boolean.valueOf(word);
        } else if (type == Device.class) {
            return device(word);
        } else if (type == Domain.class) {
            return domain(word);
        } else if (type == ProcessSpace.class) {
            return space(word);
        } else if (type == Unit.class) {
            return unit(word);
        } else if (type == Machine.class) {
            return machine(word);
        } else if (type == Iommu.DriverInfo.class) {
            return driver(word);
        } else if (type == Group.class) {
            return group(word).orElseThrow(() -> IommuException.of(Errno.EINVAL,
                    "'%s' is no number of a group: iommu:groups lists them", word));
        } else if (type == GroupOrDevice.class) {
            return groupOrDevice(word);
        } else if (type == Bootable.class) {
            return new Bootable(word);
        } else if (type == Installable.class) {
            return new Installable(word);
        } else if (type == Thing.class) {
            return new Thing(word);
        } else if (type.isEnum()) {
            return constant(type, word);
        }
        throw new IllegalStateException("no way to read a word as " + type);
    }

    /** The words that {@link #parse} takes for a type, as far as they can be listed; empty if a service is missing. */
    List<String> candidates(Class<?> type) {
        try {
            if (type == Device.class) {
                return names(platform.iommu().devices(), Device::name);
            } else if (type == Domain.class) {
                return names(platform.iommu().domains(), Domain::name);
            } else if (type == ProcessSpace.class) {
                return names(platform.spaces().spaces(), ProcessSpace::name);
            } else if (type == Unit.class) {
                return names(platform.iommu().units(), Unit::name);
            } else if (type == Machine.class) {
                return names(platform.machines().running(), Machine::name);
            } else if (type == Iommu.DriverInfo.class) {
                return names(platform.iommu().drivers(), Iommu.DriverInfo::name);
            } else if (type == Group.class) {
                return groups();
            } else if (type == GroupOrDevice.class) {
                return Stream.concat(groups().stream(), candidates(Device.class).stream()).toList();
            } else if (type == Bootable.class) {
                return bootable();
            } else if (type == Installable.class) {
                return names(platform.repository().offers(), DriverRepository.Offer::bundle);
            } else if (type == Thing.class) {
                return things();
            } else if (type.isEnum()) {
                return words(type);
            }
            return List.of();
        } catch (CommandFailure e) {
            return List.of();
        }
    }

    Device device(String name) {
        return orNear(() -> platform.iommu().device(name), name, Device.class);
    }

    Domain domain(String name) {
        return orNear(() -> platform.iommu().domain(name), name, Domain.class);
    }

    ProcessSpace space(String name) {
        return orNear(() -> platform.spaces().space(name), name, ProcessSpace.class);
    }

    Unit unit(String name) {
        return orNear(() -> platform.iommu().unit(name), name, Unit.class);
    }

    Machine machine(String name) {
        return orNear(() -> platform.machines().machine(name), name, Machine.class);
    }

    Iommu.DriverInfo driver(String name) {
        return orNear(() -> platform.iommu().drivers().stream().filter(driver -> driver.name().equals(name)).findFirst()
                .orElseThrow(() -> IommuException.of(Errno.ENOENT, "There is no driver '%s'; iommu:drivers lists them", name)),
                name, Iommu.DriverInfo.class);
    }

    /** Empty if the word is no number. @throws IommuException ENOENT if no group has that number */
    Optional<Group> group(String word) {
        return NUMBER.matcher(word).matches() ? Optional.of(platform.iommu().group(Integer.parseInt(word))) : Optional.empty();
    }

    private GroupOrDevice groupOrDevice(String word) {
        var group = group(word);
        if (group.isPresent()) {
            return new GroupOrDevice(group.get(), Optional.empty());
        }
        var device = device(word);
        return new GroupOrDevice(device.group().orElseThrow(() -> new IommuException(Errno.ENODEV,
                device.name() + " is in no group: no IOMMU with a driver is in front of it")), Optional.of(device));
    }

    private List<String> groups() {
        return platform.iommu().groups().stream().map(group -> Integer.toString(group.id())).toList();
    }

    /** Names of machines that can be booted. */
    List<String> bootable() {
        return names(platform.machines().available(), MachineFactory.Description::name);
    }

    /** Names of everything that {@code info} knows something about. */
    List<String> things() {
        return Stream.of(List.of("group"), groups(), candidates(Machine.class), candidates(Unit.class), candidates(Device.class),
                candidates(Domain.class)).flatMap(List::stream).toList();
    }

    /** The thing itself, or nothing if there is none of that name; other failures stay failures. */
    static <T> Optional<T> find(Supplier<T> byName) {
        try {
            return Optional.of(byName.get());
        } catch (IommuException e) {
            if (absent(e)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private <T> T orNear(Supplier<T> byName, String name, Class<T> type) {
        try {
            return byName.get();
        } catch (IommuException e) {
            var question = absent(e) ? NearMatches.question(name, candidates(type)) : "";
            throw question.isEmpty() ? e : new IommuException(e.errno(), withoutStop(e.getMessage()) + question, e);
        }
    }

    private static String withoutStop(String sentence) {
        return sentence.endsWith(".") ? sentence.substring(0, sentence.length() - 1) : sentence;
    }

    private static boolean absent(IommuException e) {
        return e.errno() == Errno.ENODEV || e.errno() == Errno.ENOENT;
    }

    private static Object constant(Class<?> type, String word) {
        return Arrays.stream(type.getEnumConstants()).filter(constant -> wordOf(constant).equals(word)).findFirst()
                .orElseThrow(() -> IommuException.of(Errno.EINVAL, "'%s' is none of %s%s", word,
                        String.join(", ", words(type)), NearMatches.question(word, words(type))));
    }

    /** The words for the constants of an enum. */
    static List<String> words(Class<?> type) {
        return Stream.of(type.getEnumConstants()).map(Lookup::wordOf).toList();
    }

    private static String wordOf(Object constant) {
        return ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static <T> List<String> names(List<T> things, Function<T, String> name) {
        return things.stream().map(name).toList();
    }
}
