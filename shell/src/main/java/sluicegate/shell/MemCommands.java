package sluicegate.shell;

import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import sluicegate.api.platform.Machine;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;

/** A machine's memory as its processors see it. */
@GogoCommand(scope = Command.SCOPE, function = "mem")
@Component(service = CommandFamily.class)
public final class MemCommands extends CommandFamily {
    private static final long PAGE = 4096;

    /** What to do with memory. */
    enum Action {
        ALLOC("alloc SIZE"),
        FREE("free PA"),
        READ("read PA LENGTH"),
        WRITE("write PA HEX");

        private final String usage;

        Action(String usage) {
            this.usage = usage;
        }

        int operands() {
            return usage.split(" ").length - 1;
        }
    }

    @Activate
    public MemCommands(@Reference Platform platform) {
        super(platform);
    }

    @Descriptor("Allocates memory of a machine for data, and shows or changes what is in it.")
    Item mem(@Descriptor("a machine that runs") Machine machine,
            @Descriptor("alloc SIZE, free PA, read PA LENGTH, or write PA HEX") Action action,
            @Descriptor("a size such as 4K or 2M; a physical address; how many bytes; bytes in hex") String... operands) {
        if (operands.length != action.operands()) {
            throw IommuException.of(Errno.EINVAL, "iommu:mem %s %s takes %d words and not %d: iommu:mem MACHINE %s",
                    machine.name(), action.usage.split(" ")[0], action.operands(), operands.length, action.usage);
        }
        return switch (action) {
            case ALLOC -> allocate(machine, Hex.parse(operands[0]));
            case FREE -> free(machine, Hex.parse(operands[0]));
            case READ -> read(machine, Hex.parse(operands[0]), new byte[Lengths.parse(operands[1])]);
            case WRITE -> write(machine, Hex.parse(operands[0]), Lengths.parseBytes(operands[1]));
        };
    }

    private static Item allocate(Machine machine, long size) {
        long address = machine.allocate(size);
        var rounded = new Size((size + PAGE - 1) & -PAGE);
        return Item.of("address", Hex.of(address), "size", rounded).shownAs(
                String.format("%s of %s at %s", rounded, machine.name(), Hex.of(address)));
    }

    private static Item free(Machine machine, long address) {
        machine.free(address);
        return Item.of("address", Hex.of(address), "state", "freed").shownAs(Hex.of(address) + " is freed");
    }

    private static Item read(Machine machine, long address, byte[] data) {
        machine.memory().read(address, data, 0, data.length);
        return Item.of("address", Hex.of(address), "length", data.length, "data", Hex.bytes(data)).standingFor("data")
                .shownAs(HexDump.of(address, data));
    }

    private static Item write(Machine machine, long address, byte[] data) {
        machine.memory().write(address, data, 0, data.length);
        return Item.of("address", Hex.of(address), "length", data.length).shownAs(
                String.format("%s written at %s of %s", Lengths.ofBytes(data.length), Hex.of(address), machine.name()));
    }
}
