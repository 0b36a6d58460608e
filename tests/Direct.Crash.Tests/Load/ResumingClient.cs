using System.Globalization;
using System.Net.Sockets;
using Direct.Crash.Tests.Histories;
using Direct.Testing.WebSockets;

namespace Direct.Crash.Tests.Load;

/// <summary>
/// Represents a client of direct.2 that lives through everything: when its connection ends, it connects to any gateway and names the last position that it
/// was told in each topic.
/// </summary>
/// <param name="record">Receives what the client sees.</param>
/// <param name="gateways">The gateways to choose from.</param>
/// <param name="token">The token of the client's user.</param>
/// <param name="isRestless">Whether the client also ends its connections itself, about once a second.</param>
internal sealed class ResumingClient(IResumeRecord record, GatewayList gateways, string token, bool isRestless)
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(3);

    private readonly Dictionary<string, string> _positions = [];
    private readonly HashSet<string> _live = [];
    private readonly string _lastTopic = string.Create(CultureInfo.InvariantCulture, $"0,0,{record.User}");
    private ProtocolClient? _connection;
    private long _awayUntil;
    private int _connections;

    /// <summary>
    /// Gets or sets how long nothing may come before the client connects again. A gateway pings more rarely than the default, but publishers never pause for
    /// so long unless something is wrong.
    /// </summary>
    public TimeSpan Silence { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Ends the connection without a close frame, as the loss of a network does. The client connects again after <paramref name="away"/>.</summary>
    public void Drop(TimeSpan away)
    {
        Volatile.Write(ref _awayUntil, Clock.Now + (long)away.TotalMicroseconds);
        try
        {
            Volatile.Read(ref _connection)?.Abort();
        }
        catch (ObjectDisposedException)
        {
            // It has ended already.
        }
    }

    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await using var connection = await ProtocolClient.ConnectAsync(gateways.Any().Port, HandshakeOptions.Direct2, ConnectTimeout);
                Volatile.Write(ref _connection, connection);
                _connections++;
                _live.Clear();
                await connection.SendTextAsync(FirstMessage());
                record.AddEnd(await ReceiveAsync(connection, stopping));
            }
            catch (Exception exception) when (exception is SocketException or IOException or ObjectDisposedException or TimeoutException or UnexpectedFrameException or ProtocolViolationException)
            {
                // Nobody listens, the gateway refuses, is silent, or has ended within a frame, or the connection was dropped.
                record.AddEnd(exception.Message);
            }

            do
            {
                var away = isRestless ? Random.Shared.Next(1000) : 100;
                await Task.Delay(away, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            while (IsAway && !stopping.IsCancellationRequested);
        }
    }

    private bool IsAway => Clock.Now < Volatile.Read(ref _awayUntil);

    private string FirstMessage() => string.Join('\n',
    [
        $"auth {token}",
        .. _positions.Select(static position => $"since {position.Key} {position.Value}"),
        .. record.Rooms.Select(static room => string.Create(CultureInfo.InvariantCulture, $"join {room.Group},{room.Channel}")),
    ]);

    // Returns why the connection ended.
    private async Task<string> ReceiveAsync(ProtocolClient connection, CancellationToken stopping)
    {
        var leaveAt = isRestless ? Clock.Now + Random.Shared.Next(100_000, 2_000_000) : Clock.Never;
        while (Clock.Now < leaveAt && !IsAway && !stopping.IsCancellationRequested)
        {
            var frame = await connection.ReceiveAsync(Silence);
            if (!frame.IsText)
            {
                return frame.ToString();
            }

            if (!Handle(frame.Text))
            {
                return frame.Text;
            }
        }

        connection.Abort();
        return "left";
    }

    // Returns false for an answer that makes the client connect again.
    private bool Handle(string text)
    {
        var lines = text.Split('\n', 2);
        switch (lines[0].Split(' '))
        {
            case ["welcome", ..] or ["joined", ..]:
                return true;
            case ["at", var part, var position]:
                _positions[part] = position;
                if (_live.Add(part) && part == _lastTopic)
                {
                    record.AddLive();
                }

                return true;
            case ["gap", var part, var position]:
                _positions[part] = position;
                record.AddGap(part, position, _connections);
                return true;
            case [var part, var position] when lines.Length == 2:
                _positions[part] = position;
                record.AddMessage(part, position, SignalKey.Parse(lines[1]), _connections, !_live.Contains(part));
                return true;
            default:
                return false; // error, left
        }
    }
}
