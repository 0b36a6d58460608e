using System.Diagnostics;
using Direct.Crash.Tests.Histories;
using Direct.Testing.Time;

namespace Direct.Crash.Tests.Checking;

/// <summary>
/// Checks what <c>docs/internals/resume.md</c> promises to clients of direct.2: over the life of a client each accepted message that matches it arrives
/// exactly once, or <c>gap</c> came for its topic before anything later. Between two <c>gap</c>s all clients see a topic in one order.
/// </summary>
internal static class ResumeChecker
{
    /// <summary>Returns what is wrong. Publishers must have ended, and each must have waited for the answer to a message before it sent the next one.</summary>
    public static IReadOnlyList<string> Check(IReadOnlyList<ResumeRecord> clients, IReadOnlyList<SignalRecord> signals) =>
    [
        .. clients.SelectMany(client => Repeated(client).Concat(Lost(client, signals)).Concat(Foreign(client, signals))),
        .. clients.SelectMany(static client => client.Events.Where(static each => !each.IsGap).Select(static each => each.Part)).Distinct().SelectMany(part => Reordered(part, clients)),
    ];

    /// <summary>Checks again until nothing is wrong or 20 s have passed: messages may be under way, or a client away. Returns the time that it took too.</summary>
    public static async Task<(IReadOnlyList<string> Wrong, TimeSpan Time)> SettleAsync(IReadOnlyList<ResumeRecord> clients, IReadOnlyList<SignalRecord> signals)
    {
        var settling = Stopwatch.StartNew();
        var wrong = Check(clients, signals);
        while (wrong.Count > 0 && settling.Elapsed < TimeSpan.FromSeconds(20))
        {
            await Deadline.PaceAsync(500);
            wrong = Check(clients, signals);
        }

        return (wrong, settling.Elapsed);
    }

    private static IEnumerable<string> Repeated(ResumeRecord client) => client.Events
        .Where(static each => !each.IsGap)
        .GroupBy(static each => each.Key)
        .Where(static same => same.Count() > 1)
        .Select(same => $"user {client.User} received twice: {string.Join("; ", same)}");

    private static IEnumerable<string> Foreign(ResumeRecord client, IReadOnlyList<SignalRecord> signals)
    {
        var own = signals.Where(signal => client.Matches(signal.Aim)).Select(static signal => signal.Key).ToHashSet();
        return client.Events.Where(each => each.Key is { } key && !own.Contains(key)).Select(each => $"user {client.User} received what is not addressed to it: {each}");
    }

    private static IEnumerable<string> Lost(ResumeRecord client, IReadOnlyList<SignalRecord> signals)
    {
        ResumeEvent[] events = [.. client.Events];
        foreach (var stream in signals.Where(signal => client.Matches(signal.Aim)).GroupBy(static signal => signal.Key.Stream))
        {
            var received = events.Select(static (each, index) => (each.Key, Index: index)).Where(each => each.Key?.Stream == stream.Key).ToList();
            var numbers = received.Select(static each => each.Key!.Value.Number).ToHashSet();
            foreach (var signal in stream.Where(signal => signal.Accepted is not null && signal.SentAt > client.ReadyAt && !numbers.Contains(signal.Key.Number)))
            {
                // A gap accounts for the message if it came after the earlier messages of the publisher and before the later ones.
                var after = received.FindLast(each => each.Key!.Value.Number < signal.Key.Number);
                var from = after.Key is null ? 0 : after.Index;
                var later = received.Find(each => each.Key!.Value.Number > signal.Key.Number);
                var until = later.Key is null ? events.Length : later.Index;
                if (!events[Math.Min(from, until)..until].Any(each => each.IsGap && each.Part == signal.Aim.TopicPart))
                {
                    yield return $"user {client.User} lost {signal}; its topic: {Around(events, signal.Aim.TopicPart, from, until)}";
                }
            }
        }
    }

    private static IEnumerable<string> Reordered(string part, IReadOnlyList<ResumeRecord> clients)
    {
        var orders = clients
            .Select(client => (client.User, Events: client.Events.Where(each => each.Part == part).ToList()))
            .Where(static order => !order.Events.Exists(static each => each.IsGap))
            .OrderByDescending(static order => order.Events.Count)
            .ToList();
        if (orders.Count == 0)
        {
            yield break;
        }

        var index = new Dictionary<SignalKey, int>();
        foreach (var each in orders[0].Events)
        {
            index.TryAdd(each.Key!.Value, index.Count);
        }

        foreach (var (user, events) in orders)
        {
            var known = events.Where(each => index.ContainsKey(each.Key!.Value)).ToList();
            foreach (var (first, second) in known.Zip(known.Skip(1)).Where(pair => index[pair.First.Key!.Value] > index[pair.Second.Key!.Value]))
            {
                yield return $"user {user} received {second} after {first}, user {orders[0].User} in the other order";
            }
        }
    }

    private static string Around(ResumeEvent[] events, string part, int from, int until) =>
        string.Join("; ", events[Math.Min(from, until)..Math.Min(Math.Max(from, until) + 1, events.Length)].Where(each => each.Part == part).Take(20));
}
