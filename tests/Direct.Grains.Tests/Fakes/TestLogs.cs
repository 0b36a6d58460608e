using Direct.Grains.Links;
using Direct.Grains.Topics;
using Direct.Keeping;

namespace Direct.Grains.Tests.Fakes;

/// <summary>Creates what the logs of all lanes share, with a budget that is never exceeded.</summary>
internal static class TestLogs
{
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(2);

    public const int BytesPerTopic = 1024 * 1024;

    public static LaneLogs Create(GrainMetrics metrics, ILiveGateways gateways, TimeProvider timeProvider, int bytesPerTopic = BytesPerTopic) => new(
        metrics, gateways, new KeepBudget(long.MaxValue, Window, new FakeMemoryWatch(), timeProvider), bytesPerTopic, Window, timeProvider);
}
