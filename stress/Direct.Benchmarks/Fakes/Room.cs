using System.Globalization;
using System.Net;
using System.Text;
using Direct.Edge.Backplane;
using Direct.Edge.Connections;
using Direct.Edge.Hosting;
using Direct.Edge.Identity;
using Direct.Edge.Topics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Direct.Benchmarks.Fakes;

/// <summary>Composes a node as in production, whose connections have sockets in memory and are in one room.</summary>
internal sealed class Room : IDisposable
{
    public const long Group = 7;
    public const long Channel = 1;

    private static readonly ClientAddress Nowhere = new("", IPAddress.None);

    private readonly WebApplication _app;
    private readonly ConnectionHub _hub;
    private readonly List<MemorySocket> _sockets = [];

    public Room(int members)
    {
        string[] arguments = ["env=test"];
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.AddDirectEdge(arguments);
        builder.AddInProcessBackplane();
        _app = builder.Build();
        _hub = _app.Services.GetRequiredService<ConnectionHub>();
        Index = _app.Services.GetRequiredService<TopicIndex>();
        for (var i = 0; i < members; i++)
        {
            Join();
        }
    }

    /// <summary>Gets the number of bytes that every member is expected to receive.</summary>
    public long ExpectedBytes { get; private set; }

    public TopicIndex Index { get; }

    /// <summary>Gets the member that joined first.</summary>
    public Connection Sender => _sockets[0].Connection;

    public MemorySocket this[int member] => _sockets[member];

    /// <summary>Publishes a signal to the room.</summary>
    public void Publish(ReadOnlySpan<byte> payload)
    {
        var target = new Target(Group, Channel, 0);
        Index.Publish(Topic.For(target), target, payload);
    }

    /// <summary>Adds to the bytes that every member is expected to receive.</summary>
    public void Expect(int bytes) => ExpectedBytes += bytes;

    /// <summary>Waits, without allocating, until every member has received all that is expected.</summary>
    public void AwaitDrained()
    {
        var wait = default(SpinWait);
        foreach (var socket in _sockets)
        {
            while (socket.TakenBytes < ExpectedBytes)
            {
                wait.SpinOnce(sleep1Threshold: -1);
            }
        }
    }

    public void Dispose() => ((IDisposable)_app).Dispose();

    private void Join()
    {
        var socket = new MemorySocket();
        var connection = _hub.Open(socket, Nowhere);
        Say(connection, string.Create(CultureInfo.InvariantCulture, $"test-token-{_sockets.Count}"));
        Say(connection, string.Create(CultureInfo.InvariantCulture, $"{Group},{Channel}"));
        socket.Forget();
        _sockets.Add(socket);
    }

    private static void Say(Connection connection, string text)
    {
        if (connection.Receive(ClientFrames.Text(Encoding.ASCII.GetBytes(text))).Pending is not null)
        {
            throw new InvalidOperationException($"A node in memory holds its input at '{text}'.");
        }
    }
}
