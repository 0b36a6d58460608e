namespace Direct.Edge.Backplane;

/// <summary>Answers queries about this gateway's connections, for every backplane.</summary>
public interface IPresenceHandler
{
    /// <summary>
    /// Answers from the connections that are open now, without waiting. Connections without a token and closing connections do not count.
    /// </summary>
    GatewayResponse Answer(ClusterQuery query);
}
