using System.Globalization;
using Direct.Edge.Topics;
using Direct.Model.Tests.Checks;
using Direct.Model.Tests.Processes;

namespace Direct.Model.Tests.Clients;

/// <summary>
/// Represents a client of the original dialect, which receives what is sent while it is in a room. It comes back to any gateway, and then knows nothing of before.
/// </summary>
internal sealed class ModelOriginal(ModelWorld world, string name, long userId, RoomId room)
{
    // By then a join is in force, if the connection still is.
    private static readonly TimeSpan JoinedWithin = TimeSpan.FromSeconds(20);

    private readonly HashSet<int> _seen = [];
    private ClientSocket? _socket;
    private long _since = long.MaxValue; // the moment since which every message must arrive
    private bool _isHandling;

    /// <summary>Gets the gateway that it is connected with, as far as it knows.</summary>
    public ModelGateway? Gateway => _socket is { IsOver: false } socket ? socket.Gateway : null;

    public async Task RunAsync()
    {
        while (true)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(world.Random.Next(1, 1000)), world.Clients.Clock);
            if (Gateway is not null || world.AnyGateway() is not { } gateway)
            {
                continue;
            }

            world.Cluster.Trace.Add($"{name} connects to {gateway.Process}");
            _seen.Clear();
            var socket = _socket = new ClientSocket(gateway, HandleSoon);
            socket.Open(speaksDirect2: false, $"{userId}", string.Create(CultureInfo.InvariantCulture, $"{room.Group},{room.Channel}"));
            await Task.Delay(JoinedWithin, world.Clients.Clock);
            if (!socket.IsGone)
            {
                _since = world.NextMoment();
            }
        }
    }

    /// <summary>Loses the connection.</summary>
    public void Lose()
    {
        if (_socket is { IsOver: false })
        {
            world.Cluster.Trace.Add($"{name} is lost");
            _since = long.MaxValue;
            _socket.End();
        }
    }

    /// <summary>Returns what is wrong after everything was read; null if nothing is.</summary>
    public string? FindError() =>
        Gateway is not null && world.Messages.Find(message => message.SentAt > _since && Matches(message.Target) && world.MustArrive(message) && !_seen.Contains(message.Number)) is { } lost
            ? $"{name} has not received {lost}"
            : null;

    private bool Matches(Target target) => target.User != 0 ? target.User == userId : target is { Group: 0, Channel: 0 } || target.Matches(room.Group, room.Channel, 0);

    private void HandleSoon()
    {
        if (!_isHandling)
        {
            _isHandling = true;
            world.Clients.Post(Handle);
        }
    }

    private void Handle()
    {
        _isHandling = false;
        if (_socket is not { IsOver: false } socket)
        {
            return;
        }

        foreach (var text in socket.TakeTexts())
        {
            if (text is null)
            {
                Lose();
                return;
            }

            var number = ModelLogs.NumberOf(System.Text.Encoding.ASCII.GetBytes(text));
            world.Cluster.Trace.Add($"{name} < {number}");
            world.Received++;
            if (!_seen.Add(number))
            {
                world.Fail($"{name} has received message {number} twice");
            }
        }

        if (socket.IsAborted)
        {
            Lose();
        }
    }
}
