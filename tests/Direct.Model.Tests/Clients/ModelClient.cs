using System.Globalization;
using System.Text;
using Direct.Edge.Topics;
using Direct.Keeping;
using Direct.Model.Tests.Processes;
using Direct.Model.Tests.Simulation;

namespace Direct.Model.Tests.Clients;

/// <summary>
/// Represents a client of direct.2 that remembers its positions as docs/protocol2.md tells it to, and comes back to any gateway when its connection has ended.
/// </summary>
internal sealed class ModelClient(ModelWorld world, string name, long userId, RoomId room)
{
    private static readonly TimeSpan JoinsWithin = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan LetGoWithin = TimeSpan.FromSeconds(15); // the linger, and a second holder that is asked then

    private readonly Dictionary<string, TopicView> _views = [];
    private ClientSocket? _socket;
    private bool _isHandling;
    private bool _hasLeft; // it has been told so, and not joined again
    private int _attempt;
    private long _leftAt = long.MinValue / 2;

    public SimulatedProcess Process => world.Clients;

    /// <summary>Gets the gateway that it is connected with, as far as it knows.</summary>
    public ModelGateway? Gateway => _socket is { IsOver: false } socket ? socket.Gateway : null;

    /// <summary>Gets the last gateway that it was connected with.</summary>
    public ModelGateway? LastGateway => _socket?.Gateway;

    /// <summary>Gets whether its room is joined, and its topics are received.</summary>
    public bool IsJoined { get; private set; }

    public bool HasFailed => world.Error is not null;

    public IEnumerable<string> Parts => PartsOf(room).Append("0,0,0").Append($"0,0,{userId}");

    /// <summary>Gets or sets whether it reads nothing for now.</summary>
    public bool IsSlow { get; set; }

    /// <summary>Gets or sets whether it stays away for now.</summary>
    public bool IsAway { get; set; }

    public TopicView ViewOf(string part) => _views.TryGetValue(part, out var view) ? view : _views[part] = new TopicView(this, part);

    public string Short(Stamp stamp) => world.Cluster.Logs.Short(stamp.Epoch, stamp.Offset);

    /// <summary>Returns whether a message is for this client, and must arrive.</summary>
    public bool MustReceive(int number) => world.Messages[number - 1] is var message && Matches(message.Target) && world.MustArrive(message);

    public bool Matches(Target target) => target is { Group: 0, Channel: 0 }
        ? target.User == 0 || target.User == userId
        : target.Matches(room.Group, room.Channel, target.User) && (target.User == 0 || target.User == userId);

    /// <summary>Gets whether it has left its room for a while, and is still connected. What it receives there meanwhile was under way.</summary>
    public bool IsOut { get; private set; }

    /// <summary>Gets whether its gateway may still let go what it has left.</summary>
    public bool HasLeftLately => IsOut || world.Scheduler.Now - _leftAt < LetGoWithin.Ticks;

    /// <summary>Gets or sets whether it does not leave its room any more.</summary>
    public bool IsSettled { get; set; }

    /// <summary>Leaves the room now and then, and joins it again on the same connection. It forgets its positions there, so it does not ask for what it has missed.</summary>
    public async Task WanderAsync()
    {
        while (true)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(world.Random.Next(500, 30_000)), Process.Clock);
            if (IsSettled || IsSlow || !IsJoined || !world.MayLeave || _socket is not { IsGone: false } socket)
            {
                continue;
            }

            world.Cluster.Trace.Add($"{name} leaves");
            (IsOut, IsJoined, _leftAt) = (true, false, world.Scheduler.Now);
            foreach (var part in PartsOf(room))
            {
                ViewOf(part).Forget();
            }

            socket.SendLater(string.Create(CultureInfo.InvariantCulture, $"leave {room.Group},{room.Channel}"));
            await Task.Delay(TimeSpan.FromMilliseconds(world.Random.Next(2) == 0 ? world.Random.Next(1, 200) : world.Random.Next(3000, 25_000)), Process.Clock);
            if (IsOut)
            {
                world.Cluster.Trace.Add($"{name} joins again");
                socket.SendLater(string.Create(CultureInfo.InvariantCulture, $"join {room.Group},{room.Channel}"));
            }
        }
    }

    /// <summary>Connects to any gateway, and again whenever the connection has ended.</summary>
    public async Task RunAsync()
    {
        while (true)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(world.Random.Next(3) == 0 ? world.Random.Next(1, 2000) : world.Random.Next(1, 50)), Process.Clock);
            if (IsAway || Gateway is not null || world.AnyGateway() is not { } gateway)
            {
                continue;
            }

            Connect(gateway);
            var attempt = ++_attempt;
            for (var waited = TimeSpan.Zero; waited < JoinsWithin && !IsJoined && Gateway is not null; waited += TimeSpan.FromMilliseconds(250))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(250), Process.Clock);
            }

            if (!IsJoined && !IsOut && attempt == _attempt && !IsSlow)
            {
                Lose("it has waited long enough");
            }

            while (Gateway is not null)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(250), Process.Clock);
            }
        }
    }

    /// <summary>Loses the connection.</summary>
    public void Lose(string why)
    {
        if (_socket is { IsOver: false })
        {
            world.Cluster.Trace.Add($"{name} is lost: {why}");
            (IsJoined, IsOut, _hasLeft) = (false, false, false);
            _socket.End();
        }
    }

    /// <summary>Reads again what it has not read.</summary>
    public void ReadAll()
    {
        IsSlow = false;
        _socket?.OpenWide();
        HandleSoon();
    }

    public override string ToString() => name;

    private static IEnumerable<string> PartsOf(RoomId room)
    {
        foreach (var topic in room.Topics)
        {
            yield return topic.Kind is TopicKind.Channel ? $"0,{topic.Id},0" : $"{topic.Id},{topic.ChannelId},0";
        }
    }

    private bool IsOutOf(string part) => IsOut && PartsOf(room).Contains(part);

    private void Connect(ModelGateway gateway)
    {
        var text = new StringBuilder($"auth {userId}");
        foreach (var part in Parts)
        {
            if (ViewOf(part).Position is { } position)
            {
                text.Append(CultureInfo.InvariantCulture, $"\nsince {part} {position}");
            }
        }

        text.Append(CultureInfo.InvariantCulture, $"\njoin {room.Group},{room.Channel}");
        if (world.Cluster.Trace.IsWanted)
        {
            world.Cluster.Trace.Add($"{name} connects to {gateway.Process}: {string.Join(' ', Parts.Select(part => $"{part}={(ViewOf(part).Position is null ? "-" : Short(ViewOf(part).Stamp))}"))}");
        }

        (IsJoined, IsOut, _hasLeft) = (false, false, false);
        _socket = new ClientSocket(gateway, HandleSoon) { Room = IsSlow ? world.Random.Next(2000) : int.MaxValue };
        _socket.Open(speaksDirect2: true, text.ToString());
    }

    private void HandleSoon()
    {
        if (!_isHandling)
        {
            _isHandling = true;
            Process.Post(Handle);
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
                Lose("the gateway has closed");
                return;
            }

            Handle(text);
        }

        if (socket.IsAborted)
        {
            Lose("the gateway has dropped it");
        }
    }

    private void Handle(string text)
    {
        var line = text.Split('\n', 2);
        var words = line[0].Split(' ');
        switch (words[0])
        {
            case "welcome" or "ok":
                return;
            case "left":
                _hasLeft = true;
                return;
            case "joined" when _hasLeft:
                (IsJoined, IsOut, _hasLeft) = (true, false, false);
                return;
            case "joined":
                return;
            case "error":
                Lose(line[0]);
                return;
            case "at":
                world.Cluster.Trace.Add($"{name} < at {words[1]} {Short(StampOf(words[2]))}");
                if (IsOutOf(words[1]) && !_hasLeft)
                {
                    return;
                }

                ViewOf(words[1]).At(words[2], StampOf(words[2]), world.NextMoment());
                IsJoined |= !IsOut && words[1] == $"0,0,{userId}"; // the last of the answers to a first message
                return;
            case "gap":
                world.Cluster.Trace.Add($"{name} < gap {words[1]} {Short(StampOf(words[2]))}");
                if (IsOutOf(words[1]))
                {
                    return;
                }

                world.CountGap(this, words[1]);
                ViewOf(words[1]).Gap(words[2], StampOf(words[2]), world.NextMoment());
                return;
            default:
                Receive(words[0], words[1], int.Parse(line[1].Split(':')[0], CultureInfo.InvariantCulture));
                return;
        }
    }

    private void Receive(string part, string position, int number)
    {
        world.Cluster.Trace.Add($"{name} < {part} {Short(StampOf(position))}: {number}");
        var message = world.Messages[number - 1];
        if (message.Part != part || !Matches(message.Target))
        {
            world.Fail($"{name} has received {message} in {part}, and it is for {message.Target}");
        }

        world.Received++;
        if (IsOutOf(part) && ViewOf(part).Position is null)
        {
            return;
        }

        if (ViewOf(part).Receive(position, StampOf(position), number) is { } error)
        {
            world.Fail(error);
        }
    }

    private static Stamp StampOf(string text) => Position.TryParse(Encoding.ASCII.GetBytes(text), out var stamp) ? stamp : Stamp.None;
}
