using System.Buffers;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Direct.Edge.Protocol;
using Direct.Memory;

namespace Direct.Edge.Topics;

/// <summary>
/// The members of one topic and what waits for them.
/// </summary>
/// <remarks>
/// Everything that happens to a topic - a message, a member who joins, one who leaves - goes through one log, so that all of it has
/// one order and a message reaches exactly those who were members when it was taken. There is at most one drainer. It takes all that
/// waits, at most <see cref="MaxBatchBytes"/>, and sends it to every member in one piece: under load a kernel call carries hundreds
/// of messages, and without load nothing is held back. Whoever joined within the batch gets what came after, whoever left what came
/// before; still one send a member.
/// <para>
/// While nobody drains, joins and leaves touch the members directly. Otherwise they wait in the log, because the drainer walks the
/// members without a lock. <c>_memberCount</c> is the count at the log's end, <c>_members</c> the state at its start.
/// </para>
/// <para>
/// A drainer asks the node's gate again and again whether it may send. A process that wakes up after its lease is over goes on in the
/// middle of a batch, and what it was handed before is then walked without being sent.
/// </para>
/// </remarks>
internal sealed class TopicLog(Topic topic, TopicLogSettings settings) : IThreadPoolWorkItem
{
    /// <summary>The most that one send carries, unless a single message is longer.</summary>
    public const int MaxBatchBytes = 64 * 1024;

    // A very large room lets others have their turn after this many sends, about two milliseconds.
    private const int SendsPerTurn = 256;

    // Asking the gate reads the clock, some 25 ns; a send is a system call of a microsecond or more.
    private const int SendsPerLook = 16;

    private readonly Lock _gate = new();

    // Guarded by the gate.
    private int _memberCount;
    private Batch? _oldest;
    private Batch? _newest;
    private int _waitingBytes;
    private bool _hasDrainer;
    private bool _isRetired;
    private TaskCompletionSource? _roomy;

    // The drainer's; the gate's while there is no drainer.
    private Membership[] _members = [];
    private int _count;

    // The drainer's: the batch it is in the middle of, and the next member to get it.
    private Batch? _current;
    private int _nextMember;

    public Topic Topic { get; } = topic;

    /// <summary>Puts a message into the log. Returns how many members it will be sent to.</summary>
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

            var frameBytes = FrameWriter.FrameBytes(payload.Length);
            FrameWriter.Write(BatchWithRoom(frameBytes).Extend(frameBytes, settings.Waiting), Opcode.Text, payload);
            _newest!.Deliveries += recipients;
            _waitingBytes += frameBytes;
            if (_hasDrainer)
            {
                return recipients;
            }

            _hasDrainer = true;
        }

        TurnQueue.Add(this);
        return recipients;
    }

    /// <summary>Completes when less waits than <see cref="TopicLogSettings.MaxWaitingBytes"/>.</summary>
    public ValueTask ReadyAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _waitingBytes) < settings.MaxWaitingBytes)
        {
            return default;
        }

        lock (_gate)
        {
            if (_waitingBytes < settings.MaxWaitingBytes)
            {
                return default;
            }

            _roomy ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(_roomy.Task.WaitAsync(cancellationToken));
        }
    }

    /// <summary>Adds a member behind everything said so far. False when this log has been retired: take a new one.</summary>
    public bool TryJoin(Membership member)
    {
        lock (_gate)
        {
            if (_isRetired)
            {
                return false;
            }

            _memberCount++;
            if (_hasDrainer)
            {
                BatchWithRoom(0).AddChange(member, isJoin: true);
            }
            else
            {
                Add(member);
            }

            return true;
        }
    }

    /// <summary>Removes a member; what was said so far is still sent to it.</summary>
    /// <returns>True when that was the last member and the log is now retired.</returns>
    public bool Leave(Membership member)
    {
        lock (_gate)
        {
            _memberCount--;
            if (_hasDrainer)
            {
                member.Recipient.Owe();
                BatchWithRoom(0).AddChange(member, isJoin: false);
                return false;
            }

            Remove(member);
            return TryRetire();
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        var turn = SendsPerTurn;
        var isFenced = false;
        while (_current is not null || TryTakeOldest())
        {
            while (_nextMember < _count)
            {
                if (turn-- == 0)
                {
                    TurnQueue.Add(this);
                    return;
                }

                if ((turn + 1) % SendsPerLook == 0)
                {
                    isFenced = settings.Gate.IsFenced;
                }

                SendCurrentTo(_members[_nextMember++], isFenced);
            }

            settings.Metrics.Delivered(isFenced ? 0 : _current!.Deliveries);
            _current!.Release(settings.Waiting);
            _current = null;

            // Where the sockets are read, what has come meanwhile leaves together with what waits; elsewhere another turn would only cost.
            if (TurnQueue.IsKeptHere && Volatile.Read(ref _waitingBytes) > 0)
            {
                TurnQueue.Add(this);
                return;
            }
        }
    }

    // The next batch, ready to be walked; or the end of this drainer.
    private bool TryTakeOldest()
    {
        Batch? batch;
        bool isRetired;
        lock (_gate)
        {
            batch = _oldest;
            if (batch is not null)
            {
                _oldest = batch.Next;
                _newest = _oldest is null ? null : _newest;
                _waitingBytes -= batch.Length;
                if (_roomy is not null && _waitingBytes <= settings.MaxWaitingBytes / 2)
                {
                    _roomy.SetResult();
                    _roomy = null;
                }

                _current = batch;
                isRetired = false;
            }
            else
            {
                _hasDrainer = false;
                isRetired = TryRetire();
            }
        }

        if (isRetired)
        {
            settings.Retired(this);
        }

        // Not by _current: the next drainer may be at work by now, and the batch it has taken is not this one's.
        if (batch is null)
        {
            return false;
        }

        ApplyChanges(batch);
        _nextMember = 0;
        return true;
    }

    private void ApplyChanges(Batch batch)
    {
        foreach (var change in batch.Changes)
        {
            if (change.IsJoin)
            {
                change.Member.SkipBytes = change.Offset;
                Add(change.Member);
            }
            else
            {
                var said = batch.Bytes[change.Member.SkipBytes..change.Offset];
                if (!said.IsEmpty && !settings.Gate.IsFenced)
                {
                    change.Member.Recipient.Send(said);
                }

                Remove(change.Member);
                change.Member.Recipient.Paid();
            }
        }
    }

    private void SendCurrentTo(Membership member, bool isFenced)
    {
        var unsaid = _current!.Bytes[member.SkipBytes..];
        member.SkipBytes = 0;
        if (!unsaid.IsEmpty && !isFenced)
        {
            member.Recipient.Send(unsaid);
        }
    }

    private void Add(Membership member)
    {
        if (_count == _members.Length)
        {
            Array.Resize(ref _members, Math.Max(1, _count * 2));
        }

        member.Index = _count;
        _members[_count++] = member;
    }

    private void Remove(Membership member)
    {
        Debug.Assert(_members[member.Index] == member, "A member stands where it says it does.");
        var last = _members[--_count];
        _members[member.Index] = last;
        last.Index = member.Index;
        _members[_count] = null!;
        if (_count <= _members.Length / 4 && _members.Length > 8)
        {
            Array.Resize(ref _members, _members.Length / 2);
        }
    }

    private bool TryRetire() => _isRetired = _memberCount == 0 && settings.MayRetire;

    private Batch BatchWithRoom(int bytes)
    {
        if (_newest is null)
        {
            _oldest = _newest = new Batch();
        }
        else if (_newest.Length > 0 && _newest.Length + bytes > MaxBatchBytes)
        {
            _newest = _newest.Next = new Batch();
        }

        return _newest;
    }

    /// <summary>Whole frames, and the changes of membership between them.</summary>
    private sealed class Batch
    {
        private const int SmallestBufferBytes = 512;

        private byte[] _buffer = [];
        private List<Change>? _changes;

        public Batch? Next { get; set; }

        public int Length { get; private set; }

        /// <summary>Messages times the members each was taken for.</summary>
        public long Deliveries { get; set; }

        public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, Length);

        public ReadOnlySpan<Change> Changes => CollectionsMarshal.AsSpan(_changes);

        public Span<byte> Extend(int bytes, QueueAccount? waiting)
        {
            if (_buffer.Length - Length < bytes)
            {
                var larger = ArrayPool<byte>.Shared.Rent(Math.Max(SmallestBufferBytes, Math.Max(Length * 2, Length + bytes)));
                Bytes.CopyTo(larger);
                Release(waiting);
                _buffer = larger;
                Count(waiting, larger.Length);
            }

            Length += bytes;
            return _buffer.AsSpan(Length - bytes, bytes);
        }

        public void AddChange(Membership member, bool isJoin) => (_changes ??= []).Add(new Change(member, Length, isJoin));

        /// <summary>Gives the buffer back.</summary>
        public void Release(QueueAccount? waiting)
        {
            if (_buffer.Length > 0)
            {
                Count(waiting, -_buffer.Length);
                ArrayPool<byte>.Shared.Return(_buffer);
                _buffer = [];
            }
        }

        // A buffer of the smallest size is gone in a moment, or grows: a message that does not wait is not counted.
        private static void Count(QueueAccount? waiting, int bytes)
        {
            if (Math.Abs(bytes) > SmallestBufferBytes)
            {
                waiting?.Add(bytes);
            }
        }
    }

    private readonly record struct Change(Membership Member, int Offset, bool IsJoin);
}
