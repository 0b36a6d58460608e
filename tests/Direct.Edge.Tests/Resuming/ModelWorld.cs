using System.Globalization;
using System.Text;
using Direct.Edge.Backplane;
using Direct.Edge.Identity;
using Direct.Edge.Keeping;
using Direct.Edge.Tests.Fakes;
using Direct.Edge.Topics;
using Direct.Keeping;

namespace Direct.Edge.Tests.Resuming;

/// <summary>
/// Represents a node with clients of both dialects that join, leave, say, stop reading, drop and come back, as a seed decides. It runs on one thread, so
/// the order of everything follows from the seed.
/// </summary>
internal sealed class ModelWorld : IDisposable
{
    private const int Steps = 160;

    // A longer message is handled later, by another thread.
    private const int MaxSaidCharacters = 900;

    private static readonly RoomId[] Rooms = [new(7, 1), new(7, 2), new(8, 1), new(7, 0), new(0, 2)];

    private readonly Dictionary<string, ModelLog> _logs = [];
    private readonly Dictionary<int, string> _parts = [];
    private readonly List<Signal> _signalsWithId = [];
    private readonly List<ModelClient> _clients = [];
    private readonly List<ModelOriginal> _originals = [];
    private readonly SeededContext _context;
    private readonly DrainScheduler _drains;
    private readonly int _padding;
    private TimeSpan _passed;
    private int _last;

    public ModelWorld(int seed, SeededContext context, Random random)
    {
        (Random, _context, _drains) = (random, context, DrainScheduler.ForThisThread());
        IsGenerous = seed % 3 == 0;
        _padding = random.Next(3) == 0 ? 3000 : 40;
        Gateway = new TestGateway
        {
            Node = { Environment = "prod" },
            Store = new FakeSessionStore((token, _) => ValueTask.FromResult(new Session(SessionStatus.Known, long.Parse(token, CultureInfo.InvariantCulture)))),
            Connections = { QueueBytes = IsGenerous ? 1 << 24 : 32 * 1024, MaxMessageBytes = 4096, ReadTimeout = TimeSpan.FromDays(1) },
            Limits = { MessagesPerSecond = 1_000_000, MessageBurst = 1_000_000, JoinsPerSecond = 1_000_000, JoinBurst = 1_000_000, JoinsPerSecondPerAddress = 1_000_000, JoinBurstPerAddress = 1_000_000 },
            Keep =
            {
                Role = KeepRole.Leader,
                BytesPerTopic = IsGenerous ? 1 << 24 : random.Next(500, 20_000),
                BytesPerProcess = IsGenerous ? 1 << 28 : random.Next(5_000, 100_000),
            },
        };
        for (var i = 0; i < 3; i++)
        {
            _clients.Add(new ModelClient(this, $"client {i}", 1 + (i / 2), [.. Rooms.OrderBy(_ => random.Next()).Take(random.Next(1, 4))]));
        }

        _originals.Add(new ModelOriginal(this, 1));
        _originals.Add(new ModelOriginal(this, 9));
        _ = Gateway.Hub; // composes the node
    }

    public TestGateway Gateway { get; }

    public Random Random { get; }

    /// <summary>Gets whether nothing is short, neither memory nor time, so that there is no reason for a gap.</summary>
    public bool IsGenerous { get; }

    public int Received { get; set; }

    /// <summary>Gets what has happened, one line each.</summary>
    public List<string> History { get; } = [];

    public int Gaps { get; set; }

    public void Run()
    {
        for (var step = 0; step < Steps; step++)
        {
            Step();
        }

        Settle();
        foreach (var client in _clients.Where(client => client.IsConnected))
        {
            client.CheckComplete();
        }

        foreach (var original in _originals.Where(original => original.IsConnected))
        {
            original.CheckComplete();
        }
    }

    public ModelLog LogOf(string part) => _logs.TryGetValue(part, out var log) ? log : _logs[part] = new ModelLog();

    public string PartOf(int number) => _parts[number];

    /// <summary>Returns text that is no position of any message.</summary>
    public string Nonsense()
    {
        Span<byte> text = stackalloc byte[Position.MaxBytes];
        return Random.Next(3) switch
        {
            0 => "0",
            1 => Encoding.ASCII.GetString(text[..Position.Write(text, new Stamp(Random.NextInt64(1, long.MaxValue), Random.Next(1000)))]),
            _ => new string([.. Enumerable.Range(0, Random.Next(1, 41)).Select(_ => (char)Random.Next(0x21, 0x7F))]),
        };
    }

    public void Dispose() => Gateway.Dispose();

    private void Step()
    {
        switch (Random.Next(12))
        {
            case 0 or 1 or 2 or 3:
                Publish();
                break;
            case 4 or 5:
                Act(_clients[Random.Next(_clients.Count)]);
                break;
            case 6:
                Act(_originals[Random.Next(_originals.Count)]);
                break;
            case 7:
                _clients.ForEach(client => client.Handle());
                break;
            case 8:
                var reader = _clients[Random.Next(_clients.Count)];
                if (reader.IsConnected)
                {
                    reader.Read(Random.Next(1, 8000));
                }

                break;
            case 9:
                Advance();
                break;
            default:
                RunSome(Random.Next(6));
                break;
        }
    }

    private void Act(ModelClient client)
    {
        if (!client.IsConnected)
        {
            client.Handle();
            client.Connect(Random.Next(2) == 0 ? 1 << 24 : Random.Next(20_000));
        }
        else if (Random.Next(4) == 0)
        {
            client.Lose();
        }
        else if (client.IsIdle)
        {
            var room = Rooms[Random.Next(Rooms.Length)];
            if (!client.Joined.Contains(room))
            {
                client.Join(room);
            }
            else if (Random.Next(3) == 0)
            {
                Say(room.Target, text => client.Say(room, text[..Math.Min(text.Length, MaxSaidCharacters)]));
            }
            else if (!client.IsHome(room))
            {
                client.Leave(room, andJoins: Random.Next(2) == 0);
            }
        }
    }

    private void Act(ModelOriginal original)
    {
        original.Handle();
        if (!original.IsConnected)
        {
            original.Connect(1 << 26);
        }
        else if (Random.Next(2) == 0)
        {
            original.Move(Rooms[Random.Next(Rooms.Length)]);
        }
        else if (original.Room != default)
        {
            Say(original.Room.Target, original.Say);
        }
    }

    private void Advance()
    {
        var time = TimeSpan.FromSeconds(Random.Next(1, 20));
        if (!IsGenerous)
        {
            time *= Random.Next(1, 8);
        }
        else if (_passed + time > Gateway.Keep.Window)
        {
            return;
        }

        _passed += time;
        History.Add($"{time}");
        Gateway.Clock.Advance(time);
    }

    private void Publish()
    {
        var room = Rooms[Random.Next(Rooms.Length)];
        var target = Random.Next(6) switch
        {
            0 => new Target(0, 0, Random.Next(1, 3)),
            1 => new Target(room.Group, room.Channel, Random.Next(1, 3)),
            2 => default,
            3 => new Target(room.Group, 0, 0),
            4 => new Target(0, room.Channel, 0),
            _ => room.Target,
        };
        if (_signalsWithId.Count > 0 && Random.Next(5) == 0)
        {
            Repeat(_signalsWithId[Random.Next(_signalsWithId.Count)]);
            return;
        }

        var id = Random.Next(3) == 0 ? $"id-{_last}" : null;
        Say(target, text =>
        {
            var signal = new Signal(Topic.For(target), target, Encoding.UTF8.GetBytes(text), id);
            Assert.Equal(ReceiptStatus.Delivered, Gateway.Backplane.Publish(signal).Receipt.Status);
            if (id is not null)
            {
                _signalsWithId.Add(signal);
            }
        });
    }

    // Nobody receives the same again, nor another text with the same id.
    private void Repeat(Signal signal)
    {
        if (_passed < Gateway.Idempotency.IdempotencyWindow)
        {
            Assert.Equal(ReceiptStatus.Delivered, Gateway.Backplane.Publish(signal).Receipt.Status);
            Assert.Equal(ReceiptStatus.IdReused, Gateway.Backplane.Publish(signal with { Payload = "0:another"u8.ToArray() }).Receipt.Status);
        }
    }

    private void Say(Target target, Action<string> say)
    {
        var number = ++_last;
        var part = target.User == 0 ? target.ToString() : $"0,0,{target.User}";
        _parts[number] = part;
        _originals.ForEach(original => original.Expect(part, number, target));
        say($"{number}:{new string('x', Random.Next(_padding))}");
        var topic = Topic.For(target);
        var message = new ModelMessage(number, target, Gateway.Kept.Find(topic)?.Head ?? Stamp.None);
        LogOf(part).Messages.Add(message);
        History.Add($"{message}");
    }

    private void RunSome(int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (Random.Next(2) == 0)
            {
                _drains.Run();
            }
            else
            {
                _context.TryRunOne();
            }
        }
    }

    // Everybody reads, until nothing waits any more. The end of a wait for a socket comes from another thread.
    private void Settle()
    {
        var wait = new SpinWait();
        for (var startedAt = Environment.TickCount64; Environment.TickCount64 - startedAt < 10_000; wait.SpinOnce())
        {
            var connected = _clients.FindAll(client => client.IsConnected);
            foreach (var client in connected)
            {
                client.Read(1 << 20);
                client.Handle();
            }

            var hasRun = false;
            while (!_drains.IsEmpty || _context.TryRunOne())
            {
                _drains.Run();
                hasRun = true;
            }

            if (!hasRun && connected.TrueForAll(client => client.IsIdle))
            {
                break;
            }
        }

        _clients.ForEach(client => client.Handle());
        _originals.ForEach(original => original.Handle());
    }
}
