using Direct.Timing;
using Microsoft.Extensions.Logging;

namespace Direct.Grains.Registry;

/// <summary>
/// Keeps <see cref="ILeaseRecord"/> in step with the leases of this registry: it is set before one is granted, and cleared after the last has ended.
/// </summary>
/// <remarks>
/// A write can fail for its caller and still be carried out later. Every setting therefore has its own token, and a clear names the setting that it
/// undoes. In any order in which the database carries them out, a clear does not remove a setting that came after the one that it names.
/// </remarks>
internal sealed partial class LeaseRecorder(ILeaseRecord record, TimeProvider timeProvider, ILogger logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    // A database that fails over to a replica may lose the last writes that it has confirmed.
    private static readonly TimeSpan SetAgainAfter = TimeSpan.FromSeconds(10);

    private Task _setting = Task.CompletedTask;
    private Task _clearing = Task.CompletedTask;
    private Guid? _token; // of the last setting, until it has been cleared
    private bool _isSet; // with certainty
    private long _setAt;

    /// <summary>Returns whether the record is clear.</summary>
    public async Task<bool> IsClearAsync()
    {
        try
        {
            return await record.IsClearAsync().WaitAsync(Patience, timeProvider);
        }
#pragma warning disable CA1031 // After any exception of the database's client the record has not been read.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Failed(logger, exception);
            return false;
        }
    }

    /// <summary>Sets the record if it is not set. Returns false if that failed; then no lease may be granted.</summary>
    public async Task<bool> TrySetAsync()
    {
        if (!_isSet)
        {
            await SetOnceAsync();
        }

        return _isSet;
    }

    /// <summary>Sets the record if this registry has not set it, or did so some time ago. Must only be called while there are leases.</summary>
    public Task KeepAsync() =>
        _isSet && timeProvider.GetElapsedTime(_setAt) < SetAgainAfter ? Task.CompletedTask : SetOnceAsync();

    /// <summary>Clears the record if this registry has set it. Must only be called while there is no lease.</summary>
    public async Task ClearAsync()
    {
        if (_token is not { } token)
        {
            return;
        }

        _isSet = false;
        if (_clearing.IsCompleted)
        {
            _clearing = ClearAsync(token);
        }

        await _clearing.TryWaitAsync(Patience, timeProvider);
    }

    private async Task SetOnceAsync()
    {
        if (_setting.IsCompleted)
        {
            _setting = SetAsync(Guid.NewGuid());
        }

        await _setting.TryWaitAsync(Patience, timeProvider);
    }

    private async Task SetAsync(Guid token)
    {
        if (await TryWriteAsync(record.SetAsync(token)))
        {
            (_token, _isSet, _setAt) = (token, true, timeProvider.GetTimestamp());
        }
    }

    private async Task ClearAsync(Guid token)
    {
        if (await TryWriteAsync(record.ClearAsync(token)) && _token == token)
        {
            _token = null;
        }
    }

    private async Task<bool> TryWriteAsync(Task writing)
    {
        try
        {
            await writing;
            return true;
        }
#pragma warning disable CA1031 // After any exception of the database's client it is not certain that the record has changed, and it is tried again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Failed(logger, exception);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(GrainEventIds.LeaseRecordFailed, LogLevel.Debug, "Reading or writing whether gateways may hold leases failed")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
