namespace Direct.Fuzz.Fakes;

/// <summary>Provides a clock that does not advance, so that no timer runs code besides the target's.</summary>
internal sealed class FrozenTime : TimeProvider
{
    public override long TimestampFrequency => 1000;

    public override long GetTimestamp() => 0;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new Timer();

    private sealed class Timer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
