using System.Globalization;
using System.Net;
using Direct.Edge.Connections;
using Direct.Edge.Identity;
using Direct.Edge.Topics;
using Direct.Testing.WebSockets;

namespace Direct.Edge.Tests.Resuming;

/// <summary>Represents a client of the original dialect, which receives what is published while it is in a room, and nothing else.</summary>
internal sealed class ModelOriginal(ModelWorld world, long userId)
{
    private readonly Dictionary<string, List<int>> _expected = [];
    private readonly Dictionary<string, List<int>> _received = [];
    private ModelSocket _socket = new();
    private RoomId _room;

    public Connection? Connection { get; private set; }

    public bool IsConnected => Connection is { CloseReason: null };

    public RoomId Room => _room;

    public void Connect(int socketRoom)
    {
        _socket = new ModelSocket { Room = socketRoom };
        Connection = world.Gateway.Hub.Open(_socket, new ClientAddress("127.0.0.1", IPAddress.Loopback));
        _socket.Attach(Connection);
        (_room, _) = (default, Send($"{userId}"));
        _expected.Clear();
        _received.Clear();
    }

    public void Move(RoomId room)
    {
        Send($"{room.Group},{room.Channel}");
        _room = room;
    }

    public void Say(string text) => Send(":" + text);

    public void Read(int bytes) => _socket.Open(bytes);

    /// <summary>Records a message that it must receive if it matches.</summary>
    public void Expect(string part, int number, Target target)
    {
        if (IsConnected && target.Matches(_room.Group, _room.Channel, target.User == userId ? userId : 0))
        {
            ListOf(_expected, part).Add(number);
        }
    }

    public void Handle()
    {
        foreach (var text in _socket.TakeTexts())
        {
            var number = int.Parse(text.Split(':')[0], CultureInfo.InvariantCulture);
            ListOf(_received, world.PartOf(number)).Add(number);
        }
    }

    public void CheckComplete()
    {
        foreach (var part in _expected.Keys.Union(_received.Keys))
        {
            Assert.Equal(ListOf(_expected, part), ListOf(_received, part));
        }
    }

    private static List<int> ListOf(Dictionary<string, List<int>> lists, string part) => lists.TryGetValue(part, out var list) ? list : lists[part] = [];

    private bool Send(string text)
    {
        var bytes = ClientFrame.Text(text).Encode();
        var reception = Connection!.Receive(bytes);
        Assert.True(reception.Pending is null && reception.Consumed == bytes.Length, $"'{text}' waits");
        return true;
    }
}
