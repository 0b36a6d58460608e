using System.Diagnostics;
using System.Globalization;

namespace Direct.Stress.Scenarios;

/// <summary>Ends connections that are not established in time. All have the same limit, so that the oldest is always the next.</summary>
internal sealed class ConnectDeadlines(double seconds)
{
    private readonly Queue<(StressConnection Connection, long Due)> _waiting = [];
    private readonly string _error = string.Create(CultureInfo.InvariantCulture, $"connect: not open and joined within {seconds} s");

    public void Watch(StressConnection connection) =>
        _waiting.Enqueue((connection, connection.ConnectStart + (long)(seconds * Stopwatch.Frequency)));

    public void Check(long now)
    {
        while (_waiting.TryPeek(out var oldest) && (oldest.Due <= now || !oldest.Connection.IsOnTheWay))
        {
            _waiting.Dequeue();
            if (oldest.Connection.IsOnTheWay)
            {
                oldest.Connection.Drop(_error);
            }
        }
    }
}
