using Direct.Compare.Options;
using Direct.Compare.Scenarios;

namespace Direct.Compare.Servers;

/// <summary>Starts one process of Direct: a node without a silo, or a gateway with a silo in its process, as <c>./run</c> starts it.</summary>
internal sealed class DirectServerUnderTest : ServerUnderTest
{
    /// <summary>Specifies the name of the gateway with an embedded silo.</summary>
    public const string EmbeddedName = "embedded";

    private readonly IReadOnlyList<string> _arguments;
    private readonly Checkout _checkout;
    private readonly Ports _ports;
    private readonly string? _cores;

    private DirectServerUnderTest(string name, IEnumerable<string> arguments, Checkout checkout, Ports ports, string? cores)
        : base(name)
    {
        _arguments = [.. arguments];
        _checkout = checkout;
        _ports = ports;
        _cores = cores;
    }

    public override string Command => string.Join(' ', ["dotnet", _checkout.GatewayAssembly, "port={port}", .. _arguments]);

    /// <summary>Creates a single node without a silo: <c>cluster=none</c>.</summary>
    public static DirectServerUnderTest OneNode(Variant variant, Checkout checkout, Ports ports, string? cores) =>
        new(variant.Name, ["cluster=none", .. Common(variant)], checkout, ports, cores);

    /// <summary>Creates a gateway with a silo in the same process, which is the default.</summary>
    public static DirectServerUnderTest Embedded(Variant variant, Checkout checkout, Ports ports, string? cores) =>
        new(EmbeddedName, Common(variant), checkout, ports, cores);

    public override async Task<RunningServer> StartAsync(Scenario scenario, CancellationToken cancellationToken)
    {
        if (!File.Exists(_checkout.GatewayAssembly))
        {
            throw new CompareException($"{_checkout.GatewayAssembly} is not built; use stress/compare, which builds it");
        }

        var port = _ports.Take();
        var securePort = scenario.IsTls ? _ports.Take() : 0;
        string[] tls = scenario.IsTls
            ? [$"Kestrel:Endpoints:Wss:Url=https://127.0.0.1:{securePort}", .. Certificate.Arguments(_checkout)]
            : [];
        var child = ChildProcess.Start([DotnetHost.Path, _checkout.GatewayAssembly, $"port={port}", .. _arguments, .. tls], _cores);
        try
        {
            await Readiness.AwaitReadyAsync(child, port, cancellationToken);
            var url = scenario.IsTls ? $"wss://127.0.0.1:{securePort}/!direct" : $"ws://127.0.0.1:{port}/!direct";
            return new RunningServer([child.Pid], [new Uri(url)], [], child);
        }
        catch
        {
            await child.DisposeAsync();
            throw;
        }
    }

    private static string[] Common(Variant variant) => ["env=test", "Direct:Endpoints:Address=127.0.0.1", .. variant.Arguments];
}
