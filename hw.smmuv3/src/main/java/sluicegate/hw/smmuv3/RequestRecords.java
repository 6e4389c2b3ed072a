package sluicegate.hw.smmuv3;

import sluicegate.api.driver.FaultRecord;
import sluicegate.api.driver.PageRequest;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.spec.smmuv3.PageRequestRecord;
import sluicegate.spec.smmuv3.TranslationFaultEvent;

/** Requests for pages as the unit writes them: records of the PRI queue (section 8.1), and events of transactions that are stalled. */
final class RequestRecords {
    private RequestRecords() {}

    /** A stalled transaction; its group is its stall tag. */
    static PageRequest stall(long[] words, FaultRecord record) {
        int prot = record.access().prot() | (TranslationFaultEvent.IND.isSet(words[1]) ? 0 : Prot.NOEXEC)
                | (TranslationFaultEvent.PNU.isSet(words[1]) ? Prot.PRIV : 0);
        return new PageRequest(record.sourceId(), record.pasid(), record.iova(), prot, (int) TranslationFaultEvent.STAG.get(words[1]),
                true);
    }

    /** A record that asks for nothing: nobody waits for an answer to it. */
    static boolean isStopMarker(long low) {
        return PageRequestRecord.LAST.isSet(low) && !PageRequestRecord.R.isSet(low) && !PageRequestRecord.W.isSet(low);
    }

    /** A record of the PRI queue that is no stop marker. */
    static PageRequest pageRequest(long low, long high) {
        int prot = (PageRequestRecord.R.isSet(low) ? Prot.READ : 0) | (PageRequestRecord.W.isSet(low) ? Prot.WRITE : 0)
                | (PageRequestRecord.X.isSet(low) ? 0 : Prot.NOEXEC) | (PageRequestRecord.PRIV.isSet(low) ? Prot.PRIV : 0);
        return new PageRequest((int) PageRequestRecord.STREAMID.get(low),
                PageRequestRecord.SSV.isSet(low) ? (int) PageRequestRecord.SUBSTREAMID.get(low) : Pasid.NONE,
                PageRequestRecord.ADDRESS.inPlace(high), prot, (int) PageRequestRecord.PRGINDEX.get(high),
                PageRequestRecord.LAST.isSet(low));
    }
}
