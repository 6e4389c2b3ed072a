package sluicegate.shell;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.felix.gogo.runtime.CommandProcessorImpl;
import org.apache.felix.gogo.runtime.threadio.ThreadIOImpl;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;
import org.apache.felix.service.command.Process;

import sluicegate.core.impl.pci.GroupPrediction;
import sluicegate.inspect.fault.FaultDecoderComponent;
import sluicegate.inspect.groups.MachineExplainerComponent;

/** A real Gogo session with all commands, on a fake core. */
final class ShellFixture implements AutoCloseable {
    final ExecutorService interrupts = Executors.newSingleThreadExecutor();
    final FaultWatch faults = new FaultWatch();
    final FakeIommu iommu = new FakeIommu(faults, interrupts);
    final Platform platform = new Platform();
    final HelpCommands help = new HelpCommands(platform);
    final List<CommandFamily> families = List.of(new MachineCommands(platform), new UnitCommands(platform), new DriverCommands(platform),
            new DeviceCommands(platform), new BusCommands(platform), new GroupCommands(platform), new ResetCommands(platform),
            new DomainCommands(platform), new MappingCommands(platform), new DirtyCommands(platform), new SpaceCommands(platform), new PageRequestCommands(platform),
            new TranslationCommands(platform), new DmaCommands(platform, faults), new FaultCommands(platform, faults),
            new MemCommands(platform), new InfoCommands(platform), new DecodeCommands(platform, new FaultDecoderComponent()),
            new ExplainCommands(platform, new MachineExplainerComponent(new GroupPrediction())), new TourCommand(platform));
    private final ThreadIOImpl threadIo = new ThreadIOImpl();
    final CommandProcessorImpl processor = new CommandProcessorImpl(threadIo);
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    final CommandSession session;

    ShellFixture() {
        threadIo.start();
        platform.iommu = iommu;
        platform.machines = iommu;
        for (var family : families) {
            family.commands().keySet().forEach(name -> processor.addCommand(Command.SCOPE, family, name));
        }
        help.families = families;
        for (var name : List.of("help", "completions", "_candidates")) {
            processor.addCommand(Command.SCOPE, help, name);
        }
        processor.addCommand("test", new Object() {
            @SuppressWarnings("unused") // Gogo calls it
            public long lines() {
                return new BufferedReader(new InputStreamReader(Process.Utils.current().in(), StandardCharsets.UTF_8))
                        .lines().count();
            }
        }, "lines");
        processor.addConverter(new AnswerConverter());
        session = processor.createSession(new ByteArrayInputStream(new byte[0]), output, output);
    }

    /** With a machine that runs. */
    static ShellFixture running() {
        var fixture = new ShellFixture();
        fixture.iommu.boot("q35-vtd");
        return fixture;
    }

    FakeMachine machine() {
        return iommu.machines.get(0);
    }

    FakeDevice device() {
        return (FakeDevice) iommu.device("0000:00:05.0");
    }

    Object execute(String program) throws Exception {
        return session.execute(program);
    }

    /** What somebody at the prompt would read. */
    String shown(String program) throws Exception {
        var answer = execute(program);
        return answer == null ? "" : session.format(answer, Converter.INSPECT).toString();
    }

    /** What was printed since the last time. */
    String printed() {
        var text = output.toString(StandardCharsets.UTF_8);
        output.reset();
        return text;
    }

    @Override
    public void close() {
        session.close();
        processor.stop();
        threadIo.stop();
        interrupts.shutdownNow();
    }
}
