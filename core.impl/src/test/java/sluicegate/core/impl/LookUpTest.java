package sluicegate.core.impl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import sluicegate.api.Domain;
import sluicegate.api.Fault;
import sluicegate.api.driver.Capability;
import sluicegate.api.driver.FaultRecord;
import sluicegate.api.types.Access;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Translation;

/** Look-ups for faults and translations take no lock: they are answered while whoever holds one is slow. */
class LookUpTest extends CoreFixture {
    private Domain domain;
    private final AtomicInteger answered = new AtomicInteger();

    private void bootWithADomain() {
        machine.bus.put(machine.bus.pci("00:02.0").pasids(4), dmar0);
        driver.maxPasids = 8;
        boot();
        domain = domainFor("00:02.0");
        domain.map(0x10000, 0x50000, K4, 1);
        domain.attach(device("00:02.0"));
        domain.attach(device("00:02.0"), 3);
    }

    /** By another thread, as locks may be taken again by the one that has them. */
    private void everythingIsAnswered() {
        try {
            CompletableFuture.runAsync(this::lookUp).get(20, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("a look-up waits for somebody's lock", e);
        } catch (ExecutionException | InterruptedException e) {
            throw new AssertionError(e);
        }
        answered.incrementAndGet();
    }

    private void lookUp() {
        var faults = new ArrayList<Fault>();
        core.addListener(faults::add);
        driver.faults("dmar0").fault(new FaultRecord(0x10, 3, 0x10000, Access.WRITE, 5, "WRITE_NOT_PERMITTED", "the page is read-only"));
        assertThat(faults).singleElement().satisfies(fault -> assertThat(fault.device()).contains("0000:00:02.0"));

        var device = device("00:02.0");
        assertThat(device.unit()).contains(core.unit("dmar0"));
        assertThat(device.hasIommu()).isTrue();
        assertThat(device.capable(Capability.CACHE_COHERENCY)).isTrue();
        assertThat(device.group()).contains(core.group(0));
        assertThat(device.domain()).contains(domain);
        assertThat(((CoreDevice) device).coreGroup().orElseThrow().domainOf(3)).contains((CoreDomain) domain);
        assertThat(device.reservedRegions()).isEmpty();
        assertThat(core.groups()).extracting(group -> group.domain()).contains(domain);
        assertThat(domain.attached()).contains(device);
        assertThat(domain.iovaToPhys(0x10008)).hasValue(0x50008);
        assertThat(device.translate(Pasid.NONE, 0x10008, false)).isEqualTo(new Translation.Mapped(0x10008, 0x50008, 1, K4));
        assertThat(device.translate(3, 0x10008, false)).isEqualTo(new Translation.Mapped(0x10008, 0x50008, 1, K4));
    }

    @Test
    void whileADeviceIsProbed() {
        bootWithADomain();
        driver.onProbeDevice = context -> everythingIsAnswered();
        machine.bus.put("00:03.0", dmar0);
        assertThat(answered).hasValue(1);
    }

    @Test
    void whileTheGroupIsAttached() {
        bootWithADomain();
        driver.onAttach = (device, to) -> everythingIsAnswered();
        domain.detach(device("00:02.0"));
        assertThat(answered).hasValue(1);
    }

    @Test
    void whileTheDomainIsMappedAndUnmapped() {
        bootWithADomain();
        driver.onCall = call -> {
            if (call.equals("mapPages") || call.equals("unmapPages")) {
                everythingIsAnswered();
            }
        };
        domain.map(0x80000, 0x90000, K4, 3);
        domain.unmap(0x80000, K4);
        assertThat(answered).hasValue(2);
    }
}
