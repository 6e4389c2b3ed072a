package sluicegate.shell;

import java.util.List;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import sluicegate.api.DriverRepository;
import sluicegate.api.Iommu;
import sluicegate.api.Unit;
import sluicegate.api.driver.LeavePolicy;

/** Drivers of units: those that are there, those that could be, and taking each other's place. */
@GogoCommand(scope = Command.SCOPE, function = {"driver-install", "drivers", "swap"})
@Component(service = CommandFamily.class)
public final class DriverCommands extends CommandFamily {
    private final Platform platform;

    @Activate
    public DriverCommands(@Reference Platform platform) {
        super(platform);
        this.platform = platform;
    }

    @Descriptor("Lists the IOMMU drivers, the one that would be tried first at the top; or those that could be installed.")
    Listing drivers(@Descriptor("list the drivers that repositories have and that are not installed")
            @Parameter(names = "--available", presentValue = "true", absentValue = "false") boolean available) {
        return available ? available() : Listing.of(List.of("driver", "bundle", "version", "ranking", "compatible", "units"),
                platform.iommu().drivers().stream().map(DriverCommands::item).toList(),
                "No driver; install and start a bundle that has one.");
    }

    private static Item item(Iommu.DriverInfo driver) {
        return Item.of("driver", driver.name(), "bundle", driver.bundle(), "version", driver.version(), "ranking",
                driver.ranking(), "compatible", driver.compatible(), "units", driver.units());
    }

    private Listing available() {
        return Listing.of(List.of("driver", "bundle", "version", "installed", "compatible", "description"),
                platform.repository().offers().stream().map(DriverCommands::item).toList(),
                "All drivers that repositories have are installed (obr:repos list names the repositories).");
    }

    private static Item item(DriverRepository.Offer offer) {
        return Item.of("driver", offer.driver().orElse(null), "bundle", offer.bundle(), "version", offer.version(), "installed",
                offer.installed().orElse(null), "compatible", offer.compatible(), "ranking", offer.ranking(), "description",
                offer.description());
    }

    @Descriptor("Installs a driver from a repository, with what it needs, and starts it. Units stay with the drivers they have.")
    Item driverInstall(@Descriptor("a driver or bundle that iommu:drivers --available lists") Installable name) {
        var installed = platform.repository().install(name.name());
        return item(installed).standingFor("bundle").shownAs(installed.installed()
                .map(before -> installed.bundle() + " is updated from " + before + " to " + installed.version())
                .orElseGet(() -> installed.bundle() + " " + installed.version() + " is installed and started"));
    }

    @Descriptor("Gives a unit to another driver, while its devices and those who use them go on. What they ask for meanwhile waits.")
    Item swap(@Descriptor("a unit that iommu:units lists") Unit unit,
            @Descriptor("a driver that iommu:drivers lists") Iommu.DriverInfo driver,
            @Descriptor("let DMA go on meanwhile, by the tables that are there; it is blocked otherwise")
            @Parameter(names = "--keep", presentValue = "true", absentValue = "false") boolean keep) {
        var before = unit.driver().map(Iommu.DriverInfo::name).orElse("no driver");
        long begun = System.nanoTime();
        unit.swap(driver.name(), keep ? LeavePolicy.KEEP : LeavePolicy.BLOCK);
        long micros = (System.nanoTime() - begun) / 1000;
        var bundle = unit.driver().map(Iommu.DriverInfo::bundle).orElse("");
        return Item.of("unit", unit.name(), "before", before, "driver", driver.name(), "bundle", bundle, "micros", micros)
                .shownAs(String.format("%s went from %s to %s of %s in %,d us; DMA %s meanwhile", unit.name(), before, driver.name(),
                        bundle, micros, keep ? "went on" : "was blocked"));
    }
}
