using System.Globalization;
using System.Net;
using Direct.Testing;
using Direct.Testing.Processes;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Nodes;

/// <summary>
/// Represents a node that the tests of one class share. The tests run one after the other, each with separate group and channel numbers. Disposing
/// asserts that the node ran until then without an error in its log.
/// </summary>
public class TestNode : IAsyncLifetime
{
    private readonly string[] _arguments;
    private NodeProcess? _process;
    private long _lastNumber = 1_000_000;
    private long _lastUser;

    public TestNode()
        : this("Direct:Connections:Direct2=true")
    {
    }

    protected TestNode(params string[] arguments) => _arguments = arguments;

    public NodeProcess Process => _process ?? throw new InvalidOperationException("not started");

    public int Port => Process.Port;

    /// <summary>Returns a group or channel number that no other test of this node uses.</summary>
    public long NewNumber() => Interlocked.Increment(ref _lastNumber);

    public async ValueTask InitializeAsync() => _process = await NodeProcess.StartAsync(_arguments);

    /// <summary>Opens a connection with a handshake only.</summary>
    public Task<ProtocolClient> ConnectAsync(HandshakeOptions? options = null) => ProtocolClient.ConnectAsync(Port, options);

    /// <summary>Opens a connection and sends its token.</summary>
    public Task<ProtocolClient> EnterAsync(HandshakeOptions? options = null) => ProtocolClient.ConnectWithTokenAsync(Port, options: options);

    /// <summary>Opens a connection, sends its token, and joins.</summary>
    public async Task<ProtocolClient> JoinAsync(long group, long channel, HandshakeOptions? options = null)
    {
        var client = await EnterAsync(options);
        await client.JoinAsync(group, channel);
        return client;
    }

    /// <summary>Opens a connection that speaks <c>direct.2</c>, and joins. Everything that it is told by then has been received.</summary>
    public async Task<ProtocolClient> JoinDirect2Async(long group, long channel)
    {
        var client = await ConnectAsync(HandshakeOptions.Direct2);
        await client.SendTextAsync($"auth token\njoin {group},{channel}");
        await client.ReceiveUntilAsync(Direct2Texts.IsLastOfFirst);
        return client;
    }

    /// <summary>Returns a connection in a separate room, with its user id (of <c>env=test</c>).</summary>
    public async Task<Member> MemberAsync(long? group = null, long? channel = null)
    {
        var (ownGroup, ownChannel) = (NewNumber(), NewNumber());
        var client = await JoinAsync(ownGroup, ownChannel);

        // Test ids are ascending, so the next one is found quickly.
        var user = Interlocked.Read(ref _lastUser) + 1;
        for (; (await SignalAsync(ownGroup, ownChannel, user, "who")).Delivered == 0; user++)
        {
            Assert.InRange(user - _lastUser, 0, 100_000);
        }

        Interlocked.Exchange(ref _lastUser, user);
        Assert.Equal("who", await client.ReceiveTextAsync());
        if (group is not null || channel is not null)
        {
            await client.JoinAsync(group ?? 0, channel ?? 0);
        }

        return new Member(client, group ?? ownGroup, channel ?? ownChannel, user);
    }

    /// <summary>Sends a signal and asserts that it is accepted.</summary>
    public async Task<SignalReceipt> SignalAsync(long group, long channel, long user, string message)
    {
        var receipt = await Process.SignalAsync(string.Create(CultureInfo.InvariantCulture, $"{group},{channel},{user}"), message);
        Assert.True(receipt is { Status: HttpStatusCode.OK, Delivered: not null }, $"a receipt expected, got {receipt}");
        return receipt;
    }

    /// <summary>Returns the number of connections that match the target.</summary>
    public async Task<int> CountAsync(long group, long channel, long user) => (await SignalAsync(group, channel, user, "count")).Delivered!.Value;

    /// <summary>Waits until the connections of earlier tests have left the index.</summary>
    public Task WaitUntilEmptyAsync() => WaitForCountAsync(0);

    public async Task WaitForCountAsync(int expected)
    {
        var last = -1;
        await Deadline.UntilAsync(
            $"{expected} connections with a token on {Port}",
            async () => (last = await CountAsync(0, 0, 0)) == expected,
            actual: () => $"{last} are there");
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_process is null)
        {
            return;
        }

        var (exited, output) = (_process.HasExited, _process.Output);
        await _process.DisposeAsync();
        Assert.False(exited, $"the node ended by itself:\n{string.Join('\n', output.TakeLast(100))}");
        LogLines.AssertNone(output, IsError);
    }

    private static bool IsError(string line) =>
        LogLines.IsError(line) || line.Contains("Unhandled exception", StringComparison.Ordinal);
}
