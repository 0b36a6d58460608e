using Direct.Crash.Tests.Histories;

namespace Direct.Crash.Tests.Checking;

/// <summary>Represents a history written by hand, with times in milliseconds. It begins with two gateways and no faults.</summary>
internal sealed class HandMade
{
    private const long Ms = 1000;
    private const int Publisher = 1;

    public static readonly Aim Room = new(5, 7, 0);

    public History History { get; } = new();

    public CheckReport Check() => new InvariantChecker(History) { Slack = 1000 * Ms }.Check();

    /// <summary>Returns a connection that is in the room from millisecond 100 on.</summary>
    public ConnectionRecord Member(int gateway = 1, long user = 0)
    {
        var connection = History.AddConnection(gateway);
        connection.User = user;
        Move(connection, 0, 0, sentAt: 0, confirmedAt: 50);
        Move(connection, 5, 7, sentAt: 60, confirmedAt: 100);
        return connection;
    }

    public static void Move(ConnectionRecord connection, long group, long channel, long sentAt, long? confirmedAt) =>
        connection.Stays.Add(new Stay(group, channel, sentAt * Ms) { ConfirmedAt = confirmedAt * Ms ?? Clock.Never });

    public static void Receive(ConnectionRecord connection, SignalRecord signal, long at) =>
        connection.Received.Add(new Received(signal.Key, at * Ms));

    public static void Close(ConnectionRecord connection, int code, long at)
    {
        connection.ClosedAt = at * Ms;
        connection.CloseCode = code;
    }

    public SignalRecord Broadcast(int number, long sentAt) =>
        History.Add(new SignalRecord(new SignalKey(9, number), Room) { IsBroadcast = true, Attempts = { new Attempt(1, sentAt * Ms) } });

    /// <summary>Returns a signal through gateway 1, answered 10 ms after it was sent.</summary>
    public SignalRecord Signal(int number, long sentAt, int delivered, Aim? aim = null, int status = 200, int gateway = 1, int[]? pending = null)
    {
        var signal = History.Add(new SignalRecord(new SignalKey(Publisher, number), aim ?? Room));
        Try(signal, sentAt, delivered, status, gateway, pending);
        return signal;
    }

    public static void Try(SignalRecord signal, long sentAt, int delivered, int status = 200, int gateway = 1, int[]? pending = null) =>
        signal.Attempts.Add(new Attempt(gateway, sentAt * Ms)
        {
            Status = status,
            AnsweredAt = status == 0 ? Clock.Never : (sentAt + 10) * Ms,
            Delivered = delivered,
            Gateways = Math.Min(delivered, 1),
            Pending = pending ?? [],
        });

    public GatewayFault Fault(int gateway, long from) => History.AddFault(gateway, from * Ms);
}
