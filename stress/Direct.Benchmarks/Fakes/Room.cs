using System.Globalization;
using System.Net;
using System.Text;
using Direct.Edge.Backplane;
using Direct.Edge.Connections;
using Direct.Edge.Hosting;
using Direct.Edge.Identity;
using Direct.Edge.Keeping;
using Direct.Edge.Protocol;
using Direct.Edge.Rights;
using Direct.Edge.Topics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
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
    private readonly KeptTopics _kept;
    private readonly List<MemorySocket> _sockets = [];

    /// <param name="members">The number of members.</param>
    /// <param name="hasRights">Whether rights are looked up; then everyone has all of them, and they are cached for an hour.</param>
    /// <param name="speaksDirect2">Whether the members speak <c>direct.2</c>, so that messages are kept.</param>
    public Room(int members, bool hasRights = false, bool speaksDirect2 = false)
    {
        string[] rights = hasRights ? ["Direct:Rights:Mode=http", "Direct:Rights:Url=http://localhost/", "Direct:Rights:CacheFor=01:00:00"] : [];
        string[] arguments = ["env=test", "Direct:Connections:Direct2=true", .. rights];
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Configuration.AddCommandLine(arguments);
        builder.WebHost.UseKestrelCore();
        builder.AddDirectEdge(arguments);
        builder.AddInProcessBackplane();
        builder.Services.AddRightsSource(RightsMode.Http, static _ => new AllRights());
        _app = builder.Build();
        Rights = _app.Services.GetRequiredService<RoomRights>();
        _ = Rights.RunAsync(CancellationToken.None);
        _hub = _app.Services.GetRequiredService<ConnectionHub>();
        Index = _app.Services.GetRequiredService<TopicIndex>();
        _kept = _app.Services.GetRequiredService<KeptTopics>();
        for (var i = 0; i < members; i++)
        {
            Join(speaksDirect2);
        }
    }

    /// <summary>Gets the number of bytes that every member is expected to receive.</summary>
    public long ExpectedBytes { get; private set; }

    public TopicIndex Index { get; }

    public RoomRights Rights { get; }

    /// <summary>Gets the member that joined first.</summary>
    public Connection Sender => _sockets[0].Connection;

    public MemorySocket this[int member] => _sockets[member];

    /// <summary>Publishes a signal to the room.</summary>
    public void Publish(ReadOnlySpan<byte> payload)
    {
        var target = new Target(Group, Channel, 0);
        Index.Publish(Topic.For(target), target, payload);
    }

    /// <summary>Publishes a signal to the room as the backplane of a node does. Returns the bytes of its frame.</summary>
    public int PublishKept(ReadOnlySpan<byte> payload)
    {
        var target = new Target(Group, Channel, 0);
        var topic = Topic.For(target);
        _kept.Publish(topic, target, payload);
        Span<byte> header = stackalloc byte[MessageHeader.MaxBytes];
        return FrameWriter.FrameBytes(MessageHeader.Write(header, topic, _kept.Find(topic)!.Head) + payload.Length);
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

    private void Join(bool speaksDirect2)
    {
        var socket = new MemorySocket();
        var connection = _hub.Open(socket, Nowhere, speaksDirect2);
        if (speaksDirect2)
        {
            Say(connection, string.Create(CultureInfo.InvariantCulture, $"auth test-token\njoin {Group},{Channel}"));
        }
        else
        {
            Say(connection, string.Create(CultureInfo.InvariantCulture, $"test-token-{_sockets.Count}"));
            Say(connection, string.Create(CultureInfo.InvariantCulture, $"{Group},{Channel}"));
        }

        socket.Forget();
        _sockets.Add(socket);
    }

    private static void Say(Connection connection, string text)
    {
        if (connection.Receive(ClientFrames.Text(Encoding.ASCII.GetBytes(text))).Pending?.Wait(TimeSpan.FromSeconds(10)) == false)
        {
            throw new InvalidOperationException($"A node in memory holds its input at '{text}'.");
        }
    }
}
