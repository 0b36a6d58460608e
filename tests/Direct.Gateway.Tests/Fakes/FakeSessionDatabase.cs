using System.Collections.Concurrent;
using System.Text;
using Direct.Edge.Identity;
using Direct.Gateway.Sessions;
using Direct.Testing.Time;

namespace Direct.Gateway.Tests.Fakes;

/// <summary>Implements a session database whose responses the test sets and times. It records the queries and how many were under way at once.</summary>
internal sealed class FakeSessionDatabase : ISessionDatabase
{
    private int _underWay;
    private int _checks;

    public string Location => "database 'fake'";

    /// <summary>Gets the sessions by token; every other token is unknown.</summary>
    public ConcurrentDictionary<string, Session> Sessions { get; } = new();

    /// <summary>Gets or sets what every query waits for before it is answered.</summary>
    public TaskCompletionSource? Gate { get; set; }

    /// <summary>Gets or sets what every check waits for; its exception fails the check.</summary>
    public TaskCompletionSource? CheckGate { get; set; }

    /// <summary>Gets or sets the exception that every call throws.</summary>
    public Exception? Error { get; set; }

    /// <summary>Gets or sets whether it returns fewer sessions than requested, which no real implementation does.</summary>
    public bool IsShort { get; set; }

    /// <summary>Gets the tokens of each query, in the order in which the queries began.</summary>
    public ConcurrentQueue<string[]> Queries { get; } = new();

    public int MaxConcurrent { get; private set; }

    public int Checks => Volatile.Read(ref _checks);

    public async Task<IReadOnlyList<Session>> FindAsync(IReadOnlyList<string> tokens, CancellationToken cancellationToken)
    {
        lock (Queries)
        {
            MaxConcurrent = Math.Max(MaxConcurrent, ++_underWay);
        }

        string[] texts = [.. tokens.Select(token => Encoding.UTF8.GetString(Convert.FromHexString(token)))];
        Queries.Enqueue(texts);
        try
        {
            await AnswerAsync(cancellationToken);
            return [.. texts.Skip(IsShort ? 1 : 0).Select(token => Sessions.GetValueOrDefault(token, new Session(SessionStatus.Unknown)))];
        }
        finally
        {
            lock (Queries)
            {
                _underWay--;
            }
        }
    }

    /// <summary>Gets the user information by user id.</summary>
    public Dictionary<long, UserInfo> Users { get; } = [];

    /// <summary>Gets the ids of each query for users.</summary>
    public ConcurrentQueue<long[]> UserQueries { get; } = new();

    public async Task<IReadOnlyDictionary<long, UserInfo>> FindUsersAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken)
    {
        UserQueries.Enqueue([.. ids]);
        await AnswerAsync(cancellationToken);
        return ids.Where(Users.ContainsKey).ToDictionary(id => id, id => Users[id]);
    }

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _checks);
        if (CheckGate is { } gate)
        {
            await gate.Task.WaitAsync(cancellationToken);
        }

        if (Error is not null)
        {
            await AnswerAsync(cancellationToken);
        }
    }

    public Task QueriesAsync(int count) =>
        Deadline.UntilAsync($"{count} queries", () => Queries.Count >= count, actual: () => $"{Queries.Count}");

    private async Task AnswerAsync(CancellationToken cancellationToken)
    {
        if (Gate is { } gate)
        {
            await gate.Task.WaitAsync(cancellationToken);
        }

        if (Error is { } error)
        {
            throw error;
        }
    }
}
