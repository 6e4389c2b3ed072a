package sluicegate.shell;

import java.util.ArrayList;
import java.util.List;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import sluicegate.api.Iommu;
import sluicegate.api.Unit;
import sluicegate.api.types.DecodedRegister;
import sluicegate.api.types.Hex;

/** Units and their registers. */
@GogoCommand(scope = Command.SCOPE, function = {"regs", "units"})
@Component(service = CommandFamily.class)
public final class UnitCommands extends CommandFamily {
    private final Platform platform;

    @Activate
    public UnitCommands(@Reference Platform platform) {
        super(platform);
        this.platform = platform;
    }

    @Descriptor("Lists the IOMMUs of all machines with the drivers that are bound to them.")
    Listing units() {
        return Listing.of(List.of("unit", "compatible", "driver", "bundle", "state"),
                platform.iommu().units().stream().map(UnitCommands::item).toList(),
                "No IOMMU; iommu:boot starts a machine that has some.");
    }

    private static Item item(Unit unit) {
        return Item.of("unit", unit.name(), "compatible", unit.compatible(),
                "driver", unit.driver().map(Iommu.DriverInfo::name).orElse(null),
                "bundle", unit.driver().map(Iommu.DriverInfo::bundle).orElse(null), "state", unit.state().word());
    }

    @Descriptor("Reads the registers of a unit and decodes them. Fields that are 0 are left out; --json has them all.")
    Listing regs(@Descriptor("a unit that iommu:units lists") Unit unit) {
        var registers = unit.registers();
        var items = registers.stream()
                .map(register -> Item.of("register", register.name(), "offset", Hex.of(register.offset()),
                        "value", Hex.of(register.value()), "fields", Fields.items(register.fields())))
                .toList();
        return Listing.of(List.of("register", "offset", "value", "fields"), items, unit.name() + " has no registers.")
                .shownAs(table(registers));
    }

    /** One line for a register, then one for each of its fields that is not 0. */
    private static String table(List<DecodedRegister> registers) {
        var lines = new ArrayList<List<String>>();
        lines.add(List.of("OFFSET", "REGISTER", "VALUE", "MEANING"));
        for (var register : registers) {
            lines.add(List.of(Hex.of(register.offset()), register.name(), Hex.of(register.value())));
            Fields.set(register.fields()).forEach(field -> lines.add(
                    List.of("", "  " + field.name(), Hex.of(field.value()), field.meaning())));
        }
        return Table.align(lines);
    }
}
