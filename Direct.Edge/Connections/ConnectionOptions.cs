using System.ComponentModel.DataAnnotations;

namespace Direct.Edge.Connections;

/// <summary>Where a <c>:text</c> goes that comes from a connection which has joined nothing.</summary>
public enum UnjoinedBroadcast
{
    /// <summary>To the connections that have joined nothing either.</summary>
    Lobby,

    /// <summary>To every connection, as the original did.</summary>
    Everyone,

    /// <summary>To nobody.</summary>
    None,
}

/// <summary>What holds for every WebSocket.</summary>
public sealed class ConnectionOptions
{
    /// <summary>Where these options stand in the configuration.</summary>
    public const string SectionName = "Direct:Connections";

    /// <summary>The largest message a client may send, fragments added up. In bytes; default 512. Larger: closed 1009.</summary>
    [Range(16, 1024 * 1024)]
    public int MaxMessageBytes { get; set; } = 512;

    /// <summary>
    /// How much may wait for a connection that does not read. In bytes; default 256 KiB. More: closed 4002. At least twice the
    /// largest message, and at least 128 KiB, so that a connection whose queue was empty never overflows by a single send.
    /// </summary>
    [Range(128 * 1024, 1024 * 1024 * 1024)]
    public int QueueBytes { get; set; } = 256 * 1024;

    /// <summary>How long a connection may take to give its token. Default 60 s. Longer: closed 4003.</summary>
    [Range(typeof(TimeSpan), "00:00:00.5", "01:00:00")]
    public TimeSpan TokenTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How often the gateway pings. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.2", "01:00:00")]
    public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>After how long without a frame from the client it is taken for dead. Default 60 s. Longer: closed 4004.</summary>
    [Range(typeof(TimeSpan), "00:00:00.5", "1.00:00:00")]
    public TimeSpan ReadTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a closing connection gets to take what waits and to answer the close frame, before TCP is dropped. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.2", "00:05:00")]
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The values of <c>Origin</c> that are let in, <c>https://chat.example.com</c> for instance; a slash at the end and the scheme's own port
    /// make no difference. Default none: any.
    /// A request without an <c>Origin</c> does not come from a web page and is let in. Others: 403.
    /// </summary>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>Where a <c>:text</c> goes that comes from a connection which has joined nothing. Default <see cref="UnjoinedBroadcast.Lobby"/>.</summary>
    [EnumDataType(typeof(UnjoinedBroadcast))]
    public UnjoinedBroadcast UnjoinedBroadcast { get; set; } = UnjoinedBroadcast.Lobby;
}
