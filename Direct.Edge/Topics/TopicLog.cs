using System.Diagnostics.CodeAnalysis;
using Direct.Keeping;

namespace Direct.Edge.Topics;

/// <summary>Orders all events of one topic: messages, members that join, and members that leave.</summary>
/// <remarks>
/// All events go through one log, so a message reaches exactly the connections that were members when it was accepted. At most one drainer runs at a
/// time for each dialect. It takes everything that waits, at most <see cref="FrameBatch.MaxBytes"/>, and sends it to every member in one piece: under
/// load a system call carries hundreds of messages, and without load nothing is delayed. A member that joined within the batch receives the messages
/// after its join, and a member that left receives those before, still with one send for each member.
/// <para>
/// Members of the two dialects of the client protocol receive different bytes, so each dialect has a drainer with its own queue. A message enters
/// both under one lock, so that all members see the same order, and is encoded only for a dialect that has members.
/// </para>
/// <para>
/// While a drainer does not run, joins and leaves change the members directly. Otherwise they are queued in the log, because the drainer visits the
/// members without a lock. The count of members is the count at the log's end, and the drainer's list is the state at its start.
/// </para>
/// </remarks>
internal sealed class TopicLog
{
    private readonly Lock _gate = new();
    private readonly TopicLogSettings _settings;

    // Guarded by the gate. A drainer is created with the first member of its dialect and never replaced.
    private TopicDrainer? _original;
    private TopicDrainer? _direct2;
    private bool _isRetired;
    private TaskCompletionSource? _spaceAvailable;

    public TopicLog(Topic topic, TopicLogSettings settings)
    {
        Topic = topic;
        _settings = settings;
    }

    public Topic Topic { get; }

    /// <summary>Gets the bytes that wait for the drainers. It is read without the gate.</summary>
    public int WaitingBytes => (_original?.WaitingBytes ?? 0) + (_direct2?.WaitingBytes ?? 0);

    /// <summary>The number of members, at the log's end. Read without the gate.</summary>
    public int MemberCount => (_original?.MemberCount ?? 0) + (_direct2?.MemberCount ?? 0);

    /// <summary>Adds a message to the log. Returns the number of members that it is for.</summary>
    /// <param name="payload">The text of the message.</param>
    /// <param name="stamp">The place of the message in the topic.</param>
    /// <param name="audience">The members that it is for.</param>
    public int Publish(ReadOnlySpan<byte> payload, Stamp stamp = default, Audience audience = Audience.Both)
    {
        int recipients;
        bool startsOriginal, startsDirect2;
        lock (_gate)
        {
            var original = audience is Audience.Direct2 ? null : _original;
            var direct2 = audience is Audience.Original ? null : _direct2;
            recipients = (original?.MemberCount ?? 0) + (direct2?.MemberCount ?? 0);
            if (recipients == 0)
            {
                return 0;
            }

            startsOriginal = original is not null && original.TryAppend(default, payload);
            startsDirect2 = direct2 is not null && TryAppendWithHeader(direct2, payload, stamp);
        }

        if (startsOriginal)
        {
            DrainScheduler.Add(_original!);
        }

        if (startsDirect2)
        {
            DrainScheduler.Add(_direct2!);
        }

        return recipients;
    }

    /// <summary>Sends a text to the members that speak <c>direct.2</c>, after all earlier messages. Returns their number.</summary>
    public int Tell(ReadOnlySpan<byte> text)
    {
        int recipients;
        bool starts;
        lock (_gate)
        {
            recipients = _direct2?.MemberCount ?? 0;
            starts = _direct2 is not null && _direct2.TryAppend(default, text);
        }

        if (starts)
        {
            DrainScheduler.Add(_direct2!);
        }

        return recipients;
    }

    /// <summary>Completes when the waiting bytes are fewer than <see cref="TopicLogSettings.MaxWaitingBytes"/>.</summary>
    public ValueTask ReadyAsync(CancellationToken cancellationToken)
    {
        if (WaitingBytes < _settings.MaxWaitingBytes)
        {
            return default;
        }

        lock (_gate)
        {
            if (WaitingBytes < _settings.MaxWaitingBytes)
            {
                return default;
            }

            _spaceAvailable ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(_spaceAvailable.Task.WaitAsync(cancellationToken));
        }
    }

    /// <summary>Adds a member after all earlier messages. Returns false if this log has been retired; the caller then takes a new one.</summary>
    public bool TryJoin(Membership member)
    {
        lock (_gate)
        {
            if (_isRetired)
            {
                return false;
            }

            member.Log = this;
            DrainerOf(member).Join(member);
            return true;
        }
    }

    /// <summary>Removes a member. Earlier messages are still sent to it.</summary>
    /// <returns>Whether that was the last member and the log is now retired.</returns>
    public bool Leave(Membership member)
    {
        lock (_gate)
        {
            DrainerOf(member).Leave(member);
            return TryRetire();
        }
    }

    /// <summary>
    /// Takes the oldest batch for a drainer. Returns false if there is none; the drainer then ends, and the next one may be started.
    /// </summary>
    public bool TryTake(TopicDrainer drainer, [NotNullWhen(true)] out FrameBatch? batch)
    {
        bool isRetired;
        lock (_gate)
        {
            if (drainer.TryTakeWaiting(out batch))
            {
                if (_spaceAvailable is not null && WaitingBytes <= _settings.MaxWaitingBytes / 2)
                {
                    _spaceAvailable.SetResult();
                    _spaceAvailable = null;
                }

                return true;
            }

            isRetired = TryRetire();
        }

        if (isRetired)
        {
            _settings.Retired(this);
        }

        return false;
    }

    // The methods below are called under the gate.
    private bool TryAppendWithHeader(TopicDrainer drainer, ReadOnlySpan<byte> payload, Stamp stamp)
    {
        Span<byte> header = stackalloc byte[MessageHeader.MaxBytes];
        return drainer.TryAppend(header[..MessageHeader.Write(header, Topic, stamp)], payload);
    }

    private TopicDrainer DrainerOf(Membership member)
    {
        ref var drainer = ref member.Recipient.SpeaksDirect2 ? ref _direct2 : ref _original;
        return drainer ??= new TopicDrainer(this, _settings);
    }

    private bool TryRetire() => _isRetired = _settings.MayRetire
        && MemberCount == 0
        && _original is not { IsRunning: true }
        && _direct2 is not { IsRunning: true };
}
