using System.ComponentModel.DataAnnotations;

namespace Direct.Edge.Connections;

/// <summary>Specifies the receivers of a <c>:text</c> from a connection that has joined nothing.</summary>
public enum UnjoinedBroadcast
{
    /// <summary>The connections that have joined nothing.</summary>
    Lobby,

    /// <summary>Every connection, as in the original.</summary>
    Everyone,

    /// <summary>Nobody.</summary>
    None,
}

/// <summary>Configures the limits and times of every WebSocket.</summary>
public sealed class ConnectionOptions
{
    /// <summary>Specifies the section of these options in the configuration.</summary>
    public const string SectionName = "Direct:Connections";

    /// <summary>
    /// Gets or sets the largest message that a client may send, all fragments together, in bytes. Default 512. A larger one closes the connection
    /// with 1009.
    /// </summary>
    [Range(16, 1024 * 1024)]
    public int MaxMessageBytes { get; set; } = 512;

    /// <summary>
    /// Gets or sets whether clients may speak <c>direct.2</c>. Default false: a handshake that offers it selects no sub-protocol.
    /// </summary>
    public bool Direct2 { get; set; }

    /// <summary>
    /// Gets or sets the longest first message of a client that speaks <c>direct.2</c>, in bytes: its token and the rooms that it joins at once. Default
    /// 64 KiB. A longer one closes the connection with 1009.
    /// </summary>
    [Range(1024, 1024 * 1024)]
    public int MaxFirstMessageBytes { get; set; } = 64 * 1024;

    /// <summary>
    /// Gets or sets the longest later message of a client that speaks <c>direct.2</c>, in bytes. Default 4 KiB. A longer one closes the connection with
    /// 1009.
    /// </summary>
    [Range(128, 1024 * 1024)]
    public int MaxLaterMessageBytes { get; set; } = 4 * 1024;

    /// <summary>Gets or sets the number of rooms that a client that speaks <c>direct.2</c> may be in. Default 100. A further join is refused.</summary>
    [Range(1, 1000)]
    public int MaxRooms { get; set; } = 100;

    /// <summary>
    /// Gets or sets how long the cluster may take to accept what a client says with a ref or an id. Default 6 s. After that the client receives an
    /// error.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan SayTimeout { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>
    /// Gets or sets the size of the queue of one connection, in bytes. Default 256 KiB. An overflow closes the connection with 4002. At least twice
    /// the largest message, and at least 128 KiB, so that an empty queue does not overflow with a single send.
    /// </summary>
    [Range(128 * 1024, 1024 * 1024 * 1024)]
    public int QueueBytes { get; set; } = 256 * 1024;

    /// <summary>Gets or sets how long a connection may take to give its token. Default 60 s. A longer time closes it with 4003.</summary>
    [Range(typeof(TimeSpan), "00:00:00.5", "01:00:00")]
    public TimeSpan TokenTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Gets or sets how often the gateway pings. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.2", "01:00:00")]
    public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets or sets how long a client may send no frame before its connection counts as dead. Default 60 s. A longer silence closes it with 4004.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.5", "1.00:00:00")]
    public TimeSpan ReadTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Gets or sets how long a closing connection may take to receive its queue and to answer the close frame, before TCP is dropped. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.2", "00:05:00")]
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gets the accepted values of <c>Origin</c>, for example <c>https://chat.example.com</c>. A trailing slash and the default port of the scheme
    /// make no difference. Default none: any origin is accepted. A request without an <c>Origin</c> does not come from a web page and is accepted.
    /// Others are answered 403.
    /// </summary>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>Gets how many positions a client may name in one message: those of three topics for each room, of its user, and of all connections.</summary>
    internal int MaxSince => (3 * MaxRooms) + 2;

    /// <summary>Gets the longest message of a client, in bytes.</summary>
    internal int LargestMessageBytes => Direct2 ? Math.Max(MaxMessageBytes, Math.Max(MaxFirstMessageBytes, MaxLaterMessageBytes)) : MaxMessageBytes;

    /// <summary>Gets or sets the receivers of a <c>:text</c> from a connection that has joined nothing. Default <see cref="UnjoinedBroadcast.Lobby"/>.</summary>
    [EnumDataType(typeof(UnjoinedBroadcast))]
    public UnjoinedBroadcast UnjoinedBroadcast { get; set; } = UnjoinedBroadcast.Lobby;
}
