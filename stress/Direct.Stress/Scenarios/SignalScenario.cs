using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using Direct.Stress.Links;
using Direct.Stress.Measuring;
using Direct.Stress.Options;
using Direct.Stress.Protocol;
using Direct.Stress.Runs;

namespace Direct.Stress.Scenarios;

/// <summary>
/// Lets backends signal over HTTP: caller k signals the room of connection k, which is alone there, or all callers signal one target. Each has one
/// call in flight. The next is made after the answer, or at a steady rate when it is due and a caller is free.
/// </summary>
internal sealed class SignalScenario(RunContext run) : Scenario(run)
{
    // By their numbers; null if another process has the connection.
    private readonly HttpCaller?[] _callers = new HttpCaller?[run.Options.Callers];
    private readonly Topic? _part = run.Options.Part is { } part && Topic.TryParse(Encoding.ASCII.GetBytes(part), out var topic) ? topic : null;
    private readonly Queue<long>[] _due = new Queue<long>[run.Options.Callers];
    private Pacer? _pacer;
    private long _nextPaced;
    private long _nextConnect;
    private bool _isSending;

    public StressOptions Options => Run.Options;

    /// <summary>Gets the times from the call to its answer.</summary>
    public Histogram AnswerTimes { get; } = new();

    public override int? ExpectedOfEach => Options.HasPart ? Options.Expect : null;

    public override int SenderCount => _callers.Length;

    public override IReadOnlyList<SentNumbers> SentNumbers =>
    [
        .. _callers.OfType<HttpCaller>().Select(static caller =>
            Runs.SentNumbers.Of(caller.Number, caller.Sequence, caller.Unaccepted ?? NumberRanges.Empty)),
    ];

    public override bool IsAnswered => _callers.All(static caller => caller?.CalledAt is null);

    public override int RoomOf(int number) => Options.HasPart ? base.RoomOf(number) : number;

    public override void OnJoined(StressConnection connection) =>
        connection.Order = new ArrivalOrder(Options.HasPart ? Options.Callers : 1);

    public override void Prepare(IReadOnlyList<StressConnection> members)
    {
        var targets = Targets();
        var joined = members.Select(static member => member.Number).ToHashSet();
        for (var number = Run.Assignment.Share; number < Options.Callers; number += Run.Assignment.Processes)
        {
            if (!Options.HasPart && !joined.Contains(number))
            {
                continue; // there is no receiver, because the connection has failed
            }

            var target = targets[number % targets.Count];
            var (group, channel) = GroupAndChannelOf(number);
            var part = Options.Part ?? string.Create(CultureInfo.InvariantCulture, $"{group},{channel},0");
            var source = Run.SourceOf(number);
            _due[number] = [];
            _callers[number] = new HttpCaller(number, part, target, this, owner => Run.Engine.Connect(target, source, owner))
            {
                Room = Options.HasPart ? 0 : RoomOf(number),
                Unaccepted = Options.IsDirect2 ? new NumberRanges() : null,
            };
        }
    }

    public override void Begin(long now)
    {
        _isSending = true;
        _pacer = Options.Rate > 0 ? new Pacer(Options.Rate, now) : null;
    }

    public override long Continue(long now)
    {
        if (!_isSending)
        {
            return long.MaxValue;
        }

        if (now >= _nextConnect)
        {
            _nextConnect = now + (Stopwatch.Frequency / 10);
            Array.ForEach(_callers, static caller => caller?.Connect());
        }

        return _pacer is null ? long.MaxValue : CallDue(_pacer, now);
    }

    public override void StopSending() => _isSending = false;

    public override void OnMessage(StressConnection connection, ReadOnlySpan<byte> text, long now)
    {
        if (Run.Tally.TryRead(text, out var stamp) && connection.Order is { } order)
        {
            if (stamp.Sender >= Options.Callers || (!Options.HasPart && stamp.Sender != connection.Number))
            {
                Run.Errors.Add("a signal of another connection");
                return;
            }

            Run.Tally.Count(order, Options.HasPart ? stamp.Sender : 0, stamp, now, connection.IsReplaying);
        }
    }

    /// <summary>Reports that a caller is connected, or that its call was answered.</summary>
    public void OnFree(HttpCaller caller)
    {
        if (!_isSending)
        {
            return;
        }

        var now = Stopwatch.GetTimestamp();
        if (_pacer is null)
        {
            Call(caller, now, now);
        }
        else if (_due[caller.Number].TryDequeue(out var due))
        {
            Call(caller, due, now);
        }
    }

    public void OnAnswer(HttpCaller caller, int status, long took, long now)
    {
        if (status is (int)HttpStatusCode.OK or (int)HttpStatusCode.Accepted)
        {
            CountSent(caller.Room, caller.DueAt);
            caller.Unaccepted?.Remove(caller.Sequence);
            if (Run.Tally.IsInWindow(now))
            {
                AnswerTimes.Add(took);
            }
        }
        else
        {
            Run.Errors.Add(string.Create(CultureInfo.InvariantCulture, $"signal: HTTP {status}"));
        }

        OnFree(caller);
    }

    public void OnEnded(string? error, bool wasCalling) =>
        Run.Errors.Add($"signal: {error ?? "the server ended the connection"}{(wasCalling ? ", no answer to a call" : "")}");

    protected override Topic TopicOf(int sender)
    {
        var (group, channel) = GroupAndChannelOf(sender);
        return _part is not { } part ? new Topic(group, channel, 0) : part.User == 0 ? part : new Topic(0, 0, part.User);
    }

    protected override int IndexOf(StressConnection connection, int sender) => _part is { } part
        ? connection.Client!.Matches(part) ? sender : -1
        : connection.Number == sender ? 0 : -1;

    protected override uint? LastSentBy(int sender) => _callers[sender]?.Sequence;

    private long CallDue(Pacer pacer, long now)
    {
        while (true)
        {
            var due = pacer.DueOf(_nextPaced);
            if (due > now)
            {
                return due;
            }

            var number = (int)(_nextPaced++ % Options.Callers);
            if (_callers[number] is { } caller)
            {
                _due[number].Enqueue(due);
                if (caller.IsFree)
                {
                    OnFree(caller);
                }
            }
        }
    }

    private void Call(HttpCaller caller, long due, long now) => caller.Call(Run.Assignment.RunId, Run.Assignment.Epoch, due, now);

    private List<Target> Targets()
    {
        if (Options.SignalUrls.Count > 0)
        {
            return [.. Options.SignalUrls.Select(static url => Target.Resolve(new Uri(url)))];
        }

        return
        [
            .. Options.Urls.Select(static url =>
            {
                var gateway = new Uri(url);
                var scheme = gateway.Scheme is "wss" ? "https" : "http";
                return Target.Resolve(new Uri($"{scheme}://{gateway.Authority}/!direct-signal"));
            }),
        ];
    }
}
