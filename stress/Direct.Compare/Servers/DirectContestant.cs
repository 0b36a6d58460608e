using Direct.Compare.Options;
using Direct.Compare.Scenarios;

namespace Direct.Compare.Servers;

/// <summary>One node of Direct without a cluster.</summary>
internal sealed class DirectContestant(Variant variant, Checkout checkout, Ports ports, string? cores) : Contestant(variant.Name)
{
    public override string Command => string.Join(' ', ["dotnet Direct.Gateway.dll port={port}", .. Arguments]);

    private IEnumerable<string> Arguments => ["cluster=none", "env=test", "Direct:Endpoints:Address=127.0.0.1", .. variant.Arguments];

    public override async Task<RunningServer> StartAsync(Scenario scenario, CancellationToken cancellationToken)
    {
        if (!File.Exists(checkout.GatewayAssembly))
        {
            throw new CompareException($"{checkout.GatewayAssembly} is not built; use stress/compare, which builds it");
        }

        var port = ports.Take();
        var securePort = scenario.IsTls ? ports.Take() : 0;
        string[] tls = scenario.IsTls
            ? [$"Kestrel:Endpoints:Wss:Url=https://127.0.0.1:{securePort}", .. Certificate.Arguments(checkout)]
            : [];
        var child = ChildProcess.Start([DotnetHost.Path, checkout.GatewayAssembly, $"port={port}", .. Arguments, .. tls], cores);
        try
        {
            await Readiness.AwaitReadyAsync(child, port, cancellationToken);
            var url = scenario.IsTls ? $"wss://127.0.0.1:{securePort}/!direct" : $"ws://127.0.0.1:{port}/!direct";
            return new RunningServer([child.Pid], [new Uri(url)], null, child);
        }
        catch
        {
            await child.DisposeAsync();
            throw;
        }
    }
}
