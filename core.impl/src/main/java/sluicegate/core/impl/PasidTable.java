package sluicegate.core.impl;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import sluicegate.api.types.Pasid;

/**
 * What PASIDs of a group are attached to ({@code iommu_group::pasid_array}): found without a lock and without allocating, in two
 * steps of ten bits. Changes are made under the group's mutex. Takes next to no room until the first PASID is attached.
 */
final class PasidTable {
    private static final int LEAF_BITS = 10;
    private static final int LEAF = 1 << LEAF_BITS;

    private volatile AtomicReferenceArray<AtomicReferenceArray<Optional<AttachedPasid>>> leaves = new AtomicReferenceArray<>(0);

    /** Nothing for what is no PASID. */
    Optional<AttachedPasid> find(int pasid) {
        var all = leaves;
        int at = pasid >>> LEAF_BITS;
        var leaf = at < all.length() ? all.get(at) : null;
        var found = leaf == null ? null : leaf.get(pasid & LEAF - 1);
        return found == null ? Optional.empty() : found;
    }

    /** Publishes it. Whoever finds it sees everything that was done before. */
    void put(AttachedPasid attachment) {
        if (leaves.length() == 0) {
            leaves = new AtomicReferenceArray<>(Pasid.MAX + 1 >>> LEAF_BITS);
        }
        int at = attachment.pasid() >>> LEAF_BITS;
        var leaf = leaves.get(at);
        if (leaf == null) {
            leaf = new AtomicReferenceArray<>(LEAF);
            leaves.set(at, leaf);
        }
        leaf.set(attachment.pasid() & LEAF - 1, Optional.of(attachment));
    }

    void remove(int pasid) {
        if (find(pasid).isPresent()) {
            leaves.get(pasid >>> LEAF_BITS).set(pasid & LEAF - 1, Optional.empty());
        }
    }

    /** By ascending PASID. */
    void forEach(Consumer<AttachedPasid> action) {
        var all = leaves;
        for (int at = 0; at < all.length(); at++) {
            var leaf = all.get(at);
            for (int i = 0; leaf != null && i < LEAF; i++) {
                var found = leaf.get(i);
                if (found != null) {
                    found.ifPresent(action);
                }
            }
        }
    }
}
