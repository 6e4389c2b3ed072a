package sluicegate.qemu.pci;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.PciConfigImage;
import sluicegate.qemu.qtest.QtestChannel;
import sluicegate.spec.pci.BaseAddressRegister;
import sluicegate.spec.pci.CommandRegister;
import sluicegate.spec.pci.ConfigHeader;
import sluicegate.spec.pci.HeaderTypeRegister;

/**
 * What firmware does to a machine's PCI buses before an operating system sees them: numbers them, depth first, gives every
 * memory BAR a place and every bridge a window that holds the places behind it, and switches memory decoding and bus
 * mastering on. I/O BARs get nothing: no device here needs them. Expansion ROMs stay off.
 *
 * <p>Everything lies in one 32-bit window, prefetchable or not, which every bridge can forward (PCI-to-PCI Bridge Architecture
 * Specification 3.2.5.6).
 */
public final class PciSetup {
    private static final int SEGMENT = 0;
    private static final int SLOTS = 32;
    private static final int FUNCTIONS = 8;
    private static final int BARS = 6;
    private static final int BRIDGE_BARS = 2;
    private static final long BRIDGE_GRAIN = 1 << 20;
    private static final int COMMAND = (int) (CommandRegister.MEMORY_SPACE_ENABLE.mask()
            | CommandRegister.BUS_MASTER_ENABLE.mask());

    private final QtestChannel channel;
    private final Ecam ecam;
    private final Window window;
    private final List<Function> all = new ArrayList<>();
    private int lastBus;
    private long next;

    /**
     * Where devices' memory goes.
     *
     * @param start first physical address
     * @param limit first address behind it, at most 4 GiB
     */
    public record Window(long start, long limit) {}

    private record Bar(int register, long size, boolean wide) {}

    /**
     * The memory behind a base address register.
     *
     * @param address physical address
     * @param size in bytes
     */
    public record Region(long address, long size) {}

    private record Function(PciAddress address, boolean bridge, List<Bar> bars, List<Function> behind) {}

    public PciSetup(QtestChannel channel, Ecam ecam, Window window) {
        this.channel = channel;
        this.ecam = ecam;
        this.window = window;
        this.next = window.start();
    }

    /**
     * Sets everything up.
     *
     * @param rootBuses their numbers, ascending; each has the numbers up to the next for the buses behind it
     * @param names what to call a function, by vendor and device id
     * @return configuration space of every function, bridges before what is behind them
     * @throws IommuException ENOSPC if bus numbers or addresses do not suffice
     */
    public List<PciConfigImage> run(List<Integer> rootBuses, PciNames names) {
        for (int i = 0; i < rootBuses.size(); i++) {
            int limit = i + 1 < rootBuses.size() ? rootBuses.get(i + 1) - 1 : 0xff;
            lastBus = rootBuses.get(i);
            place(number(rootBuses.get(i), limit));
        }
        return all.stream().map(function -> image(function, names)).toList();
    }

    /** The memory that each base address register of a function names, by the register's index. To be called after {@link #run}. */
    public Map<Integer, Region> regions(PciConfigImage function) {
        var regions = new TreeMap<Integer, Region>();
        all.stream().filter(known -> known.address().equals(function.address())).flatMap(known -> known.bars().stream()).forEach(bar -> {
            long low = Integer.toUnsignedLong(function.read32(ConfigHeader.bar(bar.register()).offset()));
            regions.put(bar.register(), new Region(BaseAddressRegister.MEMORY_ADDR.inPlace(low), bar.size()));
        });
        return regions;
    }

    private List<Function> number(int bus, int limit) {
        var found = new ArrayList<Function>();
        for (int slot = 0; slot < SLOTS; slot++) {
            boolean multifunction = true;
            for (int number = 0; number < FUNCTIONS && multifunction; number++) {
                var address = new PciAddress(SEGMENT, bus, slot, number);
                int vendor = read(address, ConfigHeader.VENDOR_ID.offset());
                int headerType = read(address, ConfigHeader.HEADER_TYPE.offset() & ~3) >>> 16 & 0xff;
                boolean present = (vendor & 0xffff) != ConfigHeader.NO_VENDOR;
                if (number == 0) {
                    multifunction = present && HeaderTypeRegister.MULTI_FUNCTION.isSet(headerType);
                }
                if (present) {
                    found.add(function(address,
                            HeaderTypeRegister.HEADER_LAYOUT.get(headerType) == HeaderTypeRegister.BRIDGE, limit));
                }
            }
        }
        return found;
    }

    private Function function(PciAddress address, boolean bridge, int limit) {
        var behind = new ArrayList<Function>();
        var function = new Function(address, bridge, bars(address, bridge ? BRIDGE_BARS : BARS), behind);
        all.add(function);
        if (bridge) {
            if (lastBus == limit) {
                throw IommuException.of(Errno.ENOSPC, "No bus number is left for what is behind %s", address);
            }
            int secondary = ++lastBus;
            numbers(address, secondary, limit);
            behind.addAll(number(secondary, limit));
            numbers(address, secondary, lastBus);
        }
        return function;
    }

    private void numbers(PciAddress bridge, int secondary, int subordinate) {
        write(bridge, ConfigHeader.PRIMARY_BUS.offset(), bridge.bus() | secondary << 8 | subordinate << 16);
    }

    private List<Bar> bars(PciAddress address, int count) {
        var bars = new ArrayList<Bar>();
        channel.begin();
        try {
            int first = 0;
            for (int i = 0; i < count; i++) {
                channel.write32(bar(address, i), -1);
            }
            for (int i = 0; i < count; i++) {
                int request = channel.read32(bar(address, i));
                first = i == 0 ? request : first;
            }
            for (int i = 0; i < count; i++) {
                channel.write32(bar(address, i), 0);
            }
            channel.run();
            for (int i = 0; i < count; i++) {
                long low = channel.value(first + i);
                if (low == 0 || BaseAddressRegister.IO_SPACE.isSet(low)) {
                    continue;
                }
                boolean wide = BaseAddressRegister.TYPE.get(low) == BaseAddressRegister.TYPE_64 && i + 1 < count;
                long mask = BaseAddressRegister.MEMORY_ADDR.mask() & low | (wide ? channel.value(first + i + 1) << 32 : -1L << 32);
                bars.add(new Bar(i, Long.lowestOneBit(mask), wide));
                i += wide ? 1 : 0;
            }
        } finally {
            channel.end();
        }
        return bars;
    }

    private long bar(PciAddress address, int index) {
        return ecam.at(address) + ConfigHeader.bar(index).offset();
    }

    /** The largest first, so that alignment leaves no gaps between what is on one bus. */
    private void place(List<Function> onBus) {
        record Wish(Function function, Bar bar) {}
        onBus.stream().flatMap(function -> function.bars().stream().map(bar -> new Wish(function, bar)))
                .sorted(Comparator.comparingLong((Wish wish) -> wish.bar().size()).reversed())
                .forEach(wish -> write(wish.function().address(), ConfigHeader.bar(wish.bar().register()).offset(),
                        (int) take(wish.bar().size(), wish.bar().size())));
        for (var function : onBus) {
            if (function.bridge()) {
                long start = take(0, BRIDGE_GRAIN);
                place(function.behind());
                forward(function.address(), start, take(0, BRIDGE_GRAIN));
            }
            write(function.address(), ConfigHeader.COMMAND.offset(), COMMAND);
        }
    }

    private long take(long size, long alignment) {
        long start = next + alignment - 1 & -alignment;
        next = start + size;
        if (size < 0 || next > window.limit()) {
            throw IommuException.of(Errno.ENOSPC, "Devices need more than %s of addresses",
                    Hex.range(window.start(), window.limit() - window.start()));
        }
        return start;
    }

    /** Base above limit means that nothing is forwarded. */
    private void forward(PciAddress bridge, long start, long end) {
        int base = (int) (start >>> 16 & 0xfff0);
        int limit = end == start ? 0 : (int) (end - 1 >>> 16 & 0xfff0);
        write(bridge, ConfigHeader.MEMORY_BASE.offset(), (end == start ? 0xfff0 : base) | limit << 16);
        write(bridge, ConfigHeader.PREFETCHABLE_BASE.offset(), 0xfff0);
        write(bridge, ConfigHeader.IO_BASE.offset(), 0x00f0);
    }

    private PciConfigImage image(Function function, PciNames names) {
        var bytes = new byte[ConfigHeader.EXTENDED_CONFIG_SPACE];
        channel.read(ecam.at(function.address()), bytes, 0, bytes.length);
        int vendor = (int) ConfigHeader.VENDOR_ID.get(bytes, 0);
        int device = (int) ConfigHeader.DEVICE_ID.get(bytes, 0);
        return new PciConfigImage(function.address(), names.of(vendor, device), bytes, "QEMU");
    }

    private int read(PciAddress address, int offset) {
        channel.begin();
        try {
            int request = channel.read32(ecam.at(address) + offset);
            channel.run();
            return (int) channel.value(request);
        } finally {
            channel.end();
        }
    }

    private void write(PciAddress address, int offset, int value) {
        channel.begin();
        try {
            channel.write32(ecam.at(address) + offset, value);
            channel.run();
        } finally {
            channel.end();
        }
    }
}
