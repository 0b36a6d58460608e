using System.Diagnostics;

namespace Direct.Client;

/// <summary>Represents the record of one call. Disposing writes it, with the status of the last try.</summary>
internal sealed class CallRecording(SignalsTelemetry telemetry, string operation, TimeProvider time, Activity? span) : IDisposable
{
    private readonly long _started = time.GetTimestamp();
    private int? _status;
    private int _tries;

    /// <param name="status">The status of the answer; null if there was none.</param>
    public void AddTry(int? status)
    {
        _status = status;
        _tries++;
        telemetry.RecordTry(operation, status);
    }

    public void Fail(string reason) => span?.SetStatus(ActivityStatusCode.Error, reason);

    public void Dispose()
    {
        telemetry.RecordCall(operation, _status, time.GetElapsedTime(_started));
        span?.SetTag("direct.tries", _tries);
        span?.SetTag("direct.status", _status);
        span?.Dispose();
    }
}
