using System.Globalization;
using System.Text;
using Direct.Grains.Topics;

namespace Direct.Model.Tests.Checks;

/// <summary>
/// Records the places that leaders give to messages, and their epoch tables, as they pass by. One place is that of one message for ever.
/// </summary>
internal sealed class ModelLogs
{
    private readonly Dictionary<(long Epoch, long Offset), int> _numbers = [];
    private readonly HashSet<(long Epoch, long Offset)> _voids = [];
    private readonly Dictionary<long, EpochMark[]> _tables = [];
    private readonly List<long> _epochs = [];

    /// <summary>Gets the first error; null if there is none.</summary>
    public string? Error { get; private set; }

    /// <summary>Returns the number that the text of a message begins with.</summary>
    public static int NumberOf(ReadOnlySpan<byte> payload)
    {
        var end = payload.IndexOf((byte)':');
        return int.Parse(Encoding.ASCII.GetString(end < 0 ? payload : payload[..end]), CultureInfo.InvariantCulture);
    }

    /// <summary>Returns a short text for a position.</summary>
    public string Short(long epoch, long offset)
    {
        if (epoch == 0)
        {
            return "0";
        }

        if (!_epochs.Contains(epoch))
        {
            _epochs.Add(epoch);
        }

        return $"E{_epochs.IndexOf(epoch) + 1}.{offset}";
    }

    public void Record(SignalBatch[] batches)
    {
        foreach (var batch in batches)
        {
            for (var i = 0; i < batch.Stamps?.Length; i++)
            {
                if (batch.Stamps[i] != LogPosition.None)
                {
                    Record(batch.Stamps[i].Epoch, batch.Stamps[i].Offset, batch.Signals[i].Payload, isVoid: false);
                }
            }
        }
    }

    public void Record(EpochMark[] marks)
    {
        if (marks.Length > 0 && (!_tables.TryGetValue(marks[^1].Epoch, out var known) || known.Length < marks.Length))
        {
            _tables[marks[^1].Epoch] = marks;
        }
    }

    /// <summary>Records what an answer of a lane says.</summary>
    public T Record<T>(T answer)
    {
        switch (answer)
        {
            case KeptAnswer { Status: KeptStatus.Kept } kept:
                Record(kept.Marks);
                Record(kept.Marks, kept.Recent);
                break;
            case TailPage { Status: TailStatus.Page } page:
                Record(page.Marks);
                Record(page.Marks, page.Messages);
                break;
        }

        return answer;
    }

    /// <summary>Returns whether an epoch follows a position, so that both are in one log. The position where an epoch began is that of a message of an earlier one.</summary>
    public bool Covers(long current, long epoch, long offset)
    {
        var own = EpochOf(_tables.GetValueOrDefault(epoch) ?? [], offset, epoch);
        return current == epoch || current == own
            || (_tables.TryGetValue(current, out var marks) && Array.Exists(marks, mark => (mark.Epoch == epoch || mark.Epoch == own) && offset <= mark.End));
    }

    /// <summary>Returns the message at an offset of the log of an epoch; 0 if that is not known, or it is void.</summary>
    public int Find(long current, long offset)
    {
        var epoch = EpochOf(_tables.TryGetValue(current, out var marks) ? marks : [], offset, current);
        return _voids.Contains((epoch, offset)) ? 0 : _numbers.GetValueOrDefault((epoch, offset));
    }

    /// <summary>Returns whether a message has a place in the log of an epoch, up to an offset.</summary>
    public bool Has(long current, long through, int number)
    {
        for (var offset = through; offset > 0; offset--)
        {
            if (Find(current, offset) == number)
            {
                return true;
            }
        }

        return false;
    }

    private static long EpochOf(EpochMark[] marks, long offset, long current)
    {
        foreach (var mark in marks)
        {
            if (offset <= mark.End)
            {
                return mark.Epoch;
            }
        }

        return current;
    }

    private void Record(EpochMark[] marks, KeptMessage[] messages)
    {
        foreach (var message in messages)
        {
            Record(EpochOf(marks, message.Offset, marks[^1].Epoch), message.Offset, message.Payload, message.IsVoid);
        }
    }

    private void Record(long epoch, long offset, byte[] payload, bool isVoid)
    {
        if (isVoid)
        {
            _voids.Add((epoch, offset));
            return;
        }

        var number = NumberOf(payload);
        if (!_numbers.TryAdd((epoch, offset), number) && _numbers[(epoch, offset)] != number)
        {
            Error ??= $"{Short(epoch, offset)} is the place of message {_numbers[(epoch, offset)]} and of message {number}";
        }
    }
}
