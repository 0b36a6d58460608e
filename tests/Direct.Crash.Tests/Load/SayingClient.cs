using System.Globalization;
using System.Net.Sockets;
using Direct.Crash.Tests.Histories;
using Direct.Testing.WebSockets;

namespace Direct.Crash.Tests.Load;

/// <summary>
/// Represents a client of direct.2 that says one text after another in a room, each with an id. A text that is not answered by <c>ok</c> is said again with its id, after a failed
/// connection through another gateway, until it is accepted. Sometimes one that was accepted is said again.
/// </summary>
/// <param name="history">Receives what the client says.</param>
/// <param name="gateways">The gateways to choose from.</param>
/// <param name="token">The token of the client's user.</param>
/// <param name="room">The room.</param>
/// <param name="plan">The pace and the timeouts.</param>
internal sealed class SayingClient(ISignalHistory history, GatewayList gateways, string token, Aim room, LoadPlan plan)
{
    private static readonly TimeSpan AgainAfter = TimeSpan.FromMilliseconds(200);

    private readonly int _stream = history.AddStream(room);
    private readonly string _place = string.Create(CultureInfo.InvariantCulture, $"{room.Group},{room.Channel}");
    private GatewayTarget _gateway = gateways.Any();
    private ProtocolClient? _connection;

    /// <param name="stopping">Ends the client after the current text.</param>
    /// <param name="abandoned">Ends the client without further repeats.</param>
    public async Task RunAsync(CancellationToken stopping, CancellationToken abandoned)
    {
        for (var number = 1; !stopping.IsCancellationRequested; number++)
        {
            var key = new SignalKey(_stream, number);
            var signal = history.Add(new SignalRecord(key, room, $"{key}") { IsSaid = true });
            await SayAsync(signal, abandoned);
            history.Conclude(signal);
            await Task.Delay(plan.Pace, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await DisconnectAsync();
    }

    private async Task SayAsync(SignalRecord signal, CancellationToken abandoned)
    {
        var end = Clock.Now + (long)plan.RepeatFor.TotalMicroseconds;
        while (!await TrySayAsync(signal))
        {
            if (Clock.Now > end || abandoned.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(AgainAfter, abandoned).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (Random.Shared.Next(20) == 0)
        {
            await TurnAsync();
            await TrySayAsync(signal);
        }
    }

    private async Task<bool> TrySayAsync(SignalRecord signal)
    {
        try
        {
            var connection = _connection ??= await ConnectAsync();
            var attempt = new Attempt(_gateway.Run, Clock.Now);
            signal.Attempts.Add(attempt);
            var number = signal.Attempts.Count;
            await connection.SendTextAsync($"say {_place} id={signal.Id} #{number}\n{signal.Key}");
            var answer = await AnswerAsync(connection, $"#{number}");
            attempt.AnsweredAt = Clock.Now;
            attempt.Status = answer[0] == "ok" ? 200 : int.Parse(answer[2], CultureInfo.InvariantCulture);
            return attempt.IsAccepted;
        }
        catch (Exception exception) when (exception is SocketException or IOException or ObjectDisposedException or TimeoutException or UnexpectedFrameException or ProtocolViolationException)
        {
            await TurnAsync();
            return false;
        }
    }

    private async Task<ProtocolClient> ConnectAsync()
    {
        var connection = await ProtocolClient.ConnectAsync(_gateway.Port, HandshakeOptions.Direct2, plan.AnswerTimeout);
        try
        {
            await connection.SendTextAsync($"auth {token}\njoin {_place} #join");
            var answer = await AnswerAsync(connection, "#join");
            return answer[0] == "joined" ? connection : throw new IOException(string.Join(' ', answer));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    // Skips everything else, which the client is sent as a member of the room.
    private async Task<string[]> AnswerAsync(ProtocolClient connection, string reference)
    {
        var end = Clock.Now + (long)plan.AnswerTimeout.TotalMicroseconds;
        while (Clock.Now < end)
        {
            var words = (await connection.ReceiveTextAsync(plan.AnswerTimeout)).Split('\n')[0].Split(' ');
            if (words[0] is "ok" or "joined" or "error" && words.Contains(reference))
            {
                return words;
            }
        }

        throw new TimeoutException($"no answer to {reference}");
    }

    // Switches to another gateway.
    private async Task TurnAsync()
    {
        await DisconnectAsync();
        _gateway = gateways.Other(_gateway);
    }

    private async Task DisconnectAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
    }
}
