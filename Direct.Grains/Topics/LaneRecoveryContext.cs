using Direct.Grains.Links;
using Direct.Grains.Liveness;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Direct.Grains.Topics;

/// <summary>Holds what the recoveries of all lanes of a silo share.</summary>
#pragma warning disable CA1001 // A refill may end after the services of the silo were disposed. The semaphore holds nothing that must be released.
internal sealed class LaneRecoveryContext(
    ILiveGateways gateways, DepartedSilos departed, GrainMetrics metrics, IOptions<LaneLogOptions> options, TimeProvider timeProvider, ILogger<LaneRecovery> logger)
#pragma warning restore CA1001
{
    // Each call brings a page of 256 KiB, and thousands of lanes may start at once.
    private const int RefillsAtOnce = 4;

    private readonly SemaphoreSlim _refills = new(RefillsAtOnce);

    public ILiveGateways Gateways => gateways;

    public DepartedSilos Departed => departed;

    public GrainMetrics Metrics => metrics;

    public TimeProvider TimeProvider => timeProvider;

    public ILogger Logger => logger;

    /// <inheritdoc cref="LaneLogOptions.RecoverFor" />
    public TimeSpan RecoverFor => options.Value.RecoverFor;

    /// <summary>Waits until a page may be read in the background. The end of the result lets the next one in.</summary>
    public async ValueTask<IDisposable> EnterRefillAsync()
    {
        await _refills.WaitAsync();
        return new Refill(_refills);
    }

    private sealed class Refill(SemaphoreSlim refills) : IDisposable
    {
        public void Dispose() => refills.Release();
    }
}
