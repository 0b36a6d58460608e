using Direct.Testing.Processes;

namespace Direct.Node.Tests.Transports;

/// <summary>Represents two nodes with equal settings, one on each transport. Both must answer every request in the same way.</summary>
public class TwoNodes : IAsyncLifetime
{
    private const int AtATime = 24;

    public TwoNodes()
        : this([])
    {
    }

    protected TwoNodes(params string[] arguments)
    {
        // Runs without a silo, because scripts must have one outcome: through a silo, a sender that is closed may or may not receive its last broadcast.
        arguments = ["cluster=none", .. arguments];
        Kestrel = new TransportNode("transport=kestrel", arguments);
        Direct = new TransportNode(DirectTransport.ArgumentIfThere, arguments);
    }

    public TransportNode Kestrel { get; }

    public TransportNode Direct { get; }

    /// <summary>Returns the node of a transport by name, for tests that run on each.</summary>
    public NodeProcess Of(string transport)
    {
        _ = DirectTransport.Argument(transport); // skips the test on systems without this transport
        return (transport == "kestrel" ? Kestrel : Direct).Process;
    }

    public async ValueTask InitializeAsync()
    {
        await Kestrel.InitializeAsync();
        await Direct.InitializeAsync();
    }

    /// <summary>Runs each script on both nodes and asserts that the outcomes are equal. Returns the outcomes by name.</summary>
    public async Task<IReadOnlyDictionary<string, string>> AssertAlikeAsync(IReadOnlyDictionary<string, Script> scripts)
    {
        DirectTransport.SkipElsewhere();
        var outcomes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var differences = new List<string>();
        await Parallel.ForEachAsync(scripts, new ParallelOptions { MaxDegreeOfParallelism = AtATime }, async (script, _) =>
        {
            var both = await Task.WhenAll(OutcomeAsync(Kestrel, script.Value), OutcomeAsync(Direct, script.Value));
            lock (differences)
            {
                outcomes.Add(script.Key, both[0]);
                if (both[0] != both[1])
                {
                    differences.Add($"=== {script.Key}\n--- sent:\n{script.Value}\n--- kestrel:\n{both[0]}\n--- direct:\n{both[1]}\n");
                }
            }
        });

        Assert.True(differences.Count == 0, $"{differences.Count} of {scripts.Count} differ:\n{string.Join('\n', differences)}");
        return outcomes;
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        try
        {
            await Kestrel.DisposeAsync();
        }
        finally
        {
            await Direct.DisposeAsync();
        }
    }

    private static async Task<string> OutcomeAsync(TransportNode node, Script script)
    {
        try
        {
            return await Exchange.RunAsync(node.Port, script);
        }
        catch (TimeoutException exception)
        {
            return exception.Message; // comparing it with the outcome of the other node shows whether a timeout is correct
        }
    }
}
