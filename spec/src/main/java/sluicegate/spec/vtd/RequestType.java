package sluicegate.spec.vtd;

/** Type of a request that faulted: {@link FaultRecord#T1} and {@link FaultRecord#T2} together, section 11.4.7.6. */
public enum RequestType {
    /** A write. */
    WRITE(0, 0),
    /** A page request. */
    PAGE_REQUEST(0, 1),
    /** A read; a translation request counts as one. */
    READ(1, 0),
    /** An atomic operation. */
    ATOMIC(1, 1);

    private final int t1;
    private final int t2;

    RequestType(int t1, int t2) {
        this.t1 = t1;
        this.t2 = t2;
    }

    /** The value of T1. */
    public int t1() {
        return t1;
    }

    /** The value of T2. */
    public int t2() {
        return t2;
    }

    /** The type that a fault record holds, from its second word. */
    public static RequestType of(long high) {
        return FaultRecord.T1.isSet(high)
                ? FaultRecord.T2.isSet(high) ? ATOMIC : READ
                : FaultRecord.T2.isSet(high) ? PAGE_REQUEST : WRITE;
    }
}
