package sluicegate.qemu;

import java.util.List;
import sluicegate.machine.memory.AddressMap;
import sluicegate.qemu.dma.UnitTrace;
import sluicegate.qemu.firmware.FwCfg;
import sluicegate.qemu.pci.Ecam;
import sluicegate.qemu.pci.PciSetup;
import sluicegate.qemu.qtest.QtestChannel;

/** What one kind of QEMU machine is: its chips and devices, and what differs in how they are woken. Immutable. */
public interface MachineModel {

    /** As it is booted: {@code qemu:q35-vtd}. */
    String name();

    /** One line for people. */
    String description();

    /** The program to run. */
    String program();

    /** The Debian package that brings it. */
    String debianPackage();

    /** The first major version of QEMU that has it; 0 if each that has the machine has it. */
    default int since() {
        return 0;
    }

    /** QEMU's name of the machine, with its options. */
    String machine();

    /** Further arguments: processor and devices. */
    List<String> arguments();

    /** Where there is memory. */
    AddressMap memory();

    /** A boot ROM that parks the processor; it is there for the clock. */
    byte[] parkedProcessor();

    /** Where messages to the machine's vectors are written: a place where no interrupt controller minds. */
    long messageAddress();

    /** How its units tell what they do. */
    UnitTrace trace();

    /** Makes configuration space visible. */
    Ecam wake(QtestChannel channel);

    /** Where devices' memory goes. */
    PciSetup.Window window();

    /** Its root buses, ascending. */
    List<Integer> rootBuses();

    /** How fw_cfg is told to do something. */
    FwCfg.Doorbell fwCfg();

    /** Memory that the board itself has put something into. */
    List<AddressMap.Range> inUse();
}
