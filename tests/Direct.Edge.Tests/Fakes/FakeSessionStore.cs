using System.Text;
using Direct.Edge.Identity;

namespace Direct.Edge.Tests.Fakes;

/// <summary>A session store that answers what a test says, when it says so.</summary>
internal sealed class FakeSessionStore(Func<string, CancellationToken, ValueTask<Session>> find) : ISessionStore
{
    private int _calls;

    public FakeSessionStore(Session session)
        : this((_, _) => ValueTask.FromResult(session))
    {
    }

    public int Calls => Volatile.Read(ref _calls);

    public ValueTask<Session> FindAsync(ReadOnlyMemory<byte> token, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        return find(Encoding.UTF8.GetString(token.Span), cancellationToken);
    }
}
