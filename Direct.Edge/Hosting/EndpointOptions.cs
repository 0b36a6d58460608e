using System.ComponentModel.DataAnnotations;

namespace Direct.Edge.Hosting;

/// <summary>Where a node listens. TLS endpoints are Kestrel's own: <c>Kestrel:Endpoints:…</c>.</summary>
public sealed class EndpointOptions
{
    /// <summary>Where these options stand in the configuration.</summary>
    public const string SectionName = "Direct:Endpoints";

    /// <summary>The port for plain HTTP and WebSockets. Default 8085; 0 for none (then <c>Kestrel:Endpoints</c> must name one). On the command line <c>port=</c>.</summary>
    [Range(0, 65535)]
    public int Port { get; set; } = 8085;

    /// <summary>The address to listen on: an IP address, or <c>*</c> for all, the default.</summary>
    public string Address { get; set; } = "*";

    /// <summary>A port of its own for health, metrics and the signal API, which are then served nowhere else. Default 0: all on one port.</summary>
    [Range(0, 65535)]
    public int ManagementPort { get; set; }
}
