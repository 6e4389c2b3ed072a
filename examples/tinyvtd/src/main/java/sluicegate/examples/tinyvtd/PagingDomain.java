package sluicegate.examples.tinyvtd;

import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.IotlbGather;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.spec.vtd.AddressWidth;
import sluicegate.spec.vtd.ContextEntry;
import sluicegate.spec.vtd.SecondStageEntry;
import sluicegate.spec.vtd.TranslationType;

/** A domain in which pages can be mapped. */
final class PagingDomain extends TinyDomain {
    private final SecondStage tables;

    PagingDomain(TinyUnit unit, int id, SecondStage tables) {
        super(unit, DomainType.UNMANAGED, ContextEntry.SSPTPTR.setInPlace(ContextEntry.P.mask(), tables.top())
                | ContextEntry.TT.set(0, TranslationType.UNTRANSLATED.code()),
                ContextEntry.DID.set(ContextEntry.AW.set(0, AddressWidth.BITS_48.code()), id));
        this.tables = tables;
    }

    @Override
    public long pageSizes() {
        return SecondStage.PAGE;
    }

    @Override
    public long apertureEnd() {
        return unit().hardware().lastAddress();
    }

    @Override
    public long mapPages(long iova, long address, long pageSize, long count, int prot) {
        for (long done = 0; done < count * pageSize; done += pageSize) {
            try {
                tables.map(iova + done, address + done, prot);
            } catch (IommuException e) {
                if (e.errno() == Errno.ENOMEM) {
                    return done;
                }
                undo(iova, done);
                throw e;
            }
        }
        return count * pageSize;
    }

    private void undo(long iova, long size) {
        for (long at = 0; at < size; at += SecondStage.PAGE) {
            tables.unmap(iova + at);
        }
        flushIotlbAll();
    }

    @Override
    public long unmapPages(long iova, long pageSize, long count, IotlbGather gather) {
        long done = 0;
        while (done < count * pageSize && tables.unmap(iova + done)) {
            done += pageSize;
        }
        if (done != 0) {
            gather.add(iova, done, pageSize);
        }
        return done;
    }

    @Override
    public void iotlbSyncMap(long iova, long size) {
        unit().hardware().publish();
        if (unit().hardware().cachesAbsence()) {
            flushIotlbAll();
        }
    }

    @Override
    public void iotlbSync(IotlbGather gather) {
        flushIotlbAll();
    }

    @Override
    public void flushIotlbAll() {
        unit().hardware().publish();
        unit().hardware().forgetDomain(id());
    }

    @Override
    public long iovaToPhys(long iova) {
        long leaf = tables.leaf(iova);
        return leaf == 0 ? NOT_MAPPED : SecondStageEntry.ADDR.inPlace(leaf) | iova & SecondStage.PAGE - 1;
    }

    @Override
    public void free() {
        unit().forget(this);
        tables.free();
    }

    /** Where its tables begin. */
    long top() {
        return tables.top();
    }

    /** As {@link #free}, when the unit is left. */
    void discard() {
        tables.free();
    }
}
