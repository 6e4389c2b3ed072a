package sluicegate.judge.run;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import sluicegate.api.driver.FaultSink;
import sluicegate.api.driver.IommuDriver;
import sluicegate.api.driver.IommuOps;
import sluicegate.api.driver.ProbeContext;
import sluicegate.api.platform.FirmwareRegion;
import sluicegate.api.platform.Interrupts;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.platform.RegisterWindow;

/**
 * A driver, and what it is told of its unit changed: memory and registers are seen through a {@link DriverView}, and the handlers
 * of its interrupts are known, so that {@link #settle} can run them instead of waiting for an interrupt that may never come.
 */
public final class DriverTap implements IommuDriver {
    private final IommuDriver driver;
    private final DriverView view;
    private final List<Tapped> handlers = new CopyOnWriteArrayList<>();

    public DriverTap(IommuDriver driver, DriverView view) {
        this.driver = driver;
        this.view = view;
    }

    @Override
    public String name() {
        return driver.name();
    }

    @Override
    public boolean adopts() {
        return driver.adopts();
    }

    @Override
    public IommuOps probe(ProbeContext context) {
        return driver.probe(new Context(new Unit(context.unit(), view.memory().apply(context.unit().memory()),
                view.registers().apply(context.unit().registers()), view.arena().apply(context.unit().arena()),
                new Vectors(context.unit().interrupts())),
                context));
    }

    /**
     * Runs the handlers of all interrupts. When this returns, the driver has reported all that the hardware had recorded: its
     * handlers read the registers themselves and wait for a run that is under way.
     */
    public void settle() {
        handlers.forEach(handler -> handler.run.run());
    }

    private record Context(IommuUnit unit, ProbeContext real) implements ProbeContext {
        @Override
        public String unitName() {
            return real.unitName();
        }

        @Override
        public FaultSink faults() {
            return real.faults();
        }

        @Override
        public boolean held() {
            return real.held();
        }

        @Override
        public void withoutDma(Runnable action) {
            real.withoutDma(action);
        }
    }

    private final class Vectors implements Interrupts {
        private final Interrupts real;

        Vectors(Interrupts real) {
            this.real = real;
        }

        @Override
        public Vector allocate(String name, Runnable handler) {
            var tapped = new Tapped(handler, real.allocate(name, handler));
            handlers.add(tapped);
            return tapped;
        }
    }

    private final class Tapped implements Interrupts.Vector {
        private final Runnable run;
        private final Interrupts.Vector real;

        Tapped(Runnable run, Interrupts.Vector real) {
            this.run = run;
            this.real = real;
        }

        @Override
        public long address() {
            return real.address();
        }

        @Override
        public int data() {
            return real.data();
        }

        @Override
        public void close() {
            handlers.remove(this);
            real.close();
        }
    }

    private record Unit(IommuUnit real, PhysicalMemory memory, RegisterWindow registers, MemoryArena arena, Interrupts interrupts)
            implements IommuUnit {
        @Override
        public String name() {
            return real.name();
        }

        @Override
        public Machine machine() {
            return real.machine();
        }

        @Override
        public String compatible() {
            return real.compatible();
        }

        @Override
        public long baseAddress() {
            return real.baseAddress();
        }

        @Override
        public int segment() {
            return real.segment();
        }

        @Override
        public Map<String, String> properties() {
            return real.properties();
        }

        @Override
        public List<FirmwareRegion> firmwareRegions() {
            return real.firmwareRegions();
        }
    }
}
