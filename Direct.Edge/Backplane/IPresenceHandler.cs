namespace Direct.Edge.Backplane;

/// <summary>Answers the queries about this gateway's connections, for every backplane.</summary>
public interface IPresenceHandler
{
    /// <summary>
    /// Answers from what is connected here now, without waiting for anything. Connections without a token, or closing already, are not there.
    /// </summary>
    GatewayResponse Answer(ClusterQuery query);
}
