using Direct.Crash.Tests.Histories;

namespace Direct.Crash.Tests.Load;

/// <summary>
/// Represents a backend that sends one signal after another to one target. With ids, it repeats a refused or unanswered signal through another
/// gateway until it is accepted, and sometimes repeats an accepted one. Without ids, it continues with the next signal.
/// </summary>
internal sealed class Publisher(ISignalHistory history, GatewayList gateways, GatewayTarget home, Aim aim, bool hasIds, LoadPlan plan) : IDisposable
{
    private static readonly TimeSpan RepeatAfter = TimeSpan.FromMilliseconds(200);

    private readonly int _stream = history.AddStream(aim);
    private GatewayTarget _gateway = home;
    private SignalLine _line = new(home.Port);

    /// <param name="stopping">Ends the publisher after the current signal.</param>
    /// <param name="abandoned">Ends the publisher without further repeats.</param>
    public async Task RunAsync(CancellationToken stopping, CancellationToken abandoned)
    {
        for (var number = 1; !stopping.IsCancellationRequested; number++)
        {
            var key = new SignalKey(_stream, number);
            var signal = new SignalRecord(key, aim, hasIds ? $"{key}" : null);
            history.Add(signal);
            await SendAsync(signal, abandoned);
            history.Conclude(signal);
            await Task.Delay(plan.Pace, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose() => _line.Dispose();

    private async Task SendAsync(SignalRecord signal, CancellationToken abandoned)
    {
        var end = Clock.Now + (long)plan.RepeatFor.TotalMicroseconds;
        while (!await TrySendAsync(signal))
        {
            Turn();
            if (signal is { Id: null, Attempts.Count: > 0 } || Clock.Now > end || abandoned.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(RepeatAfter, abandoned).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (signal.Id is not null && Random.Shared.Next(20) == 0)
        {
            Turn();
            await TrySendAsync(signal);
        }
    }

    // Switches to another gateway.
    private void Turn()
    {
        _line.Dispose();
        _gateway = gateways.Other(_gateway);
        _line = new SignalLine(_gateway.Port);
    }

    private async Task<bool> TrySendAsync(SignalRecord signal)
    {
        if (!await _line.TryConnectAsync())
        {
            return false;
        }

        var attempt = new Attempt(_gateway.Run, Clock.Now);
        signal.Attempts.Add(attempt);
        var answer = await _line.SendAsync(aim.Part, $"{signal.Key}", signal.Id, plan.AnswerTimeout);
        if (answer.Status == 0)
        {
            return false;
        }

        attempt.AnsweredAt = Clock.Now;
        attempt.Delivered = answer.Delivered;
        attempt.Gateways = answer.Gateways;
        attempt.Pending = [.. answer.Pending.Select(Run)];
        attempt.Status = answer.Status;
        return attempt.IsAccepted;
    }

    // The name of run 12 is g12.
    private static int Run(string name) => int.TryParse(name.AsSpan(1), out var run) ? run : -1;
}
