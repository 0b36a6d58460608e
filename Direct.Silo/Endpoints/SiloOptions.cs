using System.ComponentModel.DataAnnotations;

namespace Direct.Silo.Endpoints;

/// <summary>Configures the addresses of a silo, and the task that it is started for.</summary>
public sealed class SiloOptions
{
    /// <summary>Specifies the section of these options in the configuration.</summary>
    public const string SectionName = "Direct:Silo";

    /// <summary>Gets or sets the port that other silos connect to. Default 11111.</summary>
    [Range(1, 65535)]
    public int SiloPort { get; set; } = 11111;

    /// <summary>Gets or sets the port that gateways connect to. Default 30000.</summary>
    [Range(1, 65535)]
    public int GatewayPort { get; set; } = 30000;

    /// <summary>
    /// Gets or sets the IP address that other silos and gateways use, with <c>cluster=mysql</c>. Default: that of the environment variable
    /// <c>POD_IP</c>, else the first of this machine that is not loopback. With <c>cluster=localhost</c> it is always 127.0.0.1.
    /// </summary>
    public string? Address { get; set; }

    /// <summary>Gets or sets the IP address to listen on, or <c>*</c> for all. Default: the address that other nodes use.</summary>
    public string? ListenAddress { get; set; }

    /// <summary>Gets or sets the port to listen on for other silos, if <see cref="SiloPort"/> is forwarded to it. Default 0: the same port.</summary>
    [Range(0, 65535)]
    public int ListenSiloPort { get; set; }

    /// <summary>Gets or sets the port to listen on for gateways, if <see cref="GatewayPort"/> is forwarded to it. Default 0: the same port.</summary>
    [Range(0, 65535)]
    public int ListenGatewayPort { get; set; }

    /// <summary>
    /// Gets or sets the port for <c>/livez</c>, <c>/readyz</c> and <c>/metrics</c>, in plain HTTP, at <see cref="ListenAddress"/> like the others.
    /// Default 0: none.
    /// </summary>
    [Range(0, 65535)]
    public int ManagementPort { get; set; }

    /// <summary>
    /// Gets or sets this silo's name for people, 1 to 150 characters. Default: the environment variable <c>POD_NAME</c>, otherwise machine and port.
    /// </summary>
    public string? Name { get; set; }

    /// <summary>
    /// Gets or sets the task. <c>apply</c>: create or update the tables of the cluster's members, and exit. Default: not set. On the command line
    /// <c>schema=</c>.
    /// </summary>
    public string? Schema { get; set; }

    /// <summary>Gets whether <see cref="Schema"/> is <c>apply</c>.</summary>
    internal bool AppliesSchema => Schema == "apply";
}
