using System.Globalization;
using System.Net;
using System.Text;
using Direct.Edge.Connections;
using Direct.Edge.Identity;
using Direct.Edge.Topics;
using Direct.Keeping;
using Direct.Testing.WebSockets;

namespace Direct.Edge.Tests.Resuming;

/// <summary>
/// Represents a client that remembers its positions as docs/protocol2.md tells it to, and that checks all it receives against the logs of the model.
/// </summary>
internal sealed class ModelClient(ModelWorld world, string name, long userId, RoomId[] home)
{
    private static readonly ClientAddress Address = new("127.0.0.1", IPAddress.Loopback);

    private readonly Dictionary<string, View> _views = [];
    private readonly HashSet<int> _seen = [];
    private readonly HashSet<RoomId> _joined = [];
    private readonly HashSet<RoomId> _visited = [.. home];
    private ModelSocket _socket = new();
    private Task _sending = Task.CompletedTask;
    private byte[] _input = [];

    public Connection? Connection { get; private set; }

    public bool IsConnected => Connection is { CloseReason: null };

    public bool IsIdle => _sending.IsCompleted;

    public IReadOnlyCollection<RoomId> Joined => _joined;

    private RoomId[] Home => home;

    private ModelWorld World => world;

    /// <summary>Returns whether the client never leaves a room.</summary>
    public bool IsHome(RoomId room) => home.Contains(room);

    public override string ToString() => name;

    /// <summary>Connects, and comes back to its home rooms in its first message.</summary>
    public void Connect(int socketRoom)
    {
        _socket = new ModelSocket { Room = socketRoom };
        Connection = world.Gateway.Hub.Open(_socket, Address, speaksDirect2: true);
        _socket.Attach(Connection);
        _input = [];
        _joined.Clear();
        _joined.UnionWith(home);
        foreach (var view in _views.Values)
        {
            view.Disconnect();
        }

        var text = new StringBuilder($"auth {userId}");
        foreach (var part in home.SelectMany(PartsOf).Append("0,0,0").Append($"0,0,{userId}").Distinct())
        {
            Begin(part, isNewConnection: true, text);
        }

        Array.ForEach(home, room => text.Append(CultureInfo.InvariantCulture, $"\njoin {room.Group},{room.Channel}"));
        Send(text.ToString());
    }

    /// <summary>Joins another room.</summary>
    public void Join(RoomId room)
    {
        var known = _joined.SelectMany(PartsOf).ToHashSet();
        var text = new StringBuilder();
        foreach (var part in PartsOf(room).Where(part => !known.Contains(part)))
        {
            Begin(part, isNewConnection: false, text);
        }

        _joined.Add(room);
        _visited.Add(room);
        Send($"{text}\njoin {room.Group},{room.Channel}".TrimStart('\n'));
    }

    /// <summary>Leaves a room, and comes back at once if <paramref name="andJoins"/>.</summary>
    public void Leave(RoomId room, bool andJoins)
    {
        _joined.Remove(room);
        var kept = _joined.SelectMany(PartsOf).ToHashSet();
        foreach (var part in PartsOf(room).Where(part => !kept.Contains(part)))
        {
            _views[part].HasLeft = true;
        }

        Send($"leave {room.Group},{room.Channel}");
        if (andJoins && IsIdle)
        {
            Join(room);
        }
    }

    public void Say(RoomId room, string text) => Send($"say {room.Group},{room.Channel}\n{text}");

    public void Read(int bytes) => _socket.Open(bytes);

    public void Lose()
    {
        world.History.Add($"{name} is lost");
        _ = Connection!.EndAsync();
    }

    /// <summary>Handles what has arrived.</summary>
    public void Handle()
    {
        foreach (var text in _socket.TakeTexts())
        {
            world.History.Add($"{name} < {text.Split(':')[0]}");
            var line = text.Split('\n', 2);
            var words = line[0].Split(' ');
            switch (words[0])
            {
                case "welcome" or "joined" or "left" or "ok":
                    break;
                case "at":
                    ViewOf(words[1]).At(StampOf(words[2]));
                    break;
                case "gap":
                    ViewOf(words[1]).Gap(StampOf(words[2]));
                    break;
                default:
                    Assert.True(line.Length == 2 && words.Length == 2, $"{name} received '{text}'");
                    Message(words[0], StampOf(words[1]), int.Parse(line[1].Split(':')[0], CultureInfo.InvariantCulture));
                    break;
            }
        }
    }

    /// <summary>Checks that nothing is missing, after everything was read.</summary>
    public void CheckComplete()
    {
        Assert.True(IsIdle, $"{name} still waits");
        foreach (var part in _joined.SelectMany(PartsOf).Append("0,0,0").Append($"0,0,{userId}").Distinct())
        {
            var head = world.Gateway.Kept.Find(TopicOf(part))!.Head;
            ViewOf(part).Advance(head, "the end");
        }
    }

    private static IEnumerable<string> PartsOf(RoomId room)
    {
        foreach (var topic in room.Topics)
        {
            yield return topic.Kind is TopicKind.Channel ? $"0,{topic.Id},0" : $"{topic.Id},{topic.ChannelId},0";
        }
    }

    private static Topic TopicOf(string part) => Target.TryParse(part, out var target) ? Topic.For(target) : throw new InvalidOperationException(part);

    private static Stamp StampOf(string text)
    {
        Assert.True(Position.TryParse(Encoding.ASCII.GetBytes(text), out var stamp), $"'{text}' is no position of a kept topic");
        return stamp;
    }

    private View ViewOf(string part) => _views.TryGetValue(part, out var view) ? view : _views[part] = new View(this, part);

    // Names its position, or forgets it, or names nonsense.
    private void Begin(string part, bool isNewConnection, StringBuilder text)
    {
        var view = ViewOf(part);
        var choice = world.Random.Next(20);
        if (view.Position is { } position && choice > 1)
        {
            Span<byte> written = stackalloc byte[Position.MaxBytes];
            text.Append(CultureInfo.InvariantCulture, $"\nsince {part} {Encoding.ASCII.GetString(written[..Position.Write(written, position)])}");
            view.Resume(isNewConnection);
        }
        else if (choice == 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nsince {part} {world.Nonsense()}");
            view.ExpectGap(isNewConnection);
        }
        else
        {
            view.Forget(isNewConnection);
        }
    }

    private void Message(string part, Stamp stamp, int number)
    {
        var message = world.LogOf(part).Messages.SingleOrDefault(message => message.Number == number);
        Assert.True(message.Number != 0, $"{name} received {number} in {part}, which was not published there");
        Assert.True(message.Stamp == stamp, $"{name} received {number} in {part} with {stamp}, but it is {message.Stamp}");
        Assert.True(_seen.Add(number), $"{name} received {number} in {part} twice");
        Assert.True(Matches(message.Target, _visited), $"{name} received {number}, which is for {message.Target}");
        ViewOf(part).Receive(stamp, number);
    }

    private static bool Matches(Target target, IEnumerable<RoomId> rooms) =>
        target is { Group: 0, Channel: 0 } || rooms.Any(room => target.Matches(room.Group, room.Channel, target.User));

    private void Send(string text)
    {
        world.History.Add($"{name} > {text.Split(':')[0]}");
        _input = [.. _input, .. ClientFrame.Text(text).Encode()];
        _sending = SendAsync(Connection!);
    }

    private async Task SendAsync(Connection connection)
    {
        while (true)
        {
            var reception = connection.Receive(_input);
            _input = _input[reception.Consumed..];
            if (reception.Pending is null)
            {
                return;
            }

            await reception.Pending;
        }
    }

    /// <summary>Represents what a client knows of one topic.</summary>
    private sealed class View(ModelClient client, string part)
    {
        private readonly List<Expectation> _joins = []; // those that are not answered by 'at' yet

        private enum Expectation
        {
            /// <summary>No gap.</summary>
            Continues,

            /// <summary>A gap, or none.</summary>
            MayGap,

            /// <summary>A gap.</summary>
            MustGap,

            /// <summary>No gap, and messages are missing.</summary>
            IsFresh,
        }

        /// <summary>Gets the last position; null if the client has none.</summary>
        public Stamp? Position { get; private set; }

        /// <summary>Gets or sets whether the client has left the topic, which then is kept for a short time only.</summary>
        public bool HasLeft { get; set; }

        /// <summary>Forgets the joins of the last connection, which are not answered any more.</summary>
        public void Disconnect() => _joins.Clear();

        public void Resume(bool isNewConnection) =>
            Begin(HasLeft || !client.World.IsGenerous ? Expectation.MayGap : Expectation.Continues, isNewConnection, Position);

        public void Forget(bool isNewConnection) => Begin(Expectation.IsFresh, isNewConnection, null);

        public void ExpectGap(bool isNewConnection) => Begin(Expectation.MustGap, isNewConnection, null);

        public void Gap(Stamp position)
        {
            Assert.True(_joins is [Expectation.MayGap or Expectation.MustGap, ..], $"{client} has a gap in {part} without a reason");
            _joins[0] = Expectation.Continues;
            Position = position;
            client.World.Gaps++;
        }

        public void At(Stamp position)
        {
            var join = _joins.FirstOrDefault();
            _joins.RemoveRange(0, Math.Min(_joins.Count, 1));
            Assert.True(join is not Expectation.MustGap, $"{client} has no gap in {part}");
            if (join is not Expectation.IsFresh)
            {
                Advance(position, "at");
            }

            Position = position;
        }

        public void Receive(Stamp position, int number)
        {
            Advance(position with { Offset = position.Offset - 1 }, $"{number}");
            Position = position;
            client.World.Received++;
        }

        /// <summary>Checks that the client has missed nothing up to a position.</summary>
        public void Advance(Stamp through, string what)
        {
            Assert.True(Position is not null, $"{client} received {what} in {part} before it knew where that stands");
            Assert.True(through.Epoch == Position.Value.Epoch && through.Offset >= Position.Value.Offset, $"{client} went from {Position} to {through} in {part} by {what}");
            var missed = client.World.LogOf(part).Between(Position.Value, through.Offset).Where(message => message.Target.User == 0 || Matches(message.Target, client.Home)).ToArray();
            Assert.True(missed.Length == 0, $"{client} missed {string.Join(' ', missed.Select(message => message.Number))} in {part} before {what}");
        }

        // What is under way on an open connection still has the old position.
        private void Begin(Expectation join, bool isNewConnection, Stamp? position)
        {
            if (isNewConnection)
            {
                Position = position;
            }

            HasLeft = false;
            _joins.Add(join);
        }
    }
}
