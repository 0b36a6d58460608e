using System.Diagnostics;
using Direct.Stress.Protocol;
using Direct.Stress.Runs;

namespace Direct.Stress.Scenarios;

/// <summary>Opens the connections of one process in batches, and closes them at the end.</summary>
internal sealed class Population : IConnectionOwner
{
    private readonly RunContext _run;
    private readonly Scenario _scenario;
    private readonly StressConnection[] _connections;
    private readonly ConnectDeadlines _deadlines;
    private readonly int _batch;
    private readonly long? _delayTicks;
    private int _started;
    private int _onTheWay;
    private long _nextBatch;
    private bool _isClosing;

    public Population(RunContext run, Scenario scenario)
    {
        var options = run.Options;
        _run = run;
        _scenario = scenario;
        _connections =
        [
            .. Enumerable.Range(0, options.Connections)
                .Where(run.Assignment.Holds)
                .Select(number => new StressConnection(number, scenario.RoomOf(number), run, this) { Client = scenario.CreateClient(number) }),
        ];
        _deadlines = new ConnectDeadlines(options.ConnectTimeoutSeconds);
        _batch = Math.Max(1, options.Batch / run.Assignment.Processes);
        _delayTicks = options.DelayMs is { } delay ? delay * Stopwatch.Frequency / 1000 : null;
        Reconnects = options.ReconnectRate > 0 ? new Reconnects(run, scenario, this) : null;
    }

    /// <summary>Gets what ends connections and lets their clients come back; null if nothing does.</summary>
    public Reconnects? Reconnects { get; }

    public int Requested => _connections.Length;

    public int Succeeded { get; private set; }

    public int Failed { get; private set; }

    /// <summary>Gets the number of connections that were joined and then ended by the server.</summary>
    public int Ended { get; private set; }

    /// <summary>Gets the number of connections that are joined now.</summary>
    public int Ready { get; private set; }

    public IEnumerable<StressConnection> Members => _connections.Where(static connection => connection.State is ConnectionState.Ready);

    public bool IsOpen => _started == _connections.Length && _onTheWay == 0;

    /// <summary>Opens the connections that are due now. Returns the time of the next ones.</summary>
    public long Continue(long now)
    {
        _deadlines.Check(now);
        if (_delayTicks is null)
        {
            while (_started < _connections.Length && _onTheWay < _batch)
            {
                StartNext();
            }
        }
        else if (_onTheWay == 0 && _started < _connections.Length)
        {
            if (now < _nextBatch)
            {
                return _nextBatch;
            }

            for (var i = 0; i < _batch && _started < _connections.Length; i++)
            {
                StartNext();
            }
        }

        return long.MaxValue;
    }

    /// <summary>Returns the present connection of a number of this process.</summary>
    public StressConnection Of(int number) => _connections[number / _run.Assignment.Processes];

    /// <summary>Gives the client of a connection that has ended another one.</summary>
    public StressConnection Replace(StressConnection ended, int gateway) =>
        _connections[ended.Number / _run.Assignment.Processes] = new StressConnection(ended.Number, ended.Room, _run, this)
        {
            Client = ended.Client,
            Order = ended.Order,
            Gateway = gateway,
            IsReturn = true,
        };

    /// <summary>Calculates the deliveries of all messages of these senders to the members of this process.</summary>
    public long Expected(IReadOnlyList<SentNumbers> senders) =>
        Members.Sum(member => senders.Sum(sent => _scenario.Receives(member, sent.Sender) ? sent.Last : 0L));

    /// <summary>Counts clients that have not come back, and what the others lack of the messages of these senders.</summary>
    public void CountMissing(IReadOnlyList<SentNumbers> senders)
    {
        var sent = senders.Select(static sender => (Sender: sender, Unaccepted: sender.UnacceptedRanges())).ToList();
        foreach (var connection in _connections)
        {
            if (connection.State is ConnectionState.Ready)
            {
                foreach (var (sender, unaccepted) in sent)
                {
                    _run.Resumes.Missing += _scenario.CountMissing(connection, sender, unaccepted);
                }
            }
            else if (connection.Client!.HasLived && Reconnects is not null)
            {
                Ended++;
                _run.Errors.Add("a client had not come back at the end");
            }
        }
    }

    /// <summary>Closes all open connections.</summary>
    public void Leave()
    {
        _isClosing = true;
        foreach (var connection in _connections)
        {
            if (connection.State is ConnectionState.Ready)
            {
                connection.Leave();
            }
            else
            {
                connection.Drop(null);
            }
        }
    }

    /// <summary>Gets whether all close frames were answered.</summary>
    public bool IsGone => _connections.All(static connection => connection.State is ConnectionState.Ended or ConnectionState.New);

    public void OnOpened(StressConnection connection, long now)
    {
        var (group, channel) = _scenario.GroupAndChannelOf(connection.Number);
        connection.Join(group, channel, _scenario.ConfirmsJoin);
        if (!_scenario.ConfirmsJoin)
        {
            OnJoined(connection);
        }
    }

    public void OnJoined(StressConnection connection)
    {
        Ready++;
        if (connection.IsReturn)
        {
            Reconnects!.OnReturned();
            _scenario.OnReturned(connection);
            return;
        }

        Succeeded++;
        Arrived();
        _scenario.OnJoined(connection);
    }

    public void OnMessage(StressConnection connection, ReadOnlySpan<byte> text, long now) => _scenario.OnMessage(connection, text, now);

    public void OnGap(StressConnection connection, Topic topic) => _scenario.OnGap(connection, topic);

    public void OnSaid(StressConnection connection, ReadOnlySpan<byte> reference, bool isAccepted) =>
        _scenario.OnSaid(connection, reference, isAccepted);

    public void OnEnded(StressConnection connection, string? error)
    {
        if (error is not null)
        {
            _run.Errors.Add(error);
        }

        var wasReady = connection.EndedIn is ConnectionState.Ready or ConnectionState.Leaving;
        if (Reconnects is not null && !_isClosing && (wasReady || connection.IsReturn))
        {
            Ready -= wasReady ? 1 : 0;
            Ended += wasReady && error is not null ? 1 : 0;
            Reconnects.OnEnded(connection, Stopwatch.GetTimestamp());
        }
        else if (connection.EndedIn is ConnectionState.Opening or ConnectionState.Joining)
        {
            Failed += error is null ? 0 : 1;
            Arrived();
        }
        else
        {
            Ready--;
            Ended += error is null ? 0 : 1;
            _scenario.OnMemberEnded(connection);
        }
    }

    private void StartNext()
    {
        var connection = _connections[_started++];
        _onTheWay++;
        connection.Connect();
        _deadlines.Watch(connection);
    }

    private void Arrived()
    {
        _onTheWay--;
        if (_onTheWay == 0 && _delayTicks is { } delay)
        {
            _nextBatch = Stopwatch.GetTimestamp() + delay;
        }
    }
}
