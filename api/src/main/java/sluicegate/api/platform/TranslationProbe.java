package sluicegate.api.platform;

import org.osgi.annotation.versioning.ProviderType;
import sluicegate.api.types.Access;
import sluicegate.api.types.Translation;

/**
 * Asks a unit's hardware what it would do with a request, without doing it: nothing is recorded, cached or raised.
 * Implemented by units whose hardware is a model ({@code unit instanceof TranslationProbe}).
 */
@ProviderType
public interface TranslationProbe {

    /**
     * @param requesterId as the unit sees it: the id on the bus, for an SMMU the stream id that firmware makes of it; it need
     *     not belong to any device
     * @param pasid {@link sluicegate.api.types.Pasid#NONE} or a PASID
     * @throws sluicegate.api.types.IommuException EINVAL for an id that no request can carry
     */
    Translation probe(int requesterId, int pasid, long iova, Access access);
}
