using Direct.Stress.Measuring;

namespace Direct.Stress.Runs;

/// <summary>Represents the messages of one sender.</summary>
/// <param name="Sender">The number of the sender in the whole run.</param>
/// <param name="Last">The number of its last message, from 1.</param>
/// <param name="Unaccepted">The first and the last number of each range that was not accepted, in ascending order.</param>
internal sealed record SentNumbers(int Sender, uint Last, IReadOnlyList<uint> Unaccepted)
{
    public static SentNumbers Of(int sender, uint last, NumberRanges unaccepted) =>
        new(sender, last, [.. unaccepted.Ranges.SelectMany(static range => new[] { range.First, range.Last })]);

    public NumberRanges UnacceptedRanges()
    {
        var ranges = new NumberRanges();
        for (var i = 0; i < Unaccepted.Count; i += 2)
        {
            ranges.Add(Unaccepted[i], Unaccepted[i + 1]);
        }

        return ranges;
    }
}
