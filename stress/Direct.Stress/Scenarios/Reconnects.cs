using System.Diagnostics;

namespace Direct.Stress.Scenarios;

/// <summary>
/// Ends connections of direct.2 at a steady rate, in a random order in which each has its turn, and lets their clients come back. Every second one
/// ends without a close frame. Connections that send are not chosen. A client whose connection was ended by the server, or did not come about, comes
/// back as well.
/// </summary>
internal sealed class Reconnects(RunContext run, Scenario scenario, Population population)
{
    // So that messages that are due are sent meanwhile.
    private const int ReturnsPerPass = 256;
    private const double CloseSeconds = 5;
    private const double RetrySeconds = 1;

    private static readonly long PauseWithoutCandidates = Stopwatch.Frequency / 100;

    private readonly double _rate = run.Options.ReconnectRate / run.Options.Processes;
    private readonly long _awayTicks = (long)(run.Options.AwaySeconds * Stopwatch.Frequency);
    private readonly PriorityQueue<StressConnection, long> _away = new();
    private readonly Queue<(StressConnection Connection, long Due)> _leaving = [];
    private readonly ConnectDeadlines _deadlines = new(run.Options.ConnectTimeoutSeconds);
    private StressConnection[] _candidates = [];
    private int _next;
    private Pacer? _pacer;
    private long _ended;
    private int _returning;

    /// <summary>Gets whether no client is away or on its way back.</summary>
    public bool IsSettled => _leaving.Count == 0 && _away.Count == 0 && _returning == 0;

    /// <summary>Begins to end connections.</summary>
    public void Begin(long now)
    {
        _pacer = new Pacer(_rate, now);
        _candidates = [.. population.Members.Where(member => !scenario.Sends(member))];
        Random.Shared.Shuffle(_candidates);
    }

    /// <summary>Ends no more connections. Clients that are away still come back.</summary>
    public void Stop() => _pacer = null;

    /// <summary>Ends the connections that are due, and begins those of clients that are. Returns the time of the next ones.</summary>
    public long Continue(long now)
    {
        _deadlines.Check(now);
        while (_leaving.TryPeek(out var leaving) && (leaving.Due <= now || leaving.Connection.State is ConnectionState.Ended))
        {
            _leaving.Dequeue();
            leaving.Connection.Drop(null); // the server has not answered the close frame
        }

        var nextEnd = _pacer is null ? long.MaxValue : EndDue(now);
        for (var i = 0; i < ReturnsPerPass && _away.TryPeek(out _, out var due) && due <= now; i++)
        {
            Return(_away.Dequeue());
        }

        return Math.Min(nextEnd, _away.TryPeek(out _, out var nextReturn) ? nextReturn : long.MaxValue);
    }

    /// <summary>Records that a connection has ended, whose client is to come back.</summary>
    public void OnEnded(StressConnection connection, long now)
    {
        if (connection.EndedIn is ConnectionState.Opening or ConnectionState.Joining)
        {
            _returning--;
            _away.Enqueue(connection, now + (long)((0.5 + Random.Shared.NextDouble()) * RetrySeconds * Stopwatch.Frequency));
        }
        else
        {
            _away.Enqueue(connection, now + _awayTicks);
        }
    }

    public void OnReturned() => _returning--;

    private long EndDue(long now)
    {
        while (true)
        {
            var due = _pacer!.DueOf(_ended);
            if (due > now)
            {
                return due;
            }

            if (NextCandidate() is not { } connection)
            {
                // All are away. What was not possible is not made up for later.
                (_pacer, _ended) = (new Pacer(_rate, now), 0);
                return now + PauseWithoutCandidates;
            }

            if (_ended++ % 2 == 0)
            {
                connection.Drop(null);
            }
            else
            {
                connection.Leave();
                _leaving.Enqueue((connection, now + (long)(CloseSeconds * Stopwatch.Frequency)));
            }
        }
    }

    private StressConnection? NextCandidate()
    {
        for (var i = 0; i < _candidates.Length; i++)
        {
            var candidate = population.Of(_candidates[_next++ % _candidates.Length].Number);
            if (candidate.State is ConnectionState.Ready)
            {
                return candidate;
            }
        }

        return null;
    }

    private void Return(StressConnection ended)
    {
        _returning++;
        var connection = population.Replace(ended, Random.Shared.Next(run.Gateways));
        connection.Connect();
        _deadlines.Watch(connection);
    }
}
