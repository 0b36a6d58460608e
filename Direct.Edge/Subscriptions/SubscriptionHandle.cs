using Direct.Edge.Topics;
using Direct.Timing;

namespace Direct.Edge.Subscriptions;

/// <summary>
/// Holds the topics that one call to <see cref="TopicSubscriptions"/> has acquired, three at most, until it is disposed. It holds none on a backplane
/// that needs no subscriptions.
/// </summary>
/// <remarks>
/// The first dispose releases the topics and further ones do nothing, also when two threads dispose at once. It is a struct so that it
/// costs a connection no allocation: keep it in one variable, and move it rather than copy it, because a copy would release again.
/// <para>
/// It refers to the subscriptions themselves, not to the names of their topics. A subscription is not used again after it has ended, so
/// the object is its own generation: a release that comes after <see cref="TopicSubscriptions.Reset"/> does not touch what has been
/// subscribed anew under the same name.
/// </para>
/// </remarks>
internal struct SubscriptionHandle(TopicSubscription? first, TopicSubscription? second = null, TopicSubscription? third = null) : IDisposable
{
    private TopicSubscription? _first = first;
    private TopicSubscription? _second = second;
    private TopicSubscription? _third = third;

    /// <summary>Completes when the cluster delivers all topics. It never fails.</summary>
    public readonly Task Confirmed => Task.WhenAll(ConfirmedBy(_first), ConfirmedBy(_second), ConfirmedBy(_third));

    /// <summary>Gets the generation in which the topics were acquired: see <see cref="TopicSubscriptions.Release"/>.</summary>
    public readonly int Generation => (_first ?? _second ?? _third)?.Generation ?? 0;

    public void Dispose()
    {
        Interlocked.Exchange(ref _first, null)?.Release();
        Interlocked.Exchange(ref _second, null)?.Release();
        Interlocked.Exchange(ref _third, null)?.Release();
    }

    /// <summary>
    /// Keeps a topic acquired when this handle is disposed. The holder then releases it with <see cref="TopicSubscriptions.Release"/>, which spares a
    /// connection in many rooms a reference for each topic.
    /// </summary>
    public void Keep(Topic topic)
    {
        if (_first?.Topic == topic)
        {
            _first = null;
        }
        else if (_second?.Topic == topic)
        {
            _second = null;
        }
        else if (_third?.Topic == topic)
        {
            _third = null;
        }
    }

    private static Task ConfirmedBy(TopicSubscription? subscription) => subscription?.Confirmed.InContext() ?? Task.CompletedTask;
}
