using Direct.Edge.Backplane;

namespace Direct.Edge.Presence;

/// <summary>Represents one recheck on this gateway, which is cancelled when it is not read for some time.</summary>
internal sealed class RecheckRun : IDisposable
{
    private static readonly RecheckStatus Running = new(RecheckState.Running);

    private readonly TimeSpan _abandonAfter;
    private readonly CancellationTokenSource _abandoned;
    private readonly Task<RecheckStatus> _result;

    public RecheckRun(TimeSpan abandonAfter, Func<CancellationToken, Task<RecheckStatus>> run, TimeProvider timeProvider)
    {
        _abandonAfter = abandonAfter;
        _abandoned = new CancellationTokenSource(abandonAfter, timeProvider);
        _result = run(_abandoned.Token);
    }

    public CancellationToken Abandoned => _abandoned.Token;

    /// <summary>Returns how far it is.</summary>
    public RecheckStatus Read()
    {
        _abandoned.CancelAfter(_abandonAfter);
        return _result.IsCompletedSuccessfully ? _result.Result : Running;
    }

    public void Cancel() => _abandoned.Cancel();

    public void Dispose() => _abandoned.Dispose();
}
