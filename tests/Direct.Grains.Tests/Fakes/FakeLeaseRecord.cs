using Direct.Grains.Registry;

namespace Direct.Grains.Tests.Fakes;

/// <summary>Implements a record that answers at once, when the test says so, or with an error; in the order in which the test lets it.</summary>
internal sealed class FakeLeaseRecord : ILeaseRecord
{
    private TaskCompletionSource? _held;
    private Guid? _token = Guid.NewGuid(); // of a registry before

    public bool IsClear
    {
        get => _token is null;
        set => _token = value ? null : Guid.NewGuid();
    }

    /// <summary>Gets or sets whether the database does not answer.</summary>
    public bool Fails { get; set; }

    public int Writes { get; private set; }

    /// <summary>Holds the next write back until the result of what this returns is set.</summary>
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
