using System.Runtime.InteropServices;
using Direct.Stress.Measuring;
using Direct.Stress.Options;
using Direct.Stress.Protocol;
using Direct.Stress.Runs;

namespace Direct.Stress.Scenarios;

/// <summary>Defines what the connections of one process do. All methods are called by the loop's thread.</summary>
internal abstract class Scenario(RunContext run)
{
    private readonly Dictionary<int, long> _sentByRoom = [];

    public static Scenario Create(RunContext run) => run.Options.Scenario switch
    {
        ScenarioName.Chat => new ChatScenario(run),
        ScenarioName.Room => new RoomScenario(run),
        ScenarioName.Connect => new ConnectScenario(run),
        ScenarioName.Signal => new SignalScenario(run),
        _ => new IdleScenario(run),
    };

    /// <summary>Gets the number of messages sent, by room: what each member of the room must receive.</summary>
    public IReadOnlyDictionary<int, long> SentByRoom => _sentByRoom;

    public long Sent { get; private set; }

    public long SentInWindow { get; private set; }

    /// <summary>Gets whether a ping after the join shows when the join is in force.</summary>
    public virtual bool ConfirmsJoin => true;

    /// <summary>Gets whether everything counts, including the opening of the connections.</summary>
    public virtual bool CountsFromTheStart => false;

    /// <summary>Gets whether the run does not wait for messages that were sent before its end.</summary>
    public virtual bool IsAnswered => true;

    /// <summary>Gets the expected deliveries of one message besides those of its room: signals to a target that the user has chosen.</summary>
    public virtual int? ExpectedOfEach => null;

    /// <summary>Gets the number of senders in the whole run.</summary>
    public virtual int SenderCount => 0;

    /// <summary>Gets what the senders of this process have sent.</summary>
    public virtual IReadOnlyList<SentNumbers> SentNumbers => [];

    protected RunContext Run => run;

    /// <summary>Returns the room of the run that a connection joins.</summary>
    public virtual int RoomOf(int number) => number % run.Options.Rooms;

    /// <summary>Returns the group and channel that a connection joins.</summary>
    public virtual (long Group, long Channel) GroupAndChannelOf(int number) => (RoomOf(number) + 1, 1);

    /// <summary>Creates the client of a connection; null in the original dialect.</summary>
    public Direct2Client? CreateClient(int number) => !run.Options.IsDirect2 ? null : new Direct2Client(
        number,
        run.Options.RoomsPerConnection == 1
            ? [GroupAndChannelOf(number)]
            : [.. Enumerable.Range(0, run.Options.RoomsPerConnection).Select(i => GroupAndChannelOf(number + i))]);

    public virtual void OnJoined(StressConnection connection)
    {
    }

    /// <summary>Reports that a client of direct.2 has come back with another connection.</summary>
    public virtual void OnReturned(StressConnection connection)
    {
    }

    public virtual void OnGap(StressConnection connection, Topic topic)
    {
        for (var sender = 0; sender < SenderCount; sender++)
        {
            if (TopicOf(sender) == topic && IndexOf(connection, sender) is >= 0 and var index)
            {
                connection.Order?.Excuse(index, LastSentBy(sender));
            }
        }
    }

    public virtual void OnSaid(StressConnection connection, ReadOnlySpan<byte> reference, bool isAccepted)
    {
    }

    public virtual void OnMessage(StressConnection connection, ReadOnlySpan<byte> text, long now)
    {
    }

    public virtual void OnMemberEnded(StressConnection connection)
    {
    }

    /// <summary>Prepares the scenario when all connections are open.</summary>
    public virtual void Prepare(IReadOnlyList<StressConnection> members)
    {
    }

    /// <summary>Begins to send.</summary>
    public virtual void Begin(long now)
    {
    }

    /// <summary>Sends the messages that are due. Returns the time of the next ones.</summary>
    public virtual long Continue(long now) => long.MaxValue;

    /// <summary>Ends sending.</summary>
    public virtual void StopSending()
    {
    }

    /// <summary>Returns whether a connection sends.</summary>
    public virtual bool Sends(StressConnection connection) => false;

    /// <summary>Returns whether a connection receives what a sender sends.</summary>
    public bool Receives(StressConnection connection, int sender) => IndexOf(connection, sender) >= 0;

    /// <summary>Counts the accepted messages of a sender that a connection has not received.</summary>
    public MissingCount CountMissing(StressConnection connection, SentNumbers sent, NumberRanges unaccepted) =>
        IndexOf(connection, sent.Sender) is >= 0 and var index ? connection.Order!.CountMissing(index, sent.Last, unaccepted) : default;

    /// <summary>Returns the topic of a sender's messages.</summary>
    protected virtual Topic TopicOf(int sender) => default;

    /// <summary>Returns the index of a sender in the order of arrivals of a connection; -1 if the connection does not receive its messages.</summary>
    protected virtual int IndexOf(StressConnection connection, int sender) => -1;

    /// <summary>Returns the number of a sender's last message; null if another process has the sender.</summary>
    protected virtual uint? LastSentBy(int sender) => null;

    protected void CountSent(int room, long now)
    {
        Sent++;
        SentInWindow += run.Tally.IsInWindow(now) ? 1 : 0;
        CollectionsMarshal.GetValueRefOrAddDefault(_sentByRoom, room, out _)++;
    }
}
