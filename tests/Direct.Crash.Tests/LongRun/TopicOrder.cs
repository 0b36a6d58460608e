using System.Runtime.InteropServices;
using Direct.Crash.Tests.Histories;

namespace Direct.Crash.Tests.LongRun;

/// <summary>
/// Checks that all clients receive the messages of one topic in one order: that in which the first client received each. A <c>gap</c> of any client begins
/// another order, because the log may have been cut.
/// </summary>
internal sealed class TopicOrder
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, List<int>> _places = [];
    private int _count;
    private int _begin;

    /// <summary>Returns the place of a message in the order, from 1, and whether a client may receive it after the one at <paramref name="last"/>.</summary>
    public (int Place, bool IsInOrder) Receive(SignalKey key, int last)
    {
        lock (_gate)
        {
            var places = CollectionsMarshal.GetValueRefOrAddDefault(_places, key.Stream, out _) ??= [];
            if (places.Count <= key.Number)
            {
                CollectionsMarshal.SetCount(places, key.Number + 1);
            }

            ref var place = ref CollectionsMarshal.AsSpan(places)[key.Number];
            place = place == 0 ? ++_count : place;
            return (place, place > last || place < _begin || last < _begin);
        }
    }

    public void Gap()
    {
        lock (_gate)
        {
            _begin = _count + 1;
        }
    }
}
