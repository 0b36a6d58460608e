using Direct.Grains.Registry;

namespace Direct.Grains.Tests.Fakes;

/// <summary>Implements a lease record in memory. A test can hold back writes, complete them in any order, or let all calls fail.</summary>
internal sealed class FakeLeaseRecord : ILeaseRecord
{
    private TaskCompletionSource? _held;
    private Guid? _token = Guid.NewGuid(); // set by an earlier registry

    public bool IsClear
    {
        get => _token is null;
        set => _token = value ? null : Guid.NewGuid();
    }

    /// <summary>Gets or sets whether the database is unreachable.</summary>
    public bool Fails { get; set; }

    public int Writes { get; private set; }

    /// <summary>Holds back the next write until the test completes the returned source.</summary>
    public TaskCompletionSource Hold() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<bool> IsClearAsync() => Fails ? Task.FromException<bool>(new IOException("the database is away")) : Task.FromResult(IsClear);

    public Task SetAsync(Guid token) => WriteAsync(() => _token = token);

    public Task ClearAsync(Guid token) => WriteAsync(() => _token = _token == token ? null : _token);

    private async Task WriteAsync(Action write)
    {
        Writes++;
        if (Fails)
        {
            throw new IOException("the database is away");
        }

        if (Interlocked.Exchange(ref _held, null) is { } held)
        {
            await held.Task;
        }

        write();
    }
}
