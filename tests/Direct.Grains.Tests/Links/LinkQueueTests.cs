using Direct.Grains.Links;
using Direct.Grains.Tests.Fakes;
using Direct.Grains.Topics;
using static Direct.Grains.Tests.Fakes.Batches;

namespace Direct.Grains.Tests.Links;

public sealed class LinkQueueTests
{
    private readonly LinkQueue _queue = new(maxCallBytes: 1000);

    [Fact]
    public void Take_StripeIsInACall_LeavesItUntilTheCallHasEnded()
    {
        Add(User(1), 1);
        var (first, stripes) = Take();
        Add(User(1), 2);
        Add(OtherStripe(1), 3);

        Assert.Equal([1], first);
        Assert.Equal([3], Take().Sequences);
        Assert.False(_queue.CanTake);
        _queue.Release(stripes, isSlow: false);
        Assert.True(_queue.CanTake);
        Assert.Equal([2], Take().Sequences);
    }

    [Fact]
    public void Take_OtherStripesDoNotFit_OtherCallsCanTakeThem()
    {
        Add(User(1), 1, bytes: 5000);
        Add(OtherStripe(1), 2, bytes: 5000);

        Assert.Single(Take().Sequences);
        Assert.True(_queue.CanTake);
        Assert.Single(Take().Sequences);
        Assert.False(_queue.CanTake);
    }

    /// <summary>Tests that each lane is served, independent of the traffic of others.</summary>
    [Fact]
    public void Take_MoreIsAddedThanCallsCarry_TakesOfEveryStripe()
    {
        long[] users = [1, OtherStripe(1).Id, OtherStripe(1, besides: OtherStripe(1).Id).Id];
        var taken = new HashSet<long>();
        for (var call = 0; call < LinkQueue.Stripes; call++)
        {
            foreach (var user in users)
            {
                Add(User(user), user, bytes: 900);
            }

            var (sequences, stripes) = Take();
            taken.UnionWith(sequences);
            _queue.Release(stripes, isSlow: false);
        }

        Assert.Equal(users.Order(), taken.Order());
    }

    /// <summary>
    /// Tests that the stripes of a slow call are sent alone until they are fast. A gateway delays the response to a whole call when one topic in it
    /// cannot keep up, and other topics must not wait for that again.
    /// </summary>
    [Fact]
    public void Take_CallWasSlow_ItsStripesGoAloneUntilTheyAreFast()
    {
        Add(User(1), 1);
        Add(OtherStripe(1), 2);
        var (both, slow) = Take();
        Assert.Equal(2, both.Count);
        _queue.Release(slow, isSlow: true);
        Add(User(1), 3);
        Add(OtherStripe(1), 4);

        var (first, firstStripes) = Take();
        var (second, secondStripes) = Take();
        Assert.Single(first);
        Assert.Single(second);
        _queue.Release(firstStripes, isSlow: false);
        _queue.Release(secondStripes, isSlow: false);
        Add(User(1), 5);
        Add(OtherStripe(1), 6);

        Assert.Equal(2, Take().Sequences.Count);
    }

    [Fact]
    public void Take_SlowAndOtherStripesWait_TheyTakeTurns()
    {
        var (slow, other) = (User(1), OtherStripe(1));
        Add(slow, 1);
        _queue.Release(Take().Stripes, isSlow: true);

        var taken = new List<long>();
        for (var sequence = 2; sequence < 8; sequence += 2)
        {
            Add(slow, sequence);
            Add(other, sequence + 1);
            var (sequences, stripes) = Take();
            taken.Add(Assert.Single(sequences.Select(static each => each % 2).Distinct()));
            _queue.Release(stripes, isSlow: sequences[0] % 2 == 0);
        }

        Assert.Equal([0, 1, 0], taken);
    }

    // Returns a user whose lane is in another stripe.
    private static TopicKey OtherStripe(long user, long besides = 0)
    {
        var stripes = new[] { user, besides }.Select(id => Lane.Of(User(id)).Stripe(LinkQueue.Stripes)).ToHashSet();
        return User(Enumerable.Range(2, 1000).First(id => !stripes.Contains(Lane.Of(User(id)).Stripe(LinkQueue.Stripes))));
    }

    private void Add(TopicKey topic, long sequence, int bytes = 1) => _queue.Add(new FakeDelivery(Of(Signal(topic, sequence, bytes: bytes))));

    private (IReadOnlyList<long> Sequences, ulong Stripes) Take()
    {
        var taken = new List<IDelivery>();
        var stripes = _queue.Take(taken, out _);
        return ([.. taken.Select(static delivery => delivery.Batch.Signals[0].Sequence)], stripes);
    }
}
