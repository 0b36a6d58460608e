namespace Direct.Edge.Protocol;

/// <summary>
/// Represents why a connection ended. The first reason counts, and is the one that is logged, counted and sent; docs/protocol.md has the same table.
/// With codes 4000-4499 a client may connect again, with 4500-4999 it may not.
/// </summary>
/// <param name="Code">The close code on the wire; 0 if the gateway sends none of its own.</param>
/// <param name="Label">The value of the metric tag <c>reason</c>, from a closed set.</param>
/// <param name="Text">The reason on the wire: at most 123 bytes of UTF-8.</param>
internal sealed record CloseReason(ushort Code, string Label, string Text)
{
    public static readonly CloseReason ProtocolError = new(1002, "protocol_error", "protocol error");
    public static readonly CloseReason InvalidUtf8 = new(1007, "invalid_utf8", "text is not valid UTF-8");
    public static readonly CloseReason InvalidCommand = new(1008, "invalid_command", "expected 'group,channel' or ':text'");
    public static readonly CloseReason MessageTooBig = new(1009, "message_too_big", "message over the size limit");
    public static readonly CloseReason InternalError = new(1011, "internal_error", "internal error");

    public static readonly CloseReason GatewayDraining = new(4001, "gateway_draining", "gateway draining, connect again");
    public static readonly CloseReason SlowConsumer = new(4002, "slow_consumer", "slow consumer: too much was waiting to be read");
    public static readonly CloseReason TokenTimeout = new(4003, "token_timeout", "no token in time");
    public static readonly CloseReason KeepAliveTimeout = new(4004, "keepalive_timeout", "nothing heard in time, not even a pong");
    public static readonly CloseReason SessionsUnavailable = new(4005, "sessions_unavailable", "sessions cannot be checked now, connect again");
    public static readonly CloseReason SubscribeTimeout = new(4006, "subscribe_timeout", "the cluster did not confirm in time, connect again");
    public static readonly CloseReason MessageRate = new(4007, "message_rate", "over the limit of messages or joins per second for a connection");
    public static readonly CloseReason GatewayFenced = new(4008, "gateway_fenced", "this gateway has lost the cluster, connect again");
    public static readonly CloseReason SessionExpired = new(4009, "session_expired", "session expired, connect again");
    public static readonly CloseReason NodeFull = new(4010, "node_full", "no room for more connections on this node");
    public static readonly CloseReason AddressLimit = new(4011, "address_limit", "over the limit of connections or joins per second from one address");
    public static readonly CloseReason UnauthenticatedLimit = new(4012, "unauthenticated_limit", "over the limit of connections without a token");
    public static readonly CloseReason AcceptRate = new(4013, "accept_rate", "over the limit of new connections per second");
    public static readonly CloseReason RightsUnavailable = new(4014, "rights_unavailable", "rights cannot be checked now, connect again");

    public static readonly CloseReason UserBlocked = new(4501, "user_blocked", "user blocked");
    public static readonly CloseReason NotAllowed = new(4502, "not_allowed", "not allowed in this room");

    /// <summary>Means that a backend closed the connection, with its own code and text.</summary>
    public static readonly CloseReason ByBackend = new(0, "by_backend", "");

    /// <summary>Means that the client sent a close frame, whose code is echoed.</summary>
    public static readonly CloseReason ClientClosed = new(0, "client_closed", "");

    /// <summary>Means that the TCP connection ended without a close frame.</summary>
    public static readonly CloseReason ConnectionLost = new(0, "connection_lost", "");

    /// <summary>Gets all close reasons.</summary>
    public static IReadOnlyList<CloseReason> All { get; } =
    [
        ProtocolError, InvalidUtf8, InvalidCommand, MessageTooBig, InternalError,
        GatewayDraining, SlowConsumer, TokenTimeout, KeepAliveTimeout, SessionsUnavailable, SubscribeTimeout, MessageRate, GatewayFenced,
        SessionExpired, NodeFull, AddressLimit, UnauthenticatedLimit, AcceptRate,
        RightsUnavailable,
        UserBlocked, NotAllowed,
        ByBackend, ClientClosed, ConnectionLost,
    ];

    /// <summary>Gets whether a client should connect again by itself.</summary>
    public bool MayReconnect => Code is >= 4000 and <= 4499;
}
