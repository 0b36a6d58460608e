using System.ComponentModel.DataAnnotations;

namespace Direct.Edge.Connections;

/// <summary>The receivers of a <c>:text</c> from a connection that has joined nothing.</summary>
public enum UnjoinedBroadcast
{
    /// <summary>The connections that have not joined anything either.</summary>
    Lobby,

    /// <summary>Every connection, as in the original.</summary>
    Everyone,

    /// <summary>Nobody.</summary>
    None,
}

/// <summary>The limits and times of every WebSocket.</summary>
public sealed class ConnectionOptions
{
    /// <summary>Specifies the section of these options in the configuration.</summary>
    public const string SectionName = "Direct:Connections";

    /// <summary>Gets or sets the largest message that a client may send, all fragments together, in bytes. Default 512. Larger: closed with 1009.</summary>
    [Range(16, 1024 * 1024)]
    public int MaxMessageBytes { get; set; } = 512;

    /// <summary>
    /// Gets or sets the size of the queue of one connection, in bytes. Default 256 KiB. More: closed with 4002. At least twice the largest message, and at
    /// least 128 KiB, so that an empty queue never overflows with a single send.
    /// </summary>
    [Range(128 * 1024, 1024 * 1024 * 1024)]
    public int QueueBytes { get; set; } = 256 * 1024;

    /// <summary>Gets or sets how long a connection may take to give its token. Default 60 s. Longer: closed with 4003.</summary>
    [Range(typeof(TimeSpan), "00:00:00.5", "01:00:00")]
    public TimeSpan TokenTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Gets or sets how often the gateway pings. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.2", "01:00:00")]
    public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how long a client may send no frame before its connection counts as dead. Default 60 s. Longer: closed with 4004.</summary>
    [Range(typeof(TimeSpan), "00:00:00.5", "1.00:00:00")]
    public TimeSpan ReadTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Gets or sets how long a closing connection may take to receive its queue and to answer the close frame, before TCP is dropped. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.2", "00:05:00")]
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gets the accepted values of <c>Origin</c>, for example <c>https://chat.example.com</c>; a slash at the end and the scheme's own port
    /// make no difference. Default none: any.
    /// A request without an <c>Origin</c> does not come from a web page and is accepted. Others: 403.
    /// </summary>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>Gets or sets the receivers of a <c>:text</c> from a connection that has joined nothing. Default <see cref="UnjoinedBroadcast.Lobby"/>.</summary>
    [EnumDataType(typeof(UnjoinedBroadcast))]
    public UnjoinedBroadcast UnjoinedBroadcast { get; set; } = UnjoinedBroadcast.Lobby;
}
