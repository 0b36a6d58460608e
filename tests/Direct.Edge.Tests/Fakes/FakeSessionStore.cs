using System.Collections.Concurrent;
using System.Text;
using Direct.Edge.Identity;

namespace Direct.Edge.Tests.Fakes;

/// <summary>Implements a session store whose responses the test sets and times.</summary>
internal sealed class FakeSessionStore(Func<string, CancellationToken, ValueTask<Session>> find) : ISessionStore
{
    private int _calls;

    public FakeSessionStore(Session session)
        : this((_, _) => ValueTask.FromResult(session))
    {
    }

    public int Calls => Volatile.Read(ref _calls);

    /// <summary>Gets the number of tokens of each batch look-up.</summary>
    public ConcurrentQueue<int> Batches { get; } = new();

    /// <summary>Gets whether the store was started and not stopped.</summary>
    public bool IsRunning { get; private set; }

    public ValueTask<Session> FindAsync(ReadOnlyMemory<byte> token, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        return find(Encoding.UTF8.GetString(token.Span), cancellationToken);
    }

    public async ValueTask<IReadOnlyList<Session>> FindAllAsync(IReadOnlyList<ReadOnlyMemory<byte>> tokens, CancellationToken cancellationToken)
    {
        Batches.Enqueue(tokens.Count);
        var sessions = new List<Session>();
        foreach (var token in tokens)
        {
            sessions.Add(await find(Encoding.UTF8.GetString(token.Span), cancellationToken));
        }

        return sessions;
    }

    public async Task RunAsync(CancellationToken stoppingToken)
    {
        IsRunning = true;
        await Task.Delay(Timeout.Infinite, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        IsRunning = false;
    }
}
