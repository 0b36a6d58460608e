using System.Collections.Concurrent;
using Direct.Edge.Rights;
using Direct.Testing.Time;

namespace Direct.Edge.Tests.Fakes;

/// <summary>Implements a source of rights whose answers the test sets and times. It records the queries.</summary>
internal sealed class FakeRightsSource : IRightsSource
{
    private volatile TaskCompletionSource? _gate;

    public string Location => "the test";

    public bool IsUp => !IsDown;

    /// <summary>Gets the rights that it cannot answer.</summary>
    public ConcurrentDictionary<RightsKey, bool> Unanswered { get; } = new();

    /// <summary>Gets the rights; every other one is <see cref="Default"/>.</summary>
    public ConcurrentDictionary<RightsKey, long> Masks { get; } = new();

    public long Default { get; set; }

    /// <summary>Gets or sets whether the source cannot answer.</summary>
    public bool IsDown { get; set; }

    /// <summary>Gets or sets whether it returns fewer answers than requested, which no real implementation does.</summary>
    public bool IsShort { get; set; }

    /// <summary>Gets the keys of each query, in the order in which the queries began.</summary>
    public ConcurrentQueue<RightsKey[]> Queries { get; } = new();

    /// <summary>Lets queries read their answers, but keeps the answers until <see cref="Release"/>.</summary>
    public void Hold() => _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release()
    {
        var gate = _gate;
        _gate = null;
        gate?.SetResult();
    }

    public async ValueTask<IReadOnlyList<long?>> FindAllAsync(IReadOnlyList<RightsKey> keys, CancellationToken cancellationToken)
    {
        long?[] answers = [.. keys.Skip(IsShort ? 1 : 0).Select(key => IsDown || Unanswered.ContainsKey(key) ? (long?)null : Masks.GetValueOrDefault(key, Default))];
        Queries.Enqueue([.. keys]);
        if (_gate is { } gate)
        {
            await gate.Task.WaitAsync(cancellationToken);
        }

        return answers;
    }

    public Task RunAsync(CancellationToken stoppingToken) => Task.CompletedTask;

    public Task QueriesAsync(int count) =>
        Deadline.UntilAsync($"{count} queries", () => Queries.Count >= count, actual: () => $"{Queries.Count}");
}
