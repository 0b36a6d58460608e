using System.Net.Sockets;
using Direct.Testing;
using Direct.Testing.Processes;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Life;

/// <summary>Represents a node under <c>ulimit -n 256</c>, with two members of a room, and with more other connections than it has descriptors.</summary>
public sealed class CrowdedNode : IAsyncLifetime
{
    public const int DescriptorLimit = 256;
    public const int Strangers = 400;

    private readonly List<ProtocolClient> _strangers = [];
    private NodeProcess? _process;
    private ProtocolClient? _first;
    private ProtocolClient? _second;

    public NodeProcess Process => _process!;

    /// <summary>Gets a member of room 1,2 that joined before the other connections arrived.</summary>
    public ProtocolClient First => _first!;

    public ProtocolClient Second => _second!;

    public int LetIn { get; private set; }

    public int RefusedByName { get; private set; }

    /// <summary>Gets the number of connections that were reset or never accepted.</summary>
    public int Dropped { get; private set; }

    public async ValueTask InitializeAsync()
    {
        // Runs without a silo: the embedded one needs more descriptors than the limit to load its assemblies and to listen.
        _process = await NodeProcess.StartAsync(new NodeOptions { Arguments = ["cluster=none"], DescriptorLimit = DescriptorLimit });
        _first = await ProtocolClient.ConnectWithTokenAsync(_process.Port);
        _second = await ProtocolClient.ConnectWithTokenAsync(_process.Port);
        await _first.JoinAsync(1, 2);
        await _second.JoinAsync(1, 2);
        await CrowdAsync();
    }

    public void SendTheCrowdAway()
    {
        _strangers.ForEach(stranger => stranger.Abort());
        _strangers.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        SendTheCrowdAway();
        await First.DisposeAsync();
        await Second.DisposeAsync();
        await Process.DisposeAsync();
    }

    public async Task<bool> LetsInAsync()
    {
        try
        {
            await using var client = await ProtocolClient.QueryAsync(Process.Port, HandshakeOptions.Default, TimeSpan.FromSeconds(2));
            await client.SendPingAsync(1);
            return client.Response.Status == 101 && (await client.ReceiveAsync(TimeSpan.FromSeconds(2))).IsPong;
        }
        catch (Exception exception) when (exception is IOException or TimeoutException or SocketException)
        {
            return false;
        }
    }

    private async Task CrowdAsync()
    {
        var waiting = new List<ProtocolClient>();
        for (var i = 0; i < Strangers; i++)
        {
            if (await TryOpenAsync() is not { } stranger)
            {
                continue; // the connection was dropped at once
            }

            _strangers.Add(stranger);
            if (await TrySendAsync(stranger, HandshakeOptions.Default.Render(Process.Port)))
            {
                waiting.Add(stranger);
            }
        }

        // All have connected by now. A connection without a response within this time waits in the queue of the kernel.
        var answers = await Task.WhenAll(waiting.Select(AnswerAsync));
        LetIn = answers.Count(answer => answer == "in");
        RefusedByName = answers.Count(answer => answer == "refused");
        Dropped = Strangers - LetIn - RefusedByName;
    }

    private static async Task<string> AnswerAsync(ProtocolClient stranger)
    {
        var limit = TimeSpan.FromSeconds(3);
        try
        {
            await stranger.ReadResponseAsync(limit);
            if (stranger.Response.Status != 101)
            {
                return "dropped";
            }

            await stranger.SendPingAsync(1);
            var frame = await stranger.ReceiveAsync(limit);
            return frame.IsPong ? "in" : frame.IsClose && frame.Status.Code == 4010 ? "refused" : "dropped";
        }
        catch (Exception exception) when (exception is IOException or TimeoutException)
        {
            return "dropped";
        }
    }

    private async Task<ProtocolClient?> TryOpenAsync()
    {
        try
        {
            return await ProtocolClient.OpenAsync(Process.Port);
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private static async Task<bool> TrySendAsync(ProtocolClient stranger, string text)
    {
        try
        {
            await stranger.SendRawAsync(System.Text.Encoding.ASCII.GetBytes(text));
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}

public sealed class DescriptorTests(CrowdedNode node) : IClassFixture<CrowdedNode>
{
    [Fact]
    public void Strangers_BeyondTheDescriptors_AreRefusedByNameAndNotLeftWaiting()
    {
        Assert.True(node.LetIn is > 0 and < CrowdedNode.DescriptorLimit, Counts());
        Assert.True(node.RefusedByName > 0, Counts());
    }

    [Fact]
    public async Task Node_WithoutDescriptors_DoesNotSpin()
    {
        var before = node.Process.ProcessorTime;
        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);

        Assert.InRange(node.Process.ProcessorTime - before, TimeSpan.Zero, TimeSpan.FromSeconds(0.6));
    }

    [Fact]
    public async Task Members_OfBefore_GoOn()
    {
        for (var i = 0; i < 20; i++)
        {
            await node.First.BroadcastAsync($"{i}");
            Assert.Equal($"{i}", await node.First.ReceiveTextAsync());
            Assert.Equal($"{i}", await node.Second.ReceiveTextAsync());
        }

        Assert.False(node.Process.HasExited);
    }

    private string Counts() => $"{node.LetIn} let in, {node.RefusedByName} refused by name, {node.Dropped} dropped or waiting";
}

public sealed class DescriptorRecoveryTests(CrowdedNode node) : IClassFixture<CrowdedNode>
{
    [Fact]
    public async Task Node_OnceTheCrowdHasLeft_LetsNewOnesInAndHasLostNobody()
    {
        node.SendTheCrowdAway();

        await Deadline.UntilAsync(
            "a new connection is let in", node.LetsInAsync, actual: () => string.Join('\n', node.Process.Output.TakeLast(20)));
        Assert.Equal(2, (await node.Process.SignalAsync("1,2,0", "after")).Delivered);
        Assert.Equal("after", await node.First.ReceiveTextAsync());
        Assert.Equal("after", await node.Second.ReceiveTextAsync());
        LogLines.AssertNone(node.Process.Output, line => line.StartsWith("crit:", StringComparison.Ordinal));
    }
}
