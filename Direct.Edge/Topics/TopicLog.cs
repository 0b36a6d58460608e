using System.Diagnostics.CodeAnalysis;

namespace Direct.Edge.Topics;

/// <summary>Orders all events of one topic: messages, members that join, and members that leave.</summary>
/// <remarks>
/// All events go through one log, so a message reaches exactly the connections that were members when it was accepted. At most one drainer runs at a
/// time. It takes everything that waits, at most <see cref="FrameBatch.MaxBytes"/>, and sends it to every member in one piece: under load a system
/// call carries hundreds of messages, and without load nothing is delayed. A member that joined within the batch receives the messages after its
/// join, and a member that left receives those before, still with one send for each member.
/// <para>
/// While the drainer does not run, joins and leaves change the members directly. Otherwise they are queued in the log, because the drainer visits the
/// members without a lock. <c>_memberCount</c> is the count at the log's end, and the drainer's list is the state at its start.
/// </para>
/// </remarks>
internal sealed class TopicLog
{
    private readonly Lock _gate = new();
    private readonly TopicLogSettings _settings;
    private readonly TopicDrainer _drainer;

    // Guarded by the gate.
    private FrameBatchQueue _waiting;
    private int _memberCount;
    private bool _isDraining;
    private bool _isRetired;
    private TaskCompletionSource? _spaceAvailable;

    public TopicLog(Topic topic, TopicLogSettings settings)
    {
        Topic = topic;
        _settings = settings;
        _drainer = new TopicDrainer(this, settings);
    }

    public Topic Topic { get; }

    /// <summary>Gets the bytes that wait for the drainer. It is read without the gate.</summary>
    public int WaitingBytes => _waiting.Bytes;

    /// <summary>The number of members, at the log's end. Read without the gate.</summary>
    public int MemberCount => Volatile.Read(ref _memberCount);

    /// <summary>Adds a message to the log. Returns the number of members that it is for.</summary>
    public int Publish(ReadOnlySpan<byte> payload)
    {
        int recipients;
        lock (_gate)
        {
            recipients = _memberCount;
            if (recipients == 0)
            {
                return 0;
            }

            _waiting.Add(payload, recipients, _settings.Waiting);
            if (_isDraining)
            {
                return recipients;
            }

            _isDraining = true;
        }

        DrainScheduler.Add(_drainer);
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
            _memberCount++;
            if (_isDraining)
            {
                _waiting.Add(member, isJoin: true);
            }
            else
            {
                _drainer.Add(member);
            }

            return true;
        }
    }

    /// <summary>Removes a member. Earlier messages are still sent to it.</summary>
    /// <returns>Whether that was the last member and the log is now retired.</returns>
    public bool Leave(Membership member)
    {
        lock (_gate)
        {
            _memberCount--;
            if (_isDraining)
            {
                member.Recipient.AddPendingFlush();
                _waiting.Add(member, isJoin: false);
                return false;
            }

            _drainer.Remove(member);
            return TryRetire();
        }
    }

    /// <summary>
    /// Takes the oldest batch for the drainer. Returns false if there is none; the drainer then ends, and the next one may be started.
    /// </summary>
    public bool TryTake([NotNullWhen(true)] out FrameBatch? batch)
    {
        bool isRetired;
        lock (_gate)
        {
            batch = _waiting.Take();
            if (batch is not null)
            {
                if (_spaceAvailable is not null && WaitingBytes <= _settings.MaxWaitingBytes / 2)
                {
                    _spaceAvailable.SetResult();
                    _spaceAvailable = null;
                }

                return true;
            }

            _isDraining = false;
            isRetired = TryRetire();
        }

        if (isRetired)
        {
            _settings.Retired(this);
        }

        return false;
    }

    // Under the gate.
    private bool TryRetire() => _isRetired = _memberCount == 0 && _settings.MayRetire;
}
