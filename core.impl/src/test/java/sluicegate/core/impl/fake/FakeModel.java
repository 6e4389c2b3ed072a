package sluicegate.core.impl.fake;

import java.util.ArrayList;
import java.util.List;
import sluicegate.api.platform.TranslationProbe;
import sluicegate.api.types.Access;
import sluicegate.api.types.Translation;

/** A unit that can be asked what it would do: it passes everything on, and notes about whom it was asked. */
public final class FakeModel extends FakeUnit implements TranslationProbe {
    public final List<Integer> asked = new ArrayList<>();

    FakeModel(FakeMachine machine, String name) {
        super(machine, name);
    }

    @Override
    public Translation probe(int requesterId, int pasid, long iova, Access access) {
        asked.add(requesterId);
        return new Translation.Mapped(iova, iova, access.prot(), 0);
    }
}
