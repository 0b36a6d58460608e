using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Direct.Cluster.Tests.Clusters;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Cluster.Tests.Rights;

/// <summary>Represents a client of either dialect that reads all the time and records what it gets.</summary>
internal sealed class RoomMember : IAsyncDisposable
{
    private const int NotAllowed = 4502;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ProtocolClient _client;
    private readonly bool _speaksDirect2;
    private readonly ConcurrentQueue<string> _messages = new();
    private readonly ConcurrentQueue<long> _refusals = new();
    private readonly TaskCompletionSource _removed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _reading;
    private TaskCompletionSource<bool>? _joining;

    private RoomMember(ProtocolClient client, bool speaksDirect2)
    {
        (_client, _speaksDirect2) = (client, speaksDirect2);
        _reading = ReadAsync();
    }

    /// <summary>Gets the messages to its rooms, in their order.</summary>
    public IReadOnlyCollection<string> Messages => _messages;

    /// <summary>Completes when it learns for the first time that it may not be in a room.</summary>
    public Task Removed => _removed.Task;

    /// <summary>Gets the times at which it learned that it may not be in a room: those of <see cref="Stopwatch"/>.</summary>
    public IReadOnlyCollection<long> Refusals => _refusals;

    public static async Task<RoomMember> ConnectAsync(GatewayHost gateway, long user, bool speaksDirect2) =>
        new(speaksDirect2 ? await gateway.ConnectDirect2Async(user) : (await gateway.ConnectAsync(user)).Client, speaksDirect2);

    /// <summary>Connects and joins a room, in which the user must have the right to be.</summary>
    public static async Task<RoomMember> JoinAsync(GatewayHost gateway, long user, bool speaksDirect2, long group, long channel)
    {
        var member = await ConnectAsync(gateway, user, speaksDirect2);
        Assert.True(await member.TryJoinAsync(group, channel), $"user {user} may not join {group},{channel}");
        return member;
    }

    /// <summary>Joins a room. Completes when the join is in force, or with false when it is refused because the user has no right.</summary>
    public async Task<bool> TryJoinAsync(long group, long channel)
    {
        var joining = _joining = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            var room = string.Create(CultureInfo.InvariantCulture, $"{group},{channel}");
            await _client.SendTextAsync(_speaksDirect2 ? $"join {room}" : room);
            if (!_speaksDirect2)
            {
                await _client.SendPingAsync(); // answered when the join is in force
            }
        }
        catch (IOException)
        {
            // Refused before the ping was sent.
        }

        return await joining.Task.WaitAsync(Deadline.Default);
    }

    /// <summary>Broadcasts to a room that it has joined.</summary>
    public Task SayAsync(long group, long channel, string text) =>
        _client.SendTextAsync(_speaksDirect2 ? string.Create(CultureInfo.InvariantCulture, $"say {group},{channel}\n{text}") : $":{text}");

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _reading.WaitAsync(Deadline.Default).ContinueWith(static _ => { }, TaskScheduler.Default); // a socket that is disposed may fail the read
    }

    private async Task ReadAsync()
    {
        while (true)
        {
            var frame = await _client.ReceiveAsync(Patience);
            if (frame.IsEnd)
            {
                _joining?.TrySetException(new UnexpectedFrameException($"the connection ended while it joined: {frame}"));
                return;
            }

            if (frame.IsClose)
            {
                Refused(frame.Status.Code);
            }
            else if (frame.IsPong)
            {
                _joining?.TrySetResult(true);
            }
            else if (_speaksDirect2)
            {
                Handle(frame.Text);
            }
            else
            {
                _messages.Enqueue(frame.Text);
            }
        }
    }

    private void Handle(string text)
    {
        var words = text.Split('\n')[0].Split(' ');
        switch (words[0])
        {
            case "joined":
                _joining?.TrySetResult(true);
                break;
            case "left" when words[2] == "4502": // before the answer to a join that may have begun since
                CountRefusal();
                break;
            case "error" when words[3] == "join":
                Refused(int.Parse(words[2], CultureInfo.InvariantCulture));
                break;
            case "error" or "at" or "gap" or "ok":
                break;
            default:
                _messages.Enqueue(text.Split('\n', 2)[1]);
                break;
        }
    }

    private void CountRefusal()
    {
        _refusals.Enqueue(Stopwatch.GetTimestamp());
        _removed.TrySetResult();
    }

    private void Refused(int code)
    {
        if (code == NotAllowed)
        {
            CountRefusal();
            _joining?.TrySetResult(false);
        }
        else
        {
            _joining?.TrySetException(new UnexpectedFrameException($"4502 expected, got {code}"));
        }
    }
}
