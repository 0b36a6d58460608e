using Microsoft.Extensions.Hosting;

namespace Direct.Edge.Tests.Fakes;

/// <summary>Implements a host lifetime that reports only the start.</summary>
internal sealed class FakeLifetime : IHostApplicationLifetime, IDisposable
{
    private readonly CancellationTokenSource _started = new();

    public CancellationToken ApplicationStarted => _started.Token;

    public CancellationToken ApplicationStopping => CancellationToken.None;

    public CancellationToken ApplicationStopped => CancellationToken.None;

    public void Start() => _started.Cancel();

    public void StopApplication() => throw new NotSupportedException();

    public void Dispose() => _started.Dispose();
}
