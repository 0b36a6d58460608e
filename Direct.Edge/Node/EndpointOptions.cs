using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Direct.Edge.Node;

/// <summary>Specifies how WebSockets are carried.</summary>
public enum TransportKind
{
    /// <summary>The fastest kind that the system supports: <see cref="Direct"/> on Linux, otherwise <see cref="Kestrel"/>.</summary>
    Auto,

    /// <summary>All WebSockets are carried by ASP.NET Core's web server.</summary>
    Kestrel,

    /// <summary>
    /// WebSockets without TLS are carried by Direct's own threads, which read from and write to the sockets directly. Other WebSockets, and all other
    /// requests, are carried by Kestrel at the same port. Linux only.
    /// </summary>
    Direct,
}

/// <summary>Configures where a node listens. TLS endpoints are configured with Kestrel: <c>Kestrel:Endpoints:…</c>.</summary>
public sealed class EndpointOptions
{
    /// <summary>Specifies the section of these options in the configuration.</summary>
    public const string SectionName = "Direct:Endpoints";

    /// <summary>Gets or sets the port for plain HTTP and WebSockets. Default 8085; 0 for none (then <c>Kestrel:Endpoints</c> must name one). On the command line <c>port=</c>.</summary>
    [Range(0, 65535)]
    public int Port { get; set; } = 8085;

    /// <summary>Gets or sets the address to listen on: an IP address, or <c>*</c> for all addresses, which is the default.</summary>
    public string Address { get; set; } = "*";

    /// <summary>Gets or sets a separate port for health, metrics and the signal API, which are then served only there. Default 0: all on one port.</summary>
    [Range(0, 65535)]
    public int ManagementPort { get; set; }

    /// <summary>Gets or sets how WebSockets are carried. Default <see cref="TransportKind.Auto"/>. On the command line <c>transport=</c>.</summary>
    [EnumDataType(typeof(TransportKind))]
    public TransportKind Transport { get; set; }

    /// <summary>Gets or sets the number of threads of the direct transport. Default 0: one for every two processors.</summary>
    [Range(0, 256)]
    public int Loops { get; set; }

    /// <summary>Gets the effective number of threads.</summary>
    internal int LoopCount => Loops > 0 ? Loops : Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>Gets whether the direct transport is in use.</summary>
    internal bool UsesLoops => Transport is not TransportKind.Kestrel && OperatingSystem.IsLinux();

    /// <summary>Returns whether <paramref name="endpoint"/> is the management port.</summary>
    internal bool IsManagement(EndPoint endpoint) => endpoint is IPEndPoint { Port: not 0 and var port } && port == ManagementPort;
}
