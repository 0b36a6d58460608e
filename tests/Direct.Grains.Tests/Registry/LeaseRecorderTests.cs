using Direct.Grains.Registry;
using Direct.Grains.Tests.Fakes;
using Direct.Testing.Time;

namespace Direct.Grains.Tests.Registry;

public sealed class LeaseRecorderTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan SetAgainAfter = TimeSpan.FromSeconds(10);

    private readonly ManualTimeProvider _time = new();
    private readonly FakeLeaseRecord _record = new();
    private readonly LeaseRecorder _recorder;

    public LeaseRecorderTests()
    {
        _time.Advance(TimeSpan.FromSeconds(100));
        _recorder = new LeaseRecorder(_record, _time, new RecordingLogger<LeaseRecorder>());
    }

    [Fact]
    public async Task TrySet_Twice_WritesOnce()
    {
        Assert.True(await _recorder.TrySetAsync());
        Assert.True(await _recorder.TrySetAsync());

        Assert.Equal(1, _record.Writes);
    }

    [Fact]
    public async Task TrySet_DatabaseDoesNotAnswer_SaysSoInTimeAndWritesOnce()
    {
        var write = _record.Hold();
        var setting = _recorder.TrySetAsync();
        _time.Advance(Patience);
        Assert.False(await setting);
        var again = _recorder.TrySetAsync();

        write.SetResult();

        Assert.True(await again);
        Assert.Equal(1, _record.Writes);
    }

    [Fact]
    public async Task Clear_SetByAnotherRegistry_LeavesItSet()
    {
        _record.IsClear = false;

        await _recorder.ClearAsync();

        Assert.False(_record.IsClear);
        Assert.Equal(0, _record.Writes);
    }

    [Fact]
    public async Task Clear_AnotherRegistryHasSetItSince_LeavesItSet()
    {
        await _recorder.TrySetAsync();
        _record.IsClear = false;

        await _recorder.ClearAsync();

        Assert.False(_record.IsClear);
    }

    [Fact]
    public async Task Clear_Failed_IsTriedAgain()
    {
        await _recorder.TrySetAsync();
        _record.Fails = true;
        await _recorder.ClearAsync();
        _record.Fails = false;

        await _recorder.ClearAsync();

        Assert.True(_record.IsClear);
    }

    /// <summary>Tests a lease after a failed clear. The clear may still have been executed, so the next lease needs a new write of the record.</summary>
    [Fact]
    public async Task TrySet_AfterAClearThatFailed_SetsItAgain()
    {
        await _recorder.TrySetAsync();
        _record.Fails = true;
        await _recorder.ClearAsync();
        _record.Fails = false;
        _record.IsClear = true;

        Assert.True(await _recorder.TrySetAsync());

        Assert.False(_record.IsClear);
    }

    /// <summary>Tests a slow clear: the last gateway leaves and another one registers, and the database executes the clear last.</summary>
    [Fact]
    public async Task TrySet_WhileAClearIsUnderWay_StaysSetWhenThatEnds()
    {
        await _recorder.TrySetAsync();
        var write = _record.Hold();
        var clearing = _recorder.ClearAsync();
        Assert.True(await _recorder.TrySetAsync());

        write.SetResult();
        await clearing;

        Assert.False(_record.IsClear);
        await _recorder.ClearAsync();
        Assert.True(_record.IsClear);
    }

    /// <summary>Tests a clear during the periodic write of the record. In either order the record stays set, and the next clear removes it.</summary>
    [Fact]
    public async Task Clear_WhileASettingIsUnderWay_ClearsThatNext()
    {
        await _recorder.TrySetAsync();
        _time.Advance(SetAgainAfter);
        var write = _record.Hold();
        var keeping = _recorder.KeepAsync();
        await _recorder.ClearAsync();
        write.SetResult();
        await keeping;
        Assert.False(_record.IsClear);

        await _recorder.ClearAsync();

        Assert.True(_record.IsClear);
    }

    [Fact]
    public async Task Keep_SetAWhileAgo_SetsItAgain()
    {
        await _recorder.TrySetAsync();
        await _recorder.KeepAsync();
        Assert.Equal(1, _record.Writes);
        _record.IsClear = true; // a database that has lost its last writes
        _time.Advance(SetAgainAfter);

        await _recorder.KeepAsync();

        Assert.False(_record.IsClear);
    }

    [Fact]
    public async Task IsClear_DatabaseIsAway_IsNotCertain()
    {
        _record.IsClear = true;
        Assert.True(await _recorder.IsClearAsync());
        _record.Fails = true;

        Assert.False(await _recorder.IsClearAsync());
    }
}
